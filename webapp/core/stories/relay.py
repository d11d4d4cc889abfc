"""How a story is moved on: each phase ended by the rule, within a transaction that has locked the story."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from webapp import clock, jobs
from webapp.core.stories import lessons, queries, rules, settling, turns
from webapp.core.stories.models import Nomination, Passage, Turn
from webapp.core.stories.rules import Standing, Step
from webapp.core.training import queries as training_queries
from webapp.core.training import service as training
from webapp.core.voting import queries as voting_queries
from webapp.core.voting import service as voting
from webapp.core.voting.service import NewOption
from webapp.errors import N_

NO_NOVELS = N_("추천되어 승인된 원작이 없어 이번 차례는 그냥 지나갔어요.")
NO_DRAFTS = N_("초안을 낸 사람이 없어 작가 AI의 차례로 넘어갔어요.")
WORK_CANCELLED = N_("운영자가 작가 AI의 일을 그만두게 해서 다음 차례로 넘어갔어요.")
WRITER_FAILED = N_("작가 AI가 이번에는 쓰지 못했어요. 다음 차례로 넘어갔어요.")


def advance_if_due(turn: Turn) -> Step | None:
    """Move a turn on if its phase is over; a working turn only when its job has failed for good."""
    if turn.phase == rules.WORKING:
        job = jobs.get(turn.job_id) if turn.job_id else None
        if job is not None and job.state in jobs.LIVING:
            return None
        turns.void(turn, WRITER_FAILED)
        return Step.VOID
    settings = queries.settings_of(turn.story)
    ballots = [voting_queries.ballot_count(poll.id) for poll in turns.open_polls(turn)]
    if not rules.is_over(turn.closes_at, clock.now(), ballots, settings.enough_ballots):
        return None
    return advance(turn, by_moderator=False)


def advance(turn: Turn, *, by_moderator: bool) -> Step:
    """End the phase of a turn by the rule; returns what happened."""
    step = rules.next_step(_standing(turn, by_moderator))
    if step is Step.EXTEND:
        _extend(turn)
    elif step is Step.OPEN_CHOICE:
        _open_choice(turn)
    elif step is Step.WORK:
        start_writing(turn, close_wishes(turn))
    elif step is Step.VOID:
        turns.void(turn, NO_NOVELS if turn.kind == rules.SOURCE else NO_DRAFTS)
    else:
        settling.settle(turn)
    return step


def _standing(turn: Turn, by_moderator: bool) -> Standing:
    handed_in = 0
    if turn.kind == rules.SOURCE:
        handed_in = len(_readable_nominations(turn))
    elif turn.kind == rules.HUMAN:
        handed_in = len(queries.drafts(turn.id))
    ballots = max((voting_queries.ballot_count(poll.id) for poll in turns.open_polls(turn)), default=0)
    quorum = queries.settings_of(turn.story).quorum
    return Standing(turn.kind, turn.phase, handed_in, ballots, quorum, turn.extended, by_moderator)


def _readable_nominations(turn: Turn) -> list[Nomination]:
    return [
        nomination for nomination in queries.nominations(turn.id) if nomination.novel.status == "approved"
    ]


def _extend(turn: Turn) -> None:
    settings = queries.settings_of(turn.story)
    collecting = turn.phase == rules.COLLECTING
    seconds = settings.collecting_seconds if collecting else settings.choosing_seconds
    turn.extended, turn.closes_at = True, clock.now() + timedelta(seconds=seconds)
    for poll in turns.open_polls(turn):
        voting.extend(poll.id, turn.closes_at)
    turns.tell_phase(turn)


def _open_choice(turn: Turn) -> None:
    """From collecting to choosing: a poll over what people handed in."""
    if turn.kind == rules.SOURCE:
        novels = [nomination.novel for nomination in _readable_nominations(turn)]
        options = [
            NewOption(f"{novel.title} — {novel.author}"[:200], subject_id=novel.id) for novel in novels
        ]
        kind, winners = "source", queries.settings_of(turn.story).winning_novels
    else:
        options = turns.draft_options(queries.drafts(turn.id))
        kind, winners = "passage", 1
    turns.start_choosing(turn, kind, options, winners)


def close_wishes(turn: Turn) -> dict[str, Any]:
    """Close the two polls of a machine turn: the keywords and the length that were voted, or none and the default."""
    wishes: dict[str, Any] = {"keywords": [], "length": queries.settings_of(turn.story).default_length}
    polls = queries.polls_of(turn.id)
    if "keyword" in polls:
        keyword = voting.close_poll(polls["keyword"].id)
        labels = {option.id: option.label for option in keyword.options}
        wishes["keywords"] = [labels[option_id] for option_id in (keyword.result or {}).get("winners", [])]
    if "length" in polls:
        length = voting.close_poll(polls["length"].id)
        wishes["length"] = (length.result or {}).get("value") or wishes["length"]
    return {**wishes, "keywords": rules.keywords_that_fit(wishes["keywords"], wishes["length"])}


def start_writing(
    turn: Turn, wishes: dict[str, Any], *, passage: Passage | None = None, is_first: bool | None = None
) -> None:
    """Let the writer learn from the winning content and write: the put_Human_txt flow of this turn.

    `passage` is the human passage to learn from, by default the story's newest; `is_first` starts again from the base
    checkpoint with a fresh memory, by default when the story has no checkpoint of its own.
    """
    story = turn.story
    passage = passage or queries.newest_human_passage(story.id)
    first = story.checkpoint_id is None if is_first is None else is_first
    base = training_queries.newest_base()
    parent_id = (base.id if base else None) if first else story.checkpoint_id
    turn.about_passage_id = passage.id if passage else None
    turn.outcome = {**turn.outcome, **wishes, "is_first": first}
    run = training.request_run(
        purpose="passage",
        parent_id=parent_id,
        lessons=lessons.for_passage(story, passage, parent_id),
        seed=secrets.randbelow(2**31),
        story_id=story.id,
        turn_id=turn.id,
    )
    turn.run_id = run.id
    turns.start_working(turn, "put_human_txt")
