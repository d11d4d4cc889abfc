"""The recurrence written out."""

import pytest
import torch
from torch import nn

from model.recurrence import _by_cudnn, precision_on, recur


def windows(layers: int = 1) -> tuple[nn.GRU, torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    gru = nn.GRU(6, 10, layers)
    for bias in (weight for name, weight in gru.named_parameters() if name.startswith("bias")):
        nn.init.normal_(bias)
    return gru, torch.randn(7, 3, 6, requires_grad=True), torch.randn(layers, 3, 10)


def test_it_holds_what_torch_holds() -> None:
    gru, inputs, state = windows()
    expected, end = gru(inputs, state)
    held, last = recur(gru, 0, inputs, state[0], torch.float32)
    assert torch.allclose(held, expected, atol=1e-6)
    assert torch.allclose(last, end[0], atol=1e-6)


def test_its_gradients_are_those_of_torch() -> None:
    gru, inputs, state = windows()
    weights = [inputs, *gru.parameters()]
    toward = torch.randn(7, 3, 10)
    expected = torch.autograd.grad(gru(inputs, state)[0], weights, toward)
    found = torch.autograd.grad(recur(gru, 0, inputs, state[0], torch.float32)[0], weights, toward)
    for name, one, other in zip(["inputs", *dict(gru.named_parameters())], found, expected, strict=True):
        assert torch.allclose(one, other, atol=1e-5), name


def test_layers_have_weights_of_their_own() -> None:
    gru, inputs, state = windows(layers=2)
    held = inputs
    for layer in range(2):
        held, last = recur(gru, layer, held, state[layer], torch.float32)
        assert last.shape == (3, 10)
    assert torch.allclose(held, gru(inputs, state)[0], atol=1e-6)


def test_in_bfloat16_it_is_close_and_its_gradients_are_float32() -> None:
    gru, inputs, state = windows()
    held, last = recur(gru, 0, inputs, state[0], torch.bfloat16)
    assert held.dtype == torch.bfloat16
    assert last.dtype == torch.float32
    assert torch.allclose(held.float(), gru(inputs, state)[0], atol=0.05)
    found = torch.autograd.grad(held.float().sum(), list(gru.parameters()))
    expected = torch.autograd.grad(gru(inputs, state)[0].sum(), list(gru.parameters()))
    assert {gradient.dtype for gradient in found} == {torch.float32}
    for one, other in zip(found, expected, strict=True):
        assert (one - other).norm() < 0.05 * other.norm() + 0.05


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_no_gradient_goes_back_before_the_window(precision: torch.dtype) -> None:
    gru, inputs, state = windows()
    before = state[0].requires_grad_()
    held, _ = recur(gru, 0, inputs, before, precision)
    assert torch.autograd.grad(held.float().sum(), before, allow_unused=True) == (None,)


def test_a_gpu_would_be_asked_for_the_same() -> None:
    """There is no GPU here, but its kernel is called through a name that serves the CPU as well."""
    gru, inputs, state = windows()
    held, last = _by_cudnn(gru.all_weights[0], inputs, state[0])
    expected, end = gru(inputs, state)
    assert torch.equal(held, expected)
    assert torch.equal(last, end[0])
    assert precision_on(torch.device("cuda")) == torch.float32
