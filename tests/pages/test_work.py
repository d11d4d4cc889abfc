"""The moderators' job page, and how long people are told that they will wait."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from tests.integration.stories.stage import Stage
from tests.pages.visitor import Visitor
from webapp import clock, jobs
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.core.stories.models import Story
from webapp.db import session, transaction
from webapp.jobs import Job


def took(kind: str, seconds: float) -> None:
    """A job of this kind was done in so many seconds."""
    with transaction():
        job = jobs.request(kind, 1)
        job.state, job.finished_at = "done", clock.now()
        job.started_at = job.finished_at - timedelta(seconds=seconds)


def at_work(stage: Stage) -> tuple[Story, Job]:
    """A story whose machine turn waits for the writer."""
    story = stage.story_at("machine")
    turn = stage.turn(story)
    stories.close_phase(turn.id, stage.moderator)
    assert turn.job_id is not None
    return story, jobs.get(turn.job_id)


class TestTheJobPage:
    def test_it_is_for_moderators(self, stage: Stage, reader_named: Callable[[str], Visitor]) -> None:
        reader = reader_named("물결")
        assert reader.open("/moderation/jobs").status == 403
        _, job = at_work(stage)
        token = reader.open("/").form("/language").values["csrf_token"]
        sent = {"csrf_token": token, "reason": "그냥"}
        assert reader.client.post(f"/moderation/jobs/{job.id}/cancel", data=sent).status_code == 403
        assert job.state == "queued"

    def test_it_tells_what_waits_what_runs_and_what_came_of_the_rest(
        self, stage: Stage, moderator: Visitor
    ) -> None:
        took("put_human_txt", 100)
        (story, running), (_, waiting) = at_work(stage), at_work(stage)
        jobs.claim(running.id, "책상/1/2/3")
        with transaction():
            jobs.report(running.id, 1, 0.4, "작가 AI가 글을 읽으며 배우고 있어요.")
        page = moderator.open("/moderation/jobs")
        assert f'value="{0.4}"' in page.html
        for words in (
            story.title,
            "대목을 배우고 초안 쓰기",
            "1번째 시도",
            "책상",
            "작가 AI가 글을 읽으며 배우고 있어요. 2분쯤 남았어요.",
            "두 번째로 기다리고 있어요, 4분쯤 걸려요.",
            "다 했어요",
        ):
            assert words in page.words
        assert f"#{waiting.id}" in page.words

    def test_a_job_is_ended_with_a_reason(self, stage: Stage, moderator: Visitor) -> None:
        story, job = at_work(stage)
        address = f"/moderation/jobs/{job.id}/cancel"
        page = moderator.send(moderator.open("/moderation/jobs"), address)
        assert page.status == 422
        assert "까닭을 한 줄 적어 주세요" in page.words
        page = moderator.send(page, address, reason="너무 오래 걸려요.")
        assert "그 일을 그만두게 했어요" in page.words
        assert "그만두었어요" in page.words
        session.rollback()
        assert jobs.get(job.id).cancelled
        assert stage.turn(story).kind == "human"
        assert "너무 오래 걸려요." in moderator.open("/moderation").words
        told = moderator.open(f"/stories/{story.id}").words
        assert "운영자가 작가 AI의 일을 그만두게 해서 다음 차례로 넘어갔어요." in told

    def test_one_that_is_over_meanwhile_is_said_to_be(self, stage: Stage, moderator: Visitor) -> None:
        _, job = at_work(stage)
        page = moderator.open("/moderation/jobs")
        stage.write(queries.get_turn(job.subject_id))
        page = moderator.send(page, f"/moderation/jobs/{job.id}/cancel", reason="너무 오래 걸려요.")
        assert page.status == 409
        assert "이미 끝난 작업이에요" in page.words

    def test_the_moderators_page_leads_there(self, stage: Stage, moderator: Visitor) -> None:
        assert "/moderation/jobs" in moderator.open("/moderation").links


class TestTheWait:
    @pytest.mark.parametrize(
        ("before", "place"),
        [(0, "곧 시작해요"), (2, "세 번째로 기다리고 있어요"), (10, "11번째로 기다리고 있어요")],
    )
    def test_people_are_told_their_place(
        self, stage: Stage, visitor: Visitor, before: int, place: str
    ) -> None:
        with transaction():
            for _ in range(before):
                jobs.request("raise_base", 1)
        story, _ = at_work(stage)
        assert f"{place}." in visitor.open(f"/stories/{story.id}/turn").words

    @pytest.mark.parametrize(
        ("seconds", "told"), [(20, "1분도 안 걸려요"), (100, "2분쯤 걸려요"), (7300, "2시간쯤 걸려요")]
    )
    def test_and_how_long_it_will_take(
        self, stage: Stage, visitor: Visitor, seconds: float, told: str
    ) -> None:
        took("put_human_txt", seconds)
        story, _ = at_work(stage)
        assert f"곧 시작해요, {told}." in visitor.open(f"/stories/{story.id}/turn").words

    @pytest.mark.parametrize(
        ("seconds", "told"), [(20, "1분도 안 남았어요"), (100, "2분쯤 남았어요"), (7300, "2시간쯤 남았어요")]
    )
    def test_moderators_see_how_long_it_will_still_take(
        self, stage: Stage, moderator: Visitor, seconds: float, told: str
    ) -> None:
        took("put_human_txt", seconds)
        _, job = at_work(stage)
        jobs.claim(job.id)
        assert f"{told}." in moderator.open("/moderation/jobs").words

    def test_before_anything_was_done_no_time_is_promised(self, stage: Stage, visitor: Visitor) -> None:
        story, _ = at_work(stage)
        page = visitor.open(f"/stories/{story.id}/turn")
        assert "곧 시작해요." in page.words
        assert "걸려요" not in page.words

    def test_once_it_runs_its_progress_says_enough(self, stage: Stage, visitor: Visitor) -> None:
        story, job = at_work(stage)
        assert 'id="wait"' in visitor.open(f"/stories/{story.id}/turn").html
        jobs.claim(job.id)
        assert 'id="wait"' not in visitor.open(f"/stories/{story.id}/turn").html
