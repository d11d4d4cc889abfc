"""What a turn is made of: opening it, its polls, letting the writer work, publishing, ending it.

Everything here happens within a transaction that has locked the story.
"""

from __future__ import annotations

import secrets
from datetime import timedelta

from webapp import clock, events, jobs
from webapp.core.stories import queries, rules
from webapp.core.stories.models import Draft, Passage, Story, Turn, TurnPoll
from webapp.core.voting import service as voting
from webapp.core.voting.models import Poll
from webapp.core.voting.service import NewOption
from webapp.db import session


def open_next_turn(story: Story) -> Turn | None:
    """Open the turn that comes next, unless another one is still open."""
    if story.status != "open" or queries.open_turns(story.id):
        return None
    settings = queries.settings_of(story)
    return open_turn(story, rules.next_kind(queries.turn_kinds(story.id), settings.source_every))


def open_turn(story: Story, kind: str) -> Turn:
    """Open a turn of this kind, collecting; a machine turn with its two polls."""
    settings = queries.settings_of(story)
    closes_at = clock.now() + timedelta(seconds=settings.collecting_seconds)
    turn = add_turn(story, kind)
    turn.closes_at = closes_at
    if kind == rules.MACHINE:
        lengths = [NewOption(f"{length}자", value=length) for length in settings.lengths]
        open_poll(turn, "keyword", winners=settings.winning_keywords)
        open_poll(turn, "length", winners=1, method="median", options=lengths)
    tell_phase(turn)
    return turn


def add_turn(story: Story, kind: str) -> Turn:
    """The row of a new turn, collecting and without a deadline yet."""
    turn = Turn(
        story_id=story.id,
        seq=queries.last_turn_seq(story.id) + 1,
        kind=kind,
        phase=rules.COLLECTING,
        opened_at=clock.now(),
    )
    session.add(turn)
    session.flush()
    return turn


def open_poll(
    turn: Turn, kind: str, *, winners: int, method: str = "approval", options: list[NewOption] | None = None
) -> Poll:
    """Open a poll of this turn that closes with its phase."""
    assert turn.closes_at is not None
    poll = voting.open_poll(
        story_id=turn.story_id,
        kind=kind,
        method=method,
        winners=winners,
        closes_at=turn.closes_at,
        options=options or [],
        quorum=queries.settings_of(turn.story).quorum,
    )
    session.add(TurnPoll(poll_id=poll.id, turn_id=turn.id, kind=kind))
    session.flush()
    return poll


def tell_phase(turn: Turn) -> None:
    """Record that a turn's phase has changed."""
    payload = {"turn_id": turn.id, "kind": turn.kind, "phase": turn.phase, "job_id": turn.job_id}
    closes_at = turn.closes_at.isoformat() if turn.closes_at else None
    events.record(turn.story_id, "phase", {**payload, "closes_at": closes_at})


def draft_options(drafts: list[Draft]) -> list[NewOption]:
    """Options for drafts in an order that tells nothing about them, so that no draft gains by its place."""
    shuffled = list(drafts)
    secrets.SystemRandom().shuffle(shuffled)
    return [NewOption(f"초안 {place}", subject_id=draft.id) for place, draft in enumerate(shuffled, start=1)]


def start_choosing(turn: Turn, kind: str, options: list[NewOption], winners: int) -> None:
    """Open the poll in which people choose."""
    settings = queries.settings_of(turn.story)
    method = settings.source_method if kind == "source" else settings.passage_method
    turn.phase, turn.extended = rules.CHOOSING, False
    turn.closes_at = clock.now() + timedelta(seconds=settings.choosing_seconds)
    open_poll(turn, kind, winners=winners, method=method, options=options)
    tell_phase(turn)


def start_working(turn: Turn, kind: str) -> None:
    """Ask a worker for this turn's job. One who writes for the second time has nothing more to learn."""
    turn.phase, turn.closes_at, turn.extended = rules.WORKING, None, False
    queue = jobs.WRITING if turn.writings else jobs.TRAINING
    turn.job_id = jobs.request(kind, turn.id, story_id=turn.story_id, queue=queue).id
    tell_phase(turn)


def open_polls(turn: Turn) -> list[Poll]:
    """The polls that are open in the turn's phase."""
    return [poll for poll in queries.polls_of(turn.id).values() if poll.status == "open"]


def publish(turn: Turn, draft: Draft, note: str) -> Passage:
    """Append the draft to its story as the next passage; the turn is done."""
    passage = Passage(
        story_id=turn.story_id,
        seq=queries.last_passage_seq(turn.story_id) + 1,
        turn_id=turn.id,
        draft_id=draft.id,
        author_type=draft.author_type,
        account_id=draft.account_id,
        text=draft.text,
        checkpoint_id=turn.story.checkpoint_id if draft.author_type == "AI" else None,
        note=note,
        published_at=clock.now(),
    )
    session.add(passage)
    session.flush()
    payload = {"id": passage.id, "seq": passage.seq, "author_type": passage.author_type}
    events.record(turn.story_id, "passage", payload)
    end(turn, rules.DONE)
    return passage


def void(turn: Turn, note: str) -> None:
    """End a turn that led to nothing, saying why."""
    for poll in open_polls(turn):
        voting.close_poll(poll.id)
    turn.outcome = {**turn.outcome, "note": note}
    end(turn, rules.VOID)


def end(turn: Turn, phase: str) -> None:
    """The turn is over; the next one opens."""
    turn.phase, turn.closes_at, turn.finished_at = phase, None, clock.now()
    session.flush()
    tell_phase(turn)
    open_next_turn(turn.story)
