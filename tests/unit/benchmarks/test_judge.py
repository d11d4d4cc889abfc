"""The judge that writes nothing."""

import pytest
import torch

from benchmarks.judge import ALPHABET, Cache, Judge, preceding
from tests.unit.model.conftest import story


@pytest.fixture(scope="module")
def judge() -> Judge:
    return Judge.of([story(160, seed=1), story(160, seed=2)])


def test_what_reads_like_the_novels_surprises_less(judge: Judge) -> None:
    text = story(20, seed=3)
    shuffled = "".join(
        text[int(at)] for at in torch.randperm(len(text), generator=torch.Generator().manual_seed(0))
    )
    assert judge.bits(text) < 1.5
    assert judge.bits(shuffled) > judge.bits(text) + 3


def test_chances_of_all_that_may_come_add_up_to_one(judge: Judge) -> None:
    known = sorted(set(story(160, seed=1)) | set(story(160, seed=2)) | {"\n"})
    for before in ("순이는 골", "그럴 리가", "뷁"):
        chances = sum(
            float(judge._read(before + char)[1][-1]) for char in known if char != "\n" and char != " "
        )
        spaces = sum(float(judge._read(before + char + "가")[1][-2]) for char in "\n ")
        unread = float(judge._read(before + "쀍")[1][-1]) * (ALPHABET - len(known))
        assert chances + spaces + unread == pytest.approx(1.0, abs=1e-4)


def test_a_passage_explains_what_takes_up_its_words(judge: Judge) -> None:
    passages = [
        Cache("호동 왕자는 북을 찢었다."),
        Cache("낙랑 공주는 성을 나섰다."),
        Cache("점순이는 감자를 주었다."),
    ]
    assert preceding(judge, "그때 낙랑의 성에는 공주뿐이었다.", passages) == 1
    assert preceding(judge, "감자가 식자 점순이가 울었다.", passages) == 2
    fits = judge.fits("감자가 식자 점순이가 울었다.", passages)
    assert fits[2] > 2 * fits[0]
