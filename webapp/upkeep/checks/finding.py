"""What a check came to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Finding:
    """What a check came to: how many things it looked at, and a line for each that is wrong.

    `subjects` are the ids of what is wrong, where a rule allows mending it.
    """

    name: str
    looked_at: int
    wrong: list[str]
    subjects: list[int] = field(default_factory=list)


Check = Callable[[], Finding]
