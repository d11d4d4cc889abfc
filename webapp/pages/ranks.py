"""Ranked ballots as forms send them: one field for each option, with its rank in it."""

from __future__ import annotations

from collections.abc import Mapping

from webapp.errors import N_, Invalid
from webapp.ids import typed_id

PREFIX = "rank-"


def ranking_of(form: Mapping[str, str]) -> list[int]:
    """The option ids of a form, best first; what has no rank is left out, and so are gaps between ranks.

    Raises Invalid where two options have the same rank.
    """
    ranked: dict[int, int] = {}
    for name, value in form.items():
        if not (name.startswith(PREFIX) and value):
            continue
        try:
            option_id, rank = typed_id(name.removeprefix(PREFIX)), typed_id(value)
        except ValueError:
            continue
        if rank in ranked:
            message = N_("%(rank)s순위를 두 번 골랐어요. 순위마다 하나씩만 골라 주세요.")
            raise Invalid("rank-twice", message, field="options", rank=rank)
        ranked[rank] = option_id
    return [option_id for _, option_id in sorted(ranked.items())]
