"""Snapshots: a run that was stopped goes on as if it had not been."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model.config import ModelConfig, TrainConfig
from model.records import LearningText
from model.snapshot import Kept, RunInterrupted, SnapshotRefused, Snapshots
from model.writer import Writer, new_writer

from .conftest import story

pytestmark = pytest.mark.training

WHO = {"start": "a", "texts": [{"share": 1.0}], "config": {"steps": 9}, "circumstances": {}}
TEXTS = [LearningText(story(160, seed=1), "골목"), LearningText(story(40, seed=2), "강가", 0.5)]


class Counter:
    """A part of a run that counts updates, in a value and in a tensor."""

    def __init__(self, count: int = 0) -> None:
        self.count = count
        self.tensor = torch.full((3,), float(count))

    def kept(self) -> Kept:
        return Kept({"count": self.count}, {"x": self.tensor})

    def go_on(self, kept: Kept) -> None:
        self.count, self.tensor = kept.values["count"], kept.tensors["x"]


def keep(folder: Path, *steps: int) -> None:
    with Snapshots(folder, every=1e-9) as snapshots:
        snapshots.identify(WHO)
        for step in steps:
            snapshots.beat(step, {"counter": Counter(step)})


def left(folder: Path) -> int:
    """Where a run would go on: 0 at the beginning."""
    counter = Counter()
    with Snapshots(folder) as snapshots:
        snapshots.identify(WHO)
        assert snapshots.config == (WHO["config"] if snapshots.step else None)
        snapshots.resume({"counter": counter})
    assert counter.tensor.tolist() == [float(counter.count)] * 3
    return counter.count


def test_the_newest_comes_back_and_the_one_before_is_kept(tmp_path: Path) -> None:
    assert left(tmp_path / "run") == 0
    keep(tmp_path / "run", 1, 5, 12)
    assert sorted(int(path.name) for path in (tmp_path / "run").iterdir()) == [5, 12]
    assert left(tmp_path / "run") == 12


@pytest.mark.parametrize("name", ["counter.safetensors", "writer.json"])
def test_a_damaged_one_gives_way_to_the_one_before(tmp_path: Path, name: str) -> None:
    keep(tmp_path / "run", 5, 12)
    path = tmp_path / "run" / f"{12:012}" / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    assert left(tmp_path / "run") == 5
    keep(tmp_path / "run", 12)
    assert left(tmp_path / "run") == 12


def test_what_a_killed_process_was_writing_is_swept(tmp_path: Path) -> None:
    keep(tmp_path / "run", 5)
    shutil.copytree(tmp_path / "run" / f"{5:012}", tmp_path / "run" / ".000000000009.abc")
    (tmp_path / "run" / ".result").mkdir()
    assert left(tmp_path / "run") == 5
    assert [path.name for path in (tmp_path / "run").iterdir()] == [f"{5:012}"]


@pytest.mark.parametrize(
    ("part", "said"),
    [("start", "두뇌"), ("texts", "글"), ("config", "설정"), ("circumstances", "프로그램")],
)
def test_another_run_is_refused_and_loses_nothing(tmp_path: Path, part: str, said: str) -> None:
    keep(tmp_path / "run", 5)
    with Snapshots(tmp_path / "run") as snapshots, pytest.raises(SnapshotRefused) as refusal:
        snapshots.identify({**WHO, part: "another"})
    assert said in refusal.value.message
    assert left(tmp_path / "run") == 5


def test_a_folder_serves_one_run_at_a_time_and_goes_when_nothing_is_in_it(tmp_path: Path) -> None:
    with Snapshots(tmp_path / "run"), pytest.raises(SnapshotRefused, match="another process"):
        Snapshots(tmp_path / "run").__enter__()
    assert not (tmp_path / "run").exists()


def test_a_run_that_is_asked_to_leave_keeps_its_very_last_moment(tmp_path: Path) -> None:
    with Snapshots(tmp_path / "run", every=1e9) as snapshots:
        snapshots.identify(WHO)
        snapshots.beat(1, {"counter": Counter(1)})
        snapshots.beat(2, {"counter": Counter(2)})
        snapshots.interrupt()
        with pytest.raises(RunInterrupted):
            snapshots.beat(3, {"counter": Counter(3)})
    assert left(tmp_path / "run") == 3


def test_a_run_that_is_over_leaves_nothing(tmp_path: Path) -> None:
    with Snapshots(tmp_path / "run") as snapshots:
        snapshots.identify(WHO)
        snapshots.beat(1, {"counter": Counter(1)})
        snapshots.discard()
    assert not (tmp_path / "run").exists()


def test_seconds_between_snapshots_are_positive(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="positive"):
        Snapshots(tmp_path, every=0.0)


# A writer's run.


def fresh() -> Writer:
    return new_writer(ModelConfig(embedding=24, hidden=32, layers=2, dropout=0.3), seed=3, device="cpu")


def learn(writer: Writer, folder: Path, config: TrainConfig, *, leave_after: int | None = None) -> None:
    """A run with snapshots; it leaves in the middle if it is told to."""
    updates = 0

    def stop() -> bool:
        nonlocal updates
        updates += 1
        if updates == leave_after:
            snapshots.interrupt()
        return False

    with Snapshots(folder, every=1e9) as snapshots:
        writer.learn(TEXTS, config=config, stop=stop, snapshots=snapshots)
        snapshots.discard()


def checkpoint(writer: Writer, folder: Path) -> str:
    return writer.save(folder, parent=None, texts=TEXTS)


def test_a_run_stopped_again_and_again_ends_as_one_that_was_not(tmp_path: Path, quick: TrainConfig) -> None:
    config = replace(quick, steps=60, evaluations=10)
    whole, cut = fresh(), fresh()
    learn(whole, tmp_path / "whole", config)
    for updates in (1, 7, 12, 25):
        with pytest.raises(RunInterrupted):
            learn(cut, tmp_path / "cut", config, leave_after=updates)
        cut = fresh()
        torch.manual_seed(updates)  # nothing may hang on what this process did before
    learn(cut, tmp_path / "cut", config)
    assert checkpoint(cut, tmp_path / "a") == checkpoint(whole, tmp_path / "b")
    assert json.loads((tmp_path / "a" / "writer.json").read_bytes())["steps"] == 60


def test_snapshots_change_nothing_of_a_run(tmp_path: Path, quick: TrainConfig) -> None:
    config = replace(quick, steps=30)
    plain, watched = fresh(), fresh()
    plain.learn(TEXTS, config=config)
    learn(watched, tmp_path / "run", config)
    assert checkpoint(plain, tmp_path / "a") == checkpoint(watched, tmp_path / "b")


def test_a_run_that_counts_seconds_counts_those_it_had(tmp_path: Path, quick: TrainConfig) -> None:
    config = replace(quick, steps=None, seconds=1e6, passes=1e6)
    with pytest.raises(RunInterrupted):
        learn(fresh(), tmp_path / "run", config, leave_after=20)
    seen: list[float] = []
    with Snapshots(tmp_path / "run") as snapshots:
        report = fresh().learn(
            TEXTS,
            config=config,
            tick=lambda progress: seen.append(progress.seconds),
            stop=lambda: len(seen) == 3,
            snapshots=snapshots,
        )
    assert report.steps == 24
    first = min(tmp_path.glob("run/*/writer.json"))
    assert seen[0] > json.loads(first.read_bytes())["parts"]["course"]["seconds"] > 0


@pytest.mark.parametrize("other", ["texts", "config", "start"])
def test_another_writer_text_or_setting_is_not_gone_on_with(
    tmp_path: Path, quick: TrainConfig, other: str
) -> None:
    config = replace(quick, steps=10)
    with pytest.raises(RunInterrupted):
        learn(fresh(), tmp_path / "run", config, leave_after=3)
    writer = fresh() if other != "start" else new_writer(ModelConfig.tiny(), seed=3, device="cpu")
    texts = TEXTS if other != "texts" else TEXTS[:1]
    changed = config if other != "config" else replace(config, learning_rate=0.02)
    with Snapshots(tmp_path / "run") as snapshots, pytest.raises(SnapshotRefused):
        writer.learn(texts, config=changed, snapshots=snapshots)
