"""What texts are taken, and what is flagged about them."""

from __future__ import annotations

import os
import unicodedata
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.screening import rules
from webapp.errors import Invalid

CORPUS = Path(os.environ.get("CORPUS") or Path(__file__).resolve().parents[4] / "shared" / "corpus")


def refusal(text: str, *, least: int = 5, most: int = 50) -> str:
    """The code with which a prose text is refused."""
    with pytest.raises(Invalid) as caught:
        rules.check_prose(text, field="text", least=least, most=most)
    assert caught.value.field == "text"
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "blank-text"),
        (" \n\t\u3000", "blank-text"),
        ("\u3164\u115f\u1160\uffa0\u200b\u2800", "blank-text"),
        ("비가", "too-short"),
        ("비가\u3164\u3164\u3164\u3164", "too-short"),
        ("비가 온다. " * 20, "too-long"),
        ("ㅋㅋㅋㅋㅋㅋㅋㅋ", "one-character"),
        ("아 아 아 아 아!", "one-character"),
        ("…… !!! ??? ……", "only-punctuation"),
        ("비가 온다.\x00 그친다.", "unreadable-characters"),
        ("비가 \u202e온다. 그친다.", "unreadable-characters"),
        ("비가 온다 \ud800 그친다.", "unreadable-characters"),
    ],
)
def test_what_nobody_could_read_is_refused(text: str, code: str) -> None:
    assert refusal(text) == code


@pytest.mark.parametrize(
    "text", ["비가 왔다.\n\n그쳤다.", "“가자.” 그가 말했다.", "아아아 비다!", "Rain fell."]
)
def test_prose_is_taken(text: str) -> None:
    rules.check_prose(text, field="text", least=5, most=50)


def test_the_length_of_nfd_text_is_that_of_its_nfc() -> None:
    text = unicodedata.normalize("NFD", "각간갇갈감")
    rules.check_prose(text, field="text", least=5, most=5)


def test_a_label_comes_back_clean() -> None:
    assert rules.check_label("  첫\u200b 눈\n\u3164 ", field="label", most=12) == "첫 눈"


@pytest.mark.parametrize(
    ("label", "code"), [("\u3164", "blank-text"), ("가" * 13, "too-long"), ("?!", "only-punctuation")]
)
def test_labels_that_say_nothing_or_too_much_are_refused(label: str, code: str) -> None:
    with pytest.raises(Invalid) as caught:
        rules.check_label(label, field="label", most=12)
    assert caught.value.code == code


@given(st.text())
def test_a_clean_line_is_clean_already_and_can_be_kept(text: str) -> None:
    line = rules.clean_line(text)
    assert rules.clean_line(line) == line
    assert "\n" not in line
    line.encode()


@given(st.text())
def test_no_text_breaks_the_checks(text: str) -> None:
    rules.flags(text)
    with suppress(Invalid):
        rules.check_prose(text, field="text", least=2, most=100)


@pytest.mark.parametrize(
    ("text", "flag"),
    [
        ("이런 씨발", "profanity"),
        ("ㅅㅂ 뭐야", "profanity"),
        (unicodedata.normalize("NFD", "개새끼야"), "profanity"),
        ("연락처는 010-1234-5678이에요", "contact"),
        ("０１０－１２３４－５６７８", "contact"),
        ("서울 02-123-4567", "contact"),
        ("hong@example.kr로 보내요", "contact"),
        ("900101-1234567", "contact"),
        ("https://example.com/a", "link"),
        ("example.com에서 봐요", "link"),
    ],
)
def test_what_moderators_should_see_is_flagged(text: str, flag: str) -> None:
    assert rules.flags(text) == [flag]


@pytest.mark.parametrize(
    "text",
    [
        "시발점에서 버스를 탔다",
        "밥을 꼭꼭 씹어 먹었다",
        "어머니를 졸라 대었다",
        "불이 꺼져 가고 있었다",
        "위기가 닥쳐왔다",
        "그 해 3.14와 1919년 3월 1일",
        "값은 1,234,567원이고 번호는 20240101이다",
        "그는 말했다.그리고 웃었다.",
    ],
)
def test_ordinary_words_and_numbers_are_not_flagged(text: str) -> None:
    assert rules.flags(text) == []


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of Korean texts is not beside the repository")
def test_of_what_is_flagged_in_real_comments_nine_in_ten_are_abuse() -> None:
    lines = (CORPUS / "profanity" / "dataset.txt").read_text(encoding="utf-8-sig").splitlines()
    rows = [line.rsplit("|", 1) for line in lines if "|" in line]
    flagged = [label.strip() == "1" for text, label in rows if "profanity" in rules.flags(text)]
    assert len(flagged) > 500
    assert sum(flagged) / len(flagged) > 0.9


@pytest.mark.skipif(not CORPUS.exists(), reason="the corpus of Korean texts is not beside the repository")
def test_old_novels_hold_no_contacts_or_links() -> None:
    for path in (CORPUS / "novels").glob("*.txt"):
        assert not {"contact", "link"} & set(rules.flags(path.read_text(encoding="utf-8"))), path.name
