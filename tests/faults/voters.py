"""People who vote over the REST API without a pause, and remember what they were told."""

from __future__ import annotations

import random
import time
from dataclasses import dataclass, field
from datetime import timedelta

import requests

from tests.faults.web import MOST_SECONDS
from tests.people import person
from webapp import clock
from webapp.core.accounts import service as accounts
from webapp.core.voting import queries, service
from webapp.core.voting.service import NewOption

OPTIONS = 4


@dataclass
class Voter:
    """Somebody who changes their mind all the time.

    `possible` are the options of which one must stand: the last that was acknowledged, and those after it that may have
    been taken although nobody said so. `acknowledged_at` is when they last heard that it was (`time.monotonic`), or 0.
    """

    address: str
    poll_id: int
    account_id: int
    token: str
    options: list[int]
    possible: set[int] = field(default_factory=set)
    acknowledged_at: float = 0.0

    def __call__(self, session: requests.Session) -> requests.Response:
        """Vote for any option."""
        chosen = random.choice(self.options)
        self.possible.add(chosen)
        response = session.put(
            f"{self.address}/api/v1/polls/{self.poll_id}/ballot",
            json={"options": [chosen]},
            headers={"Authorization": f"Bearer {self.token}"},
            timeout=MOST_SECONDS,
        )
        if response.status_code == 200:
            assert response.json()["options"] == [chosen]
            self.possible, self.acknowledged_at = {chosen}, time.monotonic()
        return response

    def is_wronged(self) -> bool:
        """Whether what stands is not what they were told, or stands twice."""
        standing = queries.choices_of(self.poll_id, self.account_id)
        if not standing and not self.acknowledged_at:
            return False
        return len(standing) != 1 or standing[0] not in self.possible


def new_voters(address: str, count: int, *, story_id: int = 1) -> list[Voter]:
    """People with a token each, and a poll for them."""
    poll = service.open_poll(
        story_id=story_id,
        kind="passage",
        method="approval",
        winners=1,
        closes_at=clock.now() + timedelta(hours=2),
        options=[NewOption(f"초안 {number}") for number in range(OPTIONS)],
    )
    options = [option.id for option in poll.options]
    ids = [person(f"사람 {number}").id for number in range(count)]
    return [Voter(address, poll.id, voter_id, accounts.issue_token(voter_id), options) for voter_id in ids]
