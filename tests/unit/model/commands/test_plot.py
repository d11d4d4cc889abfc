"""The plot: round numbers on the axes, every point inside the frame."""

import re
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.commands.plot import HEIGHT, WIDTH, Line, plot, ticks

LOSSES = st.floats(0.01, 20.0)


@given(low=st.floats(0.0, 100.0), span=st.just(0.0) | st.floats(1e-4, 1e6))
def test_ticks_are_few_even_and_hold_everything(low: float, span: float) -> None:
    marks = ticks(low, low + span)
    assert marks[0] <= low + 1e-9
    assert marks[-1] >= low + span - 1e-9
    assert 2 <= len(marks) <= 7
    gaps = [after - before for before, after in pairwise(marks)]
    assert gaps == pytest.approx([gaps[0]] * len(gaps))
    assert gaps[0] > 0


@given(st.lists(st.tuples(st.integers(0, 10**6), LOSSES), min_size=1, max_size=30))
def test_every_point_lies_inside_the_frame(points: list[tuple[int, float]]) -> None:
    drawing = plot([Line("배우는 글", sorted(points), "training")], title="그림", across="걸음", up="비트")
    (path,) = re.findall(r'<polyline class="training" points="([^"]+)"/><circle', drawing)
    for place in path.split():
        x, y = map(float, place.split(","))
        assert 0 <= x <= WIDTH
        assert 0 <= y <= HEIGHT


def test_a_line_that_falls_is_drawn_downwards_and_named() -> None:
    drawing = plot(
        [Line("<글>", [(0, 6.0), (100, 4.0)], "training")], title='"그림"', across="걸음", up="비트"
    )
    root = ET.fromstring(drawing)
    texts = [element.text for element in root.iter("text")]
    assert {"<글>", "걸음", "비트", "4", "6", "100"} <= set(texts)
    assert root.attrib["aria-label"] == '"그림"'
    start, end = (place.split(",") for place in root.findall("polyline")[0].attrib["points"].split())
    assert float(start[0]) < float(end[0])
    assert float(start[1]) < float(end[1]), "the drawing's y grows downwards"


def test_points_that_are_no_number_are_left_out_and_nothing_gives_nothing() -> None:
    broken = Line("글", [(0, float("nan")), (1, float("inf")), (2, 5.0)], "training")
    assert "nan" not in plot([broken], title="", across="", up="")
    assert plot([Line("글", [(0, float("nan"))], "training")], title="", across="", up="") == ""
    assert plot([], title="", across="", up="") == ""
