"""AdamW (Loshchilov and Hutter 2019, arXiv:1711.05101) by torch's fused function."""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor
from torch.optim.adamw import adamw

EPSILON = 1e-8


class FusedAdamW:
    """Updates parameters from their gradients as `torch.optim.AdamW(…, fused=True)` does, to the bit.

    That class imports torch's compiler at its first use, 0.9 s in every process that learns; nothing is compiled here.
    """

    def __init__(
        self, parameters: Sequence[Tensor], *, weight_decay: float, betas: tuple[float, float]
    ) -> None:
        self._parameters, self._weight_decay, self._betas = list(parameters), weight_decay, betas
        self._averages = {
            "step": [torch.zeros((), device=weight.device) for weight in parameters],
            "exp_avg": [torch.zeros_like(weight) for weight in parameters],
            "exp_avg_sq": [torch.zeros_like(weight) for weight in parameters],
        }

    @torch.no_grad()
    def step(self, rate: float) -> None:
        """Update every parameter once, in place, with this learning rate."""
        gradients = [weight.grad for weight in self._parameters if weight.grad is not None]
        adamw(
            self._parameters, gradients, self._averages["exp_avg"], self._averages["exp_avg_sq"], [],
            self._averages["step"], fused=True, amsgrad=False, beta1=self._betas[0], beta2=self._betas[1], lr=rate,
            weight_decay=self._weight_decay, eps=EPSILON, maximize=False,
        )  # fmt: skip

    def state(self) -> dict[str, Tensor]:
        """Return the running averages by "parameter's number, name"; `load_state` takes them again."""
        return {
            f"{number} {name}": value
            for name, values in self._averages.items()
            for number, value in enumerate(values)
        }

    def load_state(self, state: Mapping[str, Tensor]) -> None:
        """Replace the running averages by those of an optimizer of the same parameters; raises KeyError if one is missing."""
        for name, values in self._averages.items():
            for number, value in enumerate(values):
                value.copy_(state[f"{number} {name}"])
