"""What must hold on every site, checked against its database and its storage as they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from sqlalchemy import func, or_, select

from model import seal
from webapp import clock, storage
from webapp.core.audit import queries as audit
from webapp.core.audit.models import AuditEntry
from webapp.core.library.models import Novel
from webapp.core.stories import queries as stories
from webapp.core.stories import rules as relay
from webapp.core.stories.models import Passage, Turn
from webapp.core.training.models import Checkpoint, Run
from webapp.core.voting import queries as voting
from webapp.core.voting import rules as voting_rules
from webapp.core.voting import tallies
from webapp.core.voting.models import Poll
from webapp.db import session
from webapp.errors import Unavailable
from webapp.jobs import LIVING, Job

WRITTEN = (relay.HUMAN, relay.MACHINE)
"""The kinds of turns that end with a passage."""


@dataclass(frozen=True)
class Finding:
    """What a check came to: how many things it looked at, and a line for each that is wrong.

    `subjects` are the ids of what is wrong, where a rule allows mending it.
    """

    name: str
    looked_at: int
    wrong: list[str]
    subjects: list[int] = field(default_factory=list)


def turns_have_passages() -> Finding:
    """Each turn of people or of the writer that is done has one passage, and no other turn has any."""
    passages = func.count(Passage.id)
    query = select(Turn.id, Turn.kind, Turn.phase, passages).outerjoin(Passage, Passage.turn_id == Turn.id)
    rows = session.execute(query.group_by(Turn.id, Turn.kind, Turn.phase).order_by(Turn.id)).all()
    wrong = [
        f"차례 {turn_id} (turn, {kind}, {phase}): 대목 {count}개 ({count} passages)"
        for turn_id, kind, phase, count in rows
        if count != (kind in WRITTEN and phase == relay.DONE)
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
    seed = voting_rules.seed_of(poll.secret)
    options = voting.countable(voting.options_of(poll.id))
    ballots = voting.standing_ballots(poll.id).values()
    counted = tallies.tally(
        poll.method, options, ballots, seed=seed, winners=poll.winners, quorum=poll.quorum
    )
    result = {**counted.to_values(), "seed": seed}
    hashes = voting_rules.hash_seed(seed), voting_rules.hash_result(result)
    return poll.result == result and (poll.seed_hash, poll.result_hash) == hashes


def audit_unbroken() -> Finding:
    """No entry of the audit log was changed, put in or taken out."""
    count = session.scalar(select(func.count()).select_from(AuditEntry)) or 0
    wrong = [f"기록 {entry_id} (entry): 사슬이 끊겼어요. (broken link)" for entry_id in audit.broken_links()]
    return Finding("운영 기록의 사슬이 이어져 있어요 (audit chain)", count, wrong)


def checkpoints_whole() -> Finding:
    """Each checkpoint's files are there and are what was saved."""
    rows = session.execute(select(Checkpoint.id, Checkpoint.sha256).order_by(Checkpoint.id)).all()
    wrong = [
        f"두뇌 {checkpoint_id} (checkpoint): {trouble}"
        for checkpoint_id, digest in rows
        if (trouble := _trouble_with_checkpoint(digest))
    ]
    return Finding("작가 AI의 두뇌 파일이 온전해요 (checkpoints)", len(rows), wrong)


def _trouble_with_checkpoint(digest: str) -> str:
    try:
        seal.verify(storage.checkpoint_folder(digest), sha256=digest)
    except (Unavailable, FileNotFoundError):
        return "파일이 없어요. (lost)"
    except seal.CheckpointDamaged as error:
        return f"파일이 망가졌어요. ({error})"
    return ""


def texts_whole() -> Finding:
    """Each text that a novel or a run speaks of is there and is what was kept."""
    digests = set(session.scalars(select(Novel.sha256)))
    for lessons in session.scalars(select(Run.lessons)):
        digests |= {lesson["text_sha256"] for lesson in lessons if lesson.get("text_sha256")}
    wrong = [
        f"글 {digest[:12]}… (text): 없거나 망가졌어요. (lost or damaged)"
        for digest in sorted(digests)
        if not _text_is_whole(digest)
    ]
    return Finding("보관한 글이 온전해요 (texts)", len(digests), wrong)


def _text_is_whole(digest: str) -> bool:
    try:
        storage.text(digest)
    except Unavailable:
        return False
    return True


def passages_come_out_the_same() -> Finding:
    """Each passage that the writer wrote again, when nothing that it computes with had changed, came out the same."""
    query = select(Job).where(Job.kind == "rewrite_passage", Job.state == "done").order_by(Job.id)
    newest = {job.subject_id: job.result or {} for job in session.scalars(query)}
    wrong = [
        f"대목 {passage_id} (passage): 다시 쓰면 {result['differs_at']}번째 글자부터 달라요. (comes out otherwise)"
        for passage_id, result in newest.items()
        if not result["same"] and not result["changed"]
    ]
    return Finding("다시 써 본 대목이 그대로예요 (passages written again)", len(newest), wrong)


def stories_go_on() -> Finding:
    """Each open story has an open turn."""
    story_ids = stories.open_story_ids()
    stuck = [story_id for story_id in story_ids if not stories.open_turns(story_id)]
    wrong = [f"이야기 {story_id} (story): 열린 차례가 없어요. (no open turn)" for story_id in stuck]
    return Finding("이야기마다 열린 차례가 있어요 (open stories go on)", len(story_ids), wrong, stuck)


def working_turns_have_jobs() -> Finding:
    """Each turn in which the writer works has a job that is alive, or has failed and is about to be dealt with."""
    query = (
        select(Turn.id, Job.state).outerjoin(Job, Job.id == Turn.job_id).where(Turn.phase == relay.WORKING)
    )
    rows = session.execute(query.order_by(Turn.id)).all()
    wrong = [
        f"차례 {turn_id} (turn): 작가 AI의 작업이 {'사라졌어요. (job lost)' if state is None else '끝났는데 이어지지 않았어요. (job over)'}"
        for turn_id, state in rows
        if state not in (*LIVING, "failed")
    ]
    return Finding("작가 AI의 차례마다 작업이 있어요 (working turns have jobs)", len(rows), wrong)


def leases_hold() -> Finding:
    """No running job has been left by its worker."""
    running = select(func.count()).select_from(Job).where(Job.state == "running")
    left = or_(Job.lease_until.is_(None), Job.lease_until < clock.now())
    lapsed = session.scalars(select(Job.id).where(Job.state == "running", left).order_by(Job.id)).all()
    wrong = [f"작업 {job_id} (job): 맡은 컴퓨터가 멈추었어요. (its worker is gone)" for job_id in lapsed]
    return Finding(
        "하는 작업마다 일꾼이 있어요 (running jobs)", session.scalar(running) or 0, wrong, list(lapsed)
    )


CHECKS: tuple[Callable[[], Finding], ...] = (
    turns_have_passages,
    passages_in_sequence,
    polls_recount,
    audit_unbroken,
    checkpoints_whole,
    texts_whole,
    passages_come_out_the_same,
    stories_go_on,
    working_turns_have_jobs,
    leases_hold,
)
