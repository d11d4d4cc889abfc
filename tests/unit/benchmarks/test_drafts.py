"""What is counted in drafts."""

import pytest

from benchmarks.drafts import closed, digest, distinct, ends_a_sentence, repeated, tens
from benchmarks.keywords import percent, whole
from model.writer import Written


def test_windows_that_stood_in_a_text_before_are_repeated() -> None:
    assert repeated("가나다라마바사아자차카타파하") == 0.0
    assert repeated("가나다라마바사아" * 2) == pytest.approx(100 / 9)
    assert repeated("가") == 0.0


def test_an_end_may_be_within_speech_and_every_quotation_has_two_marks() -> None:
    assert ends_a_sentence("“가자.”")
    assert not ends_a_sentence("그는 가")
    assert closed("“가자.” (그는 ‘집’에 갔다.)")
    assert not closed("“가자.")


def test_the_judge_chooses_from_ten_different_passages_the_true_one_among_them() -> None:
    chosen = tens(3, 30, 0)
    assert chosen[0] == 3
    assert len(set(chosen)) == 10
    assert tens(3, 30, 0) == chosen != tens(3, 30, 1)


def test_shares_are_per_cent() -> None:
    assert percent([True, False, False, True]) == 50.0
    assert distinct(["가나다라", "가나다라", "나다라마"]) == pytest.approx(200 / 3)
    assert whole([(("비", "눈"), "비와 눈"), (("비", "눈"), "비")]) == 50.0


def test_another_text_has_another_digest() -> None:
    one, other = (Written(text, 1, (), {}) for text in ("가", "나"))
    assert digest([[one]]) == digest([[one]]) != digest([[other]])
