"""Remembers what a set-up step was made from, so that it is done again only when that changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

from scripts.places import ROOT, STAMPS


def fingerprint(files: Iterable[Path], *more: str) -> str:
    """One hash over names and contents of files (missing ones count as empty) and over further words."""
    digest = hashlib.sha256("\0".join(more).encode())
    for file in sorted(set(files)):
        content = file.read_bytes() if file.is_file() else b""
        digest.update(f"\0{file.relative_to(ROOT)}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def is_fresh(step: str, mark: str) -> bool:
    """Whether a step was last done with this fingerprint."""
    stamp = STAMPS / step
    return stamp.is_file() and stamp.read_text() == mark


def stamp(step: str, mark: str) -> None:
    """Note that a step is done; called after it has succeeded, never before."""
    STAMPS.mkdir(parents=True, exist_ok=True)
    (STAMPS / step).write_text(mark)
