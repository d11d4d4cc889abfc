"""What the result of a vote does: the writer reads, a passage is published, or the turn passes by."""

from __future__ import annotations

import secrets

from webapp.core.library import queries as library
from webapp.core.stories import lessons, queries, rules, turns
from webapp.core.stories.models import Draft, Turn
from webapp.core.training import service as training
from webapp.core.voting import service as voting
from webapp.core.voting.models import Poll
from webapp.errors import N_

EARLIEST_NOVEL = N_("아무도 투표하지 않아, 가장 먼저 추천된 작품을 읽었어요.")
EARLIEST_DRAFT = N_("아무도 투표하지 않아, 가장 먼저 낸 초안을 실었어요.")
WRITERS_BEST = N_("아무도 투표하지 않아, 작가 AI가 스스로 가장 낫다고 본 초안을 실었어요.")
TOO_FEW = {
    EARLIEST_NOVEL: N_("표가 모자라, 가장 먼저 추천된 작품을 읽었어요."),
    EARLIEST_DRAFT: N_("표가 모자라, 가장 먼저 낸 초안을 실었어요."),
    WRITERS_BEST: N_("표가 모자라, 작가 AI가 스스로 가장 낫다고 본 초안을 실었어요."),
}
"""What is said instead where people voted, but fewer than the quorum."""
NONE_LIKED = N_("‘이 중에는 없어요’가 두 번 뽑혀 사람 차례로 넘어갔어요.")
REMOVED = N_("뽑힐 수 있는 것이 남지 않아 이번 차례는 그냥 지나갔어요.")


def settle(turn: Turn) -> None:
    """The vote of a turn is over: do what it says."""
    {rules.SOURCE: _settle_source, rules.HUMAN: _settle_human, rules.MACHINE: _settle_machine}[turn.kind](
        turn
    )


def _settle_source(turn: Turn) -> None:
    """The vote over novels is closed: the writer reads the winners, in the shares of their votes."""
    poll = voting.close_poll(queries.polls_of(turn.id)["source"].id)
    approved = {
        novel_id for novel_id in subjects_of(poll).values() if library.get(novel_id).status == "approved"
    }
    votes, note = _shares(poll), ""
    if not votes and approved:
        votes, note = (
            {next(one for one in subjects_of(poll).values() if one in approved): 1.0},
            _said(EARLIEST_NOVEL, poll),
        )
    mix = rules.normalised({novel_id: share for novel_id, share in votes.items() if novel_id in approved})
    if not mix:
        turns.void(turn, REMOVED)
        return
    turn.outcome = {
        **turn.outcome,
        "style_mix": {str(key): share for key, share in mix.items()},
        "note": note,
    }
    parent_id = lessons.parent_of(turn.story)
    run = training.request_run(
        purpose="source",
        parent_id=parent_id,
        lessons=lessons.for_novels(mix, parent_id),
        seed=secrets.randbelow(2**31),
        story_id=turn.story_id,
        turn_id=turn.id,
    )
    turn.run_id = run.id
    turns.start_working(turn, "read_novels")


def _settle_human(turn: Turn) -> None:
    """The vote over people's drafts is closed: the winner is the next passage."""
    poll = voting.close_poll(queries.polls_of(turn.id)["passage"].id)
    draft, note = _winning_draft(turn, poll), ""
    if draft is None:
        draft, note = next(iter(queries.drafts(turn.id)), None), _said(EARLIEST_DRAFT, poll)
    if draft is None:
        turns.void(turn, REMOVED)
        return
    turns.publish(turn, draft, note)


def _settle_machine(turn: Turn) -> None:
    """The vote over the writer's drafts is closed: the winner is the next passage, or it writes once more."""
    poll = voting.close_poll(queries.polls_of(turn.id)["passage"].id)
    draft, note = _winning_draft(turn, poll), ""
    none_won = bool(poll.result and poll.result["none_won"])
    if draft is None and not none_won:
        draft, note = _writers_best(turn), _said(WRITERS_BEST, poll)
    if draft is not None:
        turns.publish(turn, draft, note)
    elif none_won and turn.writings < rules.MOST_WRITINGS:
        for old in queries.drafts(turn.id):
            old.status = "withdrawn"
        turns.start_working(turn, "put_human_txt")
    else:
        turns.void(turn, NONE_LIKED if none_won else REMOVED)


def subjects_of(poll: Poll) -> dict[int, int]:
    """What the options of a poll that may still win stand for: option id → novel or draft id."""
    options = (option for option in poll.options if not option.struck)
    return {option.id: option.subject_id for option in options if option.subject_id is not None}


def _shares(poll: Poll) -> dict[int, float]:
    """The winners of a closed poll over novels, with their shares of the winners' votes."""
    result = poll.result or {"winners": [], "tallies": []}
    shares = {tally["option_id"]: tally["share"] for tally in result["tallies"]}
    return {subjects_of(poll)[option_id]: shares[option_id] for option_id in result["winners"]}


def _said(note: str, poll: Poll) -> str:
    """Why the written rule decided: nobody voted, or too few did."""
    return TOO_FEW[note] if poll.result and poll.result["decided_by"] == "quorum" else note


def _winning_draft(turn: Turn, poll: Poll) -> Draft | None:
    winners = poll.result["winners"] if poll.result else []
    offered = {draft.id: draft for draft in queries.drafts(turn.id)}
    chosen = (offered.get(subjects_of(poll)[option_id]) for option_id in winners)
    return next((draft for draft in chosen if draft is not None), None)


def _writers_best(turn: Turn) -> Draft | None:
    """The offered draft that the writer itself ranks first: it hands them in from best to worst."""
    return min(queries.drafts(turn.id), key=lambda draft: draft.details["rank"], default=None)
