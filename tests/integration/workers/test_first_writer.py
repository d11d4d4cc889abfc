"""A site with the default settings: its first writer is the one we ship, and knows Korean when it comes."""

from __future__ import annotations

import json

import pytest

from model.writer import BASE
from tests.integration.workers.shelf import ask_for_base, state
from webapp import jobs
from webapp.core.training import queries
from workers.child import work
from workers.site import site

pytestmark = pytest.mark.usefixtures("in_process")


@pytest.fixture(autouse=True)
def default_size(in_process: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings of a site that nobody has set, but for the time to learn."""
    monkeypatch.setenv("WRITER_SIZE", "default")
    site.cache_clear()


def test_the_first_checkpoint_grew_from_the_writer_we_ship() -> None:
    shipped = json.loads((BASE / "writer.json").read_bytes())
    job_id = ask_for_base()
    work(job_id)
    assert state(job_id) == "done"
    checkpoint = queries.checkpoint((jobs.get(job_id).result or {})["checkpoint_id"])
    assert [sample["before"] for sample in checkpoint.samples] == [
        sample["text"] for sample in shipped["scores"]["samples"]
    ]
    plain = min(part["before"] for part in checkpoint.measurements["held_out"])
    assert plain < 6.0, "to a writer that knows nothing, every character is worth eleven bits"
    assert all(sample["text"] for sample in checkpoint.samples)
