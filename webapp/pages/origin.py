"""How a passage came about: what was asked for, how the votes went, what else was on offer, and that it is genuine."""

from __future__ import annotations

from dataclasses import dataclass, field

from flask_babel import gettext

from webapp.core.stories import queries
from webapp.core.stories.models import Draft, Passage, Turn
from webapp.pages.mixture import mix_line
from webapp.pages.results import Result, results_of_turn
from webapp.pages.rewriting import Rewriting, rewriting_of
from webapp.pages.words import option_label


@dataclass(frozen=True)
class Origin:
    """What a passage came from. `facts` are names and values in words, `others` the drafts that did not win, by name;
    `rewriting` tells whether it came out the same again, where the writer wrote it."""

    facts: list[tuple[str, str]] = field(default_factory=list)
    polls: list[Result] = field(default_factory=list)
    others: list[tuple[str, Draft]] = field(default_factory=list)
    rewriting: Rewriting | None = None


def origin_of(passage: Passage) -> Origin:
    """What is known of a passage's turn; nothing for the opening of a story."""
    if passage.turn_id is None:
        return Origin()
    turn = queries.get_turn(passage.turn_id)
    own = queries.get_draft(passage.draft_id) if passage.draft_id else None
    others = [draft for draft in queries.drafts(turn.id) if draft.id != passage.draft_id]
    facts = _facts(turn) + _measured(own)
    return Origin(facts, results_of_turn(turn.id), _named(turn, others), rewriting_of(passage))


def _named(turn: Turn, drafts: list[Draft]) -> list[tuple[str, Draft]]:
    """Drafts in the order of their poll, under the names that they had in it."""
    poll = queries.polls_of(turn.id).get("passage")
    names = {option.subject_id: option_label(option) for option in poll.options} if poll else {}
    named = [(names[draft.id], draft) for draft in drafts if draft.id in names]
    return sorted(named, key=lambda pair: pair[0])


def _measured(draft: Draft | None) -> list[tuple[str, str]]:
    """What was measured of a draft that the writer wrote."""
    details = draft.details if draft else {}
    facts = []
    if details.get("style_mix"):
        facts.append((gettext("섞은 말투"), mix_line(details["style_mix"])))
    if details.get("keywords_found"):
        facts.append((gettext("글에 들어간 낱말"), ", ".join(details["keywords_found"])))
    shared = details.get("measurements", {}).get("shared_share")
    if shared is not None:
        facts.append((gettext("읽은 글과 그대로 겹치는 정도"), f"{shared:.0%}"))
    return facts


def _facts(turn: Turn) -> list[tuple[str, str]]:
    facts = []
    if turn.outcome.get("keywords"):
        facts.append((gettext("넣기로 한 낱말"), ", ".join(turn.outcome["keywords"])))
    if turn.outcome.get("length"):
        facts.append((gettext("정한 길이"), gettext("%(n)s자쯤", n=turn.outcome["length"])))
    return facts
