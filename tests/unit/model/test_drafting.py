"""Which characters may come next, and where a draft ends."""

import random
import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from model.config import SampleConfig
from model.drafting import Draft, open_marks, writable
from model.originality import WindowIndex


def draft(text: str = "", *, prompt: str = "", length: int = 100, index: WindowIndex | None = None) -> Draft:
    made = Draft(prompt, length, (), 1, SampleConfig(repeat_limit=6, copy_limit=9), index or WindowIndex())
    for char in text:
        made.add(char, 0.1)
    return made


@pytest.mark.parametrize(
    ("text", "good", "bad"),
    [
        ("", "가“‘", " \n.,?”)"),
        ("그는", " .,?!…가", "”\ufffd\x03漢🙂\u200b"),
        ("그는 ", "가“", " \n.,?”"),
        ("갔다.", " \n", "가,?!”"),
        ("“가자.", "” ", "“\n"),
        ("“가자.”", " \n하", "”"),
        ("“가자", "”.", "’\n"),
        ("갔다.\n", "가“", " \n.…”"),
        ("갔다....", " \n", "."),
        ("3.", "5", "?"),
        ("우산", "을은", "를와"),
    ],
)
def test_marks_and_spaces_stand_where_they_belong(text: str, good: str, bad: str) -> None:
    made = draft(text)
    assert [char for char in good if not made.allows(char)] == []
    assert [char for char in bad if made.allows(char)] == []


def test_a_draft_does_not_go_round_in_circles() -> None:
    assert not draft("아니라고 했다. 그는 아니라고 했").allows("다")
    assert draft("아니라고 했다. 그는 아니라고 했").allows("지")
    assert not draft("하하하").allows("하")
    assert draft("오래 오래").allows(" ")
    assert not draft("오래 오래 오래").allows(" ")
    assert not draft("오늘도 또 ", prompt="오늘도 또 우리 ").allows("우"), "nor does it repeat its prompt"


READ = WindowIndex().including([("할머니", "할머니는 저녁마다 창가에 앉아 바다의 이름을 불렀다")])


def test_a_draft_stops_copying() -> None:
    made = draft("할머니는 저녁마다 창", index=READ)
    assert not made.allows("가")
    assert made.allows("밖")
    assert draft("할머니는 저녁마다", index=READ).allows(" ")
    assert not draft("바다의 ", prompt="창가에 앉아 ", index=READ).allows("이"), "nor goes on from its prompt"


def test_a_phrase_does_not_fit_where_it_would_make_a_copy_longer() -> None:
    assert draft("그녀는 ", index=READ).fits("바다의 ", 4)
    assert not draft("창가에 앉아 그녀는", index=READ).fits("바다의 ", 7)
    assert draft("창가에 앉아 ", index=READ).fits("저녁마다 창가에 앉아 ", 7), (
        "but it is written, whatever it copies"
    )


def test_where_nothing_may_come_a_word_begins_that_copies_nothing() -> None:
    index = WindowIndex().including([("그", "저녁마다 창가에 앉아 그저")])
    assert draft("저녁마다 창가에 앉아 ", index=index).stopgap() == "이"
    assert draft("저녁마다", index=index).stopgap() == " "


def test_a_draft_taken_back_is_as_it_was_there() -> None:
    text, rest = "그는 말했다. “가자. (나도 ", "간다.)” 하고 웃었다. 할머니는 저녁마다 창"
    made, short = draft(text + rest, index=READ), draft(text, index=READ)
    made.back_to(len(text))
    assert (made.text, made.surprise, made.speaking) == (short.text, short.surprise, True)
    for char in rest:
        assert made.allows(char) == short.allows(char)
        made.add(char, 0.1)
        short.add(char, 0.1)
    assert made.ending() == short.ending()


def test_marks_wait_for_their_closing_ones_outermost_first() -> None:
    assert open_marks("“가자. (나도 ‘너도’ 간다") == ["“", "("]
    assert open_marks("”) 아무것도") == []


def test_only_letters_of_a_korean_story_are_writable() -> None:
    assert all(map(writable, "가힣 \n.,?!…“”‘’()aZ09"))
    assert not any(map(writable, "\ufffd\x03\x00\u200b漢ㅋ\u202eé"))


def test_a_quotation_ends_before_the_draft_does() -> None:
    made = draft("“" + "나는 간다. 너도 온다. 그도 안다."[:-1] + ".", length=20)
    assert made.due() == "”"


def test_the_cut_is_the_sentence_end_nearest_the_length() -> None:
    text = "가나다라마바사아자차. " * 12
    made = draft(text, length=97)
    assert made.ending() == text[:95]


def test_without_a_sentence_end_a_draft_is_closed_after_a_word() -> None:
    made = draft("그는 “" + " ".join(["가고"] * 60), length=100)
    ending = made.ending()
    assert ending.endswith("가고.”")
    assert 85 <= len(ending) <= 115


def feed(made: Draft, letters: str, seed: int) -> Draft:
    chance = random.Random(seed)
    while not made.full:
        if made.waiting and made.at_word:
            made.forced.extend(made.waiting.pop() + "를 ")
        order = chance.sample(letters, len(letters))
        made.add(made.due() or next(filter(made.allows, order), made.stopgap()), 1.0)
    return made


@settings(deadline=None)
@given(
    st.integers(0, 10_000),
    st.integers(20, 300),
    st.lists(st.sampled_from(["우산", "고양이", "밤바다", "편지"]), unique=True),
)
def test_whatever_the_network_says_a_draft_is_whole(seed: int, length: int, keywords: list[str]) -> None:
    """Even from letters drawn at random: every keyword, balanced quotations, about the length, nothing odd."""
    letters = "가나다라마바사아자차 \n.,?!…“”‘’()漢\ufffd" + string.ascii_lowercase
    text = feed(
        Draft("앞의 대목.\n", length, keywords, seed, SampleConfig(), WindowIndex()), letters, seed
    ).ending()
    assert all(word in text for word in keywords)
    assert all(map(writable, text))
    assert text.count("“") == text.count("”")
    assert text.count("(") == text.count(")")
    assert text == text.strip()
    assert text.endswith((".", "!", "?", "”", "’", ")"))
    if length >= 100:
        assert 0.85 * length <= len(text) <= 1.15 * length
