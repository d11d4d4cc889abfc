"""Pages that are read: stories, passages, polls, the front page, what 이음 is, and what is not there."""

from __future__ import annotations

import pytest
from flask import Flask

from tests.integration.stories.stage import OPENING, Stage
from tests.pages.visitor import Visitor
from webapp.core.moderation import service as moderation
from webapp.core.stories import queries
from webapp.core.stories import service as stories


def test_the_front_page_of_an_empty_site_says_what_this_is(visitor: Visitor) -> None:
    page = visitor.open("/")
    assert page.status == 200
    assert "번갈아 쓰는 이야기" in page.words
    assert "아직 시작한 이야기가 없어요" in page.words


def test_the_front_page_shows_the_turn_and_the_last_passages(stage: Stage, visitor: Visitor) -> None:
    stage.story()
    page = visitor.open("/")
    assert "작가 AI에게 읽힐 원작을 추천해 주세요" in page.words
    assert OPENING in page.words


def test_a_story_is_read_from_its_first_passage_to_its_turn(stage: Stage, visitor: Visitor) -> None:
    story = stage.story_at("human")
    turn = stage.turn(story)
    draft = stage.hand_in(turn.id, "물결")
    stories.close_phase(turn.id, stage.moderator)
    stories.close_phase(turn.id, stage.moderator)
    page = visitor.open(f"/stories/{story.id}")
    assert page.words.index(OPENING) < page.words.index(draft.text)
    assert "물결" in page.words
    assert "작가 AI에게 부탁할 것을 정해요" in page.words


def test_the_list_of_stories_leads_to_each(stage: Stage, visitor: Visitor) -> None:
    story = stage.story()
    page = visitor.open("/stories")
    assert "우체통" in page.words
    assert f"/stories/{story.id}" in page.links


def test_newer_passages_come_as_a_part_that_asks_for_the_next(stage: Stage, visitor: Visitor) -> None:
    story = stage.story()
    page = visitor.open(f"/stories/{story.id}/passages?after=0")
    assert OPENING in page.words
    assert f"/stories/{story.id}/passages?after=1" in page.html
    assert "<html" not in page.html
    assert OPENING not in visitor.open(f"/stories/{story.id}/passages?after=1").words


@pytest.mark.parametrize("after", ["-1", "x", "99999999999999999999", "１"])
def test_a_senseless_place_to_go_on_from_is_the_beginning(stage: Stage, visitor: Visitor, after: str) -> None:
    story = stage.story()
    assert OPENING in visitor.open(f"/stories/{story.id}/passages?after={after}").words


def test_the_opening_of_a_story_came_without_a_vote(stage: Stage, visitor: Visitor) -> None:
    story = stage.story()
    page = visitor.open(f"/stories/{story.id}/passages/1")
    assert OPENING in page.words
    assert "투표 없이" in page.words


def test_how_a_passage_came_about_tells_the_votes_and_the_rule(stage: Stage, visitor: Visitor) -> None:
    story = stage.story_at("human")
    turn = stage.turn(story)
    drafts = [stage.hand_in(turn.id, name) for name in ("가", "나")]
    stories.close_phase(turn.id, stage.moderator)
    stage.vote(turn.id, "passage", {"가": [drafts[1].id], "나": [drafts[1].id], "다": [drafts[0].id]})
    stories.close_phase(turn.id, stage.moderator)
    page = visitor.open(f"/stories/{story.id}/passages/2")
    assert drafts[1].text in page.words
    assert drafts[0].text in page.words
    assert "3명이 투표했어요" in page.words
    assert "뽑혔어요" in page.words


def test_a_hidden_passage_keeps_its_place_and_shows_the_reason_alone(stage: Stage, visitor: Visitor) -> None:
    story = stage.story()
    passage = queries.passages(story.id)[0]
    moderation.hide_passage(passage.id, "연락처가 들어 있었어요.", stage.moderator)
    for address in (f"/stories/{story.id}", f"/stories/{story.id}/passages/1", "/"):
        page = visitor.open(address)
        assert OPENING not in page.html
    assert "연락처가 들어 있었어요." in visitor.open(f"/stories/{story.id}").words


def test_an_open_poll_shows_no_tally(stage: Stage, visitor: Visitor) -> None:
    story = stage.story_at("human")
    turn = stage.turn(story)
    draft = stage.hand_in(turn.id, "가")
    stories.close_phase(turn.id, stage.moderator)
    stage.vote(turn.id, "passage", {"나": [draft.id]})
    poll = queries.polls_of(turn.id)["passage"]
    page = visitor.open(f"/polls/{poll.id}")
    assert "아직 열려 있어요" in page.words
    assert "<meter" not in page.html


def test_a_closed_poll_shows_every_ballot_and_no_name(stage: Stage, visitor: Visitor) -> None:
    story = stage.story_at("human")
    turn = stage.turn(story)
    draft = stage.hand_in(turn.id, "가나다라")
    stories.close_phase(turn.id, stage.moderator)
    stage.vote(turn.id, "passage", {"마바사아": [draft.id]})
    stories.close_phase(turn.id, stage.moderator)
    poll = queries.polls_of(turn.id)["passage"]
    page = visitor.open(f"/polls/{poll.id}")
    assert "1명이 투표했어요" in page.words
    assert poll.result is not None
    assert poll.result["seed"] in page.words
    assert "마바사아" not in page.html


def test_what_ieum_is_explains_its_words(visitor: Visitor) -> None:
    page = visitor.open("/about")
    for word in ("차례", "대목", "초안", "학습", "두뇌"):
        assert word in page.words


@pytest.mark.parametrize(
    "address",
    [
        "/nowhere",
        "/stories/99",
        "/stories/99/turn",
        "/stories/99/passages",
        "/stories/99/passages/1",
        "/stories/99999999999999999999",
        "/polls/99",
        "/novels/99",
        "/writer/checkpoints/99",
        "/writer/runs/99",
        "/writer/runs/99/curve.json",
    ],
)
def test_what_is_not_there_is_a_page_that_says_so(visitor: Visitor, address: str) -> None:
    page = visitor.open(address)
    assert page.status == 404
    assert "찾는 쪽이 없어요" in page.words


def test_a_passage_that_is_not_there_is_a_404_too(stage: Stage, visitor: Visitor) -> None:
    assert visitor.open(f"/stories/{stage.story().id}/passages/7").status == 404


def test_an_address_that_only_takes_forms_is_a_405(visitor: Visitor) -> None:
    page = visitor.open("/log-out")
    assert page.status == 405
    assert "첫 화면" in page.words


def test_a_mishap_is_a_page_without_a_trace(
    app: Flask, visitor: Visitor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def break_down() -> str:
        raise RuntimeError("secret detail")

    app.config["PROPAGATE_EXCEPTIONS"] = False
    monkeypatch.setitem(app.view_functions, "about.index", break_down)
    page = visitor.open("/about")
    assert page.status == 500
    assert "잠시 문제가 생겼어요" in page.words
    assert "secret detail" not in page.html


@pytest.mark.parametrize(
    "address", ["/", "/stories", "/novels", "/novels/new", "/writer", "/about", "/log-in", "/sign-up"]
)
def test_no_page_asks_another_host_or_carries_inline_code(
    stage: Stage, visitor: Visitor, address: str
) -> None:
    stage.story()
    page = visitor.open(address)
    assert page.status == 200
    assert "http://" not in page.html.replace('xmlns="http://www.w3.org', "")
    assert "https://" not in page.html.replace('<a href="https://', ""), "links may lead elsewhere"
    assert " style=" not in page.html
    assert " onclick=" not in page.html
    assert page.html.count("<script") == page.html.count('<script type="module" src="/static/dist/')
