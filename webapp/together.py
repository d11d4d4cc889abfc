"""What many ask for at the same moment is done in one go.

Whoever comes first begins at once, with those who come in the same moment. Those who come while somebody is at work
wait; then the first of them does it for all. So nobody is ever kept waiting for company, and the busier it is, the less
each one costs.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from webapp import patience
from webapp.errors import N_, Unavailable

Q = TypeVar("Q")
A = TypeVar("A")


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


class Together(Generic[Q, A]):
    """Answers questions of one kind. `work` answers all that were asked about one thing, in their order.

    An answer may be an exception, for the one who asked. If the work as a whole fails, it is tried again for each alone:
    one person's trouble is not another's.
    """

    def __init__(self, work: Callable[[Hashable, Sequence[Q]], Sequence[A | Exception]]) -> None:
        self._work = work
        self._lock = threading.Lock()
        self._waiting: dict[Hashable, list[_Asked[Q, A]]] = {}
        """Who waits, by what they ask about; there is a list, maybe an empty one, while somebody is at work on it."""

    def ask(self, about: Hashable, question: Q) -> A:
        """The answer; raises what the work raises, and Unavailable when it takes longer than patience lasts."""
        asked = _Asked[Q, A](question)
        with self._lock:
            waiting = self._waiting.get(about)
            if waiting is None:
                self._waiting[about] = []
            else:
                waiting.append(asked)
        if waiting is None or self._wait(about, asked):
            self._serve(about, asked)
        return asked.answer()

    def _wait(self, about: Hashable, asked: _Asked[Q, A]) -> bool:
        """Wait for the answer, or until it is our turn to work (True); raises Unavailable."""
        present = patience.present()
        try:
            with present.spending():
                asked.is_called.wait(None if present.is_endless else present.seconds())
        except BaseException:
            if self._leave(about, asked):
                self._call_next(about)
            raise
        if asked.is_called.is_set() or self._leave(about, asked):
            return not asked.outcome
        raise Unavailable("database-busy", N_("지금 한꺼번에 많은 일이 몰렸어요. 잠시 뒤에 다시 해 주세요."))

    def _leave(self, about: Hashable, asked: _Asked[Q, A]) -> bool:
        """Wait no longer; whether we have been called to work this very moment. Our question may be worked on already."""
        with self._lock:
            waiting = self._waiting.get(about, [])
            if asked in waiting:
                waiting.remove(asked)
            return asked.is_called.is_set() and not asked.outcome

    def _take(self, about: Hashable) -> list[_Asked[Q, A]]:
        """All who wait now."""
        with self._lock:
            taken, self._waiting[about] = self._waiting[about], []
        return taken

    def _serve(self, about: Hashable, own: _Asked[Q, A]) -> None:
        """Answer our own question and all that wait, and call the next to work."""
        batch, outcomes = [own], list[A | BaseException]()
        try:
            # Whoever is about to ask does so now: under gevent the others run meanwhile.
            time.sleep(0)
            batch += self._take(about)
            outcomes += self._answers(about, [asked.question for asked in batch])
        except BaseException as error:
            outcomes = [error] * len(batch)
            raise
        finally:
            for asked, outcome in zip(batch, outcomes, strict=True):
                asked.outcome.append(outcome)
                asked.is_called.set()
            self._call_next(about)

    def _answers(self, about: Hashable, questions: Sequence[Q]) -> Sequence[A | Exception]:
        try:
            return self._work(about, questions)
        except Exception as error:  # noqa: BLE001 - it is raised again, by those whom it concerns
            if len(questions) == 1:
                return [error]
            return [answer for question in questions for answer in self._answers(about, [question])]

    def _call_next(self, about: Hashable) -> None:
        with self._lock:
            if self._waiting[about]:
                self._waiting[about].pop(0).is_called.set()
            else:
                del self._waiting[about]
