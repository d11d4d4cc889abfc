"""CharGRU: a recurrent network that guesses the next character."""

import torch
from torch import Tensor, nn

from model.config import ModelConfig


class CharGRU(nn.Module):
    """Characters in, scores of the next character out, with a state carried from window to window.

    The same table turns characters into numbers and numbers into scores (weight tying: Press and Wolf
    2017, arXiv:1608.05859), unless the network is untied. A style is a learned vector added to every
    character; styles blend by weighted sum, and style 0 is no style in particular.
    """

    def __init__(self, config: ModelConfig, vocabulary: int, styles: int = 1) -> None:
        super().__init__()
        self.config = config
        self.characters = nn.Parameter(torch.randn(vocabulary, config.embedding) * config.embedding**-0.5)
        self.bias = nn.Parameter(torch.zeros(vocabulary))
        self.styles = nn.Parameter(torch.zeros(styles, config.embedding))
        between = config.dropout if config.layers > 1 else 0.0
        self.gru = nn.GRU(config.embedding, config.hidden, config.layers, batch_first=True, dropout=between)
        if config.tied:
            self.narrow = nn.Linear(config.hidden, config.embedding)
        else:
            self.outputs = nn.Parameter(torch.randn(vocabulary, config.hidden) * config.hidden**-0.5)
        self.dropout = nn.Dropout(config.dropout)

    def forward(self, ids: Tensor, styles: Tensor, state: Tensor) -> tuple[Tensor, Tensor]:
        """ids [batch, time], style shares [batch, styles], state [layers, batch, hidden] → scores
        [batch, time, vocabulary] and the state after the last character."""
        seen = nn.functional.embedding(ids, self.characters) + (styles @ self.styles).unsqueeze(1)
        hidden, state = self.gru(self.dropout(seen), state)
        return self.guess(hidden), state

    def guess(self, hidden: Tensor) -> Tensor:
        """What the upper layer holds [..., hidden] → scores of the next character [..., vocabulary]."""
        if self.config.tied:
            narrowed: Tensor = self.dropout(self.narrow(hidden))
            return narrowed @ self.characters.T + self.bias
        return nn.functional.linear(self.dropout(hidden), self.outputs, self.bias)

    def blank_state(self, batch: int) -> Tensor:
        """The state of a writer that remembers nothing: [layers, batch, hidden]."""
        return self.bias.new_zeros(self.config.layers, batch, self.config.hidden)

    def grow(self, vocabulary: int, styles: int) -> None:
        """Adds rows for new characters and styles; the old rows stay as they are.

        New characters start near the mean of the old ones and unlikely; new styles start as no style.
        """
        old = self.characters.data
        extra = vocabulary - len(old)
        if extra > 0:
            self.characters = nn.Parameter(_with_rows(old, extra))
            if not self.config.tied:
                self.outputs = nn.Parameter(_with_rows(self.outputs.data, extra))
            self.bias = nn.Parameter(torch.cat([self.bias.data, self.bias.data.min().expand(extra)]))
        if styles > len(self.styles):
            blank = self.styles.data.new_zeros(styles - len(self.styles), old.shape[1])
            self.styles = nn.Parameter(torch.cat([self.styles.data, blank]))


def _with_rows(table: Tensor, extra: int) -> Tensor:
    noise = torch.randn(extra, table.shape[1]).to(table) * table.std()
    return torch.cat([table, table.mean(0) + noise])
