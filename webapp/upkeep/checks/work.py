"""Jobs: what the writer was asked to do, and what came of it."""

from __future__ import annotations

from collections import Counter

from sqlalchemy import func, or_, select

from webapp import clock
from webapp.core.stories import rules as relay
from webapp.core.stories.models import Draft, Turn
from webapp.db import session
from webapp.jobs import LIVING, TRAINING, Job
from webapp.upkeep.checks.finding import Finding


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


def jobs_left_what_they_say() -> Finding:
    """Each job in which the writer wrote left the drafts that it names, and each draft of the writer's comes from one
    such job."""
    named: Counter[int] = Counter()
    for result in session.scalars(select(Job.result).where(Job.kind == "put_human_txt", Job.state == "done")):
        named.update((result or {}).get("draft_ids", ()))
    there = Counter(session.scalars(select(Draft.id).where(Draft.author_type == "AI")))
    wrong = [
        f"초안 {draft_id} (draft): 쓴 작업이 {named[draft_id]}개, 초안이 {there[draft_id]}개예요. (drafts and jobs differ)"
        for draft_id in sorted(named | there)
        if named[draft_id] != there[draft_id]
    ]
    return Finding("작가 AI의 초안마다 쓴 작업이 하나예요 (one job for each draft)", len(there), wrong)


def one_training_at_a_time() -> Finding:
    """No story has two trainings that run."""
    query = select(Job.story_id, func.count()).where(Job.state == "running", Job.queue == TRAINING)
    rows = session.execute(query.where(Job.story_id.is_not(None)).group_by(Job.story_id)).all()
    wrong = [
        f"이야기 {story_id} (story): 학습 {count}개가 한꺼번에 돌아요. ({count} trainings at once)"
        for story_id, count in rows
        if count > 1
    ]
    return Finding("이야기마다 학습은 하나씩 해요 (one training at a time)", len(rows), wrong)


def working_turns_have_jobs() -> Finding:
    """Each turn in which the writer works has a job that is alive, or has failed and is about to be dealt with."""
    query = (
        select(Turn.id, Job.state).outerjoin(Job, Job.id == Turn.job_id).where(Turn.phase == relay.WORKING)
    )
    rows = session.execute(query.order_by(Turn.id)).all()
    left = {turn_id: state for turn_id, state in rows if state not in (*LIVING, "failed")}
    wrong = [
        f"차례 {turn_id} (turn): 작가 AI의 작업이 {'사라졌어요. (job lost)' if state is None else '끝났는데 이어지지 않았어요. (job over)'}"
        for turn_id, state in left.items()
    ]
    return Finding("작가 AI의 차례마다 작업이 있어요 (working turns have jobs)", len(rows), wrong, list(left))


def leases_hold() -> Finding:
    """No running job has been left by its worker."""
    running = select(func.count()).select_from(Job).where(Job.state == "running")
    left = or_(Job.lease_until.is_(None), Job.lease_until < clock.now())
    lapsed = session.scalars(select(Job.id).where(Job.state == "running", left).order_by(Job.id)).all()
    wrong = [f"작업 {job_id} (job): 맡은 컴퓨터가 멈추었어요. (its worker is gone)" for job_id in lapsed]
    return Finding(
        "하는 작업마다 일꾼이 있어요 (running jobs)", session.scalar(running) or 0, wrong, list(lapsed)
    )
