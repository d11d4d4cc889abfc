"""How often each fault is tried, and the table in which `make test-faults` says what came of it.

    def test_…(ledger):
        for _ in range(ledger.times(1_000, short=20)): …
        ledger.note("two ballots of one person at once, SQLite", 1_000, lost=0, recoveries=[…])

`make test-faults` sets FAULTS=full; without it, in `make test`, each test tries the short number of times.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field

FULL = os.environ.get("FAULTS") == "full"
COLUMNS = ("test", "repetitions", "lost", "recovery, median", "recovery, longest")


@dataclass(frozen=True)
class Row:
    """What came of one fault, tried so often. `lost` counts what broke the promise; recoveries are in seconds.

    `remark` is a figure that the test has beside these, in a few words.
    """

    test: str
    repetitions: int
    lost: int
    recoveries: Sequence[float] = ()
    remark: str = ""

    def cells(self) -> tuple[str, ...]:
        """The row as text, in the order of `COLUMNS`."""
        times = sorted(self.recoveries)
        median, longest = (f"{times[len(times) // 2]:.2f} s", f"{times[-1]:.2f} s") if times else ("", "")
        return self.test, f"{self.repetitions:,}", str(self.lost), median, longest


@dataclass
class Ledger:
    """What all the fault tests of a session have to say."""

    rows: list[Row] = field(default_factory=list)

    @staticmethod
    def times(full: int, *, short: int) -> int:
        """How often to try: the promised number in `make test-faults`, a few times in `make test`."""
        return full if FULL else short

    def note(
        self, test: str, repetitions: int, *, lost: int, recoveries: Sequence[float] = (), remark: str = ""
    ) -> None:
        """Put a row into the table. Note before you assert, so that a failure stands in it, too."""
        self.rows.append(Row(test, repetitions, lost, recoveries, remark))

    def lines(self) -> list[str]:
        """The table, a line each."""
        cells = [COLUMNS, *(row.cells() for row in self.rows)]
        widths = [max(len(row[column]) for row in cells) for column in range(len(COLUMNS))]
        lined = [
            "  ".join(
                cell.rjust(width) if column else cell.ljust(width)
                for column, (cell, width) in enumerate(zip(row, widths, strict=True))
            )
            for row in cells
        ]
        remarks = ["", *(f"  {row.remark}" if row.remark else "" for row in self.rows)]
        return [line + remark for line, remark in zip(lined, remarks, strict=True)]
