"""The Makefile, as far as it can be tried without setting up everything anew."""

from __future__ import annotations

import subprocess
from pathlib import Path

from scripts.places import ROOT


def make(cwd: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run make from some folder."""
    return subprocess.run(["make", *arguments], cwd=cwd, capture_output=True, text=True)


def test_alone_it_lists_what_there_is() -> None:
    listed = make(ROOT).stdout
    for target in ("run", "quick", "test", "test-faults", "lint", "shots", "lock", "help", "clean"):
        assert f"{target} · " in listed


def test_it_can_be_called_from_anywhere(tmp_path: Path) -> None:
    assert "run · " in make(tmp_path, "-f", str(ROOT / "Makefile")).stdout
    assert "run · " in make(tmp_path, "-C", str(ROOT)).stdout


def test_a_missing_or_old_python_is_one_sentence(tmp_path: Path) -> None:
    old = tmp_path / "python3.9"
    old.write_text("#!/bin/sh\nexit 1\n")
    old.chmod(0o755)
    for python in ("no-such-python", str(old)):
        answer = make(ROOT, "run", f"PYTHON={python}")
        assert answer.returncode != 0
        assert answer.stderr.startswith("파이썬 3.11 이상이 필요해요")
