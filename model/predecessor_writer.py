"""The predecessor's writer, raised on: ko_novel_generator's GRU behind the same `Writer`."""

import math
from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from model.char_writer import CharWriter
from model.checkpoint import Checkpoint
from model.config import Precision
from model.records import LearningText, WriteRequest, Written
from model.stepping import Stepper, one_thread
from model.tokenizer import EDGE, SPECIAL, UNKNOWN

NOTHING = -1  # where a prompt has not begun yet


class PredecessorWriter(CharWriter):
    """A `CharWriter` that, asked to be greedy and given no keywords, writes as the predecessor's own loop did:
    the prompt as it stands, unknown characters read as its number 0, then the likeliest character again and
    again, exactly as many as asked for, and nothing done to them. Everything else it does as a `CharWriter`.
    """

    KIND = "predecessor-gru"
    spellings: dict[str, str]  # entries of the vocabulary that stand for something else, such as <UNK>
    origin: dict[str, str]  # SHA-256 of the files it was made of

    @classmethod
    def restore(cls, checkpoint: Checkpoint, *, device: str) -> Self:
        writer = super().restore(checkpoint, device=device)
        writer.spellings = checkpoint.manifest["spellings"]
        writer.origin = checkpoint.manifest["origin"]
        return writer

    def _manifest(self, parent: str | None, texts: Sequence[LearningText]) -> dict[str, Any]:
        return {**super()._manifest(parent, texts), "spellings": self.spellings, "origin": self.origin}

    @property
    def _has_learned(self) -> bool:
        return True

    def take_memory(self, memory: Tensor) -> None:
        """Goes on from a hidden state [layers, 1, hidden]."""
        self._memory = memory.to(self._memory)

    def write(self, request: WriteRequest) -> list[Written]:
        """See `Writer.write`."""
        if not _as_it_was(request):
            return super().write(request)
        (text,), (surprise,), _ = self._continue(request)
        overlap = self._index.overlap(text)
        measurements = {
            "characters": float(len(text)),
            "bits_per_character": surprise / request.characters / math.log(2),
            "longest_shared_run": float(overlap.longest),
            "shared_share": overlap.share,
        }
        return [Written(text, request.seed, (), measurements)] * request.drafts

    def remember(self, request: WriteRequest, written: Written) -> None:
        """See `Writer.remember`. Greedy text is gone through again: read in one go, or spelled out, the last
        digits of the memory would differ."""
        if _as_it_was(request):
            self._memory = self._continue(request)[2].clone()
        else:
            super().remember(request, written)

    def _continue(self, request: WriteRequest) -> tuple[list[str], list[float], Tensor]:
        return self.go_on([request.prompt], request.characters, request.sample.precision)

    @one_thread()
    @torch.inference_mode()
    def go_on(
        self, prompts: Sequence[str], characters: int, precision: Precision
    ) -> tuple[list[str], list[float], Tensor]:
        """Continues each prompt with the likeliest characters, all side by side: the texts, the nats they cost, and
        the state after the last character [layers, prompts, hidden]."""
        step = Stepper(self._network, self._blend({}), precision)
        scores, state = self._prime(step, prompts)
        barred, surprise = self._barred(), scores.new_zeros(len(prompts))
        written = []
        for _ in range(characters):
            chosen = (scores + barred).argmax(-1)
            written.append(chosen)
            surprise += cross_entropy(scores, chosen, reduction="none")
            scores, state = step(chosen, state)
        rows: list[list[int]] = torch.stack(written, 1).tolist()
        return list(map(self._spell, rows)), surprise.tolist(), state

    def _prime(self, step: Stepper, prompts: Sequence[str]) -> tuple[Tensor, Tensor]:
        """Scores and state after each prompt. Those of shorter ones begin later, so that all end together."""
        encoded = [self._encode(prompt) for prompt in prompts]
        longest = max(map(len, encoded))
        block = torch.tensor([[NOTHING] * (longest - len(ids)) + ids for ids in encoded])
        state = self._memory.expand(-1, len(prompts), -1)
        scores = step.guess(state)
        for ids in block.to(state.device, torch.int64).unbind(1):
            begun = (ids != NOTHING)[:, None]
            found, after = step(ids.clamp(min=0), state)
            scores, state = torch.where(begun, found, scores), torch.where(begun, after, state)
        return scores, state

    def _barred(self) -> Tensor:
        """[vocabulary]: zero, but minus infinity for what the predecessor did not have. Learning more may make
        the edge of a text the likeliest thing to come."""
        barred = torch.zeros_like(self._network.bias)
        barred[EDGE] = -math.inf
        if SPECIAL[UNKNOWN] not in self.spellings:
            barred[UNKNOWN] = -math.inf
        return barred

    def _spell(self, ids: Sequence[int]) -> str:
        entries = [self._tokenizer.vocabulary[number] for number in ids]
        return "".join(self.spellings.get(entry, entry) for entry in entries)

    def _encode(self, prompt: str) -> list[int]:
        """A prompt's ids. Without one the predecessor read a space, unless there was a memory to go on from."""
        meant = dict.fromkeys([*SPECIAL, *self.spellings], SPECIAL[UNKNOWN])
        meant |= {text: entry for entry, text in self.spellings.items()}
        text = prompt or ("" if bool(self._memory.any()) else " ")
        return self._tokenizer.encode("".join(meant.get(char, char) for char in text))


def _as_it_was(request: WriteRequest) -> bool:
    return request.sample.greedy and not request.keywords
