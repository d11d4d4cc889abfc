"""The recipe that benchmarks compare with is the predecessor's: its network, its order of reading, its loop."""

import math
from itertools import islice
from pathlib import Path

import pytest
import torch

from benchmarks.reference import ReferenceGRU, ReferenceWriter, streams, vocabulary_of, windows_of
from model.config import SampleConfig
from model.measuring import ESCAPE_BITS
from model.predecessor import import_predecessor
from model.writer import WriteRequest, load_writer

NOVEL = "산 너머에서 할머니가 노래를 기다렸다. 아이는 오래된 사진을 몰래 건넸다. " * 60
OTHER = "강가에서 뱃사람이 우산을 잃어버렸다. 고양이가 작은 별을 바라보았다. " * 60


@pytest.fixture
def writer() -> ReferenceWriter:
    return ReferenceWriter(vocabulary_of([NOVEL, OTHER]), size=24)


def test_the_network_has_the_size_and_the_names_of_the_predecessor() -> None:
    with torch.device("meta"):
        shapes = {name: tuple(table.shape) for name, table in ReferenceGRU(1_900).state_dict().items()}
    assert shapes == {
        "emb.weight": (1_900, 1_024),
        **{f"gru.weight_{which}_l{layer}": (3_072, 1_024) for which in ("ih", "hh") for layer in (0, 1)},
        **{f"gru.bias_{which}_l{layer}": (3_072,) for which in ("ih", "hh") for layer in (0, 1)},
        "fc1.weight": (1_900, 1_024),
        "fc1.bias": (1_900,),
    }


def test_eight_streams_read_the_whole_of_a_novel_in_its_order() -> None:
    windows = list(islice(windows_of([streams(torch.arange(4_003)), streams(torch.arange(5_000, 7_400))]), 7))
    first = windows[:3]
    assert [tuple(inputs.shape) for inputs, _, _ in first] == [(200, 8), (200, 8), (99, 8)]
    assert torch.cat([inputs[:, 1] for inputs, _, _ in first]).tolist() == list(range(500, 999))
    assert all(torch.equal(targets, inputs + 1) for inputs, targets, _ in windows)


def test_one_novel_follows_another_and_then_it_goes_round_again() -> None:
    windows = islice(windows_of([streams(torch.arange(4_003)), streams(torch.arange(5_000, 7_400))]), 7)
    begins = [(int(inputs[0, 0]), first) for inputs, _, first in windows]
    assert begins == [
        (0, True),
        (200, False),
        (400, False),
        (5_000, True),
        (5_200, False),
        (0, True),
        (200, False),
    ]


def test_texts_too_short_for_the_streams_are_refused(writer: ReferenceWriter) -> None:
    with pytest.raises(ValueError, match="too short"):
        writer.learn(["짧다."], steps=1)


@pytest.mark.training
def test_the_state_is_carried_within_a_novel_and_the_optimiser_over_all(writer: ReferenceWriter) -> None:
    fresh = []
    writer.network.register_forward_pre_hook(lambda _, inputs: fresh.append(inputs[1] is None))
    writer.learn([NOVEL, OTHER], steps=4)
    writer.learn([OTHER], steps=2)
    assert fresh == [True, False, True, False, True, False]
    (group,) = writer.recipe.optimiser.param_groups
    assert (type(writer.recipe.optimiser), group["lr"], group["weight_decay"]) == (torch.optim.Adam, 1e-3, 0)
    assert {int(kept["step"]) for kept in writer.recipe.optimiser.state.values()} == {6}


@pytest.mark.training
def test_it_learns_and_tells_how_far_it_has_come(writer: ReferenceWriter) -> None:
    losses = []
    end = writer.learn([NOVEL], steps=45, progress=lambda now: losses.append(now.loss))
    assert end.steps == len(losses) == 45
    assert losses[-1] < losses[0] - 0.5


@pytest.mark.training
def test_it_learns_until_its_seconds_are_over(writer: ReferenceWriter) -> None:
    seconds = []
    end = writer.learn([NOVEL], seconds=0.2, progress=lambda now: seconds.append(now.seconds))
    assert [moment < 0.2 for moment in seconds] == [True] * (end.steps - 1) + [False]


@pytest.mark.training
def test_the_same_seed_learns_the_same() -> None:
    twice = [ReferenceWriter(vocabulary_of([NOVEL]), size=24, seed=3) for _ in range(2)]
    first, second = (one.learn([NOVEL], steps=5).loss for one in twice)
    assert first == second


@pytest.mark.training
def test_its_files_are_imported_and_go_on_as_it_does(writer: ReferenceWriter, tmp_path: Path) -> None:
    writer.recipe.optimiser.param_groups[0]["lr"] = (
        2e-2  # so that its text soon wanders instead of standing still
    )
    writer.learn([NOVEL, OTHER], steps=20)
    own = writer.write("산 너머에서 ", 200)
    assert len(set(own)) > 5
    greedy = WriteRequest(prompt="산 너머에서 ", characters=200, sample=SampleConfig(greedy=True))
    assert writer.imported().write(greedy)[0].text == own
    writer.save(tmp_path)
    import_predecessor(
        *(tmp_path / f"{name}.pkl" for name in ("gru_20", "vocab", "hidden")), tmp_path / "out"
    )
    more = WriteRequest(prompt="", characters=50, sample=SampleConfig(greedy=True))
    assert load_writer(tmp_path / "out", "cpu").write(more)[0].text == writer.write("산 너머에서 ", 250)[200:]


def test_bits_are_the_surprise_at_every_character(writer: ReferenceWriter) -> None:
    text = NOVEL[:300]
    ids = writer._encode(text.strip())
    with torch.no_grad():
        scores, _ = writer.network(torch.cat([writer._encode(" "), ids[:-1]]).view(-1, 1), None)
    expected = torch.nn.functional.cross_entropy(scores[:, 0], ids).item() / math.log(2)
    assert writer.bits(text) == pytest.approx(expected, rel=1e-5)


def test_a_character_it_does_not_know_costs_what_spelling_it_out_costs(writer: ReferenceWriter) -> None:
    writer.network.fc1.bias.data[0] = writer.network.fc1.bias.data[writer._numbers["별"]]
    writer.network.fc1.weight.data[0] = writer.network.fc1.weight.data[writer._numbers["별"]]
    spelled, unknown = (writer.bits(f"산 너머에서 {char}") * 8 for char in "별힣")
    assert unknown - spelled == pytest.approx(ESCAPE_BITS, rel=1e-4)
