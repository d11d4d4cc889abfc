"""The writer as the rest of 이음 meets it."""

import math
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from model.config import ModelConfig, SampleConfig, TrainConfig
from model.drafting import writable
from model.records import LearningRefused, LearningText, LossNotFinite, WriteRequest
from model.writer import CheckpointDamaged, Writer, load_writer, new_writer

from .conftest import story

KEYWORDS = ("우산", "등대지기", "PC방")


@pytest.fixture
def copy(taught: Writer, tmp_path: Path) -> Writer:
    """A taught writer that a test may change."""
    taught.save(tmp_path / "taught", parent=None, texts=[])
    return load_writer(tmp_path / "taught", "cpu")


@pytest.mark.training
def test_learning_makes_a_writer_less_surprised(texts: list[LearningText], quick: TrainConfig) -> None:
    writer = new_writer(ModelConfig.tiny(), device="cpu")
    before = writer.score(story(40, seed=9))
    report = writer.learn(texts, config=quick)
    assert writer.score(story(40, seed=9)) < before - 2.0
    assert report.stopped in ("steps", "early")
    assert report.vocabulary_added == report.vocabulary - 2
    assert [part.style for part in report.held_out] == ["골목", "강가"]
    assert all(part.after < part.before - 2.0 for part in report.held_out)
    assert report.curve[-1].validation_loss == pytest.approx(
        sum(p.after for p in report.held_out) / 2, abs=0.3
    )
    assert report.characters_new == sum(len(text.text) for text in texts)


@pytest.mark.training
def test_a_fine_tuned_writer_takes_on_new_words_and_keeps_the_old(copy: Writer, quick: TrainConfig) -> None:
    passage = "왕뚜껑 김뢰하 씨는 쑥떡을 훔쳤다. 쑥떡은 말이 없었다. 왕뚜껑도 말이 없었다.\n" * 3
    old, before = copy.score(story(40, seed=9)), copy.score(passage)
    report = copy.learn(
        [LearningText(passage, "이야기", 1.0), LearningText(story(160, seed=1), "골목", 1.0, "rehearsal")],
        config=replace(quick, steps=60),
    )
    assert report.vocabulary_added > 5
    assert copy.score(passage) < before - 2.0
    assert copy.score(story(40, seed=9)) < old + 0.3
    assert [part.style for part in report.held_out] == ["골목"]


@pytest.mark.training
def test_a_new_novel_with_new_characters_disturbs_nothing_until_it_is_learned(
    copy: Writer, texts: list[LearningText], quick: TrainConfig
) -> None:
    old, before = [copy.score(text.text) for text in texts], copy.measure(texts).held_out
    strange = LearningText("왕뚜껑 김뢰하 씨는 쑥떡을 훔쳤다. 뷁 똠 샾 퓽 햏 믜.\n" * 8, "낯선 글")
    still = replace(quick, steps=1, continuing_rate=1e-12, weight_decay=0.0)
    assert copy.learn([strange], config=still).vocabulary_added > 10
    assert [copy.score(text.text) for text in texts] == pytest.approx(old, abs=0.01)
    after = copy.measure(texts).held_out
    assert [part.bits for part in after] == pytest.approx([part.bits for part in before], abs=0.01)


def test_drafts_keep_every_promise(taught: Writer) -> None:
    request = WriteRequest(
        prompt="순이는 강가에서 편지를 찾고 있었다.", characters=200, drafts=5, keywords=KEYWORDS, seed=3
    )
    drafts = taught.write(request)
    assert len({draft.text for draft in drafts}) == len({draft.seed for draft in drafts}) == 5
    for draft in drafts:
        assert draft.keywords_found == KEYWORDS
        assert all(word in draft.text for word in KEYWORDS)
        assert 170 <= len(draft.text) <= 230
        assert all(map(writable, draft.text))
        assert draft.text.count("“") == draft.text.count("”")
        assert draft.measurements["characters"] == len(draft.text)
        assert 0 < draft.measurements["bits_per_character"] < 20
        assert draft.measurements["longest_shared_run"] <= SampleConfig().copy_limit


def test_the_same_request_writes_the_same_and_the_first_seed_gives_its_draft_again(taught: Writer) -> None:
    request = WriteRequest(prompt="아이는", characters=80, drafts=3, seed=11)
    drafts = taught.write(request)
    assert taught.write(request) == drafts
    assert taught.write(replace(request, drafts=1))[0].text == drafts[0].text
    assert taught.write(replace(request, seed=12))[0].text != drafts[0].text


def test_greedy_needs_no_seed(taught: Writer) -> None:
    greedy = WriteRequest(prompt="할머니는", characters=60, sample=SampleConfig(greedy=True))
    assert taught.write(greedy)[0].text == taught.write(replace(greedy, seed=99))[0].text


def test_keywords_are_cleaned_and_many_still_fit(taught: Writer) -> None:
    words = ("  등대 ", "등대", "\u3164", "밤바다", "🙂", "漢字")
    draft = taught.write(WriteRequest(characters=40, keywords=words))[0]
    assert draft.keywords_found == ("등대", "밤바다", "🙂", "漢字")


def test_a_keyword_takes_the_particle_that_fits(taught: Writer) -> None:
    for draft in taught.write(WriteRequest(characters=100, drafts=8, keywords=("등대지기", "수평선"))):
        assert not any(
            wrong in draft.text
            for wrong in ("등대지기은 ", "등대지기을 ", "수평선는 ", "수평선를 ", "수평선가 ")
        )


def test_styles_blend_and_unknown_ones_are_left_out(taught: Writer) -> None:
    plain = WriteRequest(characters=60, seed=1)
    assert taught.write(replace(plain, styles={"없는 원작": 1.0}))[0] == taught.write(plain)[0]
    mixed = taught.write(replace(plain, styles={"골목": 0.7, "강가": 0.3}))[0]
    assert mixed.measurements != taught.write(plain)[0].measurements


def test_writing_leaves_the_memory_and_reading_moves_it(copy: Writer) -> None:
    request = WriteRequest(characters=60, seed=1)
    fresh = copy.write(request)[0]
    assert copy.write(request)[0] == fresh
    copy.read("고양이는 시장에서 우산을 기다렸다.")
    moved = copy.write(request)[0]
    assert moved.measurements["bits_per_character"] != fresh.measurements["bits_per_character"]
    copy.forget()
    assert copy.write(request)[0] == fresh


@pytest.mark.training
def test_the_memory_is_carried_through_files_and_fine_tuning(
    copy: Writer, quick: TrainConfig, tmp_path: Path
) -> None:
    copy.read("고양이는 시장에서 우산을 기다렸다.")
    copy.save_memory(tmp_path / "memory")
    request = WriteRequest(characters=60, seed=1)
    remembered = copy.write(request)
    copy.forget()
    copy.load_memory(tmp_path / "memory")
    assert copy.write(request) == remembered
    copy.learn([LearningText(story(20, seed=3), "이야기")], config=replace(quick, steps=3))
    copy.save(tmp_path / "next", parent=None, texts=[])
    assert load_writer(tmp_path / "next", "cpu").write(request) == copy.write(request)
    copy.save_memory(tmp_path / "after")
    assert (tmp_path / "after").read_bytes() == (tmp_path / "memory").read_bytes()


def test_a_memory_of_another_writer_is_refused(taught: Writer, tmp_path: Path) -> None:
    new_writer(ModelConfig(hidden=8, embedding=8), device="cpu").save_memory(tmp_path / "memory")
    with pytest.raises(CheckpointDamaged):
        taught.load_memory(tmp_path / "memory")


def test_a_loaded_writer_is_the_same_writer(
    taught: Writer, texts: list[LearningText], tmp_path: Path
) -> None:
    digest = taught.save(tmp_path / "one", parent=None, texts=texts)
    loaded = load_writer(tmp_path / "one", "cpu", sha256=digest)
    request = WriteRequest(prompt="순이는", characters=80, drafts=2, keywords=("우산",))
    assert loaded.write(request) == taught.write(request)
    assert loaded.score("순이는 강가로 갔다.") == taught.score("순이는 강가로 갔다.")
    assert loaded.overlap(texts[0].text) == taught.overlap(texts[0].text)
    assert loaded.save(tmp_path / "two", parent=None, texts=texts) == digest


def test_a_refused_or_broken_run_leaves_the_writer_as_it_was(copy: Writer, quick: TrainConfig) -> None:
    request = WriteRequest(prompt="순이는", characters=60)
    before = copy.write(request)
    with pytest.raises(LearningRefused):
        copy.learn([LearningText("짧은 글.", "이야기")], config=quick)

    def trip(_: object) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        copy.learn([LearningText(story(40, seed=5), "이야기")], config=quick, progress=trip)
    with pytest.raises(LossNotFinite):
        copy.learn(
            [LearningText(story(40, seed=5), "이야기")],
            config=replace(quick, continuing_rate=0.99, clip=math.inf, steps=400, weight_decay=1e30),
        )
    assert copy.write(request) == before


def test_a_writer_that_has_learned_nothing_still_answers() -> None:
    writer = new_writer(ModelConfig.tiny(), device="cpu")
    draft = writer.write(WriteRequest(prompt="비가 왔다.", characters=40, keywords=("우산",)))[0]
    assert "우산" in draft.text
    with pytest.raises(ValueError, match="blank"):
        writer.score("\u3164")


def test_an_unknown_device_is_refused() -> None:
    with pytest.raises(ValueError, match="device"):
        new_writer(ModelConfig.tiny(), device="gpu")


@pytest.mark.training
@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device here")
def test_learns_and_writes_on_cuda(texts: list[LearningText], quick: TrainConfig) -> None:
    writer = new_writer(ModelConfig.tiny(), device="auto")
    assert writer.learn(texts, config=quick).device.startswith("cuda")
    assert len(writer.write(WriteRequest(characters=60, drafts=2))) == 2
