"""Words of the prompt come back."""

import pytest
import torch
from torch import Tensor

from model.echo import Echo
from model.tokenizer import Tokenizer

PROMPT = "호동은 낙랑으로 갔다. 낙랑에는 북이 있었다. 漢"


@pytest.fixture
def tokenizer() -> Tokenizer:
    made = Tokenizer()
    made.grow([PROMPT[:-1]])
    return made


def level(tokenizer: Tokenizer) -> Tensor:
    """Chances that are the same for every character."""
    return torch.zeros(1, len(tokenizer)).log_softmax(-1)


def test_what_followed_in_the_prompt_becomes_likelier_and_the_rest_a_little_less_so(
    tokenizer: Tokenizer,
) -> None:
    chances = level(tokenizer)
    raised = Echo(PROMPT, tokenizer, 1.0).raise_chances(chances, ["그 낙랑"])
    e, eu = tokenizer.encode("에으")
    assert (raised > chances).nonzero()[:, 1].tolist() == sorted([e, eu])
    assert raised.exp().sum() == pytest.approx(1.0)


def test_a_longer_context_is_believed_more(tokenizer: Tokenizer) -> None:
    echo, (dong,) = Echo(PROMPT, tokenizer, 1.0), tokenizer.encode("갔")
    short, long = (echo.raise_chances(level(tokenizer), [tail])[0, dong] for tail in ("가나로 ", "랑으로 "))
    assert long > short > level(tokenizer)[0, dong]


def test_nothing_comes_back_without_strength_or_after_what_the_prompt_does_not_hold(
    tokenizer: Tokenizer,
) -> None:
    chances = level(tokenizer)
    assert torch.equal(Echo(PROMPT, tokenizer, 0.0).raise_chances(chances, [" 낙랑"]), chances)
    assert torch.equal(Echo(PROMPT, tokenizer, 1.0).raise_chances(chances, ["바다가 "]), chances)
    assert torch.equal(Echo("", tokenizer, 1.0).raise_chances(chances, ["낙랑"]), chances)


def test_characters_the_writer_does_not_know_do_not_come_back(tokenizer: Tokenizer) -> None:
    raised = Echo("가나 漢", tokenizer, 1.0).raise_chances(level(tokenizer), ["가나 "])
    assert torch.allclose(raised, level(tokenizer))
