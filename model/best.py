"""The best weights of a run, by held-out text."""

import copy
import math
from collections.abc import Sequence

import torch

from model.corpus import Piece
from model.measuring import evaluate
from model.network import CharGRU
from model.snapshot import Kept

MEASURED = 10_000  # held-out characters read at each point of a run's curve, so that measuring stays cheap


class Best:
    """Keeps the weights that did best on held-out text.

    What is judged and kept are the newest weights averaged with those at the beginning, of which a share stays
    (WiSE-FT: Wortsman et al. 2022, arXiv:2109.01903): half way back, most of what was learned is still there, and
    most of what learning it had displaced is there again. Where none of the new texts is long enough to have a part
    held out, the newest weights are the best: rehearsed text alone would judge that nothing should be learned.
    """

    def __init__(self, network: CharGRU, pieces: Sequence[Piece], patience: int, keeping: float) -> None:
        self._network = network
        self._beginning = copy.deepcopy(network) if keeping else None
        self._keeping = keeping
        self._pieces = [piece for piece in pieces if len(piece.held_out) > 1]
        self._most = MEASURED // max(1, len(self._pieces)) + 1
        self._judges = any(piece.role == "new" for piece in self._pieces)
        self._patience = patience
        self._since = 0
        self._lowest = math.inf
        self._best: CharGRU | None = None

    @property
    def out_of_patience(self) -> bool:
        return self._since >= self._patience

    def measure(self) -> float | None:
        """Bits per character on held-out text, weighted by shares; None if none is held out."""
        if not self._pieces:
            return None
        averaged = self._averaged()
        bits = evaluate(averaged, [(piece.held_out[: self._most], piece.style) for piece in self._pieces])
        shares = [piece.share for piece in self._pieces]
        value = sum(b * share for b, share in zip(bits, shares, strict=True)) / sum(shares)
        if not self._judges:
            return value
        self._since += 1
        if value < self._lowest:
            self._lowest, self._since, self._best = value, 0, averaged
        return value

    def kept(self) -> Kept:
        """For a snapshot."""
        weights = self._best.state_dict() if self._best else {}
        return Kept({"since": self._since, "lowest": self._lowest}, weights)

    def go_on(self, kept: Kept) -> None:
        """Becomes what was kept."""
        self._since, self._lowest = kept.values["since"], kept.values["lowest"]
        if kept.tensors:
            self._best = copy.deepcopy(self._network)
            self._best.load_state_dict(kept.tensors)

    def restore(self) -> None:
        """Leaves the best weights in the network; the newest, where nothing judged them."""
        self._network.load_state_dict((self._best or self._averaged()).state_dict())

    @torch.no_grad()
    def _averaged(self) -> CharGRU:
        averaged = copy.deepcopy(self._network)
        if self._beginning is not None:
            for weight, before in zip(averaged.parameters(), self._beginning.parameters(), strict=True):
                weight.lerp_(before, self._keeping)
        return averaged
