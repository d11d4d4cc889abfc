"""A real worker process, a real Redis and real learning: from rows to a checkpoint."""

from __future__ import annotations

import json

import pytest
from flask import Flask

from config import Settings
from tests.integration.workers.crew import process, stop, until
from webapp import clock, jobs, storage
from webapp.core.library.models import Novel
from webapp.core.training import queries, service
from webapp.db import session, transaction

SENTENCES = "비가 그친 저녁이었다. 골목 끝에서 누군가 문을 두드렸다. 나는 등불을 들고 마당으로 나갔다. "


def add_novel(title: str, text: str) -> int:
    """An approved novel of the starter library."""
    with transaction():
        novel = Novel(
            title=title, author="아무개", live_key=title, rights="licence", status="approved", notes=[]
        )
        novel.characters, novel.sentences, novel.encoding = len(text), 3, "utf-8"
        novel.sha256, novel.nominated_at = storage.keep_text(text), clock.now()
        session.add(novel)
        session.flush()
        return novel.id


@pytest.fixture
def base_job(app: Flask) -> int:
    """A job that asks for the first writer."""
    add_novel("저녁", SENTENCES * 60)
    add_novel("아침", SENTENCES[::-1] * 60)
    return service.raise_base().id


def state(job_id: int) -> str:
    session.rollback()
    return jobs.get(job_id).state


def test_a_worker_raises_the_first_writer_from_rows_to_a_checkpoint(
    base_job: int, settings: Settings
) -> None:
    with process(settings, "workers") as worker:
        until(lambda: state(base_job) == "done", "the base is raised")
        assert stop(worker) == 0
    job = jobs.get(base_job)
    checkpoint = queries.checkpoint(job.result["checkpoint_id"])
    assert queries.newest_base() == checkpoint
    assert len(queries.novels_read(checkpoint.id)) == 2
    assert sum(reading.share for reading in checkpoint.readings) == pytest.approx(1.0)
    folder = storage.checkpoint_folder(checkpoint.sha256)
    assert json.loads((folder / "writer.json").read_bytes())["seal"] == checkpoint.sha256
    assert checkpoint.measurements["bits_after"] < checkpoint.measurements["bits_before"]
    assert all(sample["text"] for sample in checkpoint.samples)
    run = queries.run_of(checkpoint.id)
    assert run is not None
    assert run.points
    assert run.seconds == settings.learn_seconds
