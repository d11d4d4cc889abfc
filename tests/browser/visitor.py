"""A person with a browser, who fails the test when a page misbehaves; and the album of what was seen."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request, Response, expect

PHONE, DESKTOP = 390, 1280
HEIGHTS = {PHONE: 844, DESKTOP: 900}
PATIENCE_MS = 20_000

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Visitor:
    """A person at a phone or a desk. `problems` collects what no visitor should ever see."""

    page: Page
    address: str
    width: int
    scripts: bool = True
    problems: list[str] = field(default_factory=list)
    expected_statuses: set[int] = field(default_factory=set)

    def go(self, path: str) -> None:
        """Open a page of the site."""
        self.page.goto(self.address + path)

    def link(self, name: str) -> None:
        """Follow the first link of this name."""
        self.page.get_by_role("link", name=name).first.click()

    def button(self, name: str) -> None:
        """Press the first button of this name."""
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def fill(self, label: str, text: str) -> None:
        """Type into the field with this label."""
        self.page.get_by_label(label, exact=True).fill(text)

    def sees_title(self, title: str) -> None:
        """Wait until the turn panel bears this title, by itself."""
        expect(self.page.locator("#turn-title")).to_have_text(title, timeout=180_000)

    def sees_progress(self) -> None:
        """Wait until the writer is well on its way, or done."""
        self.page.wait_for_function(
            "() => !(parseInt(document.querySelector('[data-live-percent]')?.textContent) < 40)",
            timeout=120_000,
        )

    @contextlib.contextmanager
    def refused(self, status: int = 422) -> Iterator[None]:
        """Within it, an answer of this status is what the test is after."""
        self.expected_statuses.add(status)
        yield
        self.page.wait_for_load_state()
        self.expected_statuses.discard(status)

    def sit_down_at(self, width: int) -> None:
        """Go on at a screen of another width."""
        self.width = width
        self.page.set_viewport_size({"width": width, "height": HEIGHTS[width]})

    def check_layout(self) -> None:
        """Nothing sticks out sideways."""
        wide = self.page.evaluate("document.documentElement.scrollWidth")
        assert wide <= self.width, f"{self.page.url} is {wide} pixels wide on a screen of {self.width}"

    def check_access(self) -> None:
        """axe, which is a script itself, finds nothing serious or critical."""
        if not self.scripts:
            return
        found = Axe().run(self.page)
        grave = [each for each in found.response["violations"] if each["impact"] in ("serious", "critical")]
        names = {each["id"]: [node["html"][:160] for node in each["nodes"]][:3] for each in grave}
        assert not grave, f"{self.page.url} at {self.width}: {names}"

    # What the browser tells while pages are used.

    def hear_console(self, message: ConsoleMessage) -> None:
        """Errors of scripts and breaches of the content security policy; refused forms are heard as answers."""
        if message.type == "error" and "the server responded with a status of 4" not in message.text:
            self.problems.append(f"console at {self.page.url}: {message.text}")

    def hear_request(self, request: Request) -> None:
        """No page asks any other host for anything."""
        place = urlsplit(request.url)
        if place.scheme not in ("data", "blob") and f"{place.scheme}://{place.netloc}" != self.address:
            self.problems.append(f"request to another host: {request.url}")

    def hear_response(self, response: Response) -> None:
        """No page is broken, missing or refused, unless that is what the test is after."""
        if response.status >= 400 and response.status not in self.expected_statuses:
            self.problems.append(f"{response.status} for {response.request.method} {response.url}")


@contextlib.contextmanager
def visitor(browser: Browser, address: str, width: int, *, scripts: bool = True) -> Iterator[Visitor]:
    """A visitor with a browser profile of their own; at the end it fails if there were problems."""
    context = browser.new_context(
        viewport={"width": width, "height": HEIGHTS[width]},
        locale="ko-KR",
        java_script_enabled=scripts,
        has_touch=width == PHONE,
        reduced_motion="reduce",
    )
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    person = Visitor(page, address, width, scripts)
    page.on("console", person.hear_console)
    page.on("pageerror", lambda error: person.problems.append(f"script at {page.url}: {error}"))
    page.on("request", person.hear_request)
    page.on("response", person.hear_response)
    try:
        yield person
    finally:
        context.close()
    assert not person.problems, "\n".join(person.problems)


@dataclass
class Album:
    """Screenshots in one folder: the steps of the walk numbered in order, other pages by their names.

    Without a folder the same pages are checked, and no picture is kept.
    """

    folder: Path | None
    number: int = 0

    def step(self, name: str, *people: Visitor) -> None:
        """Photograph what these people see at the next step of the walk."""
        self.number += 1
        self.page(f"{self.number:02d}-{name}", *people)

    def page(self, name: str, *people: Visitor) -> None:
        """Photograph the whole page these people see, and check that it fits the screen and everybody can use it."""
        for person in people:
            person.check_layout()
            if self.folder is not None:
                path = self.folder / f"{name}-{person.width}.png"
                person.page.screenshot(path=path, full_page=True, animations="disabled")
            person.check_access()
