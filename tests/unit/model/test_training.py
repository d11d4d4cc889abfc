"""Learning."""

import math
from dataclasses import replace

import pytest
import torch

from model.config import ModelConfig, TrainConfig
from model.corpus import make_piece
from model.measuring import evaluate
from model.network import CharGRU
from model.records import LearningText, LossNotFinite, Progress
from model.tokenizer import Tokenizer
from model.training import Outcome, train

from .conftest import story

pytestmark = pytest.mark.training


def stage(text: str) -> tuple[CharGRU, Tokenizer]:
    torch.manual_seed(1)
    tokenizer = Tokenizer()
    tokenizer.grow([text])
    return CharGRU(ModelConfig.tiny(), len(tokenizer), styles=2), tokenizer


def run(network: CharGRU, text: LearningText, tokenizer: Tokenizer, config: TrainConfig) -> Outcome:
    piece = make_piece(text, text.text, tokenizer, 1)
    return train(network, [piece], config, rate=1e-2, progress=lambda _: None, stop=lambda: False)


def test_the_same_seed_learns_the_same(quick: TrainConfig) -> None:
    text = LearningText(story(120, seed=1), "골목")
    few = replace(quick, steps=20)
    weights = []
    for _ in range(2):
        network, tokenizer = stage(text.text)
        run(network, text, tokenizer, few)
        weights.append(network.state_dict())
    assert all(torch.equal(weights[0][name], weights[1][name]) for name in weights[0])


def test_a_loss_that_is_no_number_stops_the_run(quick: TrainConfig) -> None:
    text = LearningText(story(30, seed=1), "골목")
    network, tokenizer = stage(text.text)
    with torch.no_grad():
        network.bias[3] = math.nan
    with pytest.raises(LossNotFinite):
        run(network, text, tokenizer, quick)


@pytest.mark.parametrize(
    ("change", "why"),
    [
        ({"steps": 5}, "steps"),
        ({"seconds": 0.2, "steps": None}, "seconds"),
        ({"steps": None, "passes": 1.0}, "passes"),
    ],
)
def test_a_run_ends_at_its_nearest_limit(quick: TrainConfig, change: dict[str, float], why: str) -> None:
    text = LearningText(story(60, seed=1), "골목")
    network, tokenizer = stage(text.text)
    outcome = run(network, text, tokenizer, replace(quick, **change))
    assert outcome.stopped == why
    assert outcome.curve[-1].fraction == 1.0
    assert outcome.curve[-1].step == outcome.steps


def test_a_run_stops_early_when_held_out_text_gets_no_better(quick: TrainConfig) -> None:
    """Random letters hold nothing that helps with other random letters: what is learned is learned by heart."""
    generator = torch.Generator().manual_seed(1)
    letters = "".join(chr(ord("가") + int(n)) for n in torch.randint(0, 60, (3000,), generator=generator))
    network, tokenizer = stage(letters)
    outcome = run(
        network,
        LearningText(letters, "소음"),
        tokenizer,
        replace(quick, steps=3000, evaluations=200, patience=3),
    )
    losses = [point.validation_loss for point in outcome.curve]
    assert outcome.stopped == "early"
    best = min(loss for loss in losses if loss is not None)
    piece = make_piece(LearningText(letters, "소음"), letters, tokenizer, 1)
    assert evaluate(network, [(piece.held_out, 1)])[0] == pytest.approx(best, abs=1e-4), (
        "the best weights are kept"
    )


def test_progress_rises_and_a_run_can_be_stopped(quick: TrainConfig) -> None:
    text = LearningText(story(160, seed=1), "골목")
    network, tokenizer = stage(text.text)
    seen: list[Progress] = []
    piece = make_piece(text, text.text, tokenizer, 1)
    outcome = train(
        network,
        [piece],
        quick,
        rate=1e-2,
        progress=seen.append,
        stop=lambda: bool(seen) and seen[-1].fraction > 0.4,
    )
    assert outcome.stopped == "asked"
    assert 0.4 < outcome.curve[-1].fraction < 0.6
    assert [point.step for point in seen] == sorted({point.step for point in seen})
    assert tuple(seen) == outcome.curve


def test_rehearsed_text_alone_does_not_judge_what_is_learned(quick: TrainConfig) -> None:
    """A new passage too short to hold a part out is learned, though it makes the rehearsed text no likelier."""
    passage, novel = (
        LearningText(story(6, seed=1), "이야기"),
        LearningText(story(160, seed=2), "골목", 0.01, "rehearsal"),
    )
    network, tokenizer = stage(passage.text + novel.text)
    pieces = [make_piece(text, text.text, tokenizer, 1) for text in (passage, novel)]
    curious = replace(quick, steps=200, passes=1e6, evaluations=100, patience=1)
    outcome = train(network, pieces, curious, rate=1e-2, progress=lambda _: None, stop=lambda: False)
    assert outcome.stopped == "steps"
    assert all(point.validation_loss is not None for point in outcome.curve)
    assert evaluate(network, [(pieces[0].learned, 1)])[0] < 2.0


def test_what_was_known_before_is_averaged_with_what_was_learned(quick: TrainConfig) -> None:
    """Of a text too short to have a part held out, so that nothing but the last weights is kept."""
    text = LearningText(story(30, seed=1), "골목")
    after = {}
    for keeping in (0.0, 0.25):
        network, tokenizer = stage(text.text)
        before = {name: weight.clone() for name, weight in network.named_parameters()}
        pieces = [make_piece(text, text.text, tokenizer, 1)]
        few = replace(quick, steps=20)
        train(network, pieces, few, rate=1e-2, keeping=keeping, progress=lambda _: None, stop=lambda: False)
        after[keeping] = dict(network.named_parameters())
    for name, weight in before.items():
        torch.testing.assert_close(after[0.25][name], weight.lerp(after[0.0][name], 0.75))


def test_the_averaged_weights_are_those_that_are_judged(quick: TrainConfig) -> None:
    text = LearningText(story(160, seed=1), "골목")
    network, tokenizer = stage(text.text)
    piece = make_piece(text, text.text, tokenizer, 1)
    outcome = train(
        network, [piece], quick, rate=1e-2, keeping=0.5, progress=lambda _: None, stop=lambda: False
    )
    best = min(point.validation_loss or math.inf for point in outcome.curve)
    assert evaluate(network, [(piece.held_out, 1)])[0] == pytest.approx(best, abs=1e-4)
