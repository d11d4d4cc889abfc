"""Where keywords are placed, and with which particle."""

import re

import pytest
import torch

from model.config import ModelConfig, SampleConfig
from model.drafting import Draft
from model.keywords import Keywords, Moment, Reader, begins_a_word
from model.network import CharGRU
from model.originality import WindowIndex
from model.stepping import Stepper
from model.tokenizer import Tokenizer
from model.writer import Writer, WriteRequest

LETTERS = "가나다라마바사아자차카타파하우산을는 .\n"
WORDS = ("우산", "기차역", "고양이")


def test_a_keyword_stands_at_the_beginning_of_a_word_with_a_fitting_particle(taught: Writer) -> None:
    for draft in taught.write(WriteRequest("순이는 ", characters=240, drafts=6, keywords=WORDS)):
        assert draft.keywords_found == WORDS
        for word, wrong in zip(WORDS, ("[가는를와]", "[가는를와]", "[이은을과]"), strict=True):
            places = re.findall(rf"(?<![가-힣]){word}", draft.text)
            assert places
            assert not re.search(rf"{word}{wrong}(?![가-힣])", draft.text)


def test_until_its_first_keyword_a_draft_is_what_its_seed_writes_without(taught: Writer) -> None:
    request = WriteRequest("순이는 ", characters=240, drafts=4, keywords=["기차역", "등대"])
    for one, other in zip(
        taught.write(request), taught.write(WriteRequest("순이는 ", characters=240, drafts=4)), strict=True
    ):
        shared = min(one.text.find("기차역"), one.text.find("등대"))
        assert one.text[:shared] == other.text[:shared]
        assert one.text != other.text


@pytest.mark.parametrize(
    "word",
    ["비", "기다리다", "백치 아다다", "PC방", "뷁", "漢", "2046", "가" * 40],
    ids=["one syllable", "verb", "two words", "latin", "unread", "hanja", "number", "long"],
)
def test_any_keyword_is_written(taught: Writer, word: str) -> None:
    (draft,) = taught.write(WriteRequest("순이는 ", characters=120, keywords=[word]))
    assert begins_a_word(word, draft.text)


def test_twenty_keywords_in_a_short_draft_are_all_written(taught: Writer) -> None:
    words = tuple(f"{first}{second}" for first in "강산들꽃길" for second in "배별칼콩")
    (draft,) = taught.write(WriteRequest("", characters=60, keywords=words))
    assert draft.keywords_found == words


def test_a_word_is_more_than_the_end_of_another() -> None:
    assert begins_a_word("비", "그날 비가 왔다.")
    assert begins_a_word("비", "그는 “비다!” 했다.")
    assert begins_a_word("백치 아다다", "어느 날\n백치 아다다가 왔다.")
    assert not begins_a_word("비", "나는 준비를 했다.")


@pytest.fixture
def tokenizer() -> Tokenizer:
    made = Tokenizer()
    made.grow([LETTERS])
    return made


@pytest.fixture
def step(tokenizer: Tokenizer) -> Stepper:
    torch.manual_seed(0)
    network = CharGRU(ModelConfig(embedding=24, hidden=48), len(tokenizer))
    torch.nn.init.normal_(network.bias)
    return Stepper(network, torch.ones(1, 1))


def moment_after(text: str, step: Stepper, tokenizer: Tokenizer) -> Moment:
    scores, state = step.read(torch.tensor([tokenizer.encode(text)]), torch.zeros(1, 1, 48))
    return Moment(state, scores[0, -1].log_softmax(-1))


def by_single_characters(phrase: str, before: str, step: Stepper, tokenizer: Tokenizer) -> float:
    return sum(
        float(moment_after(before + phrase[:at], step, tokenizer).chances[tokenizer.encode(char)[0]])
        for at, char in enumerate(phrase)
    )


def test_a_phrase_is_as_likely_as_its_characters_one_after_another(
    step: Stepper, tokenizer: Tokenizer
) -> None:
    phrases, before = ["우산", "가", "나다라 "], ["가나 ", "하", "산을 "]
    moments = [moment_after(text, step, tokenizer) for text in before]
    expected = [by_single_characters(*pair, step, tokenizer) for pair in zip(phrases, before, strict=True)]
    assert Reader(step, tokenizer).likelihoods(phrases, moments).tolist() == pytest.approx(expected, abs=1e-4)


def test_a_keyword_goes_back_to_the_likeliest_beginning_of_a_word(
    step: Stepper, tokenizer: Tokenizer
) -> None:
    text = "가나 다라마 바사 아자차 카타파 하가나 다라 마바사"
    draft = Draft("", 28, ["우산"], 1, SampleConfig(), WindowIndex())
    keywords, back = Keywords(draft), None
    for at in range(len(text)):
        moment = moment_after("\n" + draft.text, step, tokenizer)
        back = keywords.place(moment, Reader(step, tokenizer))
        if back:
            break
        draft.add(text[at], 0.1)
    starts = [0, *(at + 1 for at, char in enumerate(text[:22]) if char == " ")]
    best = max(starts, key=lambda at: by_single_characters("우산", "\n" + text[:at], step, tokenizer))
    assert draft.text == text[:best]
    assert "".join(draft.forced).startswith("우산")
    assert not draft.waiting
    assert back
    assert torch.allclose(back.chances, moment_after("\n" + draft.text, step, tokenizer).chances, atol=1e-5)


def test_a_keyword_that_came_by_itself_is_not_written_again(step: Stepper, tokenizer: Tokenizer) -> None:
    draft = Draft("", 20, ["우산"], 1, SampleConfig(), WindowIndex())
    keywords, moment = Keywords(draft), moment_after("\n", step, tokenizer)
    for char in "가 우산을 나다라마바사아자차카타":
        assert keywords.place(moment, Reader(step, tokenizer)) is None
        draft.add(char, 0.1)
    assert not draft.waiting
    assert not draft.forced
