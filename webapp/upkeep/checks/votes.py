"""Polls and ballots."""

from __future__ import annotations

from sqlalchemy import func, or_, select

from webapp.core.stories import rules as relay
from webapp.core.stories.models import Turn, TurnPoll
from webapp.core.voting import queries as voting
from webapp.core.voting import rules, tallies
from webapp.core.voting.models import Ballot, Poll
from webapp.db import session
from webapp.upkeep.checks.finding import Finding

VOTED_IN = (relay.COLLECTING, relay.CHOOSING)
"""The phases in which polls are open."""


def polls_recount() -> Finding:
    """What a closed poll says is what its ballots say when they are counted again."""
    poll_ids = session.scalars(select(Poll.id).where(Poll.status == "closed").order_by(Poll.id)).all()
    wrong = [
        f"투표 {poll_id} (poll): 적힌 결과가 표와 달라요. (the result is not what the ballots say)"
        for poll_id in poll_ids
        if not _says_what_ballots_say(voting.get(poll_id))
    ]
    return Finding("끝난 투표를 다시 세어도 같아요 (closed polls recounted)", len(poll_ids), wrong)


def _says_what_ballots_say(poll: Poll) -> bool:
    seed = rules.seed_of(poll.secret)
    options = voting.choices_in(poll.id)
    ballots = voting.standing_ballots(poll.id).values()
    counted = tallies.tally(
        poll.method, options, ballots, seed=seed, winners=poll.winners, quorum=poll.quorum
    )
    result = {**counted.to_values(), "seed": seed}
    hashes = rules.hash_seed(seed), rules.hash_result(result)
    return poll.result == result and (poll.seed_hash, poll.result_hash) == hashes


def ballots_in_time() -> Finding:
    """No ballot was cast at or after the deadline of its poll, or after the poll was closed."""
    late = or_(Ballot.cast_at >= Poll.closes_at, Ballot.cast_at > Poll.closed_at)
    query = select(Ballot.poll_id, func.count()).join(Poll, Poll.id == Ballot.poll_id).where(late)
    rows = session.execute(query.group_by(Ballot.poll_id).order_by(Ballot.poll_id)).all()
    wrong = [
        f"투표 {poll_id} (poll): 끝난 뒤에 낸 표가 {count}장 있어요. ({count} ballots came too late)"
        for poll_id, count in rows
    ]
    count = session.scalar(select(func.count()).select_from(Ballot)) or 0
    return Finding("표마다 제때 냈어요 (ballots in time)", count, wrong)


def polls_are_waited_for() -> Finding:
    """Each open poll belongs to a turn that waits for its ballots, and each turn in which people choose has one."""
    query = select(Poll.id, Turn.phase).outerjoin(TurnPoll, TurnPoll.poll_id == Poll.id)
    query = query.outerjoin(Turn, Turn.id == TurnPoll.turn_id).where(Poll.status == "open").order_by(Poll.id)
    rows = session.execute(query).all()
    left = [poll_id for poll_id, phase in rows if phase not in VOTED_IN]
    wrong = [f"투표 {poll_id} (poll): 기다리는 차례가 없어요. (no turn waits for it)" for poll_id in left]
    without = [f"차례 {turn_id} (turn): 열린 투표가 없어요. (no open poll)" for turn_id in _without_polls()]
    return Finding("열린 투표마다 기다리는 차례가 있어요 (open polls)", len(rows), wrong + without, left)


def _without_polls() -> list[int]:
    open_polls = func.count(Poll.id)
    query = select(Turn.id).outerjoin(TurnPoll, TurnPoll.turn_id == Turn.id)
    query = query.outerjoin(Poll, (Poll.id == TurnPoll.poll_id) & (Poll.status == "open"))
    choosing = query.where(Turn.phase == relay.CHOOSING).group_by(Turn.id).having(open_polls == 0)
    return list(session.scalars(choosing.order_by(Turn.id)))
