"""What a written rule allows to be mended: the same as the relay clock does, which may not be running."""

from __future__ import annotations

from collections.abc import Callable

from webapp import jobs
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.upkeep import checks
from webapp.upkeep.checks import Finding

Check = Callable[[], Finding]


def mend(check: Check, finding: Finding) -> list[str]:
    """Mend what this check found, where a rule allows it; a line for each thing done."""
    remedy = REMEDIES.get(check)
    return remedy(finding.subjects) if remedy and finding.subjects else []


def _open_turns(story_ids: list[int]) -> list[str]:
    done = stories.tick()
    for story_id in story_ids:
        turn = queries.current_turn(story_id)
        if turn is not None:
            done.append(
                f"이야기 {story_id} (story): {turn.seq}번째 차례를 열었어요. (turn {turn.id}, {turn.kind}, is open)"
            )
    return done


def _ring_again(job_ids: list[int]) -> list[str]:
    jobs.ring_due()
    states = {job_id: jobs.get(job_id).state for job_id in job_ids}
    told = {
        "queued": "다시 줄을 세웠어요. (queued again)",
        "failed": "너무 여러 번 멈추어 그만두었어요. (failed: tried too often)",
    }
    return [f"작업 {job_id} (job): {told.get(state, state)}" for job_id, state in states.items()]


REMEDIES: dict[Check, Callable[[list[int]], list[str]]] = {
    checks.stories_go_on: _open_turns,
    checks.leases_hold: _ring_again,
}
