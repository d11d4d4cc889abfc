"""What is said of a novel that was read, by its bits before and after a run."""

from __future__ import annotations

import pytest
from flask import Flask

from webapp.pages.report import Exam


@pytest.mark.parametrize(
    ("is_new", "before", "after", "verdict"),
    [
        (True, 5.0, 4.0, "배웠어요"),
        (True, 4.0, 4.1, "아직 어려워해요"),
        (False, 4.0, 4.05, "기억해요"),
        (False, 4.0, 4.13, "조금 잊었어요"),
        (False, 4.0, 3.9, "더 잘 알아요"),
        (False, None, 4.0, ""),
    ],
)
def test_a_novel_is_remembered_up_to_three_parts_in_a_hundred(
    app: Flask, is_new: bool, before: float | None, after: float, verdict: str
) -> None:
    with app.test_request_context():
        exam = Exam("메아리", is_new, before, after)
        assert exam.verdict == verdict
        assert exam.went_well == (verdict in ("배웠어요", "기억해요", "더 잘 알아요"))
