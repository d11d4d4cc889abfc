"""Ranked votes at a phone and at a desk: giving ranks, with scripts and without, and seeing how it was counted."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Locator, expect
from werkzeug.serving import make_server

from tests.browser.visitor import DESKTOP, PHONE, Album, Visitor, visitor
from tests.integration.stories.stage import Stage
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.core.stories.models import Story
from webapp.core.voting import service as voting
from webapp.core.voting.models import Poll

DRAFTS = {
    "가": "우체통 안에서 작은 기침 소리가 났다. 아이는 귀를 댔다. 누군가 안에서 편지를 접고 있었다.",
    "나": "다음 날 아침, 편지는 젖어 있었다. 글씨가 번져서 ‘오늘 밤’이라는 말만 겨우 읽을 수 있었다.",
    "다": "아이는 우체통 옆에서 밤을 새우기로 했다. 담요 한 장과 귤 두 개를 챙겼다.",
    "라": "우체부 할아버지는 모르는 일이라고 했다. 그런데 할아버지의 손끝에 잉크가 묻어 있었다.",
}
BALLOTS = (
    [*[[0, 2]] * 4, *[[1, 2, 0]] * 3],
    [[2, 1], [2, 1, 0], [3, 1, 2]],
)
"""What everybody ranks, by the place of the drafts: the first draft leads at first, and the second wins."""


@pytest.fixture
def stage(app: Flask) -> Stage:
    return Stage()


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """The site, answering on a free port while the test runs."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()


def vote_by(stage: Stage, method: str) -> tuple[Story, Poll]:
    """A story in which people choose among four drafts by this method."""
    story = stage.story_at("human", passage_method=method, enough_ballots=50)
    turn = stage.turn(story)
    for name, text in DRAFTS.items():
        stories.hand_in_draft(turn.id, text, stage.person(name))
    stories.close_phase(turn.id, stage.moderator)
    return story, queries.polls_of(turn.id)["passage"]


def count(stage: Stage, poll: Poll) -> None:
    """Everybody votes, and the vote is over."""
    options = sorted(poll.options, key=lambda option: option.subject_id or 0)
    for number, places in enumerate([*BALLOTS[0], *BALLOTS[1]]):
        voting.cast(poll.id, [options[place].id for place in places], stage.person(f"사람{number}"))
    stories.close_phase(queries.turn_of_poll(poll.id).id, stage.moderator)


def signed_up(person: Visitor, name: str) -> None:
    person.go("/sign-up")
    person.fill("이름", name)
    person.page.get_by_label("비밀번호").fill("correct horse battery")
    person.page.get_by_role("main").get_by_role("button", name="가입하기").click()
    expect(person.page.locator("#flash .flash")).to_be_visible()


def ranks(person: Visitor) -> Locator:
    return person.page.locator("select.rank")


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
def test_ranks_are_given_and_changed(
    stage: Stage, browser: Browser, address: str, album: Album, scripts: bool
) -> None:
    story, _ = vote_by(stage, "irv")
    with visitor(browser, address, PHONE, scripts=scripts) as phone:
        signed_up(phone, "물결")
        phone.go(f"/stories/{story.id}/turn")
        for place, rank in ((1, "1"), (3, "2")):
            ranks(phone).nth(place).select_option(rank)
        if scripts:
            album.page("ranking", phone)
        phone.button("투표하기")
        expect(phone.page.get_by_text("투표했어요. 끝나기 전에는")).to_be_visible()
        assert [rank.input_value() for rank in ranks(phone).all()] == ["", "1", "", "2"]
        expect(phone.page.get_by_role("button", name="표 바꾸기")).to_be_visible()


def test_a_rank_that_is_taken_changes_hands(stage: Stage, browser: Browser, address: str) -> None:
    story, _ = vote_by(stage, "ranked-pairs")
    with visitor(browser, address, DESKTOP) as desk:
        signed_up(desk, "물결")
        desk.go(f"/stories/{story.id}/turn")
        ranks(desk).nth(0).select_option("1")
        ranks(desk).nth(1).select_option("2")
        ranks(desk).nth(1).select_option("1")
        assert [rank.input_value() for rank in ranks(desk).all()] == ["2", "1", "", ""]
        ranks(desk).nth(2).select_option("1")
        assert [rank.input_value() for rank in ranks(desk).all()] == ["2", "", "1", ""]


def test_a_rank_given_twice_is_refused_and_stays(stage: Stage, browser: Browser, address: str) -> None:
    story, _ = vote_by(stage, "irv")
    with visitor(browser, address, PHONE, scripts=False) as phone:
        signed_up(phone, "물결")
        phone.go(f"/stories/{story.id}/turn")
        ranks(phone).nth(0).select_option("1")
        ranks(phone).nth(1).select_option("1")
        with phone.refused(422):
            phone.button("투표하기")
        expect(phone.page.get_by_text("1순위를 두 번 골랐어요.")).to_be_visible()
        assert [rank.input_value() for rank in ranks(phone).all()] == ["1", "1", "", ""]


@pytest.mark.parametrize("method", ["irv", "ranked-pairs", "approval", "plurality"])
def test_everybody_sees_how_it_was_counted(
    stage: Stage, browser: Browser, address: str, album: Album, method: str
) -> None:
    story, poll = vote_by(stage, method)
    if method == "plurality":
        for number, place in enumerate([0, 0, 1, 2, 1, 1]):
            voting.cast(poll.id, [poll.options[place].id], stage.person(f"사람{number}"))
        stories.close_phase(queries.turn_of_poll(poll.id).id, stage.moderator)
    else:
        count(stage, poll)
    with visitor(browser, address, PHONE) as phone, visitor(browser, address, DESKTOP) as desk:
        for person in (phone, desk):
            person.go(f"/polls/{poll.id}")
            expect(person.page.get_by_text("뽑혔어요").first).to_be_visible()
        album.page(f"result-{method}", phone, desk)
        with phone.page.expect_download() as taken:
            phone.link("투표 기록 받기")
        assert taken.value.suggested_filename == f"ieum-poll-{poll.id}-ballots.json"
        for person in (phone, desk):
            person.go(f"/stories/{story.id}/passages/2")
        album.page(f"passage-{method}", phone, desk)


def test_a_vote_for_one_and_the_form_of_a_new_story(
    stage: Stage, browser: Browser, address: str, album: Album
) -> None:
    story, _ = vote_by(stage, "plurality")
    with visitor(browser, address, PHONE) as phone, visitor(browser, address, DESKTOP) as desk:
        signed_up(phone, "물결")
        phone.go(f"/stories/{story.id}/turn")
        phone.page.locator("input[type=radio]").nth(1).check()
        album.page("vote-for-one", phone)
        desk.go("/log-in")
        desk.fill("이름", stage.moderator.name)
        desk.page.get_by_label("비밀번호").fill("correct horse battery")
        desk.page.get_by_role("main").get_by_role("button", name="로그인").click()
        desk.go("/stories/new")
        album.page("new-story", desk)
