"""A visitor whose browser runs no JavaScript: reads pages, fills in the forms that stand on them, follows redirects."""

from __future__ import annotations

from dataclasses import dataclass, field
from html import unescape
from html.parser import HTMLParser
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


@dataclass
class Form:
    """A form on a page: its address, and what a browser would send if nobody touched it."""

    action: str
    method: str
    values: dict[str, list[str]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    def add(self, name: str, value: str) -> None:
        self.values.setdefault(name, []).append(value)


class Page(HTMLParser):
    """What a test looks at in a page: its words, its forms, where its links lead."""

    def __init__(self, response: TestResponse) -> None:
        super().__init__()
        self.status = response.status_code
        self.html = response.get_data(as_text=True)
        self.address = response.request.path
        self.forms: list[Form] = []
        self.links: list[str] = []
        self.words = ""
        self._textarea: str | None = None
        self._select: str | None = None
        self._silent = False
        self.feed(self.html)

    def form(self, action: str) -> Form:
        """The form that sends to this address; fails where there is none."""
        found = [form for form in self.forms if form.action == action]
        assert found, f"no form for {action} on {self.address}: {[form.action for form in self.forms]}"
        return found[0]

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attributes}
        self._silent = tag in ("script", "style")
        if tag == "a":
            self.links.append(given.get("href", ""))
        if tag == "form":
            self.forms.append(Form(given.get("action", self.address), given.get("method", "get")))
        elif self.forms and given.get("name"):
            self._field(tag, given)
        elif self.forms and tag == "option" and self._select:
            self._option(given)

    def _field(self, tag: str, given: dict[str, str]) -> None:
        form, name = self.forms[-1], given["name"]
        form.names.add(name)
        if tag == "textarea":
            self._textarea = ""
            form.values[name] = [""]
        elif tag == "select":
            self._select = name
        elif tag == "input" and given.get("type") in ("checkbox", "radio"):
            if "checked" in given:
                form.add(name, given.get("value", "on"))
        elif tag == "input" and given.get("type") != "file":
            form.add(name, given.get("value", ""))

    def _option(self, given: dict[str, str]) -> None:
        form, name = self.forms[-1], str(self._select)
        if name not in form.values or "selected" in given:
            form.values[name] = [given.get("value", "")]

    def handle_data(self, data: str) -> None:
        if self._textarea is not None:
            last = list(self.forms[-1].values)[-1]
            self.forms[-1].values[last] = [self.forms[-1].values[last][0] + unescape(data)]
        elif not self._silent:
            self.words += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea" and self._textarea is not None:
            last = list(self.forms[-1].values)[-1]
            self.forms[-1].values[last] = [self.forms[-1].values[last][0].removeprefix("\n")]
            self._textarea = None
        if tag == "select":
            self._select = None
        if tag in ("script", "style"):
            self._silent = False


class Visitor:
    """One person's browser, without JavaScript."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def open(self, address: str, **options: Any) -> Page:
        """The page at this address, redirects followed."""
        return self._arrive(self.client.get(address, **options))

    def send(self, page: Page, action: str, **changes: Any) -> Page:
        """Fill in the form on this page that sends to `action`, send it, and follow the redirect."""
        form = page.form(action)
        unknown = changes.keys() - form.names
        assert not unknown, f"the form for {action} has no {unknown}"
        return self._arrive(self.client.post(action, data={**form.values, **changes}))

    def _arrive(self, response: TestResponse) -> Page:
        """The page that an answer leads to in the end."""
        while response.status_code in (301, 302, 303):
            response = self.client.get(response.headers["Location"])
        return Page(response)

    def sign_up(self, name: str, password: str = "correct horse battery") -> Page:
        """Make an account and be logged in."""
        return self.send(self.open("/sign-up"), "/sign-up", name=name, password=password)

    def log_in(self, name: str, password: str = "correct horse battery") -> Page:
        """Log in."""
        return self.send(self.open("/log-in"), "/log-in", name=name, password=password)
