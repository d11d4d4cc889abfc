"""Training snapshots: all that a run needs to go on as if nobody had stopped it.

Each is a folder like a checkpoint's, sealed, hashed and renamed into place when it is whole (`save_checkpoint`), so
whenever a run is killed, a whole one is there. The one before is kept too, in case the disk damages the newest.
"""

import fcntl
import json
import os
import shutil
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol, Self

from torch import Tensor

from model.checkpoint import Checkpoint, CheckpointDamaged, load_checkpoint, save_checkpoint

KEPT = 2
DIFFERENCES = {"start": "시작한 두뇌", "texts": "글", "config": "설정", "circumstances": "프로그램이나 기계"}


class RunInterrupted(Exception):
    """A run was asked to leave and did; its newest snapshot is of that very moment."""


class SnapshotRefused(ValueError):
    """Snapshots that a run cannot use: they are another run's, or another process is using them."""

    code = "snapshot-refused"

    def __init__(self, message: str, detail: str) -> None:
        self.message = message
        super().__init__(detail)


@dataclass(frozen=True)
class Kept:
    """What must be known of a part of a run between two updates: values (JSON) and tensors by name."""

    values: Mapping[str, Any]
    tensors: Mapping[str, Tensor] = field(default_factory=dict)


class Part(Protocol):
    """A part of a run that changes as it goes on."""

    def kept(self) -> Kept:
        """All that changed since it began."""

    def go_on(self, kept: Kept) -> None:
        """Becomes what another one like it was."""


class Snapshots:
    """The snapshots of one run, in a folder that is its own as long as this is open.

    `identify` the run, `resume` its parts, and `beat` after every update.
    """

    def __init__(self, folder: Path, *, every: float = 30.0) -> None:
        """Keeps a snapshot every so many seconds, the first at once. Raises ValueError unless that is positive."""
        if not every > 0:
            raise ValueError("seconds between snapshots must be positive")
        self.folder = folder
        self._every = every
        self._due = 0.0
        self._leaving = False
        self._lock = -1
        self._newest: Checkpoint | None = None
        self._identity: Mapping[str, Any] = {}

    def __enter__(self) -> Self:
        """Takes the folder. Raises OSError, and `SnapshotRefused` if another process has it."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._lock = os.open(self.folder, os.O_RDONLY)
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            os.close(self._lock)
            raise SnapshotRefused(
                "다른 곳에서 같은 배움을 이어 가는 중이에요. 그것이 끝난 뒤에 다시 해 주세요.",
                f"another process is using {self.folder}",
            ) from error
        self._sweep()
        self._newest = self._load_newest()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with suppress(OSError):
            self._sweep()
            self.folder.rmdir()  # one with snapshots in it stays
        os.close(self._lock)

    @property
    def config(self) -> Mapping[str, Any] | None:
        """The settings of the run that was begun here; None if none was."""
        return self._newest.manifest["identity"]["config"] if self._newest else None

    @property
    def result(self) -> Path:
        """Where the run may make what it will leave, to be renamed when that is whole; swept like the rest."""
        return self.folder / ".result"

    @property
    def step(self) -> int:
        """The updates that need not be done again."""
        return self._newest.manifest["step"] if self._newest else 0

    def identify(self, identity: Mapping[str, Any]) -> None:
        """Says which run this is (JSON; `DIFFERENCES` names its parts).

        Raises `SnapshotRefused` if another run was begun here.
        """
        identity = json.loads(json.dumps(identity))
        begun = self._newest.manifest["identity"] if self._newest else identity
        if identity != begun:
            parts = [name for key, name in DIFFERENCES.items() if identity[key] != begun.get(key)]
            raise SnapshotRefused(
                f"여기에는 다른 배움이 도중에 멈춰 있어요 (다른 것: {', '.join(parts)}). 그 명령을 다시 내려 이어 가거나, "
                f"{self.folder.name} 폴더를 지우고 새로 시작해 주세요.",
                f"{self.folder} holds snapshots of another run",
            )
        self._identity = identity

    def resume(self, parts: Mapping[str, Part]) -> None:
        """Takes the parts of a run, which are as they begin, to where it was left."""
        if self._newest is None:
            return
        values, tensors = self._newest.manifest["parts"], self._newest.tensors
        for name, part in parts.items():
            part.go_on(Kept(values[name], tensors[f"{name}.safetensors"]))
        self._newest = None

    def interrupt(self) -> None:
        """Asks the run to leave after the update that it is at. May be called by a signal handler."""
        self._leaving = True

    def beat(self, step: int, parts: Mapping[str, Part]) -> None:
        """Between two updates: keeps the parts if it is time to. Raises OSError, and `RunInterrupted` once the run
        was asked to leave."""
        leaving = self._leaving
        if leaving or time.monotonic() >= self._due:
            self._keep(step, {name: part.kept() for name, part in parts.items()})
            self._due = time.monotonic() + self._every
        if leaving:
            raise RunInterrupted

    def discard(self) -> None:
        """Removes all snapshots: the run is over."""
        for path in self._kept():
            shutil.rmtree(path)

    def _keep(self, step: int, parts: Mapping[str, Kept]) -> None:
        manifest = {
            "step": step,
            "identity": self._identity,
            "parts": {name: part.values for name, part in parts.items()},
        }
        path = self.folder / f"{step:012}"
        if not path.exists():
            save_checkpoint(
                path, manifest, {f"{name}.safetensors": part.tensors for name, part in parts.items()}
            )
        for old in self._kept()[KEPT:]:
            shutil.rmtree(old)

    def _load_newest(self) -> Checkpoint | None:
        """The newest snapshot that is whole; damaged ones are removed."""
        for path in self._kept():
            try:
                return load_checkpoint(path)
            except CheckpointDamaged:
                shutil.rmtree(path)
        return None

    def _kept(self) -> list[Path]:
        """The snapshots' folders, the newest first."""
        return sorted((path for path in self.folder.iterdir() if path.name.isdecimal()), reverse=True)

    def _sweep(self) -> None:
        """Removes what was being written when a process was killed or a disk was full; its names are hidden."""
        for path in self.folder.glob(".*"):
            shutil.rmtree(path)
