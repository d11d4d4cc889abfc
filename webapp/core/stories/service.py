"""What people, moderators, the relay clock and the workers do to a story."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select

from webapp import clock, events, jobs
from webapp.core.accounts import service as accounts
from webapp.core.accounts.models import Account
from webapp.core.audit import service as audit
from webapp.core.library import queries as library
from webapp.core.screening import rules as screening
from webapp.core.stories import queries, relay, rules, turns
from webapp.core.stories.models import Draft, Nomination, Passage, Story, Turn
from webapp.core.training import queries as training
from webapp.core.voting import service as voting
from webapp.core.voting.service import NewOption
from webapp.db import locked, session, transaction
from webapp.errors import N_, Conflict
from webapp.jobs import Job

DRAFT_LEAST, DRAFT_MOST = 20, 2000
NONE_OF_THESE = N_("이 중에는 없어요")


def create_story(
    title: str, premise: str, opening: str, settings: Mapping[str, Any], *, actor: Account | None
) -> Story:
    """Begin a story with its first passage and open its first turn; moderators only (None: the system)."""
    actor_id = None if actor is None else accounts.require(actor, "moderator").id
    screening.check_label(title, field="title", most=80)
    screening.check_prose(premise, field="premise", least=1, most=1000)
    screening.check_prose(opening, field="opening", least=DRAFT_LEAST, most=5000)
    values = rules.StorySettings.from_values(settings).to_values()
    with transaction():
        story = Story(
            title=title, premise=premise, settings=values, created_by=actor_id, created_at=clock.now()
        )
        session.add(story)
        session.flush()
        first = Passage(story_id=story.id, seq=1, author_type="HUMAN", account_id=actor_id, text=opening)
        first.published_at = clock.now()
        session.add(first)
        session.flush()
        audit.append("create-story", "story", story.id, {"title": title}, actor_id=actor_id)
        turns.open_next_turn(story)
        return story


def _locked_turn(turn_id: int) -> Turn:
    """The turn, with its story and itself locked until the transaction ends."""
    story_id = queries.get_turn(turn_id).story_id
    session.scalars(locked(select(Story).where(Story.id == story_id))).one()
    turn: Turn = session.scalars(locked(select(Turn).where(Turn.id == turn_id))).one()
    return turn


def nominate(turn_id: int, novel_id: int, actor: Account | None) -> Nomination:
    """Nominate a novel for a source turn; nominating it again changes nothing."""
    actor_id = accounts.require(actor, "participant").id
    with transaction():
        turn = _locked_turn(turn_id)
        rules.check_collecting(turn.kind, turn.phase, turn.closes_at, clock.now(), needed=rules.SOURCE)
        novel = library.get(novel_id)
        if novel.status not in ("pending", "approved"):
            raise Conflict(
                "novel-not-available", N_("서재에서 내려간 작품이에요. 다른 작품을 추천해 주세요.")
            )
        nomination = session.get(Nomination, (turn.id, novel.id))
        if nomination is None:
            nomination = Nomination(
                turn_id=turn.id, novel_id=novel.id, account_id=actor_id, nominated_at=clock.now()
            )
            session.add(nomination)
            session.flush()
            turns.tell_phase(turn)
        return nomination


def hand_in_draft(turn_id: int, text: str, actor: Account | None) -> Draft:
    """Hand in a draft for a human turn; a person's second one takes the place of the first."""
    actor_id = accounts.require(actor, "participant").id
    screening.check_prose(text, field="text", least=DRAFT_LEAST, most=DRAFT_MOST)
    with transaction():
        turn = _locked_turn(turn_id)
        rules.check_collecting(turn.kind, turn.phase, turn.closes_at, clock.now(), needed=rules.HUMAN)
        draft = queries.own_draft(turn.id, actor_id)
        if draft is not None and draft.status == "removed":
            raise Conflict(
                "draft-removed", N_("운영자가 이번 차례의 초안을 내렸어요. 다음 차례에 다시 써 주세요.")
            )
        if draft is None:
            draft = Draft(turn_id=turn.id, author_type="HUMAN", account_id=actor_id, created_at=clock.now())
            session.add(draft)
        draft.text, draft.status, draft.flags = text, "offered", screening.flags(text)
        session.flush()
        turns.tell_phase(turn)
        return draft


def withdraw_draft(turn_id: int, actor: Account | None) -> None:
    """Take one's own draft back while drafts are collected."""
    actor_id = accounts.require(actor, "participant").id
    with transaction():
        turn = _locked_turn(turn_id)
        rules.check_collecting(turn.kind, turn.phase, turn.closes_at, clock.now(), needed=rules.HUMAN)
        draft = queries.own_draft(turn.id, actor_id)
        if draft is not None and draft.status == "offered":
            draft.status = "withdrawn"
            turns.tell_phase(turn)


def close_phase(turn_id: int, actor: Account | None) -> Turn:
    """End the phase of a turn now; moderators only. Raises Conflict while the writer works or when it is over."""
    actor_id = accounts.require(actor, "moderator").id
    with transaction():
        turn = _locked_turn(turn_id)
        rules.check_can_close(turn.phase)
        phase = turn.phase
        step = relay.advance(turn, by_moderator=True)
        detail = {"title": turn.story.title, "phase": phase, "step": str(step)}
        audit.append("close-phase", "turn", turn.id, detail, actor_id=actor_id)
        return turn


def put_human_txt(contents_id: int, is_first: bool) -> Job:
    """Let the writer learn from a human passage and write what comes next; returns the job.

    The same flow as a machine turn's: if one is collecting, it starts working now; else a machine turn of its own is
    opened for it. Asking again while the job lives gives the same job. Raises NotFound, and Conflict for a passage
    that the writer wrote.
    """
    with transaction():
        passage = queries.get_passage(contents_id)
        if passage.author_type != "HUMAN" or passage.hidden_at is not None:
            raise Conflict(
                "not-human-text", N_("사람이 쓴 대목이 아니에요. 사람이 쓴 대목의 번호를 보내 주세요.")
            )
        story = session.scalars(locked(select(Story).where(Story.id == passage.story_id))).one()
        open_turns = queries.open_turns(story.id)
        for turn in open_turns:
            job = jobs.get(turn.job_id) if turn.job_id and turn.about_passage_id == passage.id else None
            if job is not None and job.state in jobs.LIVING:
                return job
        waiting = (
            turn for turn in open_turns if turn.kind == rules.MACHINE and turn.phase == rules.COLLECTING
        )
        turn = next(waiting, None) or turns.add_turn(story, rules.MACHINE)
        wishes = relay.close_wishes(turn)
        relay.start_writing(turn, wishes, passage=passage, is_first=is_first)
        assert turn.job_id is not None
        return jobs.get(turn.job_id)


def ask_to_rewrite(passage_id: int, actor: Account | None) -> Job:
    """The same as `rewrite_passage`, for participants: once for each passage, unless it failed."""
    accounts.require(actor, "participant")
    with transaction():
        last = queries.rewriting_of(queries.get_passage(passage_id))
        return last if last is not None and last.state != "failed" else rewrite_passage(passage_id)


def rewrite_passage(passage_id: int) -> Job:
    """Let the writer write a passage of its own again, to see that it comes out the same; returns the job, which is the
    same one as long as it lives. Raises NotFound, and Conflict for a passage that the writer did not write."""
    with transaction():
        passage = queries.get_passage(passage_id)
        if "request" not in queries.details_of(passage):
            raise Conflict(
                "not-written-by-ai",
                N_("작가 AI가 쓴 대목이 아니라서 다시 써 볼 수 없어요. 작가 AI의 대목을 골라 주세요."),
            )
        living = jobs.living("rewrite_passage", passage.id)
        return living or jobs.request(
            "rewrite_passage", passage.id, story_id=passage.story_id, queue=jobs.REWRITING
        )


def tick() -> list[str]:
    """Close every phase whose time is up, each story in a transaction of its own; says what was done."""
    done = []
    for story_id in queries.due_story_ids():
        with transaction():
            story = session.scalars(locked(select(Story).where(Story.id == story_id))).one()
            turns.open_next_turn(story)
            for turn in queries.open_turns(story_id):
                step = relay.advance_if_due(turn)
                if step is not None:
                    done.append(f"story {story_id} turn {turn.id} {turn.kind}: {step}")
    return done


@dataclass(frozen=True)
class WritingOrder:
    """What a worker needs for a turn's job.

    `run_id` is the run to learn in, or None when it has been learned already; `checkpoint_id` the checkpoint to write
    with then. `newest_id` is the story's newest checkpoint, which the run goes on from; None where it begins again.
    `styles` are the novels' shares of the style mix. The memory is made fresh where `fresh_memory` says so and moves on
    over `read`; the drafts go on from it and from `prompt`.
    """

    story_id: int
    turn_id: int
    run_id: int | None
    checkpoint_id: int | None
    newest_id: int | None
    read: str
    prompt: str
    keywords: tuple[str, ...]
    characters: int
    drafts: int
    styles: dict[int, float]
    seed: int
    fresh_memory: bool


@dataclass(frozen=True)
class WrittenDraft:
    """A draft that the writer wrote; `details` hold all that is needed to write it again, and what was measured."""

    text: str
    details: dict[str, Any]


def writing_order(turn_id: int) -> WritingOrder:
    """What is to be done for a working turn."""
    turn = queries.get_turn(turn_id)
    story, settings = turn.story, queries.settings_of(turn.story)
    assert turn.run_id is not None
    run = training.run(turn.run_id)
    passages = {passage.seq: passage.text for passage in queries.newest_passages(story.id, 50)}
    fresh = bool(turn.outcome.get("is_first"))
    read_up_to = 0 if fresh else queries.seq_read_up_to(turn)
    about = queries.get_passage(turn.about_passage_id).seq if turn.about_passage_id else read_up_to
    read, prompt = rules.split_reading(passages, read_up_to, about)
    return WritingOrder(
        story_id=story.id,
        turn_id=turn.id,
        run_id=None if run.checkpoint_id else run.id,
        checkpoint_id=run.checkpoint_id,
        newest_id=None if fresh else story.checkpoint_id,
        read=read,
        prompt=prompt,
        keywords=tuple(turn.outcome.get("keywords", ())),
        characters=turn.outcome.get("length", settings.default_length),
        drafts=settings.drafts if settings.vote_on_passage else 1,
        styles={int(novel_id): share for novel_id, share in story.style_mix.items()},
        seed=run.seed + turn.writings,
        fresh_memory=fresh,
    )


def finish_reading(job_id: int, epoch: int, checkpoint_id: int) -> None:
    """The writer has read a source turn's novels: the story goes on with the new checkpoint. Raises LostLease."""
    with transaction():
        turn = _working_turn(job_id, epoch)
        turn.story.style_mix = turn.outcome["style_mix"]
        _take_checkpoint(turn, checkpoint_id)
        jobs.finish(job_id, epoch, {"turn_id": turn.id, "checkpoint_id": checkpoint_id})
        turns.end(turn, rules.DONE)


def finish_writing(job_id: int, epoch: int, checkpoint_id: int, drafts: list[WrittenDraft]) -> None:
    """The writer has written: its drafts, best first, go to the vote, or the best is published where the story has no
    vote on passages. Raises LostLease."""
    with transaction():
        turn = _working_turn(job_id, epoch)
        _take_checkpoint(turn, checkpoint_id)
        rows = [_add_draft(turn, draft, rank) for rank, draft in enumerate(drafts)]
        session.flush()
        turn.writings += 1
        result = {"turn_id": turn.id, "checkpoint_id": checkpoint_id, "draft_ids": [row.id for row in rows]}
        passage_id = None
        if queries.settings_of(turn.story).vote_on_passage:
            options = [*turns.draft_options(rows), NewOption(NONE_OF_THESE, is_none=True)]
            turns.start_choosing(turn, "passage", options, winners=1)
        else:
            passage_id = turns.publish(turn, rows[0], "").id
        jobs.finish(job_id, epoch, {**result, "passage_id": passage_id})


def _working_turn(job_id: int, epoch: int) -> Turn:
    """The turn of a job that this epoch still holds, locked; raises LostLease."""
    turn = _locked_turn(jobs.get(job_id).subject_id)
    jobs.held(job_id, epoch)
    if turn.job_id != job_id or turn.phase != rules.WORKING:
        raise jobs.LostLease(job_id)
    return turn


def cancel_job(job_id: int) -> Job:
    """End a job that waits or runs. For `moderation`, within its transaction.

    A turn that waits for it passes by, saying why, and the next one opens; anything else may be asked for again. Raises
    NotFound, and Conflict when the job is over.
    """
    waiting = queries.turn_of_job(job_id)
    turn = _locked_turn(waiting.id) if waiting else None
    job = jobs.cancel(job_id)
    if turn is not None and turn.phase == rules.WORKING and turn.job_id == job_id:
        turns.void(turn, relay.WORK_CANCELLED)
    return job


def _take_checkpoint(turn: Turn, checkpoint_id: int) -> None:
    if turn.story.checkpoint_id != checkpoint_id:
        turn.story.checkpoint_id = checkpoint_id
        events.record(turn.story_id, "checkpoint", {"checkpoint_id": checkpoint_id})


def _add_draft(turn: Turn, written: WrittenDraft, rank: int) -> Draft:
    draft = Draft(turn_id=turn.id, author_type="AI", text=written.text, created_at=clock.now())
    draft.details = {**written.details, "rank": rank}
    session.add(draft)
    return draft


def hide_passage(passage_id: int, reason: str | None) -> Passage:
    """Hide a passage, or show it again with None; its place stays. For `moderation`, within its transaction."""
    wanted = select(Passage).where(Passage.id == queries.get_passage(passage_id).id)
    passage: Passage = session.scalars(locked(wanted)).one()
    passage.hidden_at = None if reason is None else clock.now()
    passage.hidden_reason = reason or ""
    payload = {"id": passage.id, "seq": passage.seq, "hidden": reason is not None}
    events.record(passage.story_id, "passage", payload)
    return passage


def remove_draft(draft_id: int) -> Draft:
    """Take a draft out of its turn and its poll. For `moderation`, within its transaction."""
    turn = _locked_turn(queries.get_draft(draft_id).turn_id)
    draft = queries.get_draft(draft_id)
    draft.status = "removed"
    poll = queries.polls_of(turn.id).get("passage")
    if poll is not None and poll.status == "open":
        voting.strike_option(poll.id, draft.id)
    turns.tell_phase(turn)
    return draft
