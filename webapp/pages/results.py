"""The result of a closed poll, ready to be shown: who chose what is counted by `voting`, told here."""

from __future__ import annotations

from dataclasses import dataclass

from webapp.core.stories import queries as stories
from webapp.core.voting import queries as voting
from webapp.core.voting.models import Option, Poll
from webapp.pages.words import option_label

GLIMPSE = 36


@dataclass(frozen=True)
class TallyRow:
    """One option of a counted poll."""

    label: str
    votes: int
    won: bool


@dataclass(frozen=True)
class Result:
    """A counted poll: its ballots and its options, most votes first."""

    id: int
    kind: str
    ballots: int
    tally: list[TallyRow]


def results_of_turn(turn_id: int) -> list[Result]:
    """The counted polls of a turn, in the order in which they were opened."""
    return [result_of(poll) for poll in stories.polls_of(turn_id).values() if poll.status == "closed"]


def result_of(poll: Poll) -> Result:
    """The result of a closed poll."""
    outcome = poll.result or {}
    votes = {tally["option_id"]: tally["votes"] for tally in outcome.get("tallies", [])}
    winners = set(outcome.get("winners", []))
    labels = option_labels(poll)
    rows = [
        TallyRow(labels[option.id], votes.get(option.id, 0), option.id in winners) for option in poll.options
    ]
    rows.sort(key=lambda row: (-row.won, -row.votes))
    return Result(poll.id, poll.kind, voting.ballot_count(poll.id), rows)


def option_labels(poll: Poll) -> dict[int, str]:
    """What each option of a poll is called; a draft by its number and how it begins."""
    texts = stories.drafts_by_id([option.subject_id for option in poll.options if option.subject_id])
    drafts = texts if poll.kind == "passage" else {}
    return {
        option.id: _label(option, drafts[option.subject_id].text if option.subject_id in drafts else "")
        for option in poll.options
    }


def _label(option: Option, text: str) -> str:
    label = option_label(option)
    if not text:
        return label
    line = " ".join(text.split())
    return f"{label} — {line[:GLIMPSE]}{'…' if len(line) > GLIMPSE else ''}"
