"""A worker is frozen past its lease and thawed when another has its job: the stale one writes nothing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.databases import kind_of, own_database
from tests.faults.factory import Factory, factory_at, own_redis
from tests.faults.ledger import FULL, Ledger
from tests.faults.striking import FrozenRound, Strike, freeze, life_of_a_child

AT_ONCE = 10
KINDS = ["sqlite", "postgresql", "mariadb"] if FULL else ["sqlite"]


@pytest.fixture
def factory(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Factory]:
    """A site on the database of this name whose writer knows something already; nobody works there yet."""
    folder = tmp_path_factory.mktemp("site")
    if request.param == "sqlite":
        with own_redis() as redis, factory_at(folder, redis) as factory:
            yield with_base(factory)
    else:
        with (
            own_redis() as redis,
            own_database(request.param) as database,
            factory_at(folder, redis, database=database) as factory,
        ):
            yield with_base(factory)


def with_base(factory: Factory) -> Factory:
    factory.raise_base()
    return factory


@pytest.mark.timeout(1500)
@pytest.mark.parametrize("factory", KINDS, indirect=True)
def test_who_was_frozen_past_its_lease_writes_nothing(factory: Factory, ledger: Ledger) -> None:
    times = ledger.times(50, short=2)
    at_once = min(times, AT_ONCE)
    factory.post("workers.clock")
    posts = [factory.post("workers", hasty=not FULL) for _ in range(2 * at_once)]
    life = life_of_a_child(factory, posts, at_once=at_once)
    strikes: list[Strike] = []
    faults: list[str] = []
    while len(strikes) < times:
        job_ids = [factory.order() for _ in range(at_once)]
        strikes += FrozenRound(factory, posts, life, freeze).play(job_ids)
        faults += [fault for job_id in job_ids for fault in factory.faults(job_id)]
    factory.close()
    wrote = [strike.job_id for strike in strikes if not gave_up(factory, strike)]
    ledger.note(
        f"SIGSTOP of a worker past its lease, then SIGCONT, {kind_of(factory.settings.database_url)}",
        len(strikes),
        lost=len(faults) + len(wrote),
        recoveries=[strike.again_after or 0.0 for strike in strikes],
        remark="the stale one writes nothing",
    )
    assert faults == []
    assert wrote == []


def gave_up(factory: Factory, strike: Strike) -> bool:
    """Whether the log says of an attempt that it noticed that the job was lost, that the database had not waited for it,
    or that its worker ended it."""
    lines = factory.log("workers", hasty=not FULL).splitlines()
    attempt = f"job={strike.job_id} epoch={strike.epoch} "
    ends = (f"'job_lost' {attempt}", f"'job_failed' {attempt}", f"'child_killed' child={strike.child} ")
    return any(end in f"{line} " for line in lines for end in ends)
