"""The result of a closed poll, ready to be shown: who chose what is counted by `voting`, told here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext

from webapp.core.stories import queries as stories
from webapp.core.voting import queries as voting
from webapp.core.voting.models import Option, Poll
from webapp.pages.words import DECIDED_BY, option_label

GLIMPSE = 36


@dataclass(frozen=True)
class TallyRow:
    """One option of a counted poll."""

    label: str
    votes: int
    won: bool


@dataclass(frozen=True)
class RoundRow:
    """One option of a run-off: its ballots in each round, None from the round on in which it was out."""

    label: str
    counts: list[int | None]
    won: bool


@dataclass(frozen=True)
class DuelRow:
    """Two options held against each other; `of_winner` where what stands first is one of them."""

    winner: str
    loser: str
    votes: int
    against: int
    holds: bool
    of_winner: bool


@dataclass(frozen=True)
class Result:
    """A counted poll: its ballots and its options, most votes first, and how a ranked one was decided. `decided_by` says
    which rule broke a tie."""

    id: int
    kind: str
    ballots: int
    tally: list[TallyRow]
    rounds: list[RoundRow] = field(default_factory=list)
    duels: list[DuelRow] = field(default_factory=list)
    decided_by: str = ""


def results_of_turn(turn_id: int) -> list[Result]:
    """The counted polls of a turn, in the order in which they were opened."""
    return [result_of(poll) for poll in stories.polls_of(turn_id).values() if poll.status == "closed"]


def result_of(poll: Poll) -> Result:
    """The result of a closed poll."""
    outcome = poll.result or {}
    votes = {tally["option_id"]: tally["votes"] for tally in outcome.get("tallies", [])}
    winners, labels = _first(poll, outcome), option_labels(poll)
    rows = [
        TallyRow(labels[option.id], votes.get(option.id, 0), option.id in winners) for option in poll.options
    ]
    rows.sort(key=lambda row: (-row.won, -row.votes))
    reason = DECIDED_BY.get(outcome.get("decided_by", ""))
    return Result(
        poll.id,
        poll.kind,
        voting.ballot_count(poll.id),
        rows,
        _rounds(poll, outcome, winners),
        _duels(poll, outcome, winners),
        gettext(reason) if reason else "",
    )


def _first(poll: Poll, outcome: dict[str, Any]) -> list[int]:
    """The options that stand first: the winners, or "none of these"."""
    none = [option.id for option in poll.options if option.is_none]
    return none if outcome.get("none_won") else outcome.get("winners", [])


def _rounds(poll: Poll, outcome: dict[str, Any], winners: list[int]) -> list[RoundRow]:
    """The options of a run-off, those first that stayed longest."""
    rounds = [
        {count["option_id"]: count["votes"] for count in each["counts"]} for each in outcome.get("rounds", [])
    ]
    rows = [
        RoundRow(option_label(option), [each.get(option.id) for each in rounds], option.id in winners)
        for option in poll.options
        if rounds and option.id in rounds[0]
    ]
    return sorted(
        rows, key=lambda row: [-1 if count is None else count for count in row.counts[::-1]], reverse=True
    )


def _duels(poll: Poll, outcome: dict[str, Any], winners: list[int]) -> list[DuelRow]:
    """The duels of ranked pairs, from the strongest to the weakest."""
    names = {option.id: option_label(option) for option in poll.options}
    first = next(iter(winners), None)
    return [
        DuelRow(
            names[duel["winner"]],
            names[duel["loser"]],
            duel["votes"],
            duel["against"],
            duel["holds"],
            first in (duel["winner"], duel["loser"]),
        )
        for duel in outcome.get("duels", [])
    ]


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
