"""The step that writing takes."""

import os
import subprocess
import sys

import pytest
import torch
from torch import Tensor

from model.config import ModelConfig, Precision
from model.network import CharGRU
from model.stepping import (
    LEVELS,
    Stepper,
    bytes_product,
    levels_product,
    multiplies_bytes,
    one_thread,
    quantised,
)

VOCABULARY = 200
BLEND = torch.tensor([[0.2, 0.5, 0.3]])
CPU = torch.device("cpu")


def network(layers: int = 1, *, tied: bool = True, hidden: int = 96) -> CharGRU:
    torch.manual_seed(layers)
    made = CharGRU(ModelConfig(embedding=40, hidden=hidden, layers=layers, tied=tied), VOCABULARY, styles=3)
    torch.nn.init.normal_(made.styles, std=0.3)
    return made.eval()


def held(gru: CharGRU, drafts: int = 5) -> Tensor:
    return torch.rand(gru.config.layers, drafts, gru.config.hidden) * 2 - 1


@pytest.fixture(params=[(1, True), (1, False), (2, True), (2, False)], ids=str)
def gru(request: pytest.FixtureRequest) -> CharGRU:
    layers, tied = request.param
    return network(layers, tied=tied)


@torch.inference_mode()
def test_steps_give_what_the_network_gives_for_the_whole_block(gru: CharGRU) -> None:
    ids, state = torch.randint(0, VOCABULARY, (5, 30)), held(gru)
    scores, after = gru(ids, BLEND.expand(5, -1), state)
    stepped, stepped_after = Stepper(gru, BLEND).read(ids, state)
    assert torch.allclose(stepped, scores, atol=1e-5)
    assert torch.allclose(stepped_after, after, atol=1e-5)
    assert stepped_after.shape == state.shape
    assert (stepped.argmax(-1) == scores.argmax(-1)).all()


@torch.inference_mode()
def test_int8_stays_close(gru: CharGRU) -> None:
    ids, state = torch.randint(0, VOCABULARY, (5, 30)), held(gru)
    scores, after = gru(ids, BLEND.expand(5, -1), state)
    stepped, stepped_after = Stepper(gru, BLEND, "int8").read(ids, state)
    assert 0 < (stepped - scores).std() < 0.02 * scores.std()
    assert (stepped_after - after).abs().max() < 0.02


@torch.inference_mode()
@pytest.mark.parametrize("precision", ["fp32", "int8"])
def test_a_draft_does_not_depend_on_how_many_others_there_are(precision: Precision) -> None:
    gru = network(2, tied=False)
    ids, state = torch.randint(0, VOCABULARY, (12, 9)), held(gru, 12)
    step = Stepper(gru, BLEND, precision)
    all_scores, _ = step.read(ids, state)
    for drafts in (1, 5):
        scores, _ = step.read(ids[:drafts], state[:, :drafts])
        assert torch.equal(scores, all_scores[:drafts])


def test_bytes_and_whole_numbers_in_fp32_give_the_same_product() -> None:
    if not multiplies_bytes(CPU):
        pytest.skip("this processor does not multiply bytes")
    torch.manual_seed(0)
    weight, rows = (torch.randint(-LEVELS, LEVELS + 1, (n, 1024)).float() for n in (300, 8))
    unit, bias = torch.rand(300) / LEVELS**2, torch.randn(300)
    products = [make(weight, unit, bias)(rows) for make in (bytes_product, levels_product)]
    assert torch.allclose(*products, rtol=1e-6, atol=1e-6)


def test_a_product_in_int8_is_exact_for_rows_and_weights_on_its_levels() -> None:
    weight, bias = torch.eye(4) * torch.tensor([0.5, 2.0, 3.0, 0.0])[:, None], torch.ones(4)
    rows = torch.tensor([[1.0, -1.0, 0.0, 1.0], [7.0, -9.0, 2.0, 0.0]])  # the second is held within -1 and 1
    expected = torch.tensor([[1.5, -1.0, 1.0, 1.0], [1.5, -1.0, 4.0, 1.0]])
    assert torch.allclose(quantised(weight, bias)(rows), expected)


@pytest.mark.parametrize(
    "limits",
    [{"ONEDNN_MAX_CPU_ISA": "AVX2"}, {"ATEN_CPU_CAPABILITY": "default", "ONEDNN_MAX_CPU_ISA": "SSE41"}],
    ids=["without VNNI", "an old processor"],
)
def test_processors_that_cannot_multiply_bytes_write_the_same(limits: dict[str, str]) -> None:
    code = (
        "import torch\n"
        "from model.stepping import Stepper, multiplies_bytes\n"
        "from tests.unit.model.test_stepping import BLEND, held, network\n"
        "gru = network(2, tied=False)\n"
        "torch.manual_seed(5)\n"
        "scores, _ = Stepper(gru, BLEND, 'int8').read(torch.randint(0, 200, (3, 20)), held(gru, 3))\n"
        "print(multiplies_bytes(torch.device('cpu')), *scores.argmax(-1).flatten().tolist())\n"
    )
    here, there = (
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, **more},
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()
        for more in ({}, limits)
    )
    assert there[0] == "False"
    assert there[1:] == here[1:]


def test_one_thread_within_and_as_many_as_before_afterwards() -> None:
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        with one_thread():
            assert torch.get_num_threads() == 1
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
