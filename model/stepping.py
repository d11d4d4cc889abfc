"""Stepping: a CharGRU made ready to write, one character of every draft at a time.

A step is a few products of many weights with few numbers, so what it takes is the time to read the weights. Hence all
drafts step together, the first layer's product with every character is looked up instead of taken again, and weights
are laid out once, in fp32 or int8, in the order in which the processor's products read them. One thread does it: the
products are too short to be worth waking another, above all on a busy machine. docs/writer.md has the figures.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache, partial

import torch
from torch import Tensor
from torch.nn.functional import embedding, linear

from model.config import Precision
from model.network import CharGRU

Product = Callable[[Tensor], Tensor]  # numbers [rows, in] → [rows, out]

ROWS = 8  # drafts that the weights are laid out for; one or thirty are served as well
LEVELS = 127  # int8 on each side of zero


class Stepper:
    """Does for one character a draft what `CharGRU.forward` does for a block, without gradients or dropout.

    It holds the weights as they were when it was made. In int8, what the layers hold and the weights that it is
    multiplied with are rounded to 255 levels: a GRU's state lies between -1 and 1, so its levels are fixed, and
    weights have levels of their own for each output (Jacob et al. 2018, arXiv:1712.05877). The rest stays fp32.
    """

    @torch.inference_mode()
    def __init__(self, network: CharGRU, styles: Tensor, precision: Precision = "fp32") -> None:
        """`styles` [1, styles] are the shares of the styles, the same in all drafts."""
        product = PRODUCTS[precision]
        layers = network.gru.all_weights
        first, _, first_bias, _ = layers[0]
        given = packed(first, first_bias)(network.characters + styles @ network.styles)
        self._into: list[Product] = [partial(embedding, weight=given)]
        self._into += [product(weight, bias) for weight, _, bias, _ in layers[1:]]
        self._onward = [product(weight, bias) for _, weight, _, bias in layers]
        if network.config.tied:
            self._narrowed = product(network.narrow.weight, network.narrow.bias)
            self._scores = packed(network.output_table(), network.bias)
        else:
            self._narrowed = torch.nn.Identity()
            self._scores = product(network.output_table(), network.bias)

    @torch.inference_mode()
    def __call__(self, ids: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """ids [drafts], state [layers, drafts, hidden] → scores [drafts, vocabulary] and the state after."""
        below, after = ids, []
        for into, onward, held in zip(self._into, self._onward, state, strict=True):
            below = gru_cell(into(below), onward(held), held)
            after.append(below)
        return self._scores(self._narrowed(below)), torch.stack(after)

    @torch.inference_mode()
    def guess(self, state: Tensor) -> Tensor:
        """The scores of what comes next [drafts, vocabulary], which hang on the upper layer's state alone."""
        return self._scores(self._narrowed(state[-1]))

    @torch.inference_mode()
    def read(self, block: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """One step after another: ids [drafts, time] → scores [drafts, time, vocabulary] and the state after."""
        scores = []
        for ids in block.unbind(1):
            found, state = self(ids, state)
            scores.append(found)
        return torch.stack(scores, 1), state


def gru_cell(given: Tensor, carried: Tensor, held: Tensor) -> Tensor:
    """What a layer holds next [rows, hidden], from the products of its weights with what it is given and with what
    it holds [rows, 3 × hidden]: torch.nn.GRU's formulas (Cho et al. 2014, arXiv:1406.1078)."""
    gates = 2 * held.shape[1]
    reset, update = (given[:, :gates] + carried[:, :gates]).sigmoid_().chunk(2, 1)
    new = torch.addcmul(given[:, gates:], reset, carried[:, gates:]).tanh_()
    return torch.lerp(new, held, update)


def packed(weight: Tensor, bias: Tensor) -> Product:
    """rows · weight^T + bias in fp32, with the weight laid out as oneDNN reads it where there is oneDNN for it."""
    if not has_onednn(weight.device):
        return partial(linear, weight=weight, bias=bias)
    laid_out = torch.ops.mkldnn._reorder_linear_weight(weight.detach().contiguous(), ROWS)

    def product(rows: Tensor) -> Tensor:
        return torch.ops.mkldnn._linear_pointwise(rows, laid_out, bias, "none", [], "")  # type: ignore[no-any-return]

    return product


def quantised(weight: Tensor, bias: Tensor) -> Product:
    """rows · weight^T + bias in int8, for rows between -1 and 1.

    A processor that does not multiply bytes exactly takes the product of the same levels in fp32: their sums are
    whole numbers, exact up to 1,040 of them, so it writes the same, only slower.
    """
    scale = weight.abs().amax(1).clamp(min=torch.finfo(weight.dtype).tiny) / LEVELS
    levels = (weight / scale[:, None]).round()
    multiply = bytes_product if multiplies_bytes(weight.device) else levels_product
    product = multiply(levels, scale / LEVELS, bias)

    def rounded(rows: Tensor) -> Tensor:
        return product((rows * LEVELS).round_().clamp_(-LEVELS, LEVELS))

    return rounded


def bytes_product(levels: Tensor, unit: Tensor, bias: Tensor) -> Product:
    """rows · levels^T · unit + bias for whole numbers from -127 to 127, multiplied as bytes."""
    zero = LEVELS + 1  # the byte that stands for 0 in the rows, which oneDNN takes unsigned
    laid_out = torch.ops.onednn.qlinear_prepack(levels.to(torch.int8), [ROWS, levels.shape[1]])
    none = torch.zeros(len(levels), dtype=torch.int64)

    def product(rows: Tensor) -> Tensor:
        unsigned = (rows + zero).to(torch.uint8)
        return torch.ops.onednn.qlinear_pointwise(  # type: ignore[no-any-return]
            unsigned, 1.0, zero, laid_out, unit, none, bias, 1.0, 0, torch.float32, "none", [], ""
        )

    return product


def levels_product(levels: Tensor, unit: Tensor, bias: Tensor) -> Product:
    """The same as `bytes_product`, multiplied in fp32."""
    product = packed(levels, torch.zeros_like(bias))
    return lambda rows: torch.addcmul(bias, product(rows), unit)


PRODUCTS: dict[Precision, Callable[[Tensor, Tensor], Product]] = {"fp32": packed, "int8": quantised}


def has_onednn(device: torch.device) -> bool:
    """Whether oneDNN's products are the ones to use: on x86 processors."""
    x86 = torch.cpu.get_capabilities().get("architecture") == "x86_64"
    built_in: bool = torch.backends.mkldnn.is_available()  # type: ignore[no-untyped-call]
    return device.type == "cpu" and x86 and built_in


@cache
def multiplies_bytes(device: torch.device) -> bool:
    """Whether oneDNN's products of bytes are exact here. Without VNNI instructions large ones saturate."""
    if not has_onednn(device):
        return False
    levels = torch.full((16, 64), float(LEVELS))
    product = bytes_product(levels, torch.ones(16), torch.zeros(16))
    return bool((product(levels) == 64 * LEVELS**2).all())


@contextmanager
def one_thread() -> Iterator[None]:
    """Products within take one thread; afterwards as many as before."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)
