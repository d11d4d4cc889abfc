"""Joining lines that were broken at a fixed width."""

import unicodedata
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.text import decode, normalise, tidy, unwrap
from model.unwrapping import Spacing, find_wrap

from .conftest import story


def columns(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text)


def wrap(text: str, width: int) -> str:
    """Breaks lines wherever the width is reached, as old editors did; the space at a break is lost."""
    lines = []
    for paragraph in text.split("\n"):
        line = ""
        for char in paragraph:
            if columns(line + char) > width:
                lines.append(line.strip())
                line = ""
            line += char
        lines.append(line.strip())
    return "\n".join(lines)


def long_story() -> str:
    paragraphs = story(300, seed=3).split("\n")
    return "\n".join(" ".join(paragraphs[at : at + 7]) for at in range(0, len(paragraphs), 7))


@pytest.mark.parametrize("width", [60, 78, 98])
def test_joins_a_wrapped_text_again(width: int) -> None:
    text = long_story()
    joined = unwrap(wrap(text, width))
    assert abs(joined.count("\n") - text.count("\n")) < 0.2 * text.count("\n")
    assert "".join(joined.split()) == "".join(text.split()), "no letter is lost"
    assert sum(word in text.split() for word in joined.split()) > 0.97 * len(joined.split())


def test_blank_lines_and_indentation_keep_paragraphs_apart() -> None:
    text = long_story()
    spaced = wrap(text, 70).split("\n")
    blank = unwrap(wrap(text.replace("\n", "\n\n"), 70))
    assert blank.count("\n\n") == text.count("\n")
    indented = unwrap(wrap("\n".join("  " + line for line in text.split("\n")), 70))
    assert len(spaced) > 2 * len(indented.split("\n"))


@pytest.mark.parametrize(
    "text",
    [long_story(), long_story().replace(". ", ".\n").replace("” ", "”\n"), story(90, seed=4), "", "한 줄"],
)
def test_leaves_paragraphs_and_sentences_a_line_alone(text: str) -> None:
    assert unwrap(text) == text


def test_leaves_verse_alone() -> None:
    verse = "산에는 꽃 피네\n꽃이 피네\n갈 봄 여름 없이\n꽃이 피네\n" * 10
    assert unwrap(verse) == verse


@given(st.lists(st.text("가나다 .“”\n", max_size=90), max_size=40).map("\n".join))
def test_unwrapping_is_idempotent_and_loses_no_letter(text: str) -> None:
    once = unwrap(text)
    assert unwrap(once) == once
    assert "".join(once.split()) == "".join(text.split())


WORDS = long_story().split()


@st.composite
def wrapped_texts(draw: st.DrawFn) -> str:
    """Paragraphs broken at some width: with blank lines, indentation or a margin, or nothing to tell them apart."""
    paragraphs = draw(
        st.lists(st.lists(st.sampled_from(WORDS), min_size=1, max_size=60), min_size=3, max_size=9)
    )
    indent, margin = draw(st.sampled_from(["", "  ", "\u3000", "\t"])), draw(st.sampled_from(["", " "]))
    apart = draw(st.sampled_from(["\n", "\n\n"]))
    text = apart.join(indent + " ".join(words) for words in paragraphs)
    return wrap(text, draw(st.integers(30, 90))).replace("\n", "\n" + margin)


@given(wrapped_texts())
def test_a_wrapped_text_keeps_every_letter_and_is_joined_once_and_for_all(text: str) -> None:
    once = tidy(text)
    assert tidy(once) == once
    assert "".join(once.split()) == "".join(text.split())
    assert unwrap(unwrap(text)) == unwrap(text)
    assert len(once.split("\n")) <= len(text.split("\n"))


@given(wrapped_texts())
def test_how_a_text_was_saved_makes_no_difference_to_how_it_is_joined(text: str) -> None:
    """Decomposed Hangul looks wider than it is, and invisible characters have no width."""
    assert tidy(unicodedata.normalize("NFD", text)) == tidy(text)
    assert tidy("\ufeff" + text.replace("\n", "\r\n").replace(" ", " \u200b")) == tidy(text)


def test_a_margin_is_no_indentation() -> None:
    text = wrap(long_story(), 70)
    assert tidy("\n".join("    " + line for line in text.split("\n"))) == tidy(text)


class TestSharedCorpus:
    def test_leaves_every_novel_alone(self, corpus: Path) -> None:
        for path in (corpus / "novels").glob("*.txt"):
            text = normalise(path.read_text("utf-8"))
            assert unwrap(text) == text, path.name

    def test_finds_the_spaces_of_a_hard_wrapped_edition(self, corpus: Path) -> None:
        """Against the unwrapped edition of the same story, at the breaks both have."""
        wrapped = decode((corpus / "bad_input" / "hardwrap_crlf_동백꽃.txt").read_bytes()).text
        whole = (corpus / "novels" / "김유정_동백꽃.txt").read_text("utf-8")
        lines = wrapped.replace("\r\n", "\n").split("\n")
        found = find_wrap(lines)
        assert found is not None
        assert not found.between_words
        spacing = Spacing(lines)
        right = wrong = 0
        for line, following in pairwise(lines):
            left, after = line.strip()[-4:], following.strip()[:4]
            if not found.goes_on(line, following) or (left + after in whole) == (f"{left} {after}" in whole):
                continue
            if spacing.wants_space(line.strip(), following.strip()) == (f"{left} {after}" in whole):
                right += 1
            else:
                wrong += 1
        assert right + wrong > 60
        assert right > 0.8 * (right + wrong)

    def test_wraps_and_joins_whole_novels(self, corpus: Path) -> None:
        """More than nine words in ten come back from a novel broken at 80 columns."""
        for name in ("현진건_빈처", "이효석_장미_병들다", "최서해_탈출기"):
            text = normalise((corpus / "novels" / f"{name}.txt").read_text("utf-8"))
            words = set(text.split())
            joined = unwrap(wrap(text, 80)).split()
            assert sum(word in words for word in joined) > 0.96 * len(joined), name
