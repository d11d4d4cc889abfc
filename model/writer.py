"""The writer (작가 AI): what the rest of 이음 may know of it, whatever its kind."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from model.char_writer import CharWriter
from model.checkpoint import CheckpointDamaged, load_checkpoint
from model.circumstances import Circumstances, use_threads
from model.config import ModelConfig, SampleConfig, TrainConfig
from model.originality import Overlap
from model.predecessor_writer import PredecessorWriter
from model.records import (
    HeldOut,
    LearningRefused,
    LearningReport,
    LearningText,
    LossNotFinite,
    Progress,
    WriteRequest,
    Written,
)
from model.scores import Sample, Scores, TextScore
from model.snapshot import Snapshots

__all__ = [
    "CheckpointDamaged", "Circumstances", "HeldOut", "LearningRefused", "LearningReport", "LearningText",
    "LossNotFinite", "ModelConfig", "Overlap", "Progress", "Sample", "SampleConfig", "Scores", "TextScore",
    "TrainConfig", "WriteRequest", "Writer", "Written", "base_writer", "load_writer", "new_writer", "use_threads",
]  # fmt: skip

BASE = Path(__file__).parent / "base"

KINDS = {kind.KIND: kind for kind in (CharWriter, PredecessorWriter)}


class Writer(Protocol):
    """A writer learns texts and writes drafts. Its memory is what it has in mind of a story so far."""

    def learn(
        self,
        texts: Sequence[LearningText],
        *,
        config: TrainConfig = ...,
        progress: Callable[[Progress], None] = ...,
        stop: Callable[[], bool] = ...,
        tick: Callable[[Progress], None] = ...,
        snapshots: Snapshots | None = ...,
    ) -> LearningReport:
        """One run. Raises `LearningRefused` and `LossNotFinite`; the writer is then as it was before."""

    def write(self, request: WriteRequest) -> list[Written]:
        """All drafts in one batch, going on from the memory and then the prompt. The memory stays."""

    def score(self, text: str) -> float:
        """Bits per character: how much a text surprises the writer."""

    def read(self, text: str) -> None:
        """Moves the memory on over a text."""

    def remember(self, request: WriteRequest, written: Written) -> None:
        """Moves the memory on over a request's prompt and what was written for it."""

    def forget(self) -> None:
        """Makes the memory fresh."""

    def overlap(self, text: str) -> Overlap:
        """What a text shares with those the writer has read."""

    @property
    def scores(self) -> Scores | None:
        """What was last measured; None if nothing was since the writer learned. Kept in its checkpoints."""

    def measure(self, texts: Sequence[LearningText]) -> Scores:
        """Scores the writer on the parts it never learned of texts it has read, and on drafts from beginnings that
        stay the same. Takes a few seconds; the memory stays."""

    def save(self, folder: Path, *, parent: str | None, texts: Sequence[LearningText]) -> str:
        """Writes a checkpoint, naming its parent's sha256 and the texts of the run; returns its sha256."""

    def circumstances(self) -> Circumstances:
        """How it computes just now. Only under the same ones need the same request give the same text."""

    def load_memory(self, path: Path) -> None:
        """Takes the memory from a file. Raises OSError, and `CheckpointDamaged` if it does not fit."""

    def save_memory(self, path: Path) -> None:
        """Writes the memory to a file."""


def new_writer(config: ModelConfig | None = None, *, seed: int = 0, device: str = "auto") -> Writer:
    """A writer that has learned nothing yet. `device` is auto, cpu or cuda."""
    return CharWriter.new(config or ModelConfig(), seed=seed, device=device)


def base_writer(device: str = "auto") -> Writer:
    """The writer we ship, raised on the works that model/base/README.md names."""
    return load_writer(BASE, device)


def load_writer(folder: Path, device: str = "auto", *, sha256: str | None = None) -> Writer:
    """The writer of a checkpoint; with `sha256`, of that very one.

    Raises FileNotFoundError and `CheckpointDamaged`.
    """
    checkpoint = load_checkpoint(folder, sha256=sha256)
    kind = KINDS.get(checkpoint.manifest["kind"])
    if kind is None:
        raise CheckpointDamaged(f"a writer of kind {checkpoint.manifest['kind']} is not known here")
    return kind.restore(checkpoint, device=device)
