"""The GRU's recurrence, written out for learning on a CPU.

The formulas are those of torch.nn.GRU (Cho et al. 2014, arXiv:1406.1078), and so are the weights. What is saved is
work around them: the gradient of the recurrent weights is one product over the whole window instead of one a
character, all factors that do not depend on later characters are computed for the window at once, and products may
be taken in bfloat16 while weights and their gradients stay in float32 (Micikevicius et al. 2018, arXiv:1710.03740).
"""

from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable


def precision_on(device: torch.device) -> torch.dtype:
    """The precision of products while learning: bfloat16 on a processor that multiplies it natively, else float32
    (which cuDNN rounds to TF32 where a GPU has it)."""
    native = torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported()
    return torch.bfloat16 if device.type == "cpu" and native else torch.float32


def recur(
    gru: nn.GRU, layer: int, inputs: Tensor, state: Tensor, precision: torch.dtype
) -> tuple[Tensor, Tensor]:
    """One layer over a window: inputs [time, batch, features], state [batch, hidden] → what the layer holds after
    each character [time, batch, hidden], in `precision`, and the last of it in float32."""
    if inputs.is_cuda:  # whose own kernels need no help
        return _by_cudnn(gru.all_weights[layer], inputs, state)
    weight_ih, weight_hh, bias_ih, bias_hh = gru.all_weights[layer]
    hidden = gru.hidden_size
    # The biases of the reset and update gates only ever occur as a sum.
    bias = torch.cat([bias_ih[: 2 * hidden] + bias_hh[: 2 * hidden], bias_ih[2 * hidden :]])
    given = nn.functional.linear(inputs.to(precision), weight_ih.to(precision), bias.to(precision))
    held: Tensor = _Recurrence.apply(given, state, weight_hh, bias_hh[2 * hidden :])  # type: ignore[no-untyped-call]
    return held, held[-1].float()


def _by_cudnn(weights: Sequence[Tensor], inputs: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
    """One layer by torch's own kernel, called as nn.GRU calls it."""
    held, last = torch._VF.gru(inputs, state[None], list(weights), True, 1, 0.0, True, False, False)
    return held, last[0]


class _Recurrence(torch.autograd.Function):
    """given [time, batch, 3 × hidden], the inputs' part of the gates → states [time, batch, hidden].

    No gradient goes to the first state: backpropagation through time is truncated there.
    """

    @staticmethod
    def forward(ctx: Any, given: Tensor, state: Tensor, weight: Tensor, bias: Tensor) -> Tensor:
        time, batch, width = given.shape
        hidden, both = width // 3, width // 3 * 2
        weight_t = weight.to(given.dtype).t()
        offsets = torch.cat([bias.new_zeros(both), bias]).to(given.dtype)
        states = given.new_empty(time + 1, batch, hidden)
        states[0] = state
        gates, recurrent = torch.empty_like(given), given.new_empty(time, batch, hidden)
        carried = given.new_empty(batch, width)
        for at in range(time):
            torch.addmm(offsets, states[at], weight_t, out=carried)
            gate, new = gates[at, :, :both], gates[at, :, both:]
            torch.add(given[at, :, :both], carried[:, :both], out=gate).sigmoid_()
            recurrent[at] = carried[:, both:]
            torch.addcmul(given[at, :, both:], gate[:, :hidden], carried[:, both:], out=new).tanh_()
            torch.lerp(new, states[at], gate[:, hidden:], out=states[at + 1])
        ctx.save_for_backward(gates, recurrent, states, weight)
        return states[1:]

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, wanted: Tensor) -> tuple[Tensor, None, Tensor, Tensor]:
        gates, recurrent, states, weight = ctx.saved_tensors
        hidden = states.shape[-1]
        both = 2 * hidden
        reset, update, new = gates.chunk(3, 2)
        by_new = (1 - update) * (1 - new * new)
        by_update = (states[:-1] - new) * update * (1 - update)
        by_reset = recurrent * reset * (1 - reset)
        narrow = weight.to(gates.dtype)
        to_gates, to_rest = narrow[:both], narrow[both:]
        given, rest = torch.empty_like(gates), torch.empty_like(recurrent)
        later = torch.zeros_like(states[0])
        for at in reversed(range(len(gates))):
            later = later + wanted[at]
            for_reset, for_update, for_new = given[at].chunk(3, 1)
            torch.mul(later, by_new[at], out=for_new)
            torch.mul(later, by_update[at], out=for_update)
            torch.mul(for_new, by_reset[at], out=for_reset)
            torch.mul(for_new, reset[at], out=rest[at])
            earlier = torch.mm(given[at, :, :both], to_gates).addmm_(rest[at], to_rest)
            later = earlier.addcmul_(later, update[at])
        before, rest = states[:-1].flatten(0, 1), rest.flatten(0, 1)
        gate_weight = given[..., :both].flatten(0, 1).t() @ before
        return given, None, torch.cat([gate_weight, rest.t() @ before]).float(), rest.float().sum(0)
