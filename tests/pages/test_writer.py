"""The writer's pages: how it grew, what each checkpoint read and writes, and the loss curve of a run."""

from __future__ import annotations

import hashlib

from tests.integration.stories.stage import Stage
from tests.pages.visitor import Visitor
from webapp.core.stories import service as stories
from webapp.core.training import service as training
from webapp.core.training.service import Point
from webapp.db import transaction

HELD_OUT = {"novel_id": 1, "role": "new", "characters": 100, "before": 5.0, "after": 3.25}
SAMPLE = {"prompt": "옛날 옛적에", "before": "는 는 이 다", "text": "한 아이가 살았다."}
ASKED = {
    "prompt": "눈이",
    "before": None,
    "text": "우산 위에 내렸다.",
    "keywords": ["우산", "기차"],
    "keywords_found": ["우산"],
}
WRITING = {
    "longest_copied": 17,
    "copied_share": 0.08,
    "repeated_share": 0.01,
    "keyword_rate": 0.5,
    "distinct_characters": [0.2, 0.6],
    "distinct_words": [0.73, 0.97],
}


def a_run_that_read_a_novel(stage: Stage) -> tuple[int, int]:
    """A source turn whose run is finished; its run and its checkpoint."""
    story = stage.story()
    turn = stage.turn(story)
    stories.nominate(turn.id, stage.novel("메아리"), stage.moderator)
    stories.close_phase(turn.id, stage.moderator)
    stories.close_phase(turn.id, stage.moderator)
    assert turn.run_id is not None
    training.begin(turn.run_id, seconds=10)
    with transaction():
        training.add_points(turn.run_id, [Point(1, 0.5, 4.0, None), Point(2, 1.0, 3.5, 3.6)])
    digest = hashlib.sha256(b"checkpoint").hexdigest()
    measurements = {
        "held_out": [HELD_OUT],
        "seconds": 10.0,
        "writing": WRITING,
        "writing_before": {**WRITING, "keyword_rate": 0.25},
    }
    checkpoint = training.keep_checkpoint(
        turn.run_id, digest=digest, measurements=measurements, samples=[SAMPLE, ASKED]
    )
    return turn.run_id, checkpoint.id


def test_a_writer_that_has_learned_nothing_says_so(visitor: Visitor) -> None:
    page = visitor.open("/writer")
    assert page.status == 200
    assert "아직 아무것도 배우지 않았어요" in page.words


def test_the_line_of_growth_tells_what_was_read_and_how_it_scores(stage: Stage, visitor: Visitor) -> None:
    _, checkpoint = a_run_that_read_a_novel(stage)
    page = visitor.open("/writer")
    assert "‘메아리’ 글을 읽었어요" in page.words
    assert "3.25" in page.words
    assert f"/writer/checkpoints/{checkpoint}" in page.links


def test_a_checkpoint_shows_what_it_wrote_before_and_after(stage: Stage, visitor: Visitor) -> None:
    _, checkpoint = a_run_that_read_a_novel(stage)
    page = visitor.open(f"/writer/checkpoints/{checkpoint}")
    for words in (SAMPLE["before"], SAMPLE["text"], "메아리", "배우기 전"):
        assert words in page.words


def test_a_checkpoint_tells_how_it_writes_beside_how_it_wrote(stage: Stage, visitor: Visitor) -> None:
    _, checkpoint = a_run_that_read_a_novel(stage)
    page = visitor.open(f"/writer/checkpoints/{checkpoint}")
    for words in (
        "그대로 옮긴 가장 긴 곳",
        "17자",
        "부탁한 낱말을 넣은 정도",
        "25%",
        "50%",
        "73%",
        "배웠어요",
    ):
        assert words in page.words
    assert "우산 ✓" in page.words
    assert "기차 ✓" not in page.words


def test_a_checkpoint_from_before_there_were_scores_shows_what_it_has(stage: Stage, visitor: Visitor) -> None:
    story = stage.story_at("machine")
    stages = stage.publish_writing(story)
    page = visitor.open(f"/writer/checkpoints/{stages.checkpoint_id}")
    assert page.status == 200
    assert "어떻게 쓰나요?" not in page.words


def test_a_run_stands_in_a_table_and_as_numbers_for_the_chart(stage: Stage, visitor: Visitor) -> None:
    run, _ = a_run_that_read_a_novel(stage)
    page = visitor.open(f"/writer/runs/{run}")
    assert "3.60" in page.words
    curve = visitor.client.get(f"/writer/runs/{run}/curve.json").json
    assert curve == {"steps": [1, 2], "train": [4.0, 3.5], "validation": [None, 3.6], "running": False}


def test_a_run_under_way_shows_how_far_it_is(stage: Stage, visitor: Visitor) -> None:
    story = stage.story_at("machine")
    turn = stage.turn(story)
    stories.close_phase(turn.id, stage.moderator)
    page = visitor.open(f"/writer/runs/{turn.run_id}")
    assert "지금 배우고 있어요" in page.words
    assert "<progress" in page.html


def test_a_novel_names_the_checkpoints_that_read_it(stage: Stage, visitor: Visitor) -> None:
    _, checkpoint = a_run_that_read_a_novel(stage)
    page = visitor.open("/novels/1")
    assert f"/writer/checkpoints/{checkpoint}" in page.links


def test_the_front_page_tells_how_far_the_writer_has_grown(stage: Stage, visitor: Visitor) -> None:
    a_run_that_read_a_novel(stage)
    page = visitor.open("/")
    assert "읽은 원작" in page.words
    assert "3.25" in page.words
