"""Scores: what is measured of drafts, and of what a writer has read."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from model.config import TrainConfig
from model.records import LearningText, WriteRequest, Written
from model.scores import REQUESTS, Scores, distinct, repeated_share, scores_of
from model.writer import Writer, load_writer

from .conftest import story


@pytest.fixture(scope="module")
def scores(taught: Writer, texts: list[LearningText], tmp_path_factory: pytest.TempPathFactory) -> Scores:
    """Those of the taught writer, measured on a copy."""
    folder = tmp_path_factory.mktemp("scores") / "taught"
    taught.save(folder, parent=None, texts=[])
    return load_writer(folder, "cpu").measure(texts)


@pytest.fixture
def copy(taught: Writer, tmp_path: Path) -> Writer:
    """A taught writer that a test may change."""
    taught.save(tmp_path / "taught", parent=None, texts=[])
    return load_writer(tmp_path / "taught", "cpu")


def written(text: str, *, found: tuple[str, ...] = (), run: float = 0.0, share: float = 0.0) -> Written:
    return Written(text, 0, found, {"longest_shared_run": run, "shared_share": share})


def answers(text: str = "비가 왔다.", **measured: float) -> list[list[Written]]:
    """The same draft for every request, with every keyword found."""
    return [
        [written(text, found=tuple(request.keywords), **measured)] * request.drafts for request in REQUESTS
    ]


def test_distinct_is_the_share_of_n_grams_that_are_not_said_again() -> None:
    assert distinct(["가나가나"], 1) == 2 / 4
    assert distinct(["가나가나"], 2) == 2 / 3
    assert distinct([["비가", "왔다"], ["비가", "갔다"]], 1) == 3 / 4
    assert distinct(["가", "나"], 2) == 0.0, "n-grams do not reach from one text into the next"


def test_a_text_that_says_itself_again_repeats_and_spaces_do_not_hide_it() -> None:
    assert repeated_share("하나둘셋넷다섯여섯일곱여덟") == 0.0
    once = "비가 오고 바람이 불었다 "
    assert repeated_share(once + "비 가 오 고 바람이불었다") == pytest.approx(3 / 13)
    assert repeated_share("짧다") == 0.0


def test_scores_are_taken_of_every_draft() -> None:
    drafts = answers(run=9.0, share=0.1)
    drafts[1] = [written("베낀 글", run=31.0, share=0.7)]
    drafts[3] = [written("낱말이 없다.", found=())] * 3
    scores = scores_of([], drafts)
    assert scores.longest_copied == 31
    assert scores.copied_share == pytest.approx((0.7 + 8 * 0.1) / 12)
    assert scores.keyword_rate == pytest.approx(2 / 3)
    assert [sample.text for sample in scores.samples] == [
        "비가 왔다.", "베낀 글", "비가 왔다.", "낱말이 없다.", "비가 왔다.", "비가 왔다.",
    ]  # fmt: skip


def test_every_beginning_is_tried_without_keywords_and_with_them() -> None:
    plain = [request.prompt for request in REQUESTS if not request.keywords]
    asked = [request.prompt for request in REQUESTS if request.keywords]
    assert plain == asked
    assert {request.seed for request in REQUESTS} == {WriteRequest().seed}


def test_a_writer_scores_on_all_it_has_read_and_on_what_it_writes(
    scores: Scores, texts: list[LearningText]
) -> None:
    assert [part.style for part in scores.held_out] == ["골목", "강가"]
    assert all(0 < part.bits < 3 and 100 < part.characters <= 1_000 for part in scores.held_out)
    assert 0 < scores.keyword_rate <= 1
    assert 0 < scores.distinct_words[0] < scores.distinct_words[1] <= 1
    assert 0 < scores.distinct_characters[0] < scores.distinct_characters[1] < 1
    assert scores.longest_copied >= 8
    assert 0 < scores.copied_share < 1


def test_measuring_again_gives_the_same_and_leaves_the_memory(
    copy: Writer, scores: Scores, texts: list[LearningText]
) -> None:
    copy.read("고양이는 시장에서 우산을 기다렸다.")
    request = WriteRequest(characters=60, seed=1)
    before = copy.write(request)
    assert copy.measure(texts) == scores
    assert copy.write(request) == before


@pytest.mark.training
def test_scores_lie_in_the_checkpoint_until_the_writer_learns_again(
    copy: Writer, texts: list[LearningText], quick: TrainConfig, tmp_path: Path
) -> None:
    scores = copy.measure(texts)
    copy.save(tmp_path / "scored", parent=None, texts=texts)
    manifest = json.loads((tmp_path / "scored" / "writer.json").read_bytes())
    assert manifest["scores"]["held_out"][0]["style"] == "골목"
    loaded = load_writer(tmp_path / "scored", "cpu")
    assert loaded.scores == scores
    loaded.learn([LearningText(story(20, seed=3), "이야기")], config=replace(quick, steps=2))
    assert loaded.scores is None


@pytest.mark.training
def test_forgetting_shows(copy: Writer, texts: list[LearningText], quick: TrainConfig) -> None:
    before = copy.measure(texts).held_out[0].bits
    other = LearningText("바다 밑 용궁에는 은빛 물고기 떼가 춤추고 붉은 산호가 노래했다.\n" * 90, "바다")
    copy.learn([other], config=replace(quick, steps=80, continuing_rate=1e-2, keeping=0.0))
    after = copy.measure([*texts, other])
    assert after.held_out[0].bits > before + 0.5
    assert [part.style for part in after.held_out] == ["골목", "강가", "바다"]


def test_a_text_of_a_style_never_learned_is_measured_without_one(copy: Writer) -> None:
    (part,) = copy.measure([LearningText(story(200, seed=5), "없는 원작")]).held_out
    assert 0 < part.bits < 4
