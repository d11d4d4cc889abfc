"""Characters and ids."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from model.tokenizer import LIMIT, SPECIAL, UNKNOWN, Tokenizer

PLAIN = st.text(st.characters(codec="utf-8", exclude_characters=SPECIAL))


@given(PLAIN)
def test_what_was_met_comes_back(text: str) -> None:
    tokenizer = Tokenizer()
    tokenizer.grow([text])
    assert tokenizer.decode(tokenizer.encode(text)) == text


@given(PLAIN, PLAIN)
def test_growing_disturbs_no_id(first: str, second: str) -> None:
    tokenizer = Tokenizer()
    tokenizer.grow([first])
    before, ids = list(tokenizer.vocabulary), tokenizer.encode(first)
    added = tokenizer.grow([second])
    assert tokenizer.vocabulary[: len(before)] == before
    assert tokenizer.encode(first) == ids
    assert added == len(set(second) - set(first))


@given(st.text(st.characters(codec="utf-8") | st.sampled_from(SPECIAL)), PLAIN)
def test_every_character_has_one_id_and_only_those_never_met_are_lost(text: str, met: str) -> None:
    tokenizer = Tokenizer()
    tokenizer.grow([met])
    ids = tokenizer.encode(text)
    assert len(ids) == len(text)
    assert tokenizer.decode(ids) == "".join(char for char in text if char in met)
    assert Tokenizer(tokenizer.vocabulary).encode(text) == ids


def test_frequent_characters_come_first_and_unknown_ones_are_unknown() -> None:
    tokenizer = Tokenizer()
    tokenizer.grow(["나가가가나다"])
    assert tokenizer.vocabulary == [*SPECIAL, "가", "나", "다"]
    assert tokenizer.encode("가라") == [2, UNKNOWN]


def test_a_vocabulary_has_a_limit() -> None:
    tokenizer = Tokenizer()
    tokenizer.grow(["".join(map(chr, range(0x4E00, 0x4E00 + LIMIT + 50)))])
    assert len(tokenizer) == LIMIT
    assert tokenizer.grow(["가"]) == 0


@pytest.mark.parametrize("vocabulary", [["가", "나"], [*SPECIAL, "가", "가"], [*SPECIAL, "가나"]])
def test_a_senseless_vocabulary_is_refused(vocabulary: list[str]) -> None:
    with pytest.raises(ValueError, match="a vocabulary"):
        Tokenizer(vocabulary)
