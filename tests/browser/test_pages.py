"""Pages that stand beside the walk: each can be used by everybody, in both languages."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.visitor import DESKTOP, PHONE, Album, visitor
from tests.site import Site

PAGES = {
    "/stories": "stories",
    "/stories/1/turn": "turn",
    "/novels": "novels",
    "/novels/1": "novel",
    "/writer": "writer-at-first",
    "/about": "about",
    "/api/docs": "api-docs",
}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_fits_the_screen_and_can_be_used_by_everybody(
    site: Site, browser: Browser, album: Album, path: str
) -> None:
    with visitor(browser, site.address, PHONE) as phone, visitor(browser, site.address, DESKTOP) as desk:
        for person in (phone, desk):
            person.go(path)
        album.page(PAGES[path], phone, desk)


def test_an_address_that_is_not_there_says_so_kindly(site: Site, browser: Browser, album: Album) -> None:
    with visitor(browser, site.address, PHONE) as phone:
        with phone.refused(404):
            phone.go("/stories/987654")
        expect(phone.page.get_by_role("link", name="첫 화면으로")).to_be_visible()
        album.page("not-found", phone)


def test_the_language_switch_turns_every_page_to_english(site: Site, browser: Browser, album: Album) -> None:
    with visitor(browser, site.address, PHONE) as phone, visitor(browser, site.address, DESKTOP) as desk:
        for person in (phone, desk):
            person.go("/about")
            person.button("English")
            expect(person.page.locator("html")).to_have_attribute("lang", "en")
            assert person.page.url.endswith("/about"), "the switch comes back to where it was pressed"
            person.go("/")
            headings = " ".join(person.page.get_by_role("heading", level=1).all_inner_texts())
            assert headings.isascii(), headings
        album.page("home-in-english", phone, desk)
        desk.button("한국어")
        expect(desk.page.locator("html")).to_have_attribute("lang", "ko")
