"""The table at the end of a benchmark: item, ours, reference, ratio, limit, met or not. Markdown, for docs/writer.md."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import astuple, dataclass

HEADINGS = ("item", "ours", "reference", "ratio", "limit", "met")


@dataclass(frozen=True)
class Row:
    """One line of a table, its figures as they are shown; `met` is None where nothing is asked."""

    item: str
    ours: str
    reference: str = ""
    ratio: str = ""
    limit: str = ""
    met: bool | None = None


def compared(
    item: str,
    ours: float,
    reference: float,
    *,
    most: float | None = None,
    least: float | None = None,
    digits: int = 3,
) -> Row:
    """A row whose limit holds for ours / reference."""
    ratio = ours / reference if reference else float("nan")
    limit, met = _judged(ratio, most, least)
    return Row(item, _shown(ours, digits), _shown(reference, digits), f"{ratio:.3f}", limit, met)


def measured(
    item: str,
    ours: float,
    reference: float | None = None,
    *,
    most: float | None = None,
    least: float | None = None,
    digits: int = 3,
) -> Row:
    """A row whose limit holds for our figure itself; the reference's stands beside it."""
    limit, met = _judged(ours, most, least)
    beside = "" if reference is None else _shown(reference, digits)
    return Row(item, _shown(ours, digits), beside, "", limit, met)


def _judged(value: float, most: float | None, least: float | None) -> tuple[str, bool | None]:
    if most is not None:
        return f"≤ {most:g}", value <= most
    if least is not None:
        return f"≥ {least:g}", value >= least
    return "", None


def _shown(value: float, digits: int) -> str:
    return f"{value:,.{digits}f}"


def show(rows: Sequence[Row]) -> bool:
    """Prints the table; returns whether every limit was met."""
    print(f"| {' | '.join(HEADINGS)} |")
    print("|---|" + "---:|" * (len(HEADINGS) - 1))
    for row in rows:
        *texts, met = astuple(row)
        print(f"| {' | '.join([*texts, {True: 'yes', False: 'NO', None: ''}[met]])} |")
    return all(row.met is not False for row in rows)


def load_now() -> str:
    """What else the machine is doing, for the line above a measurement."""
    minute, five, _ = os.getloadavg()
    return f"load {minute:.2f} (1 min), {five:.2f} (5 min) on {os.cpu_count()} processors"
