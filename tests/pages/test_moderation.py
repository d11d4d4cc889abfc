"""The moderators' page: who may see it, and each decision on it."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.stories.stage import OPENING, Stage
from tests.pages.visitor import Visitor
from webapp.core.library import queries as library
from webapp.core.stories import queries


def test_a_visitor_is_sent_to_log_in_and_back(stage: Stage, visitor: Visitor) -> None:
    page = visitor.open("/moderation")
    assert page.address == "/log-in"
    name = stage.moderator.name
    page = visitor.send(page, "/log-in", name=name, password="correct horse battery")
    assert page.address == "/moderation"
    assert page.status == 200


def test_a_participant_is_refused(reader_named: Callable[[str], Visitor]) -> None:
    page = reader_named("물결").open("/moderation")
    assert page.status == 403
    assert "운영자만 할 수 있어요" in page.words


@pytest.mark.parametrize(
    "address", ["novels/1", "turns/1/close", "drafts/1/remove", "passages/1/hide", "passages/1/show"]
)
def test_a_participant_can_decide_nothing(
    stage: Stage, reader_named: Callable[[str], Visitor], address: str
) -> None:
    story = stage.story_at("human")
    stage.hand_in(stage.turn(story).id, "가")
    stage.novel("메아리", status="pending")
    reader = reader_named("물결")
    token = reader.open("/").form("/language").values["csrf_token"]
    sent = {"csrf_token": token, "decision": "approve", "reason": "그냥"}
    assert reader.client.post(f"/moderation/{address}", data=sent).status_code == 403


def test_a_pending_novel_is_approved(stage: Stage, moderator: Visitor) -> None:
    novel = stage.novel("메아리", status="pending")
    page = moderator.open("/moderation")
    assert "메아리" in page.words
    page = moderator.send(page, f"/moderation/novels/{novel}", decision="approve")
    assert library.get(novel).status == "approved"
    assert "원작을 승인했어요" in page.words


def test_the_current_phase_is_closed(stage: Stage, moderator: Visitor) -> None:
    story = stage.story_at("human")
    turn = stage.turn(story)
    stage.hand_in(turn.id, "가")
    page = moderator.send(moderator.open("/moderation"), f"/moderation/turns/{turn.id}/close")
    assert "지금 단계를 닫았어요" in page.words
    assert queries.get_turn(turn.id).phase == "choosing"


def test_a_draft_is_removed_with_a_reason(stage: Stage, moderator: Visitor) -> None:
    turn = stage.turn(stage.story_at("human"))
    draft = stage.hand_in(turn.id, "가")
    page = moderator.open("/moderation")
    refused = moderator.send(page, f"/moderation/drafts/{draft.id}/remove", reason=" ")
    assert refused.status == 422
    assert "까닭을 한 줄 적어 주세요" in refused.words
    moderator.send(page, f"/moderation/drafts/{draft.id}/remove", reason="광고예요.")
    assert queries.get_draft(draft.id).status == "removed"


def test_a_refused_decision_keeps_the_reason_that_was_typed(stage: Stage, moderator: Visitor) -> None:
    turn = stage.turn(stage.story_at("human"))
    draft = stage.hand_in(turn.id, "가")
    reason = "아주 긴 까닭 " * 60
    page = moderator.send(
        moderator.open("/moderation"), f"/moderation/drafts/{draft.id}/remove", reason=reason
    )
    assert page.status == 422
    assert page.form(f"/moderation/drafts/{draft.id}/remove").values["reason"] == [reason]


def test_a_passage_is_hidden_and_shown_again(stage: Stage, moderator: Visitor, visitor: Visitor) -> None:
    story = stage.story()
    passage = queries.passages(story.id)[0]
    page = moderator.open("/moderation")
    page = moderator.send(page, f"/moderation/passages/{passage.id}/hide", reason="연락처가 있어요.")
    assert OPENING not in visitor.open(f"/stories/{story.id}").words
    moderator.send(page, f"/moderation/passages/{passage.id}/show", reason="지웠어요.")
    assert OPENING in visitor.open(f"/stories/{story.id}").words


def test_every_decision_is_in_the_log(stage: Stage, moderator: Visitor) -> None:
    novel = stage.novel("메아리", status="pending")
    page = moderator.send(moderator.open("/moderation"), f"/moderation/novels/{novel}", decision="approve")
    assert "운영자" in page.words
    assert "원작을 승인했어요: 메아리" in page.words


class TestBeginningAStory:
    def test_a_moderator_begins_one_with_its_first_passage(self, moderator: Visitor) -> None:
        page = moderator.send(
            moderator.open("/stories/new"),
            "/stories",
            title="빈 의자",
            premise="섬에 하나뿐인 등대 이야기.",
            opening=OPENING,
            collecting_seconds="3",
        )
        story = queries.stories()[0]
        assert page.address == f"/stories/{story.id}"
        assert OPENING in page.words
        assert queries.settings_of(story).collecting_seconds == 180
        assert queries.settings_of(story).choosing_seconds == 600

    def test_what_was_typed_is_still_there_when_it_is_refused(self, moderator: Visitor) -> None:
        sent = {"title": "빈 의자", "premise": "등대 이야기.", "opening": "짧다."}
        page = moderator.send(moderator.open("/stories/new"), "/stories", **sent)
        assert page.status == 422
        assert page.form("/stories").values["title"] == ["빈 의자"]
        assert queries.stories() == []

    @pytest.mark.parametrize("minutes", ["세 시간", "-1", "9" * 5000, "1.5"])
    def test_a_time_that_is_no_number_is_refused(self, moderator: Visitor, minutes: str) -> None:
        sent = {
            "title": "빈 의자",
            "premise": "등대 이야기.",
            "opening": OPENING,
            "collecting_seconds": minutes,
        }
        page = moderator.send(moderator.open("/stories/new"), "/stories", **sent)
        assert page.status == 422
        assert "정수여야 해요" in page.words

    def test_a_participant_cannot(self, reader_named: Callable[[str], Visitor]) -> None:
        assert reader_named("물결").open("/stories/new").status == 403

    def test_a_visitor_cannot_begin_one_by_sending_the_form_unasked(self, visitor: Visitor) -> None:
        token = visitor.open("/stories").forms[0].values["csrf_token"][0]
        sent = {
            "csrf_token": token,
            "title": "몰래",
            "premise": "몰래 연 이야기.",
            "opening": "아무도 모르게 시작한 이야기가 하나 있었다.",
        }
        visitor.client.post("/stories", data=sent)
        assert "몰래" not in visitor.open("/stories").words
