"""What many ask for at once is done in one go: in their order, and one's trouble is not another's. Company is waited for
only where it is busy, and only for a moment."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor

import pytest

from webapp import patience
from webapp.errors import Unavailable
from webapp.together import Together


class Kitchen:
    """Work that goes on only when it is let, and remembers what it was asked for together."""

    def __init__(self) -> None:
        self.batches: list[list[str]] = []
        self.began, self.may_go_on = threading.Semaphore(0), threading.Semaphore(0)
        self.trouble: dict[str, Exception] = {}
        self.together = Together(self.work)

    def work(self, _about: Hashable, questions: Sequence[str]) -> list[str | Exception]:
        self.batches.append(list(questions))
        self.began.release()
        assert self.may_go_on.acquire(timeout=10)
        if "지진" in questions:
            raise OSError("all of it broke")
        return [self.trouble.get(question, question.upper()) for question in questions]

    def waiting(self, count: int) -> None:
        """Return when so many wait for their turn."""
        deadline = time.monotonic() + 10
        while sum(len(line.waiting) for line in self.together._lines.values()) < count:
            assert time.monotonic() < deadline
            time.sleep(0.001)


@pytest.fixture
def kitchen() -> Kitchen:
    return Kitchen()


@pytest.fixture
def people() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(8) as pool:
        yield pool


def asked(
    kitchen: Kitchen, people: ThreadPoolExecutor, *questions: str, after: int = 0, about: str = "a"
) -> list[Future[str]]:
    """These questions, one after the other, each asked when the one before it waits."""
    futures = []
    for number, question in enumerate(questions, start=after + 1):
        futures.append(people.submit(kitchen.together.ask, about, question))
        kitchen.waiting(number)
    return futures


def first(kitchen: Kitchen, people: ThreadPoolExecutor) -> Future[str]:
    future = people.submit(kitchen.together.ask, "a", "x")
    assert kitchen.began.acquire(timeout=10)
    return future


def test_the_first_is_served_at_once_and_those_who_come_meanwhile_together(
    kitchen: Kitchen, people: ThreadPoolExecutor
) -> None:
    futures = [first(kitchen, people), *asked(kitchen, people, "p", "q", "r")]
    kitchen.may_go_on.release(2)
    assert [future.result(10) for future in futures] == ["X", "P", "Q", "R"]
    assert kitchen.batches == [["x"], ["p", "q", "r"]]


def test_what_is_asked_about_one_thing_does_not_wait_for_another(
    kitchen: Kitchen, people: ThreadPoolExecutor
) -> None:
    about_a = first(kitchen, people)
    about_b = people.submit(kitchen.together.ask, "b", "y")
    assert kitchen.began.acquire(timeout=10)
    kitchen.may_go_on.release(2)
    assert (about_a.result(10), about_b.result(10)) == ("X", "Y")


def test_a_refusal_is_for_the_one_who_asked(kitchen: Kitchen, people: ThreadPoolExecutor) -> None:
    kitchen.trouble["q"] = ValueError("no")
    futures = [first(kitchen, people), *asked(kitchen, people, "p", "q")]
    kitchen.may_go_on.release(2)
    assert futures[1].result(10) == "P"
    with pytest.raises(ValueError, match="no"):
        futures[2].result(10)


def test_when_the_work_breaks_it_is_tried_again_for_each_alone(
    kitchen: Kitchen, people: ThreadPoolExecutor
) -> None:
    futures = [first(kitchen, people), *asked(kitchen, people, "p", "지진", "q")]
    kitchen.may_go_on.release(5)
    assert (futures[1].result(10), futures[3].result(10)) == ("P", "Q")
    with pytest.raises(OSError, match="broke"):
        futures[2].result(10)
    assert kitchen.batches == [["x"], ["p", "지진", "q"], ["p"], ["지진"], ["q"]]


def test_whoever_runs_out_of_patience_leaves_and_the_others_are_served(
    kitchen: Kitchen, people: ThreadPoolExecutor
) -> None:
    def hurried() -> str:
        patience._present.set(patience.Patience(together=0.05))
        return kitchen.together.ask("a", "p")

    busy = first(kitchen, people)
    impatient = people.submit(hurried)
    with pytest.raises(Unavailable):
        impatient.result(10)
    later = asked(kitchen, people, "q")
    kitchen.may_go_on.release(2)
    assert (busy.result(10), later[0].result(10)) == ("X", "Q")
    assert kitchen.batches == [["x"], ["q"]]


def test_when_the_one_who_works_is_ended_the_next_one_goes_on(people: ThreadPoolExecutor) -> None:
    class Ended(BaseException):
        """What gevent and signals end somebody with."""

    began, may_end = threading.Event(), threading.Event()

    def work(_about: Hashable, questions: Sequence[str]) -> list[str]:
        if questions[0] == "x":
            began.set()
            assert may_end.wait(10)
            raise Ended
        return [question.upper() for question in questions]

    together: Together[str, str] = Together(work)
    ask: Callable[[str], Future[str]] = lambda question: people.submit(together.ask, "a", question)  # noqa: E731
    ended = ask("x")
    assert began.wait(10)
    after = ask("p")
    while not together._lines["a"].waiting:
        time.sleep(0.001)
    may_end.set()
    assert after.result(10) == "P"
    assert isinstance(ended.exception(10), Ended)


def test_those_who_come_in_the_same_moment_as_the_first_are_served_with_it(
    kitchen: Kitchen, people: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
) -> None:
    others: list[Future[str]] = []
    sleep = time.sleep

    def moment(seconds: float) -> None:
        """The others run in it, as under gevent."""
        monkeypatch.setattr(time, "sleep", sleep)
        others.extend(asked(kitchen, people, "p", "q"))

    monkeypatch.setattr(time, "sleep", moment)
    kitchen.may_go_on.release(1)
    assert kitchen.together.ask("a", "x") == "X"
    assert [other.result(10) for other in others] == ["P", "Q"]
    assert kitchen.batches == [["x", "p", "q"]]


class TestCompany:
    """Three take part: one has had its answer, two wait. The third is expected to come again."""

    @pytest.fixture(autouse=True)
    def endless_moment(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """Only what is waited for ends it, or the test."""
        monkeypatch.setattr("webapp.together.MOST_SECONDS", 1e3)
        monkeypatch.setattr("webapp.together.SHARE_OF_WORK", 1e6)
        monkeypatch.setattr("webapp.together.LATELY_SECONDS", 1e3)

    def test_where_it_is_busy_those_who_were_just_served_may_come_again(
        self, kitchen: Kitchen, people: ThreadPoolExecutor
    ) -> None:
        futures = [first(kitchen, people), *asked(kitchen, people, "p", "q")]
        kitchen.may_go_on.release(2)
        assert futures[0].result(10) == "X"
        time.sleep(0.05)
        assert kitchen.batches == [["x"]], "one is still missing"
        futures.append(people.submit(kitchen.together.ask, "a", "y"))
        assert [future.result(10) for future in futures] == ["X", "P", "Q", "Y"]
        assert kitchen.batches == [["x"], ["p", "q", "y"]]

    def test_a_moment_is_a_share_of_the_time_that_the_last_work_took(
        self, kitchen: Kitchen, people: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        began = time.monotonic()
        futures = [first(kitchen, people), *asked(kitchen, people, "p", "q")]
        waited: list[float] = []
        monkeypatch.setattr("webapp.together.SHARE_OF_WORK", 0.5)
        monkeypatch.setattr(kitchen.together._lines["a"].is_complete, "wait", waited.append)
        time.sleep(0.1)
        kitchen.may_go_on.release(2)
        assert [future.result(10) for future in futures] == ["X", "P", "Q"]
        (moment,) = waited
        assert 0.05 <= moment < 0.5 * (time.monotonic() - began)

    def test_where_it_was_quiet_nobody_is_waited_for(
        self, kitchen: Kitchen, people: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("webapp.together.LATELY_SECONDS", 0.0)
        futures = [first(kitchen, people), *asked(kitchen, people, "p", "q")]
        kitchen.may_go_on.release(2)
        assert [future.result(10) for future in futures] == ["X", "P", "Q"]

    def test_what_nobody_asks_about_any_more_is_forgotten(
        self, kitchen: Kitchen, people: ThreadPoolExecutor, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        kitchen.may_go_on.release(3)
        for about in ("a", "b"):
            assert kitchen.together.ask(about, "x") == "X"
        assert set(kitchen.together._lines) == {"a", "b"}
        monkeypatch.setattr("webapp.together.LATELY_SECONDS", 0.0)
        assert kitchen.together.ask("c", "x") == "X"
        assert set(kitchen.together._lines) == {"c"}


def test_when_the_first_is_ended_in_that_moment_nobody_waits_for_it(
    kitchen: Kitchen, monkeypatch: pytest.MonkeyPatch
) -> None:
    def ended(_seconds: float) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(time, "sleep", ended)
        with pytest.raises(KeyboardInterrupt):
            kitchen.together.ask("a", "x")
    kitchen.may_go_on.release(1)
    assert kitchen.together.ask("a", "y") == "Y"
