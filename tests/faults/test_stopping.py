"""A worker is asked to stop (SIGTERM) while the writer learns: it ends in time, and what was learned is gone on with."""

from __future__ import annotations

import random
import time
from collections.abc import Iterator

import pytest

from tests.faults.factory import Factory, factory_at, own_redis
from tests.faults.ledger import FULL, Ledger
from tests.integration.workers.crew import children_of, until
from tests.integration.workers.shelf import ask_for_base
from webapp.core.moderation import service as moderation
from webapp.core.training import queries
from webapp.core.training import service as training
from webapp.db import session

LONG = 3000 if FULL else 1000
"""How often the few sentences of the novels stand in them: nobody has learned that before they are asked to stop."""
MOST_SECONDS = 10.0


@pytest.fixture
def factory(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Factory]:
    """A site at which somebody asked for the first writer; nobody works there yet."""
    with own_redis() as redis, factory_at(tmp_path_factory.mktemp("site"), redis) as factory:
        ask_for_base(length=LONG)
        yield factory


def points(factory: Factory, job_id: int) -> dict[int, float]:
    """What was measured in the run of a job: seconds by update."""
    run = queries.run(factory.job(job_id).subject_id)
    session.refresh(run)
    return {point.step: point.seconds for point in run.points}


def snapshots(factory: Factory, job_id: int) -> list[int]:
    """The updates after which there are snapshots of a job's run."""
    folder = factory.settings.instance / "learning" / f"run-{factory.job(job_id).subject_id}"
    return sorted(int(path.name) for path in folder.glob("[0-9]*"))


def interrupted(factory: Factory) -> tuple[float, list[str]]:
    """Stop a worker in the midst of learning: how long that takes, and what is not as promised, with the next as well."""
    job_id, faults = training.raise_base().id, []
    post = factory.post("workers", LEARN_SECONDS="600")
    until(lambda: len(points(factory, job_id)) > 1, "it learns")
    time.sleep(random.uniform(0, 1))
    children = children_of(post.process.pid)
    began = time.monotonic()
    post.process.terminate()
    status = post.process.wait(3 * MOST_SECONDS)
    seconds, before = time.monotonic() - began, points(factory, job_id)
    job, kept = factory.job(job_id), snapshots(factory, job_id)
    if (status, job.state, job.attempts, len(children)) != (0, "queued", 0, 1):
        faults.append(f"status {status}, {len(children)} children, {job.state} after {job.attempts} attempts")
    if not kept or kept[-1] < max(before):
        faults.append(f"measured at {max(before)}, kept {kept}")
    post.again()
    after = until(lambda: points(factory, job_id).keys() - before.keys(), "the next worker goes on")
    if kept and min(after) <= kept[-1]:
        faults.append(f"kept {kept}, and gone on at {min(after)}")
    moderation.cancel_job(job_id, "다 보았어요.", factory.stage.moderator)
    post.close()
    return seconds, faults


@pytest.mark.timeout(900)
def test_a_worker_that_is_asked_to_stop_keeps_what_was_learned(factory: Factory, ledger: Ledger) -> None:
    stopped = [interrupted(factory) for _ in range(ledger.times(10, short=1))]
    faults = [fault for _, found in stopped for fault in found]
    ledger.note(
        "SIGTERM while the writer learns: what was learned is kept, and gone on with",
        len(stopped),
        lost=len(faults),
        recoveries=[seconds for seconds, _ in stopped],
        remark="seconds until it has stopped",
    )
    assert faults == []
    assert max(seconds for seconds, _ in stopped) < MOST_SECONDS
