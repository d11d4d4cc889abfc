"""How a character is chosen."""

from collections import Counter

import pytest
import torch

from model.choice import Choice
from model.config import SampleConfig
from model.drafting import Draft
from model.originality import WindowIndex
from model.tokenizer import Tokenizer

LETTERS = "가나다라.!”"
CPU = torch.device("cpu")


@pytest.fixture
def tokenizer() -> Tokenizer:
    made = Tokenizer()
    made.grow([LETTERS])
    return made


def chances(tokenizer: Tokenizer, **shares: float) -> torch.Tensor:
    row = torch.full((1, len(tokenizer)), 1e-6)
    for char, share in shares.items():
        row[0, tokenizer.encode(char)] = share
    return row.log().log_softmax(-1)


def drawn(tokenizer: Tokenizer, sample: SampleConfig, text: str = "하", **shares: float) -> Counter[str]:
    """What a thousand drafts of this text go on with."""
    drafts = [Draft("", 100, (), seed, sample, WindowIndex()) for seed in range(1_000)]
    for draft in drafts:
        for char in text:
            draft.add(char, 0.0)
    return Counter(Choice(tokenizer, sample, CPU).of(drafts, chances(tokenizer, **shares).expand(1_000, -1)))


def test_characters_come_as_often_as_they_are_likely(tokenizer: Tokenizer) -> None:
    counts = drawn(tokenizer, SampleConfig(temperature=1.0, min_p=0.0), 가=0.6, 나=0.3, 다=0.1)
    assert [counts[char] / 1_000 for char in "가나다"] == pytest.approx([0.6, 0.3, 0.1], abs=0.06)


def test_what_is_far_less_likely_than_the_likeliest_never_comes(tokenizer: Tokenizer) -> None:
    assert set(drawn(tokenizer, SampleConfig(temperature=1.0, min_p=0.3), 가=0.6, 나=0.3, 다=0.1)) == {
        "가",
        "나",
    }


def test_what_a_draft_refuses_leaves_its_share_to_the_others(tokenizer: Tokenizer) -> None:
    counts = drawn(tokenizer, SampleConfig(temperature=1.0, min_p=0.1), "하하가가가", 가=0.8, 나=0.1, 다=0.1)
    assert set(counts) == {"나", "다"}
    assert counts["나"] / 1_000 == pytest.approx(0.5, abs=0.08)


def test_greedy_takes_the_likeliest_that_is_allowed(tokenizer: Tokenizer) -> None:
    assert set(drawn(tokenizer, SampleConfig(greedy=True), 가=0.5, 나=0.3)) == {"가"}
    assert set(drawn(tokenizer, SampleConfig(greedy=True), "하하가가가", 가=0.5, 나=0.3)) == {"나"}


def test_where_everything_is_refused_a_draft_still_goes_on() -> None:
    letters = Tokenizer()
    letters.grow(["가나"])
    assert set(drawn(letters, SampleConfig(), "하다.", 가=0.5, 나=0.5)) == {" "}


def test_sentences_come_to_their_end_when_the_draft_does(tokenizer: Tokenizer) -> None:
    shares = {"가": 0.9, ".": 0.1}
    early, late = (drawn(tokenizer, SampleConfig(), "하나" * half, **shares)["."] for half in (20, 50))
    assert late > 3 * early
