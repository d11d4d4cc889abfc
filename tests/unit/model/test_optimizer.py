"""The optimizer: the same updates as torch's own class, from the same averages, without its compiler."""

import subprocess
import sys
from pathlib import Path

import pytest
import torch

import model
from model.optimizer import FusedAdamW

pytestmark = pytest.mark.training
ROOT = Path(model.__file__).parents[1]
SHAPES = ((7, 5), (3,), (1,))
BETAS = (0.9, 0.98)


def parameters() -> list[torch.nn.Parameter]:
    source = torch.Generator().manual_seed(3)
    return [torch.nn.Parameter(torch.randn(shape, generator=source)) for shape in SHAPES]


def set_gradients(weights: list[torch.nn.Parameter], step: int) -> None:
    source = torch.Generator().manual_seed(step)
    for weight in weights:
        weight.grad = torch.randn(weight.shape, generator=source)


def test_it_updates_as_torch_does() -> None:
    ours, theirs = parameters(), parameters()
    one = FusedAdamW(ours, weight_decay=0.1, betas=BETAS)
    other = torch.optim.AdamW(theirs, weight_decay=0.1, betas=BETAS, fused=True)
    for step in range(20):
        rate = 1e-2 / (step + 1)
        for group in other.param_groups:
            group["lr"] = rate
        set_gradients(ours, step)
        set_gradients(theirs, step)
        one.step(rate)
        other.step()
    assert all(torch.equal(mine, its) for mine, its in zip(ours, theirs, strict=True))


def test_it_goes_on_from_what_was_kept() -> None:
    whole, halves = parameters(), parameters()
    one = FusedAdamW(whole, weight_decay=0.1, betas=BETAS)
    first = FusedAdamW(halves, weight_decay=0.1, betas=BETAS)
    for step in range(6):
        if step == 3:
            kept = {name: value.clone() for name, value in first.state().items()}
            first = FusedAdamW(halves, weight_decay=0.1, betas=BETAS)
            first.load_state(kept)
        for optimizer, weights in ((one, whole), (first, halves)):
            set_gradients(weights, step)
            optimizer.step(1e-2)
    assert all(torch.equal(mine, its) for mine, its in zip(whole, halves, strict=True))


def test_what_is_missing_is_not_guessed() -> None:
    optimizer = FusedAdamW(parameters(), weight_decay=0.1, betas=BETAS)
    state = optimizer.state()
    del state["1 exp_avg"]
    with pytest.raises(KeyError):
        optimizer.load_state(state)


def test_learning_does_not_load_the_compiler() -> None:
    code = (
        "import sys\n"
        "from model.config import ModelConfig, TrainConfig\n"
        "from model.records import LearningText\n"
        "from model.writer import new_writer\n"
        "text = LearningText('비가 그친 저녁이었다. 골목 끝에서 누군가 문을 두드렸다. ' * 20, '글')\n"
        "writer = new_writer(ModelConfig.tiny(), seed=1, device='cpu')\n"
        "writer.learn([text], config=TrainConfig(seconds=60, steps=2, threads=1))\n"
        "sys.exit('torch._dynamo' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0
