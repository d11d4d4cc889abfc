"""How long something takes."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """What some work gives, and the seconds it took on the wall clock."""
    started = time.perf_counter()
    result = work()
    return result, time.perf_counter() - started
