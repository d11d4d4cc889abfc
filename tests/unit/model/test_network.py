"""The network."""

from dataclasses import replace

import torch

from model.config import ModelConfig
from model.network import CharGRU

VOCABULARY = 30


def network(styles: int = 2) -> CharGRU:
    torch.manual_seed(1)
    made = CharGRU(ModelConfig.tiny(), VOCABULARY, styles=styles)
    torch.nn.init.normal_(made.styles)
    return made.eval()


def test_a_state_carried_on_is_the_same_as_one_long_read() -> None:
    gru, ids = network(), torch.randint(0, 30, (3, 20))
    shares = torch.eye(2)[[0, 1, 1]]
    whole, state = gru(ids, shares, gru.blank_state(3))
    first, between = gru(ids[:, :7], shares, gru.blank_state(3))
    second, end = gru(ids[:, 7:], shares, between)
    assert torch.allclose(whole, torch.cat([first, second], 1), atol=1e-5)
    assert torch.allclose(state, end, atol=1e-5)
    assert whole.shape == (3, 20, 30)


def test_growing_changes_nothing_for_old_characters_and_styles() -> None:
    gru, ids = network(), torch.randint(0, 30, (1, 9))
    before, _ = gru(ids, torch.tensor([[0.0, 1.0]]), gru.blank_state(1))
    gru.grow(45, 4)
    after, _ = gru(ids, torch.tensor([[0.0, 1.0, 0.0, 0.0]]), gru.blank_state(1))
    assert torch.allclose(before, after[..., :30], atol=1e-5)
    assert torch.equal(before.argsort(-1), after[..., :30].argsort(-1)), "what is likelier stays likelier"
    assert after.shape[-1] == 45
    plain, _ = gru(ids, torch.tensor([[1.0, 0.0, 0.0, 0.0]]), gru.blank_state(1))
    new, _ = gru(ids, torch.tensor([[0.0, 0.0, 1.0, 0.0]]), gru.blank_state(1))
    assert torch.allclose(plain, new), "a new style begins as none in particular, which is learned, too"
    assert not torch.allclose(after, new), "a style makes a difference"


def test_the_loss_of_learning_is_the_surprise_of_reading_when_nothing_is_left_out() -> None:
    gru, ids = network(), torch.randint(0, 30, (3, 21))
    shares, state = torch.eye(2)[[0, 1, 1]], torch.rand(1, 3, 48)
    scores, end = gru(ids[:, :-1], shares, state)
    expected = torch.nn.functional.cross_entropy(scores.flatten(0, 1), ids[:, 1:].flatten())
    masks = gru.masks(3, torch.Generator().manual_seed(1))
    loss, carried = gru.loss(ids[:, :-1], ids[:, 1:], shares, state, masks, torch.float32)
    assert torch.allclose(loss, expected, atol=1e-5)
    assert torch.allclose(carried, end, atol=1e-5)


def test_masks_leave_out_the_share_that_was_asked_for() -> None:
    config = replace(ModelConfig.tiny(), embedding=100, hidden=200, dropout=0.5, character_dropout=0.2)
    masks = CharGRU(config, VOCABULARY).masks(50, torch.Generator().manual_seed(1))
    assert masks.characters.shape == (50, 100)
    assert masks.layers.shape == (1, 50, 200)
    assert abs((masks.characters == 0).float().mean() - 0.2) < 0.03
    assert abs((masks.layers == 0).float().mean() - 0.5) < 0.03
    assert masks.layers.max() == 2.0


def test_expected_frequencies_are_the_first_guess() -> None:
    gru = network()
    gru.expect(torch.arange(30))
    chances = gru.bias.softmax(0)
    assert torch.allclose(chances, (torch.arange(30) + 0.1) / (435 + 3), atol=1e-6)
