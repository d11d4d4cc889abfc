"""CharGRU: a recurrent network that guesses the next character."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import embedding, linear

from model.config import ModelConfig
from model.loss import linear_cross_entropy
from model.recurrence import recur


@dataclass(frozen=True)
class Masks:
    """What is left out of each lane while it learns, the same for a whole window (variational dropout: Gal and
    Ghahramani 2016, arXiv:1512.05287): of the characters' numbers [batch, embedding] and of each layer's
    [layers, batch, hidden]."""

    characters: Tensor
    layers: Tensor


class CharGRU(nn.Module):
    """Characters in, scores of the next character out, with a state carried from window to window.

    The same table turns characters into numbers and numbers into scores (weight tying: Press and Wolf
    2017, arXiv:1608.05859), unless the network is untied. A style is a learned vector added to every
    character; styles blend by weighted sum, and style 0 is no style in particular.
    """

    def __init__(self, config: ModelConfig, vocabulary: int, styles: int = 1) -> None:
        super().__init__()
        self.config = config
        width = config.embedding
        self.characters = nn.Parameter(torch.randn(vocabulary, width) * width**-0.5)
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        self.styles = nn.Parameter(torch.zeros(styles, width))
        self.gru = nn.GRU(width, config.hidden, config.layers)
        _make_it_remember(self.gru)
        if config.tied:
            self.narrow = nn.Linear(config.hidden, width)
        else:
            self.outputs = nn.Parameter(torch.randn(vocabulary, config.hidden) * config.hidden**-0.5)

    def output_table(self) -> Tensor:
        """What is compared with the upper layer to score each character: [vocabulary, embedding or hidden]."""
        return self.characters if self.config.tied else self.outputs

    def forward(self, ids: Tensor, styles: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """ids [batch, time], style shares [batch, styles], state [layers, batch, hidden] → scores
        [batch, time, vocabulary] and the state after the last character."""
        hidden, state = self.gru(self._seen(ids, styles), state)
        return self.guess(hidden.transpose(0, 1)), state

    def guess(self, hidden: Tensor) -> Tensor:
        """What the upper layer holds [..., hidden] → scores of the next character [..., vocabulary]."""
        return linear(self._narrowed(hidden), self.output_table(), self.bias)

    def loss(
        self,
        ids: Tensor,
        targets: Tensor,
        styles: Tensor,
        state: Tensor,
        masks: Masks,
        precision: torch.dtype,
    ) -> tuple[Tensor, Tensor]:
        """The mean surprise at `targets` [batch, time] in nats, and the state to carry on; as `forward`, with parts
        left out and products taken in `precision`."""
        hidden = self._seen(ids, styles) * masks.characters
        ends = []
        for layer in range(self.config.layers):
            hidden, end = recur(self.gru, layer, hidden, state[layer], precision)
            hidden = hidden * masks.layers[layer].to(precision)
            ends.append(end)
        rows = self._narrowed(hidden).flatten(0, 1)
        loss = linear_cross_entropy(rows, self.output_table(), self.bias, targets.t().flatten())
        return loss, torch.stack(ends).detach()

    def _seen(self, ids: Tensor, styles: Tensor) -> Tensor:
        """[time, batch, embedding]"""
        return embedding(ids.t(), self.characters) + styles @ self.styles

    def _narrowed(self, hidden: Tensor) -> Tensor:
        if not self.config.tied:
            return hidden
        return linear(hidden, self.narrow.weight.to(hidden.dtype), self.narrow.bias.to(hidden.dtype))

    def masks(self, batch: int, generator: torch.Generator) -> Masks:
        """Which numbers to leave out of a window of learning, by the shares that the config names."""
        config = self.config

        def mask(left_out: float, *shape: int) -> Tensor:
            kept = torch.rand(shape, generator=generator) >= left_out
            return (kept / (1 - left_out)).to(self.bias.device)

        return Masks(
            mask(config.character_dropout, batch, config.embedding),
            mask(config.dropout, config.layers, batch, config.hidden),
        )

    def blank_state(self, batch: int) -> Tensor:
        """The state of a writer that remembers nothing: [layers, batch, hidden]."""
        return self.bias.new_zeros(self.config.layers, batch, self.config.hidden)

    def expect(self, counts: Tensor) -> None:
        """Begins with the characters' frequencies instead of learning them: counts [vocabulary]."""
        smoothed = counts.to(self.bias) + 0.1
        self.bias.data = (smoothed / smoothed.sum()).log()

    def grow(self, vocabulary: int, styles: int) -> None:
        """Adds rows for new characters and styles; the old rows stay as they are.

        New characters start near the mean of the old ones and unlikely; new styles start as no style.
        """
        extra = vocabulary - len(self.bias)
        if extra > 0:
            self.characters = nn.Parameter(_with_rows(self.characters.data, extra))
            if not self.config.tied:
                self.outputs = nn.Parameter(_with_rows(self.outputs.data, extra))
            self.bias = nn.Parameter(torch.cat([self.bias.data, self.bias.data.min().expand(extra)]))
        if styles > len(self.styles):
            plain = self.styles.data[:1].expand(styles - len(self.styles), -1)
            self.styles = nn.Parameter(torch.cat([self.styles.data, plain]))


def _make_it_remember(gru: nn.GRU) -> None:
    """Orthogonal recurrent weights (Saxe et al. 2014, arXiv:1312.6120) and gates that at first keep most of what is
    held (as Jozefowicz et al. 2015 advise for forget gates): what was read long ago reaches the start of learning."""
    for name, weight in gru.named_parameters():
        if name.startswith("weight_hh"):
            for gate in weight.data.chunk(3):
                nn.init.orthogonal_(gate)
        elif name.startswith("weight_ih"):
            nn.init.normal_(weight, std=weight.shape[1] ** -0.5)
        else:
            nn.init.zeros_(weight)
        if name.startswith("bias_ih"):
            weight.data[gru.hidden_size : 2 * gru.hidden_size] = 1.0


def _with_rows(table: Tensor, extra: int) -> Tensor:
    noise = torch.randn(extra, table.shape[1]).to(table) * table.std()
    return torch.cat([table, table.mean(0) + noise])
