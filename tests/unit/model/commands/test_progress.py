"""The line that tells how a run goes."""

import io

import pytest

from model.commands.progress import ProgressLine, clock, columns, describe
from model.records import Progress

HALF = Progress(
    step=10, seconds=30.0, fraction=0.5, training_loss=5.25, validation_loss=None, characters=60_000
)
END = Progress(20, 60.0, 1.0, 5.0, 4.75, 120_000)


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def test_the_line_holds_loss_speed_and_time_left() -> None:
    line = describe(HALF, 4.5)
    assert (
        line == " 50% [##########----------] 헷갈림 5.25비트 (남겨 둔 글 4.50) · 2,000자/초 · 남은 시간 0:30"
    )
    assert "남겨 둔 글" not in describe(HALF, None)


def test_a_run_that_has_just_begun_divides_by_nothing() -> None:
    assert "자/초" in describe(Progress(0, 0.0, 0.0, 0.0, None, 0), None)


def test_on_a_terminal_the_line_is_written_over_itself() -> None:
    terminal = Terminal()
    line = ProgressLine(terminal)
    line.show(END)
    line.show(END)
    line.end()
    assert terminal.getvalue().count("\r") == 2
    assert terminal.getvalue().count("\n") == 1
    assert "4.75" in terminal.getvalue()


def test_elsewhere_lines_are_few_and_the_last_one_is_there() -> None:
    log = io.StringIO()
    line = ProgressLine(log)
    for _ in range(1000):
        line.show(HALF)
    line.show(END)
    line.end()
    assert log.getvalue().count("\n") == 1
    assert "100%" in log.getvalue()
    assert "\r" not in log.getvalue()


@pytest.mark.parametrize(("seconds", "said"), [(0.4, "0:00"), (65, "1:05"), (3725, "1:02:05")])
def test_a_clock_tells_hours_only_where_there_are_some(seconds: float, said: str) -> None:
    assert clock(seconds) == said


def test_hangul_takes_two_columns() -> None:
    assert columns("글 ab") == 5
