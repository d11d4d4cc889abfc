"""What the scripts add for people whose browser runs them: kept text, counts, exclusive answers, live refreshes."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.integration.stories.stage import Stage
from tests.integration.workers.crew import until
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.live.hub import EXTENSION, Hub

PHONE = {"width": 390, "height": 844}
DRAFT = "우체통 안에서 작은 기침 소리가 났다. 아이는 귀를 댔다."


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Stories and people, moved by the services that the site itself uses."""
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


@pytest.fixture
def page(browser: Browser, address: str) -> Iterator[Page]:
    """A phone in which 물결 is logged in; scripts that break or are kept from running fail the test."""
    context = browser.new_context(viewport=PHONE, locale="ko-KR", base_url=address)
    page = context.new_page()
    broken: list[str] = []
    page.on("pageerror", lambda error: broken.append(str(error)))
    page.on(
        "console", lambda said: broken.append(said.text) if "Content Security Policy" in said.text else None
    )
    page.goto("/sign-up")
    page.get_by_label("이름").fill("물결")
    page.get_by_label("비밀번호").fill("correct horse battery")
    page.get_by_role("main").get_by_role("button", name="가입하기").click()
    expect(page.get_by_text("반가워요, 물결 님.")).to_be_visible()
    yield page
    context.close()
    assert broken == []


def await_stream(app: Flask) -> None:
    """Wait until the page listens; the first one after a start is told only what happens from then on."""
    hub: Hub = app.extensions[EXTENSION]
    until(hub.readers, "the page listens")


def test_what_was_typed_survives_a_reload_until_it_is_sent(stage: Stage, page: Page) -> None:
    story = stage.story_at("human")
    page.goto(f"/stories/{story.id}/turn")
    text = page.get_by_role("textbox", name="이어질 대목")
    text.fill(DRAFT)
    expect(page.get_by_text(f"지금 {len(DRAFT)}자")).to_be_visible()
    page.reload()
    expect(text).to_have_value(DRAFT)
    page.get_by_role("button", name="초안 내기").click()
    expect(page.get_by_text("초안을 받았어요.")).to_be_visible()
    expect(text).to_have_value("")
    page.reload()
    expect(text).to_have_value("")


def test_a_refusal_is_shown_in_place_and_keeps_the_text(stage: Stage, page: Page) -> None:
    story = stage.story_at("human")
    page.goto(f"/stories/{story.id}/turn")
    page.get_by_role("textbox", name="이어질 대목").fill("짧음")
    page.get_by_role("button", name="초안 내기").click()
    expect(page.get_by_text("너무 짧아요.")).to_be_visible()
    expect(page.get_by_role("textbox", name="이어질 대목")).to_have_value("짧음")


def test_what_somebody_types_stays_when_others_hand_in(app: Flask, stage: Stage, page: Page) -> None:
    story = stage.story_at("human")
    page.goto(f"/stories/{story.id}/turn")
    await_stream(app)
    page.get_by_role("textbox", name="이어질 대목").fill("쓰다 만 글")
    with page.expect_response(f"**/stories/{story.id}/turn"):
        stage.hand_in(stage.turn(story).id, "가")
    expect(page.get_by_role("textbox", name="이어질 대목")).to_have_value("쓰다 만 글")


def test_the_next_phase_appears_by_itself_and_is_spoken(app: Flask, stage: Stage, page: Page) -> None:
    story = stage.story_at("human")
    stage.hand_in(stage.turn(story).id, "가")
    page.goto(f"/stories/{story.id}/turn")
    await_stream(app)
    expect(page.get_by_role("textbox", name="이어질 대목")).to_be_visible()
    stories.close_phase(stage.turn(story).id, stage.moderator)
    expect(page.get_by_role("heading", name="다음 대목을 골라 주세요")).to_be_visible()
    expect(page.get_by_text("차례가 다음 단계로 넘어갔어요.")).to_have_count(1)


def test_a_new_passage_is_added_to_the_story_on_the_screen(app: Flask, stage: Stage, page: Page) -> None:
    story = stage.story_at("human")
    draft = stage.hand_in(stage.turn(story).id, "가")
    page.goto(f"/stories/{story.id}")
    await_stream(app)
    expect(page.locator("article")).to_have_count(1)
    stories.close_phase(stage.turn(story).id, stage.moderator)
    stories.close_phase(stage.turn(story).id, stage.moderator)
    expect(page.locator("article")).to_have_count(2)
    expect(page.locator("article").last).to_contain_text(draft.text)


def test_none_of_these_and_the_others_exclude_each_other(stage: Stage, page: Page) -> None:
    story = stage.story_at("machine")
    turn = stage.turn(story)
    stories.close_phase(turn.id, stage.moderator)
    stage.write(turn)
    page.goto(f"/stories/{story.id}/turn")
    none, first = page.get_by_label("이 중에는 없어요"), page.get_by_label("초안 1")
    first.check()
    none.check()
    expect(first).not_to_be_checked()
    first.check()
    expect(none).not_to_be_checked()


def test_others_ballots_are_counted_on_the_screen_and_ticks_stay(
    app: Flask, stage: Stage, page: Page
) -> None:
    story = stage.story_at("human")
    turn = stage.turn(story)
    draft = stage.hand_in(turn.id, "가")
    stories.close_phase(turn.id, stage.moderator)
    page.goto(f"/stories/{story.id}/turn")
    await_stream(app)
    page.get_by_label("초안 1").check()
    stage.vote(turn.id, "passage", {"나": [draft.id]})
    expect(page.get_by_text("지금까지 1명이 투표했어요")).to_be_visible()
    expect(page.get_by_label("초안 1")).to_be_checked()
    assert queries.polls_of(turn.id)["passage"].status == "open"


def test_the_menu_closes_by_escape_and_by_a_click_elsewhere(page: Page) -> None:
    menu = page.get_by_text("물결", exact=True)
    leave = page.get_by_role("button", name="로그아웃")
    menu.click()
    expect(leave).to_be_visible()
    page.keyboard.press("Escape")
    expect(leave).to_be_hidden()
    menu.click()
    page.get_by_role("heading").first.click()
    expect(leave).to_be_hidden()


def test_the_time_left_ticks(stage: Stage, page: Page) -> None:
    story = stage.story_at("human")
    page.goto(f"/stories/{story.id}/turn")
    clock = page.locator("time[data-countdown]")
    before = clock.inner_text()
    expect(clock).not_to_have_text(before)
    expect(clock).to_contain_text("초")
