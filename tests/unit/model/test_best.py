"""Which weights a run ends with."""

import copy
from collections.abc import Sequence

import pytest
import torch

from model.best import Best
from model.config import ModelConfig
from model.corpus import Piece
from model.network import CharGRU

VOCABULARY = 12
LIKED = 7  # the character of which the held-out text is made


def piece(role: str = "new", *, held_out: int = 60) -> Piece:
    return Piece(torch.zeros(4, dtype=torch.long), torch.full((held_out,), LIKED), 0, 1.0, role)


def network() -> CharGRU:
    torch.manual_seed(0)
    return CharGRU(ModelConfig(embedding=6, hidden=8, dropout=0.0, character_dropout=0.0), VOCABULARY)


@torch.no_grad()
def like(gru: CharGRU, score: float) -> None:
    """Makes the network expect the held-out text as much as that."""
    gru.bias[LIKED] = score


def judged(gru: CharGRU, scores: Sequence[float], *, keeping: float = 0.0, role: str = "new") -> Best:
    """What has seen the network expect the held-out text as much as each of these, one after another."""
    best = Best(gru, [piece(role)], patience=2, keeping=keeping)
    for score in scores:
        like(gru, score)
        best.measure()
    return best


def test_the_weights_that_did_best_on_held_out_text_come_back() -> None:
    gru = network()
    judged(gru, [1.0, 3.0, 2.0]).restore()
    assert gru.bias[LIKED] == 3.0


def test_a_run_is_out_of_patience_when_nothing_got_better_for_so_long() -> None:
    assert not judged(network(), [1.0, 3.0, 2.0]).out_of_patience
    assert judged(network(), [1.0, 3.0, 2.0, 2.5]).out_of_patience
    assert not judged(network(), [1.0, 3.0, 2.0, 3.5]).out_of_patience


def test_what_is_kept_of_the_beginning_is_its_share_of_every_weight() -> None:
    gru = network()
    like(gru, 1.0)
    judged(gru, [3.0], keeping=0.25).restore()
    assert gru.bias[LIKED].item() == pytest.approx(2.5)


@pytest.mark.parametrize("pieces", [[piece("rehearsal")], [piece(held_out=1)]], ids=["rehearsed", "short"])
def test_without_a_judge_the_newest_weights_are_the_best(pieces: list[Piece]) -> None:
    gru = network()
    best = Best(gru, pieces, patience=1, keeping=0.0)
    for score in (3.0, 1.0):
        like(gru, score)
        best.measure()
    best.restore()
    assert gru.bias[LIKED] == 1.0
    assert not best.out_of_patience


def test_another_one_goes_on_from_what_was_kept() -> None:
    gru = network()
    kept = judged(gru, [3.0, 2.0]).kept()
    kept = copy.deepcopy(kept)
    like(gru, 0.0)
    resumed = Best(gru, [piece()], patience=2, keeping=0.0)
    resumed.go_on(kept)
    like(gru, 2.5)
    resumed.measure()
    assert resumed.out_of_patience
    resumed.restore()
    assert gru.bias[LIKED] == 3.0
