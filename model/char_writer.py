"""The default writer: a character GRU."""

import copy
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Self

import torch
from torch import Tensor

from model.checkpoint import Checkpoint, CheckpointDamaged, load_tensors, save_checkpoint, save_tensors
from model.circumstances import Circumstances, circumstances, code_hash, sha256
from model.config import ModelConfig, TrainConfig
from model.corpus import Piece, check, check_amount, for_learning, frequencies, make_piece
from model.measuring import evaluate
from model.network import CharGRU
from model.originality import Overlap, WindowIndex
from model.records import HeldOut, LearningReport, LearningText, Progress, WriteRequest, Written
from model.sampling import write_drafts
from model.scores import HELD_OUT_READ, REQUESTS, Scores, TextScore, scores_of
from model.snapshot import Snapshots
from model.stepping import one_thread
from model.text import clean_line
from model.tokenizer import EDGE, Tokenizer
from model.training import Outcome, train

PROMPT_MOST = 2_000  # characters of a prompt that are read; what came before is the memory's part
SENTENCE_ENDS = tuple('.!?…”’"')
NO_STYLE = ""
DEFAULT_RUN = TrainConfig()


def choose_device(name: str) -> torch.device:
    """auto means CUDA where there is one. Raises ValueError for a name that is not auto, cpu or cuda, and for cuda
    where there is none."""
    if name not in ("auto", "cpu", "cuda"):
        raise ValueError("device must be auto, cpu or cuda")
    if name == "cuda" and not torch.cuda.is_available():
        raise ValueError("there is no CUDA device here")
    return torch.device("cuda" if name != "cpu" and torch.cuda.is_available() else "cpu")


class CharWriter:
    """A `Writer` made of a `CharGRU`, its vocabulary, its styles, its memory and an index of what it read."""

    KIND = "char-gru"
    scores: Scores | None  # see `Writer.scores`

    def __init__(
        self,
        network: CharGRU,
        tokenizer: Tokenizer,
        styles: Sequence[str],
        index: WindowIndex,
        memory: Tensor,
    ) -> None:
        self._network = network
        self._tokenizer = tokenizer
        self._styles = list(styles)
        self._index = index
        self._memory = memory
        self._steps = 0
        self._last_run: dict[str, Any] = {}
        self.scores = None

    @classmethod
    def new(cls, config: ModelConfig, *, seed: int, device: str) -> Self:
        torch.manual_seed(seed)
        tokenizer = Tokenizer()
        network = CharGRU(config, len(tokenizer)).to(choose_device(device))
        return cls(network, tokenizer, [NO_STYLE], WindowIndex(), network.blank_state(1))

    @classmethod
    def restore(cls, checkpoint: Checkpoint, *, device: str) -> Self:
        """The writer of a verified checkpoint."""
        manifest, tensors = checkpoint.manifest, checkpoint.tensors
        tokenizer = Tokenizer(manifest["vocabulary"])
        network = CharGRU(ModelConfig(**manifest["config"]), len(tokenizer), len(manifest["styles"]))
        network.load_state_dict(tensors["weights.safetensors"])
        network.to(choose_device(device))
        memory = tensors["memory.safetensors"]["memory"].to(network.bias.device)
        writer = cls(
            network,
            tokenizer,
            manifest["styles"],
            WindowIndex.from_tensors(tensors["windows.safetensors"]),
            memory,
        )
        writer._steps = manifest["steps"]
        writer._last_run = manifest["last_run"]
        if scores := manifest.get("scores"):
            writer.scores = Scores.from_json(scores)
        return writer

    def learn(
        self,
        texts: Sequence[LearningText],
        *,
        config: TrainConfig = DEFAULT_RUN,
        progress: Callable[[Progress], None] = lambda _: None,
        stop: Callable[[], bool] = lambda: False,
        tick: Callable[[Progress], None] = lambda _: None,
        snapshots: Snapshots | None = None,
    ) -> LearningReport:
        """One run, on a copy that replaces the writer only when all went well."""
        started = time.monotonic()
        if config.threads is not None:
            torch.set_num_threads(config.threads)
        check_amount(texts)
        prepared = [for_learning(text.text) for text in texts]
        check([ready for ready, text in zip(prepared, texts, strict=True) if text.role == "new"])
        torch.manual_seed(config.seed)
        student = self._student(texts, prepared)
        pieces = student._pieces(texts, prepared)
        if not self._has_learned:
            student._network.expect(frequencies(pieces, len(student._tokenizer)))
        before = student._held_out_bits(pieces)
        left = max(0.05 * config.seconds, config.seconds - (time.monotonic() - started))
        rate, keeping = config.learning_rate, 0.0
        if self._has_learned:
            rate, keeping = config.continuing_rate, config.keeping
        if snapshots is not None:
            snapshots.identify(student._identity(texts, config))
        outcome = train(
            student._network, pieces, replace(config, seconds=left),
            rate=rate, keeping=keeping, progress=progress, stop=stop, tick=tick, snapshots=snapshots,
        )  # fmt: skip
        held_out = tuple(
            HeldOut(text.style, text.role, len(measured(piece)) - 1, old, new)
            for text, piece, old, new in zip(
                texts, pieces, before, student._held_out_bits(pieces), strict=True
            )
            if len(piece.held_out) > 1
        )
        seconds = time.monotonic() - started
        report = self._report(outcome, held_out, pieces, student, seconds, config.seed)
        self._graduate(student, report)
        return report

    def _identity(self, texts: Sequence[LearningText], config: TrainConfig) -> dict[str, Any]:
        """What must be the same for a run to go on: a student that is about to learn, and all that decides how."""
        weights = b"".join(value.cpu().numpy().tobytes() for value in self._network.state_dict().values())
        return {
            "start": sha256(weights + "".join(self._tokenizer.vocabulary).encode()),
            "texts": _named(texts),
            "config": asdict(config),
            "circumstances": self.circumstances().to_json(),
        }

    @property
    def _has_learned(self) -> bool:
        return self._steps > 0

    def _report(
        self,
        outcome: Outcome,
        held_out: tuple[HeldOut, ...],
        pieces: Sequence[Piece],
        student: Self,
        seconds: float,
        seed: int,
    ) -> LearningReport:
        new = [piece for piece in pieces if piece.role == "new"]
        return LearningReport(
            curve=outcome.curve,
            held_out=held_out,
            steps=outcome.steps,
            seconds=seconds,
            characters_read=sum(outcome.read),
            characters_new=sum(len(piece.learned) + len(piece.held_out) - 2 for piece in new),
            vocabulary=len(student._tokenizer),
            vocabulary_added=len(student._tokenizer) - len(self._tokenizer),
            device=str(self._network.bias.device),
            seed=seed,
            stopped=outcome.stopped,
        )

    def _student(self, texts: Sequence[LearningText], prepared: Sequence[str]) -> Self:
        """A copy of the writer, grown for new characters and styles, that knows these texts as read."""
        styles = [*self._styles, *dict.fromkeys(t.style for t in texts if t.style not in self._styles)]
        tokenizer = Tokenizer(self._tokenizer.vocabulary)
        tokenizer.grow(prepared)
        network = copy.deepcopy(self._network)
        network.grow(len(tokenizer), len(styles))
        index = self._index.including(zip([text.style for text in texts], prepared, strict=True))
        return type(self)(network, tokenizer, styles, index, self._memory)

    def _pieces(self, texts: Sequence[LearningText], prepared: Sequence[str]) -> list[Piece]:
        return [
            make_piece(text, ready, self._tokenizer, self._number_of(text.style))
            for text, ready in zip(texts, prepared, strict=True)
        ]

    def _number_of(self, style: str) -> int:
        return self._styles.index(style) if style in self._styles else 0

    def _held_out_bits(self, pieces: Sequence[Piece]) -> list[float]:
        return evaluate(self._network, [(measured(piece), piece.style) for piece in pieces])

    def _graduate(self, student: Self, report: LearningReport) -> None:
        self._network, self._tokenizer = student._network, student._tokenizer
        self._styles, self._index = student._styles, student._index
        self._steps += report.steps
        self._last_run = report.repeatable()
        self.scores = None

    def measure(self, texts: Sequence[LearningText]) -> Scores:
        """See `Writer.measure`."""
        pieces = self._pieces(texts, [for_learning(text.text) for text in texts])
        held_out = [
            TextScore(text.style, len(measured(piece)) - 1, bits)
            for text, piece, bits in zip(texts, pieces, self._held_out_bits(pieces), strict=True)
            if len(piece.held_out) > 1
        ]
        kept, self._memory = self._memory, self._network.blank_state(1)
        try:
            self.scores = scores_of(held_out, [self.write(request) for request in REQUESTS])
        finally:
            self._memory = kept
        return self.scores

    def write(self, request: WriteRequest) -> list[Written]:
        """See `Writer.write`. Keywords are cleaned; empty ones are left out."""
        words = tuple(dict.fromkeys(word for word in map(clean_line, request.keywords) if word))
        prompt = for_learning(request.prompt)
        if prompt.endswith(SENTENCE_ENDS):
            prompt += "\n"
        styles = self._blend(request.styles)
        scores, state = self._after(prompt[-PROMPT_MOST:], styles)
        return write_drafts(
            self._network, self._tokenizer, self._index, replace(request, keywords=words),
            prompt=prompt, scores=scores, state=state, styles=styles,
        )  # fmt: skip

    def _blend(self, shares: Mapping[str, float]) -> Tensor:
        """Style shares as a row [1, styles]; styles never learned are left out, and none means no style."""
        row = torch.zeros(1, len(self._styles))
        for style, share in shares.items():
            if style in self._styles:
                row[0, self._styles.index(style)] += share
        if row.sum() <= 0:
            row[0, 0] = 1.0
        return (row / row.sum()).to(self._network.bias.device)

    @one_thread()
    @torch.inference_mode()
    def _after(self, text: str, styles: Tensor) -> tuple[Tensor, Tensor]:
        """Scores [vocabulary] and state after the memory and then a text (prepared)."""
        self._network.eval()
        fresh = not bool(self._memory.any())
        ids = self._tokenizer.encode(text)
        ids = [EDGE, *ids] if fresh else ids or self._tokenizer.encode("\n")
        block = torch.tensor([ids], device=self._network.bias.device)
        scores, state = self._network(block, styles, self._memory)
        return scores[0, -1], state

    def score(self, text: str) -> float:
        """See `Writer.score`. Raises ValueError for blank text."""
        ids = [EDGE, *self._tokenizer.encode(for_learning(text))]
        if len(ids) < 2:
            raise ValueError("there is nothing to measure in a blank text")
        return evaluate(self._network, [(torch.tensor(ids), 0)])[0]

    def read(self, text: str) -> None:
        """See `Writer.read`; the text counts as finished: what follows begins a new line."""
        if prepared := for_learning(text):
            self._memory = self._after(prepared + "\n", self._blend({}))[1].clone()

    def remember(self, request: WriteRequest, written: Written) -> None:
        """See `Writer.remember`."""
        self.read(f"{request.prompt}\n{written.text}")

    def forget(self) -> None:
        """See `Writer.forget`."""
        self._memory = self._network.blank_state(1)

    def overlap(self, text: str) -> Overlap:
        """See `Writer.overlap`."""
        return self._index.overlap(text)

    def save(self, folder: Path, *, parent: str | None, texts: Sequence[LearningText]) -> str:
        """See `Writer.save`."""
        tensors = {
            "weights.safetensors": self._network.state_dict(),
            "memory.safetensors": {"memory": self._memory},
            "windows.safetensors": self._index.to_tensors(),
        }
        return save_checkpoint(folder, self._manifest(parent, texts), tensors)

    def _manifest(self, parent: str | None, texts: Sequence[LearningText]) -> dict[str, Any]:
        return {
            "kind": self.KIND,
            "config": self._network.config.to_json(),
            "vocabulary": self._tokenizer.vocabulary,
            "styles": self._styles,
            "parent": parent,
            "texts": _named(texts),
            "code": code_hash(),
            "torch": str(torch.__version__),
            "steps": self._steps,
            "last_run": self._last_run,
            "scores": self.scores.to_json() if self.scores else None,
        }  # fmt: skip

    def circumstances(self) -> Circumstances:
        """See `Writer.circumstances`."""
        return circumstances(self._network.bias.device)

    def load_memory(self, path: Path) -> None:
        """See `Writer.load_memory`."""
        memory = load_tensors(path).get("memory")
        if memory is None or memory.shape != self._memory.shape:
            raise CheckpointDamaged(f"{path.name} is not a memory of this writer")
        self._memory = memory.to(self._memory)

    def save_memory(self, path: Path) -> None:
        """See `Writer.save_memory`."""
        save_tensors(path, {"memory": self._memory})


def _named(texts: Sequence[LearningText]) -> list[dict[str, Any]]:
    """Which texts they are, as JSON."""
    return [
        {"sha256": sha256(t.text.encode()), "style": t.style, "share": t.share, "role": t.role,
         "characters": len(t.text)}
        for t in texts
    ]  # fmt: skip


def measured(piece: Piece) -> Tensor:
    """The part of a text, never learned, on which it is scored: a first character and those guessed after it."""
    return piece.held_out[: HELD_OUT_READ + 1]
