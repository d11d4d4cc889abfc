"""What people hand in and vote on, by forms alone: every act of a turn, with good and bad input."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.stories.stage import Stage
from tests.pages.visitor import Visitor
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.core.voting import queries as voting

DRAFT = "우체통 안에서 작은 기침 소리가 났다. 아이는 뚜껑을 조금 열어 보았다."
People = Callable[[str], Visitor]


class TestSourceTurn:
    def test_a_novel_of_the_library_is_nominated(self, stage: Stage, reader_named: People) -> None:
        story, novel = stage.story(), stage.novel("메아리")
        turn, reader = stage.turn(story), reader_named("물결")
        page = reader.open(f"/stories/{story.id}/turn")
        page = reader.send(page, f"/turns/{turn.id}/nominations", novel_id=str(novel))
        assert page.status == 200
        assert "추천했어요" in page.words
        assert [nomination.novel_id for nomination in queries.nominations(turn.id)] == [novel]

    def test_a_novel_that_is_not_there_is_refused(self, stage: Stage, reader_named: People) -> None:
        story, _ = stage.story(), stage.novel("메아리")
        turn, reader = stage.turn(story), reader_named("물결")
        page = reader.open(f"/stories/{story.id}/turn")
        page = reader.send(page, f"/turns/{turn.id}/nominations", novel_id="999")
        assert page.status == 404
        assert "그런 원작이 없어요." in page.words

    def test_the_vote_on_novels_is_cast_changed_and_taken_back(
        self, stage: Stage, reader_named: People
    ) -> None:
        story, novels = stage.story(), [stage.novel("메아리"), stage.novel("그림자")]
        turn, reader = stage.turn(story), reader_named("물결")
        for novel in novels:
            stories.nominate(turn.id, novel, stage.moderator)
        stories.close_phase(turn.id, stage.moderator)
        poll = queries.polls_of(turn.id)["source"]
        options = [str(option.id) for option in poll.options]
        page = reader.open(f"/stories/{story.id}/turn")
        page = reader.send(page, f"/polls/{poll.id}/ballot", options=options)
        assert page.form(f"/polls/{poll.id}/ballot").values["options"] == options
        page = reader.send(page, f"/polls/{poll.id}/ballot", options=options[:1])
        assert page.form(f"/polls/{poll.id}/ballot").values["options"] == options[:1]
        form = page.form(f"/polls/{poll.id}/ballot")
        reader.client.post(f"/polls/{poll.id}/ballot/withdraw", data=form.values)
        assert voting.ballot_count(poll.id) == 0


class TestHumanTurn:
    def test_a_draft_is_handed_in_shown_and_replaced(self, stage: Stage, reader_named: People) -> None:
        story, reader = stage.story_at("human"), reader_named("물결")
        turn = stage.turn(story)
        page = reader.open(f"/stories/{story.id}/turn")
        page = reader.send(page, f"/turns/{turn.id}/drafts", text=DRAFT)
        assert "초안을 받았어요" in page.words
        assert DRAFT in page.words
        assert f'data-taken="draft-{turn.id}"' in page.html
        reader.send(page, f"/turns/{turn.id}/drafts", text=f"{DRAFT} 다시 썼다.")
        assert [draft.text for draft in queries.drafts(turn.id)] == [f"{DRAFT} 다시 썼다."]

    def test_a_draft_is_taken_back(self, stage: Stage, reader_named: People) -> None:
        story, reader = stage.story_at("human"), reader_named("물결")
        turn = stage.turn(story)
        page = reader.open(f"/stories/{story.id}/turn")
        page = reader.send(page, f"/turns/{turn.id}/drafts", text=DRAFT)
        page = reader.send(page, f"/turns/{turn.id}/drafts/withdraw")
        assert "초안을 거두었어요" in page.words
        assert queries.drafts(turn.id) == []

    def test_a_refused_draft_is_still_in_the_form(self, stage: Stage, reader_named: People) -> None:
        story, reader = stage.story_at("human"), reader_named("물결")
        turn = stage.turn(story)
        page = reader.open(f"/stories/{story.id}/turn")
        page = reader.send(page, f"/turns/{turn.id}/drafts", text="너무 짧다.")
        assert page.status == 422
        assert page.form(f"/turns/{turn.id}/drafts").values["text"] == ["너무 짧다."]
        assert 'aria-invalid="true"' in page.html

    def test_a_draft_that_comes_too_late_is_given_back(self, stage: Stage, reader_named: People) -> None:
        story, reader = stage.story_at("human"), reader_named("물결")
        turn = stage.turn(story)
        page = reader.open(f"/stories/{story.id}/turn")
        stage.hand_in(turn.id, "가")
        stories.close_phase(turn.id, stage.moderator)
        page = reader.send(page, f"/turns/{turn.id}/drafts", text=DRAFT)
        assert page.status == 409
        assert DRAFT in page.html

    def test_a_draft_without_an_account_is_given_back_too(self, stage: Stage, reader_named: People) -> None:
        story, reader = stage.story_at("human"), reader_named("물결")
        turn = stage.turn(story)
        page = reader.open(f"/stories/{story.id}/turn")
        reader.send(page, "/log-out")
        page = reader.send(reader.open("/log-in"), "/language", language="ko") and page
        token = reader.open("/log-in").form("/log-in").values["csrf_token"]
        page = reader.send(page, f"/turns/{turn.id}/drafts", text=DRAFT, csrf_token=token)
        assert page.status == 401
        assert page.form(f"/turns/{turn.id}/drafts").values["text"] == [DRAFT]

    def test_a_draft_with_an_old_token_is_given_back(self, stage: Stage, reader_named: People) -> None:
        story, reader = stage.story_at("human"), reader_named("물결")
        turn = stage.turn(story)
        page = reader.open(f"/stories/{story.id}/turn")
        page = reader.send(page, f"/turns/{turn.id}/drafts", text=DRAFT, csrf_token="old")
        assert page.status == 400
        assert DRAFT in page.html

    def test_visitors_see_what_is_asked_and_how_to_join(self, stage: Stage, visitor: Visitor) -> None:
        story = stage.story_at("human")
        page = visitor.open(f"/stories/{story.id}/turn")
        assert "이어질 대목을 써 주세요" in page.words
        assert "로그인하고 함께하기" in page.words
        assert not [form for form in page.forms if "/drafts" in form.action]

    def test_markup_in_a_draft_is_text(self, stage: Stage, reader_named: People) -> None:
        story, reader = stage.story_at("human"), reader_named("물결")
        turn = stage.turn(story)
        page = reader.open(f"/stories/{story.id}/turn")
        text = "<script>alert('안녕')</script> 그리고 아이는 오래 웃었다."
        page = reader.send(page, f"/turns/{turn.id}/drafts", text=text)
        assert "<script>alert" not in page.html
        assert text in page.words


class TestMachineTurn:
    def test_a_keyword_is_proposed_and_voted_for(self, stage: Stage, reader_named: People) -> None:
        story, reader = stage.story_at("machine"), reader_named("물결")
        poll = queries.polls_of(stage.turn(story).id)["keyword"]
        page = reader.open(f"/stories/{story.id}/turn")
        page = reader.send(page, f"/polls/{poll.id}/options", label="등대")
        assert "‘등대’ 낱말을 올렸어요" in page.words
        option = str(voting.options_of(poll.id)[0].id)
        page = reader.send(page, f"/polls/{poll.id}/ballot", options=[option])
        assert page.form(f"/polls/{poll.id}/ballot").values["options"] == [option]
        assert "지금까지 1명이 투표했어요" in page.words

    def test_a_refused_keyword_is_still_in_the_form(self, stage: Stage, reader_named: People) -> None:
        story, reader = stage.story_at("machine"), reader_named("물결")
        poll = queries.polls_of(stage.turn(story).id)["keyword"]
        page = reader.open(f"/stories/{story.id}/turn")
        page = reader.send(page, f"/polls/{poll.id}/options", label="아주아주아주아주 긴 낱말이에요")
        assert page.status == 422
        assert page.form(f"/polls/{poll.id}/options").values["label"] == ["아주아주아주아주 긴 낱말이에요"]

    def test_the_length_is_chosen(self, stage: Stage, reader_named: People) -> None:
        story, reader = stage.story_at("machine"), reader_named("물결")
        poll = queries.polls_of(stage.turn(story).id)["length"]
        option = str(poll.options[1].id)
        page = reader.open(f"/stories/{story.id}/turn")
        page = reader.send(page, f"/polls/{poll.id}/ballot", options=option)
        assert page.form(f"/polls/{poll.id}/ballot").values["options"] == [option]

    def test_an_empty_ballot_is_refused_with_a_sentence(self, stage: Stage, reader_named: People) -> None:
        story, reader = stage.story_at("machine"), reader_named("물결")
        poll = queries.polls_of(stage.turn(story).id)["length"]
        page = reader.send(reader.open(f"/stories/{story.id}/turn"), f"/polls/{poll.id}/ballot")
        assert page.status == 422
        assert "고른 것이 없어요" in page.words

    def test_the_writers_drafts_are_read_and_chosen(self, stage: Stage, reader_named: People) -> None:
        story, reader = stage.story_at("machine"), reader_named("물결")
        turn = stage.turn(story)
        stories.close_phase(turn.id, stage.moderator)
        working = reader.open(f"/stories/{story.id}/turn")
        assert "작가 AI가 쓰고 있어요" in working.words
        assert f"/writer/runs/{turn.run_id}/curve.json" in working.html
        drafts = stage.write(turn)
        poll = queries.polls_of(turn.id)["passage"]
        page = reader.open(f"/stories/{story.id}/turn")
        assert all(draft.text in page.words for draft in drafts)
        assert "이 중에는 없어요" in page.words
        chosen = str(next(option.id for option in poll.options if option.subject_id == drafts[0].id))
        reader.send(page, f"/polls/{poll.id}/ballot", options=chosen)
        stories.close_phase(turn.id, stage.moderator)
        story_page = reader.open(f"/stories/{story.id}")
        assert drafts[0].text in story_page.words
        origin = reader.open(f"/stories/{story.id}/passages/2")
        assert "다음 대목 투표" in origin.words
        assert drafts[1].text in origin.words

    def test_none_of_these_with_another_is_refused(self, stage: Stage, reader_named: People) -> None:
        story, reader = stage.story_at("machine"), reader_named("물결")
        turn = stage.turn(story)
        stories.close_phase(turn.id, stage.moderator)
        stage.write(turn)
        poll = queries.polls_of(turn.id)["passage"]
        page = reader.open(f"/stories/{story.id}/turn")
        everything = [str(option.id) for option in poll.options]
        page = reader.send(page, f"/polls/{poll.id}/ballot", options=everything)
        assert page.status == 422
        assert "함께 고를 수 없어요" in page.words


@pytest.mark.parametrize(
    "address", ["/turns/99/nominations", "/turns/99/drafts", "/polls/99/ballot", "/polls/99/options"]
)
def test_acts_on_what_is_not_there_answer_404(reader_named: People, address: str) -> None:
    reader = reader_named("물결")
    token = reader.open("/").form("/language").values["csrf_token"]
    response = reader.client.post(address, data={"csrf_token": token})
    assert response.status_code == 404
    assert "찾는 쪽이 없어요" in response.get_data(as_text=True)
