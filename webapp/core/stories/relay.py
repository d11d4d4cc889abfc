"""How a story is moved on: turns opened, phases ended, results settled. Called by `service.py` within a transaction
that has locked the story."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from webapp import clock, events, jobs
from webapp.core.library import queries as library
from webapp.core.stories import lessons, queries, rules
from webapp.core.stories.models import Draft, Passage, Story, Turn, TurnPoll
from webapp.core.stories.rules import Standing, Step
from webapp.core.training import queries as training_queries
from webapp.core.training import service as training
from webapp.core.voting import queries as voting_queries
from webapp.core.voting import service as voting
from webapp.core.voting.models import Poll
from webapp.core.voting.service import NewOption
from webapp.db import session
from webapp.errors import N_

NONE_OF_THESE = N_("이 중에는 없어요")
EARLIEST_NOVEL = N_("아무도 투표하지 않아, 가장 먼저 추천된 작품을 읽었어요.")
EARLIEST_DRAFT = N_("아무도 투표하지 않아, 가장 먼저 낸 초안을 실었어요.")
WRITERS_BEST = N_("아무도 투표하지 않아, 작가 AI가 스스로 가장 낫다고 본 초안을 실었어요.")
NO_NOVELS = N_("추천되어 승인된 원작이 없어 이번 차례는 그냥 지나갔어요.")
NO_DRAFTS = N_("초안을 낸 사람이 없어 작가 AI의 차례로 넘어갔어요.")
NONE_LIKED = N_("‘이 중에는 없어요’가 두 번 뽑혀 사람 차례로 넘어갔어요.")
REMOVED = N_("뽑힐 수 있는 것이 남지 않아 이번 차례는 그냥 지나갔어요.")
WRITER_FAILED = N_("작가 AI가 이번에는 쓰지 못했어요. 다음 차례로 넘어갔어요.")


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
    )
    session.add(TurnPoll(poll_id=poll.id, turn_id=turn.id, kind=kind))
    session.flush()
    return poll


def tell_phase(turn: Turn) -> None:
    """Record that a turn's phase has changed."""
    payload = {"turn_id": turn.id, "kind": turn.kind, "phase": turn.phase, "job_id": turn.job_id}
    closes_at = turn.closes_at.isoformat() if turn.closes_at else None
    events.record(turn.story_id, "phase", {**payload, "closes_at": closes_at})


def advance_if_due(turn: Turn) -> Step | None:
    """Move a turn on if its phase is over; a working turn only when its job has failed for good."""
    if turn.phase == rules.WORKING:
        job = jobs.get(turn.job_id) if turn.job_id else None
        if job is None or job.state != "failed":
            return None
        void(turn, WRITER_FAILED)
        return Step.VOID
    settings = queries.settings_of(turn.story)
    ballots = [voting_queries.ballot_count(poll.id) for poll in _phase_polls(turn)]
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
        void(turn, NO_NOVELS if turn.kind == rules.SOURCE else NO_DRAFTS)
    else:
        _SETTLE[turn.kind](turn)
    return step


def _standing(turn: Turn, by_moderator: bool) -> Standing:
    handed_in = {
        rules.SOURCE: lambda: len(_readable_nominations(turn)),
        rules.HUMAN: lambda: len(queries.drafts(turn.id)),
        rules.MACHINE: lambda: 0,
    }[turn.kind]()
    ballots = sum(voting_queries.ballot_count(poll.id) for poll in _phase_polls(turn))
    return Standing(turn.kind, turn.phase, handed_in, ballots, turn.extended, by_moderator)


def _phase_polls(turn: Turn) -> list[Poll]:
    """The polls that are open in the turn's phase."""
    return [poll for poll in queries.polls_of(turn.id).values() if poll.status == "open"]


def _readable_nominations(turn: Turn) -> list[Any]:
    return [
        nomination for nomination in queries.nominations(turn.id) if nomination.novel.status == "approved"
    ]


def _extend(turn: Turn) -> None:
    settings = queries.settings_of(turn.story)
    collecting = turn.phase == rules.COLLECTING
    seconds = settings.collecting_seconds if collecting else settings.choosing_seconds
    turn.extended, turn.closes_at = True, clock.now() + timedelta(seconds=seconds)
    for poll in _phase_polls(turn):
        voting.extend(poll.id, turn.closes_at)
    tell_phase(turn)


def _open_choice(turn: Turn) -> None:
    """From collecting to choosing: a poll over what people handed in."""
    if turn.kind == rules.SOURCE:
        novels = [nomination.novel for nomination in _readable_nominations(turn)]
        options = [
            NewOption(f"{novel.title} — {novel.author}"[:200], subject_id=novel.id) for novel in novels
        ]
        kind, winners = "source", queries.settings_of(turn.story).winning_novels
    else:
        options = draft_options(queries.drafts(turn.id))
        kind, winners = "passage", 1
    start_choosing(turn, kind, options, winners)


def draft_options(drafts: list[Draft]) -> list[NewOption]:
    """Options for drafts in an order that tells nothing about them, so that no draft gains by its place."""
    shuffled = list(drafts)
    secrets.SystemRandom().shuffle(shuffled)
    return [NewOption(f"초안 {place}", subject_id=draft.id) for place, draft in enumerate(shuffled, start=1)]


def start_choosing(turn: Turn, kind: str, options: list[NewOption], winners: int) -> None:
    """Open the poll in which people choose."""
    seconds = queries.settings_of(turn.story).choosing_seconds
    turn.phase, turn.extended = rules.CHOOSING, False
    turn.closes_at = clock.now() + timedelta(seconds=seconds)
    open_poll(turn, kind, winners=winners, options=options)
    tell_phase(turn)


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
    return wishes


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
    start_working(turn, "put_human_txt")


def start_working(turn: Turn, kind: str) -> None:
    """Ask a worker for this turn's job."""
    turn.phase, turn.closes_at, turn.extended = rules.WORKING, None, False
    turn.job_id = jobs.request(kind, turn.id, story_id=turn.story_id).id
    tell_phase(turn)


def _settle_source(turn: Turn) -> None:
    """The vote over novels is closed: the writer reads the winners, in the shares of their votes."""
    poll = voting.close_poll(queries.polls_of(turn.id)["source"].id)
    chosen = {option.id: option for option in poll.options if not option.struck}
    shares = {tally["option_id"]: tally["share"] for tally in poll.result["tallies"]} if poll.result else {}
    winners = poll.result["winners"] if poll.result else []
    note = ""
    if not winners and chosen:
        winners, note = [min(chosen)], EARLIEST_NOVEL
    novels = {chosen[option_id].subject_id: shares.get(option_id) or 1.0 for option_id in winners}
    novels = {
        novel_id: share for novel_id, share in novels.items() if library.get(novel_id).status == "approved"
    }
    if not novels:
        void(turn, REMOVED)
        return
    total = sum(novels.values())
    mix = {str(novel_id): share / total for novel_id, share in novels.items()}
    turn.outcome = {**turn.outcome, "style_mix": mix, "note": note}
    parent_id = lessons.parent_of(turn.story)
    run = training.request_run(
        purpose="source",
        parent_id=parent_id,
        lessons=lessons.for_novels({int(novel_id): share for novel_id, share in mix.items()}, parent_id),
        seed=secrets.randbelow(2**31),
        story_id=turn.story_id,
        turn_id=turn.id,
    )
    turn.run_id = run.id
    start_working(turn, "read_novels")


def _settle_human(turn: Turn) -> None:
    """The vote over people's drafts is closed: the winner is the next passage."""
    poll = voting.close_poll(queries.polls_of(turn.id)["passage"].id)
    draft, note = _winning_draft(turn, poll), ""
    if draft is None:
        draft, note = next(iter(queries.drafts(turn.id)), None), EARLIEST_DRAFT
    if draft is None:
        void(turn, REMOVED)
        return
    publish(turn, draft, note)


def _settle_machine(turn: Turn) -> None:
    """The vote over the writer's drafts is closed: the winner is the next passage, or it writes once more."""
    poll = voting.close_poll(queries.polls_of(turn.id)["passage"].id)
    draft, note = _winning_draft(turn, poll), ""
    none_won = bool(poll.result and poll.result["none_won"])
    if draft is None and not none_won:
        draft, note = _writers_best(turn), WRITERS_BEST
    if draft is not None:
        publish(turn, draft, note)
    elif none_won and turn.writings < rules.MOST_WRITINGS:
        for old in queries.drafts(turn.id):
            old.status = "withdrawn"
        start_working(turn, "put_human_txt")
    else:
        void(turn, NONE_LIKED if none_won else REMOVED)


_SETTLE = {rules.SOURCE: _settle_source, rules.HUMAN: _settle_human, rules.MACHINE: _settle_machine}


def _winning_draft(turn: Turn, poll: Poll) -> Draft | None:
    winners = poll.result["winners"] if poll.result else []
    subjects = {option.id: option.subject_id for option in poll.options}
    offered = {draft.id: draft for draft in queries.drafts(turn.id)}
    return next(
        (offered[subjects[option_id]] for option_id in winners if subjects[option_id] in offered), None
    )


def _writers_best(turn: Turn) -> Draft | None:
    """The offered draft that the writer itself ranks first: it hands them in from best to worst."""
    return min(queries.drafts(turn.id), key=lambda draft: draft.details["rank"], default=None)


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
    for poll in _phase_polls(turn):
        voting.close_poll(poll.id)
    turn.outcome = {**turn.outcome, "note": note}
    end(turn, rules.VOID)


def end(turn: Turn, phase: str) -> None:
    """The turn is over; the next one opens."""
    turn.phase, turn.closes_at, turn.finished_at = phase, None, clock.now()
    session.flush()
    tell_phase(turn)
    open_next_turn(turn.story)
