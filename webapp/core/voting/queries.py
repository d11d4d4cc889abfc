"""Reading polls and ballots."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, select

from webapp import clock
from webapp.clock import DatabaseTime
from webapp.core.voting import rules
from webapp.core.voting.models import Ballot, BallotChoice, Option, Poll
from webapp.core.voting.rules import Choice
from webapp.db import session, table_of
from webapp.errors import N_, Conflict, NotFound


@dataclass(frozen=True)
class StandingBallot:
    """A person's answer as it stands, kept apart from its row, which may be withdrawn the next moment."""

    poll_id: int
    voter_id: int
    options: list[int]
    cast_at: datetime


@dataclass(frozen=True)
class PublishedBallot:
    """A ballot as everybody may see it once the poll is closed."""

    voter: str
    options: list[int]


_BALLOT, _CHOICE, _OPTION = (table_of(row).columns for row in (Ballot, BallotChoice, Option))
_CHOICES = (
    select(
        _OPTION.id,
        _OPTION.label,
        _OPTION.proposed_at,
        _OPTION.value,
        _OPTION.is_none,
        _OPTION.struck,
        DatabaseTime(),
    )
    .where(_OPTION.poll_id == bindparam("poll_id"))
    .order_by(_OPTION.position)
)
_STANDING = (
    select(_BALLOT.voter_id, _BALLOT.cast_at, _CHOICE.option_id)
    .where(
        _BALLOT.poll_id == bindparam("poll_id"),
        _BALLOT.voter_id.in_(bindparam("voter_ids", expanding=True)),
        _CHOICE.poll_id == _BALLOT.poll_id,
        _CHOICE.voter_id == _BALLOT.voter_id,
    )
    .order_by(_CHOICE.rank, _CHOICE.option_id)
)
_COUNTS = (
    select(_BALLOT.poll_id, func.count())
    .where(_BALLOT.poll_id.in_(bindparam("poll_ids", expanding=True)))
    .group_by(_BALLOT.poll_id)
)
"""What every ballot asks for, put together once: this is where the site has most to do."""


def get(poll_id: int) -> Poll:
    """The poll with this id; raises NotFound."""
    poll: Poll | None = session.get(Poll, poll_id)
    if poll is None:
        raise NotFound("no-such-poll", N_("그런 투표가 없어요."))
    return poll


def ballot_count(poll_id: int) -> int:
    """How many people's ballots stand in a poll."""
    return ballot_counts([poll_id])[poll_id]


def ballot_counts(poll_ids: Sequence[int]) -> dict[int, int]:
    """How many ballots stand in each of these polls."""
    counted: dict[int, int] = dict(session.execute(_COUNTS, {"poll_ids": list(poll_ids)}).all())
    return {poll_id: counted.get(poll_id, 0) for poll_id in poll_ids}


def choices_of(poll_id: int, voter_id: int) -> list[int]:
    """The option ids that a person's standing ballot chooses, best first where ranked; empty without a ballot."""
    query = select(BallotChoice.option_id).where(
        BallotChoice.poll_id == poll_id, BallotChoice.voter_id == voter_id
    )
    return list(session.scalars(query.order_by(BallotChoice.rank, BallotChoice.option_id)))


def ballots_of(poll_id: int, voter_ids: Collection[int]) -> dict[int, StandingBallot]:
    """The standing ballots of these people in a poll, by voter id."""
    found: dict[int, StandingBallot] = {}
    asked = {"poll_id": poll_id, "voter_ids": list(voter_ids)}
    for voter_id, cast_at, option_id in session.execute(_STANDING, asked):
        found.setdefault(voter_id, StandingBallot(poll_id, voter_id, [], cast_at)).options.append(option_id)
    return found


def standing_ballots(poll_id: int) -> dict[int, list[int]]:
    """The option ids of every standing ballot, best first where ranked, by voter id."""
    query = select(BallotChoice.voter_id, BallotChoice.option_id).where(BallotChoice.poll_id == poll_id)
    ballots: dict[int, list[int]] = {}
    in_order = query.order_by(BallotChoice.voter_id, BallotChoice.rank, BallotChoice.option_id)
    for voter_id, option_id in session.execute(in_order):
        ballots.setdefault(voter_id, []).append(option_id)
    return ballots


def published_ballots(poll_id: int) -> list[PublishedBallot]:
    """All ballots of a closed poll under pseudonyms, in their order, which tells nothing; raises Conflict, NotFound."""
    poll = get(poll_id)
    if poll.status == "open":
        raise Conflict("poll-open", N_("아직 투표가 끝나지 않았어요. 끝난 다음에 모든 표를 볼 수 있어요."))
    ballots = standing_ballots(poll_id).items()
    published = [
        PublishedBallot(rules.pseudonym(poll.secret, voter_id), chosen) for voter_id, chosen in ballots
    ]
    return sorted(published, key=lambda ballot: ballot.voter)


def record_of(poll_id: int) -> dict[str, Any]:
    """All of a closed poll that is needed to count it again, as plain values: what `static/recount.py` reads.

    Raises Conflict, NotFound.
    """
    poll, ballots = get(poll_id), [asdict(ballot) for ballot in published_ballots(poll_id)]
    options = [
        {
            "id": option.id,
            "label": option.label,
            "proposed_at": option.proposed_at.isoformat(timespec="microseconds"),
            "value": option.value,
            "is_none": option.is_none,
            "struck": option.struck,
        }
        for option in options_of(poll_id)
    ]
    return {
        "poll": poll.id,
        "kind": poll.kind,
        "method": poll.method,
        "winners": poll.winners,
        "quorum": poll.quorum,
        "options": options,
        "ballots": ballots,
        "seed_hash": poll.seed_hash,
        "result": poll.result,
        "result_hash": poll.result_hash,
    }


def options_of(poll_id: int) -> list[Option]:
    """The options of a poll in their order."""
    return list(session.scalars(select(Option).where(Option.poll_id == poll_id).order_by(Option.position)))


def choices_in(poll_id: int) -> list[Choice]:
    """The options of a poll as the rules count them, in their order."""
    return choices_now(poll_id)[0]


def choices_now(poll_id: int) -> tuple[list[Choice], datetime]:
    """The same, and the moment at which they were seen."""
    rows = session.execute(_CHOICES, {"poll_id": poll_id}).all()
    moment = clock.seen(rows[-1][-1]) if rows else clock.now()
    return [Choice(*row[:-1]) for row in rows], moment
