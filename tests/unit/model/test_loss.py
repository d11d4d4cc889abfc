"""Cross-entropy a few rows at a time."""

import pytest
import torch
from torch.nn.functional import cross_entropy

from model.loss import ROWS, linear_cross_entropy


@pytest.mark.parametrize("rows", [1, ROWS, 2 * ROWS + 17])
def test_it_is_cross_entropy_and_so_are_its_gradients(rows: int) -> None:
    torch.manual_seed(1)
    hidden, table, bias = (torch.randn(shape, requires_grad=True) for shape in ((rows, 12), (40, 12), (40,)))
    targets = torch.randint(0, 40, (rows,))
    expected = cross_entropy(hidden @ table.t() + bias, targets)
    loss = linear_cross_entropy(hidden, table, bias, targets)
    assert loss.item() == pytest.approx(expected.item(), rel=1e-5)
    given = (hidden, table, bias)
    for one, other in zip(
        torch.autograd.grad(2 * loss, given), torch.autograd.grad(2 * expected, given), strict=True
    ):
        assert torch.allclose(one, other, atol=1e-5)


def test_narrow_numbers_give_a_close_loss_and_wide_gradients_for_the_table() -> None:
    torch.manual_seed(1)
    hidden, table, bias = (
        torch.randn(50, 12).bfloat16(),
        torch.randn(40, 12, requires_grad=True),
        torch.zeros(40),
    )
    targets = torch.randint(0, 40, (50,))
    loss = linear_cross_entropy(hidden, table, bias, targets)
    assert loss.item() == pytest.approx(cross_entropy(hidden.float() @ table.t(), targets).item(), rel=0.02)
    assert torch.autograd.grad(loss, table)[0].dtype == torch.float32
