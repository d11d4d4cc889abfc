"""Stories, their turns and their passages."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import func, select

from webapp import clock
from webapp.core.stories import queries as stories
from webapp.core.stories import rules
from webapp.core.stories.models import Draft, Passage, Turn, TurnPoll
from webapp.core.voting.models import Option, Poll
from webapp.db import session
from webapp.upkeep.checks.finding import Finding

WRITTEN = (rules.HUMAN, rules.MACHINE)
"""The kinds of turns that end with a passage."""
GRACE = timedelta(seconds=30)
"""How late a phase may be closed: the relay clock looks every few seconds, and may be busy with other stories."""


def turns_have_passages() -> Finding:
    """Each turn of people or of the writer that is done has one passage, and no other turn has any."""
    passages = func.count(Passage.id)
    query = select(Turn.id, Turn.kind, Turn.phase, passages).outerjoin(Passage, Passage.turn_id == Turn.id)
    rows = session.execute(query.group_by(Turn.id, Turn.kind, Turn.phase).order_by(Turn.id)).all()
    wrong = [
        f"차례 {turn_id} (turn, {kind}, {phase}): 대목 {count}개 ({count} passages)"
        for turn_id, kind, phase, count in rows
        if count != (kind in WRITTEN and phase == rules.DONE)
    ]
    return Finding("끝난 차례마다 대목이 하나예요 (one passage for each finished turn)", len(rows), wrong)


def passages_in_sequence() -> Finding:
    """The passages of a story are numbered from 1 without a gap."""
    query = select(Passage.story_id, func.min(Passage.seq), func.max(Passage.seq), func.count())
    rows = session.execute(query.group_by(Passage.story_id).order_by(Passage.story_id)).all()
    wrong = [
        f"이야기 {story_id} (story): {first}…{last}, 대목 {count}개 ({count} passages)"
        for story_id, first, last, count in rows
        if (first, last) != (1, count)
    ]
    return Finding("대목의 순서에 빈 곳이 없어요 (passages without gaps)", len(rows), wrong)


def passages_are_what_was_chosen() -> Finding:
    """Each passage says word for word what its draft says; and where people chose, it is the draft that they chose,
    unless a rule decided and the passage says so."""
    chosen = _chosen_drafts()
    query = select(Passage, Draft).join(Draft, Draft.id == Passage.draft_id).order_by(Passage.id)
    count, wrong = 0, []
    for passage, draft in session.execute(query.execution_options(yield_per=100)):
        count += 1
        same = (passage.turn_id, passage.author_type, passage.account_id, passage.text)
        if same != (draft.turn_id, draft.author_type, draft.account_id, draft.text):
            wrong.append(f"대목 {passage.id} (passage): 초안과 달라요. (not what its draft says)")
        elif not passage.note and draft.id not in chosen.get(draft.turn_id, {draft.id}):
            wrong.append(f"대목 {passage.id} (passage): 뽑힌 초안이 아니에요. (not the draft that won)")
    return Finding("대목은 뽑힌 초안 그대로예요 (passages are what was chosen)", count, wrong)


def _chosen_drafts() -> dict[int, set[int | None]]:
    """The drafts that won the last vote of a turn over drafts, by the turn's id; of turns that had such a vote."""
    newest = select(func.max(TurnPoll.poll_id)).where(TurnPoll.kind == "passage").group_by(TurnPoll.turn_id)
    query = select(TurnPoll.turn_id, Poll.result, Poll.id).join(Poll, Poll.id == TurnPoll.poll_id)
    rows = session.execute(query.where(Poll.id.in_(newest), Poll.status == "closed")).all()
    subjects = dict(
        session.execute(select(Option.id, Option.subject_id).join(Poll).where(Poll.kind == "passage")).all()
    )
    return {turn_id: {subjects.get(one) for one in result["winners"]} for turn_id, result, _ in rows}


def stories_go_on() -> Finding:
    """Each open story has an open turn."""
    story_ids = stories.open_story_ids()
    stuck = [story_id for story_id in story_ids if not stories.open_turns(story_id)]
    wrong = [f"이야기 {story_id} (story): 열린 차례가 없어요. (no open turn)" for story_id in stuck]
    return Finding("이야기마다 열린 차례가 있어요 (open stories go on)", len(story_ids), wrong, stuck)


def phases_end() -> Finding:
    """No phase goes on when its time is up."""
    query = select(Turn.id, Turn.closes_at).where(
        Turn.phase.in_(rules.OPEN_PHASES), Turn.closes_at.is_not(None)
    )
    rows = session.execute(query.order_by(Turn.id)).all()
    moment = clock.now() - GRACE
    late = [turn_id for turn_id, closes_at in rows if closes_at and closes_at < moment]
    wrong = [f"차례 {turn_id} (turn): 때가 지났는데 닫히지 않았어요. (overdue)" for turn_id in late]
    return Finding("단계마다 제때 끝나요 (phases end in time)", len(rows), wrong, late)
