"""A benchmark's table says what was measured, what was asked and whether it was met."""

import pytest

from benchmarks.table import compared, measured, show


def test_a_ratio_is_held_against_its_limit(capsys: pytest.CaptureFixture[str]) -> None:
    met = show(
        [compared("bits", 4.0, 5.0, most=0.83), compared("speed", 9_000.0, 1_000.0, least=6, digits=0)]
    )
    assert met
    assert capsys.readouterr().out.splitlines()[2:] == [
        "| bits | 4.000 | 5.000 | 0.800 | ≤ 0.83 | yes |",
        "| speed | 9,000 | 1,000 | 9.000 | ≥ 6 | yes |",
    ]


def test_one_limit_missed_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    assert not show([measured("rise", 3.1, 60.0, most=3, digits=1), measured("beside it", 1.0)])
    assert capsys.readouterr().out.splitlines()[2:] == [
        "| rise | 3.1 | 60.0 |  | ≤ 3 | NO |",
        "| beside it | 1.000 |  |  |  |  |",
    ]


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_what_is_no_number_meets_no_limit(value: float) -> None:
    assert not show([compared("bits", value, 5.0, most=0.83)])


def test_a_reference_of_nothing_gives_no_ratio() -> None:
    assert not show([compared("speed", 5.0, 0.0, least=6)])
