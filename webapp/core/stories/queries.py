"""Reading stories, turns, what was handed in, and passages."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlalchemy import and_, func, select

from webapp import clock, jobs
from webapp.core.stories.models import Draft, Nomination, Passage, Story, Turn, TurnPoll
from webapp.core.stories.rules import OPEN_PHASES, WORKING, StorySettings, is_over
from webapp.core.voting.models import Ballot, Poll
from webapp.db import session
from webapp.errors import N_, NotFound
from webapp.jobs import Job


def get_story(story_id: int) -> Story:
    """The story with this id; raises NotFound."""
    story = session.get(Story, story_id)
    if story is None:
        raise NotFound("no-such-story", N_("그런 이야기가 없어요. 이야기 목록에서 골라 주세요."))
    return story


def settings_of(story: Story) -> StorySettings:
    """How this story moves."""
    return StorySettings.from_values(story.settings)


def stories(*, after: int | None = None, limit: int = 50) -> list[Story]:
    """Stories, newest first; `after` is the id of the last one already seen."""
    query = select(Story).order_by(Story.id.desc()).limit(limit)
    if after is not None:
        query = query.where(Story.id < after)
    return list(session.scalars(query))


def get_turn(turn_id: int) -> Turn:
    """The turn with this id; raises NotFound."""
    turn = session.get(Turn, turn_id)
    if turn is None:
        raise NotFound("no-such-turn", N_("그런 차례가 없어요. 이야기에서 지금 차례를 찾아 주세요."))
    return turn


def open_turns(story_id: int) -> list[Turn]:
    """The turns of a story that are not over, first to last. There is one, but for a moment in which the legacy
    endpoint has asked the writer to go while people were at theirs."""
    query = select(Turn).where(Turn.story_id == story_id, Turn.phase.in_(OPEN_PHASES))
    return list(session.scalars(query.order_by(Turn.seq)))


def current_turn(story_id: int) -> Turn | None:
    """The first turn of a story that is not over."""
    turns = open_turns(story_id)
    return turns[0] if turns else None


def turns(story_id: int, *, before: int | None = None, limit: int = 20) -> list[Turn]:
    """The turns of a story, newest first; `before` is the seq of the last one already seen."""
    query = select(Turn).where(Turn.story_id == story_id)
    if before is not None:
        query = query.where(Turn.seq < before)
    return list(session.scalars(query.order_by(Turn.seq.desc()).limit(limit)))


def turn_kinds(story_id: int) -> list[str]:
    """The kinds of all turns of a story, in order."""
    return list(session.scalars(select(Turn.kind).where(Turn.story_id == story_id).order_by(Turn.seq)))


def polls_of(turn_id: int) -> dict[str, Poll]:
    """The polls of a turn by kind; where there are several of one kind, the newest."""
    query = select(TurnPoll.kind, Poll).join(Poll, Poll.id == TurnPoll.poll_id)
    rows = session.execute(query.where(TurnPoll.turn_id == turn_id).order_by(Poll.id))
    return {row.kind: row.Poll for row in rows}


def turn_of_poll(poll_id: int) -> Turn:
    """The turn that a poll belongs to; raises NotFound."""
    turn = session.scalars(select(Turn).join(TurnPoll).where(TurnPoll.poll_id == poll_id)).first()
    if turn is None:
        raise NotFound("no-such-poll", N_("그런 투표가 없어요."))
    return turn


def turn_of_job(job_id: int) -> Turn | None:
    """The turn that waits for a job."""
    return session.scalars(select(Turn).where(Turn.job_id == job_id)).first()


def nominations(turn_id: int) -> list[Nomination]:
    """What was nominated in a source turn, earliest first."""
    query = select(Nomination).where(Nomination.turn_id == turn_id)
    return list(session.scalars(query.order_by(Nomination.nominated_at, Nomination.novel_id)))


def get_draft(draft_id: int) -> Draft:
    """The draft with this id; raises NotFound."""
    draft = session.get(Draft, draft_id)
    if draft is None:
        raise NotFound("no-such-draft", N_("그런 초안이 없어요."))
    return draft


def drafts(turn_id: int) -> list[Draft]:
    """The drafts of a turn that are still offered, earliest first."""
    query = select(Draft).where(Draft.turn_id == turn_id, Draft.status == "offered")
    return list(session.scalars(query.order_by(Draft.created_at, Draft.id)))


def drafts_by_id(draft_ids: Sequence[int]) -> dict[int, Draft]:
    """The drafts with these ids."""
    return {draft.id: draft for draft in session.scalars(select(Draft).where(Draft.id.in_(draft_ids)))}


def own_draft(turn_id: int, account_id: int) -> Draft | None:
    """The draft that a person handed in for a turn, withdrawn or not."""
    return session.scalars(
        select(Draft).where(Draft.turn_id == turn_id, Draft.account_id == account_id)
    ).first()


def newest_drafts(limit: int = 50) -> list[Draft]:
    """People's newest offered drafts of turns that are not over, for moderators."""
    query = select(Draft).join(Turn).where(Draft.author_type == "HUMAN", Draft.status == "offered")
    return list(
        session.scalars(query.where(Turn.phase.in_(OPEN_PHASES)).order_by(Draft.id.desc()).limit(limit))
    )


def get_passage(passage_id: int) -> Passage:
    """The passage with this id; raises NotFound."""
    passage = session.get(Passage, passage_id)
    if passage is None:
        raise NotFound("no-such-passage", N_("그런 대목이 없어요."))
    return passage


def details_of(passage: Passage) -> dict[str, Any]:
    """What was kept of a passage when the writer wrote it: nothing for a person's."""
    return get_draft(passage.draft_id).details if passage.draft_id is not None else {}


def rewriting_of(passage: Passage) -> Job | None:
    """The last job in which the writer was to write a passage of its own again."""
    return jobs.newest("rewrite_passage", passage.id)


def passages(story_id: int, *, after: int = 0, limit: int = 200) -> list[Passage]:
    """The passages of a story in order, hidden ones included, from the one after `after` (a seq) on."""
    query = select(Passage).where(Passage.story_id == story_id, Passage.seq > after)
    return list(session.scalars(query.order_by(Passage.seq).limit(limit)))


def newest_passages(story_id: int, limit: int) -> list[Passage]:
    """The last visible passages of a story, in order."""
    query = select(Passage).where(Passage.story_id == story_id, Passage.hidden_at.is_(None))
    return list(session.scalars(query.order_by(Passage.seq.desc()).limit(limit)))[::-1]


def newest_human_passage(story_id: int) -> Passage | None:
    """The last visible passage of a story that a person wrote."""
    query = select(Passage).where(
        Passage.story_id == story_id, Passage.author_type == "HUMAN", Passage.hidden_at.is_(None)
    )
    return session.scalars(query.order_by(Passage.seq.desc())).first()


def passage_of_turn(turn_id: int) -> Passage | None:
    """The passage that a turn led to."""
    return session.scalars(select(Passage).where(Passage.turn_id == turn_id)).first()


def seq_read_up_to(turn: Turn) -> int:
    """Where the memory that a turn goes on with ends: before the passage that the last writing before it was about."""
    query = select(Passage.seq).join(Turn, Turn.about_passage_id == Passage.id)
    earlier = query.where(Turn.story_id == turn.story_id, Turn.seq < turn.seq, Turn.writings > 0)
    return session.scalars(earlier.order_by(Turn.seq.desc())).first() or 0


def last_passage_seq(story_id: int) -> int:
    """The place of the last passage; 0 where there is none."""
    return session.scalar(select(func.max(Passage.seq)).where(Passage.story_id == story_id)) or 0


def last_turn_seq(story_id: int) -> int:
    """The number of the last turn; 0 where there is none."""
    return session.scalar(select(func.max(Turn.seq)).where(Turn.story_id == story_id)) or 0


def open_story_ids() -> list[int]:
    """The ids of the stories that are going on."""
    return list(session.scalars(select(Story.id).where(Story.status == "open").order_by(Story.id)))


def due_story_ids() -> list[int]:
    """The ids of the stories in which something is to be done: no turn is open, or one is whose phase is over.

    Asked for all of them at once, and nothing is locked for it: mostly there is nothing to do.
    """
    moment, ballots = clock.now(), _ballots_by_turn()
    query = (
        select(Story.id, Story.settings, Turn.id, Turn.phase, Turn.closes_at, Job.state)
        .outerjoin(Turn, and_(Turn.story_id == Story.id, Turn.phase.in_(OPEN_PHASES)))
        .outerjoin(Job, Job.id == Turn.job_id)
        .where(Story.status == "open")
        .order_by(Story.id)
    )
    due: dict[int, None] = {}
    for story_id, values, turn_id, phase, closes_at, job_state in session.execute(query):
        enough = StorySettings.from_values(values).enough_ballots
        if phase == WORKING:
            is_due = job_state not in jobs.LIVING
        else:
            is_due = turn_id is None or is_over(closes_at, moment, ballots.get(turn_id, []), enough)
        if is_due:
            due[story_id] = None
    return list(due)


def _ballots_by_turn() -> dict[int, list[int]]:
    """How many ballots each open poll has, by the turn that it belongs to."""
    query = (
        select(TurnPoll.turn_id, func.count(Ballot.voter_id))
        .join(Poll, Poll.id == TurnPoll.poll_id)
        .outerjoin(Ballot, Ballot.poll_id == Poll.id)
        .where(Poll.status == "open")
        .group_by(TurnPoll.turn_id, Poll.id)
    )
    counted: dict[int, list[int]] = {}
    for turn_id, count in session.execute(query):
        counted.setdefault(turn_id, []).append(count)
    return counted
