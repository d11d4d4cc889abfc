"""The worker's own app on the test's site, so that jobs can be called in the test's process."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask import Flask

from config import Settings
from tests.integration.workers.crew import environment
from workers.site import site


@pytest.fixture
def in_process(app: Flask, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Lets `workers.child.work` be called here, as RQ calls it in a worker's child."""
    for name, value in environment(settings).items():
        monkeypatch.setenv(name, value)
    site.cache_clear()
    yield
    site.cache_clear()
