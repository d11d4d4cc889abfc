"""The network."""

import torch

from model.config import ModelConfig
from model.network import CharGRU


def network(styles: int = 2) -> CharGRU:
    torch.manual_seed(1)
    made = CharGRU(ModelConfig.tiny(), vocabulary=30, styles=styles)
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
    assert after.shape[-1] == 45
    blank, _ = gru(ids, torch.tensor([[0.0, 0.0, 1.0, 0.0]]), gru.blank_state(1))
    assert not torch.allclose(after, blank), "a style makes a difference"
