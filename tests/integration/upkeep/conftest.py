"""The site of a test that runs `flask …` for it: its instance folder is the test's own."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    """The folder that the test gives to `flask`, too."""
    return tmp_path
