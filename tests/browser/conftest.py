"""A browser, the running site, and the folder for screenshots."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from scripts.browser import ADVICE, NAMES
from tests.browser.visitor import DESKTOP, PHONE, Album
from tests.reporting import note
from tests.site import SMALL, Site, reported_site

FOR_SHOTS = {**SMALL, "WRITER_SIZE": "default", "WRITER_THREADS": "2", "LEARN_SECONDS": "20"}
"""What the small writer of tests has to say is not worth a photograph."""


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Site]:
    """One running site for all tests in a browser; where screenshots are wanted, the writer learns longer."""
    settings = FOR_SHOTS if os.environ.get("SHOTS") else SMALL
    with reported_site(tmp_path_factory.mktemp("site"), request, settings) as running:
        yield running


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """The machine's own browser; without one these tests are skipped, and fail under CI."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        reason = f"no browser on this machine: {ADVICE}"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    with sync_playwright() as playwright:
        # Containers give Chromium neither its sandbox nor enough shared memory.
        options = ["--no-sandbox", "--disable-dev-shm-usage", "--disable-gpu", "--lang=ko"]
        language = {**os.environ, "LANGUAGE": "ko"}
        running = playwright.chromium.launch(executable_path=program, args=options, env=language)
        yield running
        running.close()


@pytest.fixture(scope="package")
def album(request: pytest.FixtureRequest) -> Iterator[Album]:
    """The album in the folder that SHOTS names, emptied first; without SHOTS no pictures are kept."""
    named = os.environ.get("SHOTS")
    if not named:
        yield Album(None)
        return
    folder = Path(named)
    folder.mkdir(parents=True, exist_ok=True)
    for old in [*folder.glob(f"*-{PHONE}.png"), *folder.glob(f"*-{DESKTOP}.png")]:
        old.unlink()
    yield Album(folder)
    note(request.config, f"\n화면 사진 (screenshots): {folder}")
