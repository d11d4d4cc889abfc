"""What many ask for at the same moment is done in one go.

Whoever comes first begins at once, with those who come in the same moment. Those who come while somebody is at work
wait; then the first of them does it for all. Before that, it gives those a moment to come back who have just had their
answer: until as many are there as lately, and at most half as long as the last work took. Else half of them would
always wait while the other half is served, and there would be twice the work. PostgreSQL's manual advises the same for
`commit_delay`. Where it is quiet nobody waits for company; the busier it is, the less each one costs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from math import inf
from typing import Generic, TypeVar

from webapp import patience
from webapp.errors import N_, Unavailable

Q = TypeVar("Q")
A = TypeVar("A")

SHARE_OF_WORK = 0.5
MOST_SECONDS = 0.01
"""How long company is waited for: this share of the time that the last work took, and this at most."""
LATELY_SECONDS = 0.05
"""For so long after its last work a line is busy; then those who took part in it are not expected any more."""


@dataclass(eq=False)
class _Asked(Generic[Q, A]):
    """One question. It is its asker's turn to work for all when `is_called` is set and there is no outcome yet."""

    question: Q
    outcome: list[A | BaseException] = field(default_factory=list)
    is_called: threading.Event = field(default_factory=threading.Event)

    def answer(self) -> A:
        """The outcome, returned or raised."""
        (outcome,) = self.outcome
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome


@dataclass(eq=False)
class _Line(Generic[Q, A]):
    """Those who ask about one thing. `company`: how many took part lately; `seconds`: how long the last work took."""

    waiting: list[_Asked[Q, A]] = field(default_factory=list)
    is_served: bool = False
    company: int = 1
    seconds: float = 0.0
    ended_at: float = -inf
    is_complete: threading.Event = field(default_factory=threading.Event)

    @property
    def is_busy(self) -> bool:
        """Whether somebody is at work, or was a moment ago."""
        return self.is_served or time.monotonic() - self.ended_at < LATELY_SECONDS

    def is_all(self) -> bool:
        """Whether as many are there as lately: those who wait and the one whose turn it is."""
        return len(self.waiting) + 1 >= self.company


class Together(Generic[Q, A]):
    """Answers questions of one kind. `work` answers all that were asked about one thing, in their order.

    An answer may be an exception, for the one who asked. If the work as a whole fails, it is tried again for each alone:
    one person's trouble is not another's.
    """

    def __init__(self, work: Callable[[Hashable, Sequence[Q]], Sequence[A | Exception]]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._lines: dict[Hashable, _Line[Q, A]] = {}

    def ask(self, about: Hashable, question: Q) -> A:
        """The answer; raises what the work raises, and Unavailable when it takes longer than patience lasts."""
        asked = _Asked[Q, A](question)
        with self._lock:
            line = self._line(about)
            comes_first = not line.is_served
            if comes_first:
                line.is_served = True
            else:
                line.waiting.append(asked)
                if line.is_all():
                    line.is_complete.set()
        if comes_first or self._wait(line, asked):
            self._serve(line, about, asked)
        return asked.answer()

    def _line(self, about: Hashable) -> _Line[Q, A]:
        line = self._lines.get(about)
        if line is None:
            # Now and then those are forgotten about which nobody asks any more.
            self._lines = {each: known for each, known in self._lines.items() if known.is_busy}
            line = self._lines[about] = _Line()
        return line

    def _wait(self, line: _Line[Q, A], asked: _Asked[Q, A]) -> bool:
        """Wait for the answer, or until it is our turn to work (True); raises Unavailable."""
        present = patience.present()
        try:
            with present.spending():
                asked.is_called.wait(None if present.is_endless else present.seconds())
        except BaseException:
            if self._leave(line, asked):
                self._call_next(line)
            raise
        if asked.is_called.is_set() or self._leave(line, asked):
            return not asked.outcome
        raise Unavailable("database-busy", N_("지금 한꺼번에 많은 일이 몰렸어요. 잠시 뒤에 다시 해 주세요."))

    def _leave(self, line: _Line[Q, A], asked: _Asked[Q, A]) -> bool:
        """Wait no longer; whether we have been called to work this very moment. Our question may be worked on already."""
        with self._lock:
            if asked in line.waiting:
                line.waiting.remove(asked)
            return asked.is_called.is_set() and not asked.outcome

    def _serve(self, line: _Line[Q, A], about: Hashable, own: _Asked[Q, A]) -> None:
        """Answer our own question and all that wait, and call the next to work."""
        batch, outcomes = [own], list[A | BaseException]()
        try:
            self._let_come(line)
            batch += self._take(line)
            began = time.monotonic()
            outcomes += self._answers(about, [asked.question for asked in batch])
            line.ended_at = time.monotonic()
            line.seconds = line.ended_at - began
        except BaseException as error:
            outcomes = [error] * len(batch)
            raise
        finally:
            line.company = len(batch) + len(line.waiting)
            for asked, outcome in zip(batch, outcomes, strict=True):
                asked.outcome.append(outcome)
                asked.is_called.set()
            self._call_next(line)

    def _let_come(self, line: _Line[Q, A]) -> None:
        """Let those come who are about to ask, and where it is busy those who are expected."""
        # Under gevent the others run meanwhile.
        time.sleep(0)
        with self._lock:
            line.is_complete.clear()
            is_all = line.is_all() or time.monotonic() - line.ended_at > LATELY_SECONDS
        if not is_all:
            line.is_complete.wait(min(SHARE_OF_WORK * line.seconds, MOST_SECONDS))

    def _take(self, line: _Line[Q, A]) -> list[_Asked[Q, A]]:
        """All who wait now."""
        with self._lock:
            taken, line.waiting = line.waiting, []
        return taken

    def _answers(self, about: Hashable, questions: Sequence[Q]) -> Sequence[A | Exception]:
        try:
            return self._work(about, questions)
        except Exception as error:  # noqa: BLE001 - it is raised again, by those whom it concerns
            if len(questions) == 1:
                return [error]
            return [answer for question in questions for answer in self._answers(about, [question])]

    def _call_next(self, line: _Line[Q, A]) -> None:
        with self._lock:
            if line.waiting:
                line.waiting.pop(0).is_called.set()
            else:
                line.is_served = False
