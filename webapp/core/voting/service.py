"""Opening polls, proposing options, casting ballots, closing.

Casting locks the poll row FOR SHARE, everything that changes the poll locks it FOR UPDATE; only then the clock is read
and ballots are touched. So a poll that is being counted gets no ballot, and a ballot that was cast is counted.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select

from webapp import clock, events
from webapp.core.accounts import service as accounts
from webapp.core.accounts.models import Account
from webapp.core.screening import rules as screening
from webapp.core.voting import queries, rules, tallies
from webapp.core.voting.models import Ballot, BallotChoice, Option, Poll
from webapp.core.voting.queries import StandingBallot
from webapp.db import is_writing, let_go, locked, put_in_place, session, table_of, transaction
from webapp.errors import N_, Conflict, DomainError, Invalid, NotFound
from webapp.together import Together

_POLL, _CHOICE = table_of(Poll).columns, table_of(BallotChoice).columns
_LOCKED = (
    select(_POLL.id, _POLL.story_id, _POLL.kind, _POLL.method, _POLL.status, _POLL.closes_at)
    .where(_POLL.id == bindparam("poll_id"))
    .with_for_update()
)
_SHARED = _LOCKED.with_for_update(read=True)
_CHOICES_GONE = delete(table_of(BallotChoice)).where(
    _CHOICE.poll_id == bindparam("poll_id"), _CHOICE.voter_id.in_(bindparam("voter_ids", expanding=True))
)
"""What every ballot does, put together once: this is where the site has most to do."""


@dataclass(frozen=True)
class NewOption:
    """What to put to the vote. `subject_id`: the novel or draft it stands for; `value`: a length in characters."""

    label: str
    subject_id: int | None = None
    value: int | None = None
    is_none: bool = False
    proposed_by: int | None = None


@dataclass(frozen=True)
class Wish:
    """What somebody wants to answer."""

    voter_id: int
    option_ids: Sequence[int]


def open_poll(
    *,
    story_id: int,
    kind: str,
    method: str,
    winners: int,
    closes_at: datetime,
    options: Sequence[NewOption],
    quorum: int = 1,
) -> Poll:
    """A new poll with these options, open from now until `closes_at`; `method` is one of `rules.METHODS`."""
    secret, moment = secrets.token_hex(32), clock.now()
    with transaction():
        poll = Poll(story_id=story_id, kind=kind, method=method, winners=winners, quorum=quorum)
        poll.opens_at, poll.closes_at = moment, closes_at
        poll.secret, poll.seed_hash = secret, rules.hash_seed(rules.seed_of(secret))
        session.add(poll)
        session.flush()
        for position, option in enumerate(options, start=1):
            _add_option(poll.id, option, position, moment)
        return poll


def _add_option(poll_id: int, new: NewOption, position: int, moment: datetime) -> Option:
    option = Option(
        poll_id=poll_id,
        position=position,
        label=new.label,
        label_key=rules.label_key(new.label),
        subject_id=new.subject_id,
        value=new.value,
        is_none=new.is_none,
        proposed_by=new.proposed_by,
        proposed_at=moment,
    )
    session.add(option)
    session.flush()
    return option


def propose_option(poll_id: int, label: str, actor: Account | None) -> Option:
    """Propose a keyword; the same word again gives the option that is there already.

    Raises NotSignedIn, NotAllowed, NotFound, Invalid, and Conflict `poll-closed`, `option-struck`, `too-many-options`.
    """
    actor_id = accounts.require(actor, "participant").id
    label = screening.check_label(label, field="label", most=rules.LONGEST_KEYWORD)
    with transaction():
        poll, moment = _votable(poll_id)
        if poll.kind != "keyword":
            raise Invalid(
                "not-a-keyword-poll", N_("낱말을 고르는 투표에서만 새 낱말을 낼 수 있어요."), field="label"
            )
        options = queries.options_of(poll_id)
        same = next((option for option in options if option.label_key == rules.label_key(label)), None)
        if same is not None and same.struck:
            raise Conflict(
                "option-struck", N_("운영자가 내린 낱말이에요. 다른 낱말을 내 주세요."), field="label"
            )
        if same is not None:
            return same
        if len(options) >= rules.MOST_OPTIONS:
            message = N_("낱말이 벌써 %(most)s개 모였어요. 그 가운데에서 골라 주세요.")
            raise Conflict("too-many-options", message, field="label", most=rules.MOST_OPTIONS)
        if sum(option.proposed_by == actor_id for option in options) >= rules.MOST_PROPOSED:
            message = N_("한 사람이 낱말 %(most)s개까지 낼 수 있어요. 다른 사람의 낱말에도 투표해 보세요.")
            raise Conflict("too-many-proposals", message, field="label", most=rules.MOST_PROPOSED)
        option = _add_option(poll.id, NewOption(label, proposed_by=actor_id), len(options) + 1, moment)
        _tell_ballots(poll, moment)
        return option


def cast(poll_id: int, option_ids: Sequence[int], actor: Account | None) -> StandingBallot:
    """A person's answer, in the place of the one before; the same answer again changes nothing. In a ranked poll the
    order of the options is the answer, best first.

    Raises NotSignedIn, NotAllowed, NotFound, Invalid (see `rules.check_ballot`) and Conflict `poll-closed`; Unavailable
    when there is too much to do.
    """
    wish = Wish(accounts.require(actor, "participant").id, option_ids)
    if not is_writing():
        # Whoever waits holds no connection meanwhile: it may be the one that those who work are waiting for.
        let_go()
        return _BALLOTS.ask(poll_id, wish)
    (ballot,) = _cast_all(poll_id, [wish])
    if isinstance(ballot, Exception):
        raise ballot
    return ballot


def _cast_all(poll_id: Any, wishes: Sequence[Wish]) -> list[StandingBallot | Exception]:
    """Cast these ballots, one after the other, in one transaction."""
    with transaction():
        poll = _held(poll_id, share=True)
        options, moment = queries.choices_now(poll_id)
        _check_open(poll, moment)
        standing = queries.ballots_of(poll_id, {wish.voter_id for wish in wishes})
        answers: list[StandingBallot | Exception] = []
        changed: dict[int, StandingBallot] = {}
        for wish in wishes:
            try:
                chosen = rules.check_ballot(poll.method, options, wish.option_ids)
            except DomainError as refusal:
                answers.append(refusal)
                continue
            ballot = standing.get(wish.voter_id)
            if ballot is None or ballot.options != chosen:
                ballot = StandingBallot(poll_id, wish.voter_id, chosen, moment)
                standing[wish.voter_id] = changed[wish.voter_id] = ballot
            answers.append(ballot)
        if changed:
            _put_ballots(poll, [changed[voter_id] for voter_id in sorted(changed)])
            _tell_ballots(poll, moment)
        return answers


_BALLOTS: Together[Wish, StandingBallot] = Together(_cast_all)


def withdraw_ballot(poll_id: int, actor: Account | None) -> None:
    """Take one's own ballot back; without one nothing happens. Raises like `cast`."""
    voter_id = accounts.require(actor, "participant").id
    with transaction():
        poll, moment = _votable(poll_id, share=True)
        # Its choices go with it, by their foreign key.
        own = delete(Ballot).where(Ballot.poll_id == poll_id, Ballot.voter_id == voter_id)
        gone: Any = session.execute(own.execution_options(synchronize_session=False))
        if gone.rowcount:
            _tell_ballots(poll, moment)


def extend(poll_id: int, closes_at: datetime) -> Poll:
    """Let an open poll close at this later time; raises NotFound, Conflict `poll-closed`."""
    with transaction():
        poll = _open(poll_id)
        poll.closes_at = closes_at
        return poll


def strike_option(poll_id: int, subject_id: int) -> None:
    """Take what stands for this novel or draft out of an open poll: it keeps its place and its votes, and cannot win."""
    with transaction():
        _open(poll_id)
        for option in queries.options_of(poll_id):
            option.struck = option.struck or option.subject_id == subject_id


def close_poll(poll_id: int) -> Poll:
    """End a poll, count it and publish its seed; a closed poll stays as it is. Raises NotFound."""
    with transaction():
        poll = _locked_poll(poll_id)
        if poll.status == "closed":
            return poll
        seed = rules.seed_of(poll.secret)
        options = queries.choices_in(poll_id)
        ballots = queries.standing_ballots(poll_id).values()
        result = tallies.tally(
            poll.method, options, ballots, seed=seed, winners=poll.winners, quorum=poll.quorum
        )
        poll.result = {**result.to_values(), "seed": seed}
        poll.result_hash = rules.hash_result(poll.result)
        poll.status, poll.closed_at = "closed", clock.now()
        session.flush()
        return poll


def _locked_poll(poll_id: int, *, share: bool = False) -> Poll:
    poll: Poll | None = session.scalars(locked(select(Poll).where(Poll.id == poll_id), share=share)).first()
    if poll is None:
        raise _no_such_poll()
    return poll


def _open(poll_id: int, *, share: bool = False) -> Poll:
    """The poll, locked; raises Conflict where it has been closed."""
    poll = _locked_poll(poll_id, share=share)
    if poll.status != "open":
        raise _closed()
    return poll


def _votable(poll_id: int, *, share: bool = False) -> tuple[Row[Any], datetime]:
    """The poll, locked, and the moment at which it was seen to be open; raises like `_check_open`."""
    poll, moment = _held(poll_id, share=share), clock.now()
    _check_open(poll, moment)
    return poll, moment


def _held(poll_id: int, *, share: bool) -> Any:
    """What a vote needs to know of the poll, which is locked."""
    poll: Any = session.execute(_SHARED if share else _LOCKED, {"poll_id": poll_id}).first()
    if poll is None:
        raise _no_such_poll()
    return poll


def _check_open(poll: Row[Any], moment: datetime) -> None:
    """Refuse with Conflict where the poll's time is up, whether or not it has been counted yet."""
    if poll.status != "open" or moment >= poll.closes_at:
        raise _closed()


def _no_such_poll() -> NotFound:
    return NotFound("no-such-poll", N_("그런 투표가 없어요."))


def _closed() -> Conflict:
    return Conflict("poll-closed", N_("투표가 끝났어요. 이야기에서 다음 투표를 찾아 주세요."))


def _put_ballots(poll: Row[Any], ballots: Sequence[StandingBallot]) -> None:
    """Write ballots in the place of those that stand, given in the order of their voters.

    Putting the ballot itself in place makes two casts of one person go one after the other: whoever comes second takes
    away what the first has chosen.
    """
    put_in_place(
        table_of(Ballot),
        [{"poll_id": poll.id, "voter_id": each.voter_id, "cast_at": each.cast_at} for each in ballots],
    )
    session.execute(_CHOICES_GONE, {"poll_id": poll.id, "voter_ids": [each.voter_id for each in ballots]})
    ranked = poll.method in rules.RANKED
    choices = [
        {
            "poll_id": poll.id,
            "voter_id": each.voter_id,
            "option_id": option_id,
            "rank": place if ranked else None,
        }
        for each in ballots
        for place, option_id in enumerate(each.options, start=1)
    ]
    session.execute(insert(table_of(BallotChoice)), choices)


def _tell_ballots(poll: Row[Any], moment: datetime) -> None:
    events.record(poll.story_id, "ballots", {"poll_id": poll.id}, moment)


def _with_count(told: dict[str, Any]) -> dict[str, Any]:
    """How many ballots stand is counted when it is told: whoever casts does not see those who cast at the same time."""
    return {**told, "ballots": queries.ballot_count(told["poll_id"])}


events.completed_by("ballots", _with_count)
