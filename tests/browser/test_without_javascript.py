"""Every act of the site in a browser that runs no scripts."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visitor import DESKTOP, Album, Visitor, visitor
from tests.rest import PASSWORD, Person, moderator
from tests.site import Site
from tests.texts import three_novels

DRAFT = "나루는 노를 내려놓고 강 건너를 바라보았다. 안개 속에서 누군가 등불을 세 번 흔들었다."


@pytest.fixture
def plain(site: Site, browser: Browser) -> Iterator[Visitor]:
    """Somebody whose browser runs no scripts."""
    with visitor(browser, site.address, DESKTOP, scripts=False) as person:
        yield person


def test_every_act_works_without_scripts(site: Site, plain: Visitor, album: Album) -> None:
    keeper = moderator(site, "나루지기")
    settings = {"lengths": [150, 250], "drafts": 2, "enough_ballots": 9}
    opening = "강에는 다리가 없었다. 나루의 아버지는 평생 배로 사람을 날랐고, 이제 노는 나루의 것이었다."
    sent = {
        "title": "다리 없는 강",
        "premise": "배를 젓는 아이의 이야기",
        "opening": opening,
        "settings": settings,
    }
    story = keeper.post("/stories", sent)["id"]
    turn = f"/stories/{story}/turn"

    sign_up(plain)
    nominate(plain, turn)
    close(keeper, story)
    vote(plain, turn, "label.choice input")
    album.page("without-scripts-ballot", plain)
    close(keeper, story)
    open_when(plain, turn, "이어질 대목을 써 주세요")
    plain.fill("이어질 대목", DRAFT)
    plain.button("초안 내기")
    expect(plain.page.locator("#flash .flash")).to_be_visible()
    close(keeper, story)
    vote(plain, turn, "label.draft input")
    close(keeper, story)
    wish(plain, turn)
    close(keeper, story)
    open_when(plain, turn, "다음 대목을 골라 주세요")
    vote(plain, turn, "label.draft input")
    close(keeper, story)
    plain.go(f"/stories/{story}")
    expect(plain.page.locator("article.passage")).to_have_count(3)
    album.page("without-scripts-story", plain)


def sign_up(plain: Visitor) -> None:
    """Sign up, log out and log in again."""
    plain.go("/")
    plain.link("로그인")
    plain.link("가입하기")
    plain.fill("이름", "잔디")
    plain.fill("비밀번호", PASSWORD)
    plain.page.locator("main").get_by_role("button", name="가입하기").click()
    plain.page.locator("details.menu summary").click()
    plain.button("로그아웃")
    plain.link("로그인")
    plain.fill("이름", "잔디")
    plain.fill("비밀번호", PASSWORD)
    plain.page.locator("main").get_by_role("button", name="로그인").click()
    expect(plain.page.locator("details.menu summary")).to_have_text("잔디")


def nominate(plain: Visitor, turn: str) -> None:
    """Upload a text by pasting it, and nominate a novel that is in the library."""
    plain.go(turn)
    plain.link("서재에 없는 글을 새로 올리기")
    plain.fill("제목", "내 글")
    plain.fill("지은이", "잔디")
    text = three_novels()[1].data.decode("utf-8")
    plain.page.get_by_label("또는 여기에 붙여 넣기").fill(text[:3000])
    plain.page.get_by_role("radio", name="내가 쓴 글이에요").check()
    plain.button("올리기")
    expect(plain.page.get_by_text("내 글").first).to_be_visible()
    plain.go(turn)
    plain.page.get_by_label("서재에서 고르기").select_option(index=0)
    plain.button("추천하기")
    expect(plain.page.locator("#flash .flash")).to_be_visible()


def close(keeper: Person, story: int) -> None:
    """A moderator ends the phase."""
    keeper.post(f"/turns/{keeper.get(f'/stories/{story}')['turn']['id']}/close", status=200)


def open_when(plain: Visitor, turn: str, title: str) -> None:
    """Reload the page, as it says one may, until the panel bears this title."""
    deadline = time.monotonic() + 180
    while plain.page.locator("#turn-title").inner_text() != title or not plain.page.url.endswith(turn):
        assert time.monotonic() < deadline, f"not within three minutes: {title}"
        plain.page.wait_for_timeout(300)
        plain.go(turn)


def vote(plain: Visitor, turn: str, choice: str) -> None:
    """Vote for the first of the options, and take the ballot back and vote again."""
    plain.go(turn)
    plain.page.locator(choice).first.check()
    plain.button("투표하기")
    expect(plain.page.locator("#flash .flash")).to_be_visible()
    plain.button("표 거두기")
    plain.page.locator(choice).first.check()
    plain.button("투표하기")
    expect(plain.page.get_by_role("button", name="표 바꾸기")).to_be_visible()


def wish(plain: Visitor, turn: str) -> None:
    """Suggest a word and vote for it and for a length."""
    plain.go(turn)
    plain.fill("새 낱말 제안하기", "안개")
    plain.button("제안")
    plain.go(turn)
    plain.page.get_by_role("checkbox", name="안개").check()
    plain.button("낱말에 투표")
    plain.go(turn)
    plain.page.get_by_role("radio", name="150자").check()
    plain.button("길이에 투표")
    expect(plain.page.get_by_role("button", name="길이 표 바꾸기")).to_be_visible()
