"""What a written rule allows to be mended: the same as the relay clock does, which may not be running."""

from __future__ import annotations

from collections.abc import Callable

from webapp import jobs
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.core.voting import service as voting
from webapp.upkeep.checks import relay, votes, work
from webapp.upkeep.checks.finding import Check, Finding


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


def _move_on(turn_ids: list[int]) -> list[str]:
    """End phases that are overdue, and turns whose work was lost, by the relay's rules."""
    stories.tick()
    turns = [queries.get_turn(turn_id) for turn_id in turn_ids]
    return [
        f"차례 {turn.id} (turn): 규칙대로 옮겼어요. (moved on: {turn.kind}, {turn.phase})" for turn in turns
    ]


def _close(poll_ids: list[int]) -> list[str]:
    """Count and close polls that no turn waits for: what was cast is published, and decides nothing."""
    for poll_id in poll_ids:
        voting.close_poll(poll_id)
    return [f"투표 {poll_id} (poll): 세어서 닫았어요. (counted and closed)" for poll_id in poll_ids]


def _ring_again(job_ids: list[int]) -> list[str]:
    jobs.ring_due()
    states = {job_id: jobs.get(job_id).state for job_id in job_ids}
    told = {
        "queued": "다시 줄을 세웠어요. (queued again)",
        "failed": "너무 여러 번 멈추어 그만두었어요. (failed: tried too often)",
    }
    return [f"작업 {job_id} (job): {told.get(state, state)}" for job_id, state in states.items()]


REMEDIES: dict[Check, Callable[[list[int]], list[str]]] = {
    relay.stories_go_on: _open_turns,
    relay.phases_end: _move_on,
    votes.polls_are_waited_for: _close,
    work.working_turns_have_jobs: _move_on,
    work.leases_hold: _ring_again,
}
