"""The predecessor's writer, raised on: ko_novel_generator's GRU behind the same `Writer`."""

import math
from collections.abc import Sequence
from typing import Any, Self

import torch
from torch import Tensor

from model.char_writer import CharWriter
from model.checkpoint import Checkpoint
from model.records import LearningText, WriteRequest, Written
from model.tokenizer import EDGE, SPECIAL, UNKNOWN


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
        ids, surprise, _ = self._continue(request.prompt, request.characters)
        entries = [self._tokenizer.vocabulary[number] for number in ids]
        text = "".join(self.spellings.get(entry, entry) for entry in entries)
        overlap = self._index.overlap(text)
        measurements = {
            "characters": float(len(text)),
            "bits_per_character": surprise / len(ids) / math.log(2),
            "longest_shared_run": float(overlap.longest),
            "shared_share": overlap.share,
        }
        return [Written(text, request.seed, (), measurements)] * request.drafts

    def remember(self, request: WriteRequest, written: Written) -> None:
        """See `Writer.remember`. Greedy text is gone through again: read in one go, or spelled out, the last
        digits of the memory would differ."""
        if _as_it_was(request):
            self._memory = self._continue(request.prompt, request.characters)[2].clone()
        else:
            super().remember(request, written)

    @torch.inference_mode()
    def _continue(self, prompt: str, characters: int) -> tuple[list[int], float, Tensor]:
        """The ids written, the nats they cost, and the state after the last of them."""
        network, styles, state = self._network.eval(), self._blend({}), self._memory
        ids = self._prime(prompt)
        if ids:
            block, state = network(torch.tensor([ids], device=state.device), styles, state)
            scores = block[0, -1]
        else:  # what comes next hangs on the upper layer's state alone
            scores = network.guess(state[-1, 0])
        barred = self._barred()
        written: list[int] = []
        surprise = 0.0
        for _ in range(characters):
            chosen = (scores + barred).argmax()
            written.append(int(chosen))
            surprise -= float(scores.log_softmax(-1)[chosen])
            block, state = network(chosen.view(1, 1), styles, state)
            scores = block[0, -1]
        return written, surprise, state

    def _barred(self) -> Tensor:
        """[vocabulary]: zero, but minus infinity for what the predecessor did not have. Learning more may make
        the edge of a text the likeliest thing to come."""
        barred = torch.zeros_like(self._network.bias)
        barred[EDGE] = -math.inf
        if SPECIAL[UNKNOWN] not in self.spellings:
            barred[UNKNOWN] = -math.inf
        return barred

    def _prime(self, prompt: str) -> list[int]:
        """A prompt's ids. Without one the predecessor read a space, unless there was a memory to go on from."""
        meant = dict.fromkeys([*SPECIAL, *self.spellings], SPECIAL[UNKNOWN])
        meant |= {text: entry for entry, text in self.spellings.items()}
        text = prompt or ("" if bool(self._memory.any()) else " ")
        return self._tokenizer.encode("".join(meant.get(char, char) for char in text))


def _as_it_was(request: WriteRequest) -> bool:
    return request.sample.greedy and not request.keywords
