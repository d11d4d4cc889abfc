"""Korean text for the writer's tests: our own words, and the shared corpus where there is one."""

import os
import random
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from model import char_writer
from model.config import ModelConfig, TrainConfig
from model.records import LearningText
from model.writer import Writer, new_writer

WHO = ("순이", "할머니", "아이", "우체부", "고양이", "선생님", "뱃사람", "동생")
WHERE = ("골목에서", "강가에서", "부엌에서", "버스 안에서", "산 너머에서", "시장에서")
WHAT = ("편지를", "노래를", "감자를", "오래된 사진을", "우산을", "작은 별을")
DID = ("찾고 있었다", "기다렸다", "잃어버렸다", "몰래 건넸다", "바라보았다", "들려주었다")
SAID = ("“어디 가니?”", "“비가 오겠네.”", "“잊지 마.”", "“그럴 리가 없어요!”")


def story(sentences: int, seed: int) -> str:
    """A story of our own making: grammatical, repetitive enough to be learned within seconds."""
    chance = random.Random(seed)
    lines = []
    for _ in range(sentences // 3 + 1):
        told = [
            f"{(who := chance.choice(WHO))}{'은' if (ord(who[-1]) - 44032) % 28 else '는'} "
            f"{chance.choice(WHERE)} {chance.choice(WHAT)} {chance.choice(DID)}."
            for _ in range(2)
        ]
        lines += [" ".join(told), chance.choice(SAID)]
    return "\n".join(lines)


BRIEF = 20
"""Characters of a sample that a test does not read. Most of a short run's time goes into its samples."""
BRIEF_MODEL = f"""
import sys
from dataclasses import replace
from model import char_writer
from model.__main__ import main
char_writer.REQUESTS = tuple(replace(each, characters={BRIEF}) for each in char_writer.REQUESTS)
"""
"""Python that makes `main` of the command line write brief samples, in a process of its own."""


@pytest.fixture(scope="module")
def brief_samples() -> Iterator[None]:
    """Runs of this module write brief samples."""
    with pytest.MonkeyPatch.context() as patch:
        requests = tuple(replace(each, characters=BRIEF) for each in char_writer.REQUESTS)
        patch.setattr(char_writer, "REQUESTS", requests)
        yield


@pytest.fixture(scope="session")
def texts() -> list[LearningText]:
    return [LearningText(story(160, seed=1), "골목"), LearningText(story(160, seed=2), "강가")]


@pytest.fixture(scope="session")
def quick() -> TrainConfig:
    """A run that is the same every time: by steps, not by the clock."""
    return TrainConfig(seconds=60, steps=250, batch=8, window=32, learning_rate=1e-2, threads=1, seed=7)


@pytest.fixture(scope="session")
def taught(texts: list[LearningText], quick: TrainConfig) -> Writer:
    """A writer that has learned two stories. Shared: tests must not change it."""
    writer = new_writer(ModelConfig.tiny(), seed=7, device="cpu")
    writer.learn(texts, config=quick)
    return writer


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The shared corpus beside the repository; tests that need it are skipped without."""
    folder = Path(os.environ.get("CORPUS", Path(__file__).parents[4] / "shared" / "corpus"))
    if not folder.is_dir():
        pytest.skip("the shared corpus is not beside the repository")
    return folder
