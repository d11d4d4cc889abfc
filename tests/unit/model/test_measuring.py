"""Bits per character: what they cost, and that side by side they cost what they cost alone."""

import math

import pytest
import torch

from model.config import ModelConfig
from model.measuring import evaluate
from model.network import CharGRU
from model.tokenizer import Tokenizer

from .conftest import story


def stage(text: str) -> tuple[CharGRU, Tokenizer]:
    tokenizer = Tokenizer()
    tokenizer.grow([text])
    torch.manual_seed(1)
    return CharGRU(ModelConfig.tiny(), len(tokenizer), styles=2), tokenizer


def test_a_network_without_knowledge_is_surprised_by_every_character() -> None:
    network, _ = stage(story(30, seed=1))
    torch.nn.init.zeros_(network.characters)
    ids = torch.randint(2, len(network.bias), (3000,))
    assert evaluate(network, [(ids, 0)])[0] == pytest.approx(math.log2(len(network.bias)), abs=1e-3)


def test_measuring_in_stretches_is_close_to_one_long_read() -> None:
    network, tokenizer = stage(story(30, seed=1))
    ids = torch.tensor(tokenizer.encode(story(300, seed=2)))
    scores, _ = network.eval()(ids[None, :-1], torch.tensor([[1.0, 0.0]]), network.blank_state(1))
    whole = torch.nn.functional.cross_entropy(scores[0], ids[1:]).item() / math.log(2)
    assert evaluate(network, [(ids, 0)])[0] == pytest.approx(whole, abs=0.01)
    assert math.isnan(evaluate(network, [(ids[:1], 0)])[0])


def test_a_character_that_is_not_known_costs_what_spelling_it_out_costs() -> None:
    network, tokenizer = stage("가나다라")
    known, unknown = (torch.tensor(tokenizer.encode(text)) for text in ("가나다라" * 50, "가나똠뷁" * 50))
    bits = evaluate(network, [(known, 0), (unknown, 0)])
    assert bits[1] - bits[0] == pytest.approx(math.log2(11_172) / 2, abs=1.0)


def test_texts_side_by_side_cost_what_each_costs_alone() -> None:
    network, tokenizer = stage(story(30, seed=1))
    texts = [
        (torch.tensor(tokenizer.encode(story(sentences, seed=sentences))), sentences % 2)
        for sentences in (120, 3, 0, 40, *range(4, 40))
    ]
    torch.nn.init.normal_(network.styles)
    alone = [evaluate(network, [text])[0] for text in texts]
    assert evaluate(network, texts) == pytest.approx(alone, abs=1e-4)
