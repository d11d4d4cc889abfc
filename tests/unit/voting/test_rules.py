"""How ballots are checked, and what seeds, pseudonyms and hashes promise."""

from __future__ import annotations

import unicodedata
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.core.voting import rules
from webapp.core.voting.rules import Choice
from webapp.errors import Invalid

NOON = datetime(2026, 5, 1, 12, tzinfo=UTC)
OPTIONS = [
    Choice(1, "하나", NOON),
    Choice(2, "둘", NOON),
    Choice(3, "내린 것", NOON, struck=True),
    Choice(4, "없어요", NOON, is_none=True),
]


@pytest.mark.parametrize(
    ("method", "chosen", "code"),
    [
        ("approval", [], "empty-ballot"),
        ("irv", [], "empty-ballot"),
        ("approval", [99], "foreign-option"),
        ("ranked-pairs", [1, 2**63], "foreign-option"),
        ("approval", [1, 4], "none-with-others"),
        ("approval", [3], "struck-option"),
        ("irv", [1, 3], "struck-option"),
        ("median", [1, 2], "one-option-only"),
        ("plurality", [2, 1], "one-option-only"),
        ("irv", [1, 2, 1], "option-twice"),
        ("ranked-pairs", [1, 4, 2], "none-not-last"),
    ],
)
def test_a_ballot_that_cannot_be_cast_is_refused(method: str, chosen: list[int], code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        rules.check_ballot(method, OPTIONS, chosen)
    assert refusal.value.code == code
    assert refusal.value.field == "options"


@pytest.mark.parametrize(
    ("method", "chosen", "ids"),
    [
        ("approval", [2, 1, 2], [1, 2]),
        ("approval", [4], [4]),
        ("median", [1, 1], [1]),
        ("plurality", [2], [2]),
        ("irv", [2, 1], [2, 1]),
        ("ranked-pairs", [2, 1, 4], [2, 1, 4]),
        ("irv", [4], [4]),
    ],
)
def test_a_ballot_chooses_each_option_once_and_a_ranked_one_in_its_order(
    method: str, chosen: list[int], ids: list[int]
) -> None:
    assert rules.check_ballot(method, OPTIONS, chosen) == ids


def test_labels_that_differ_in_form_or_case_share_a_key_and_others_do_not() -> None:
    assert rules.label_key(unicodedata.normalize("NFD", "첫눈")) == rules.label_key("첫눈")
    assert rules.label_key("Rain") == rules.label_key("rAIN")
    assert rules.label_key("눈") != rules.label_key("눔")


@given(st.text(max_size=40))
def test_the_key_of_a_label_does_not_depend_on_its_form(label: str) -> None:
    assert rules.label_key(unicodedata.normalize("NFD", label)) == rules.label_key(label)


def test_the_published_seed_gives_no_voter_away() -> None:
    secret = "5" * 64
    names = {rules.pseudonym(secret, voter) for voter in range(100)}
    guesses = {rules.pseudonym(rules.seed_of(secret), voter) for voter in range(100)}
    assert len(names) == 100
    assert not names & guesses


def test_a_voter_has_another_pseudonym_in_every_poll() -> None:
    assert rules.pseudonym("1" * 64, 7) != rules.pseudonym("2" * 64, 7)


def test_the_hash_of_the_seed_is_its_sha256() -> None:
    assert rules.hash_seed("") == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
