"""People who use the site through its REST API, and readers of its live streams."""

from __future__ import annotations

import contextlib
import json
import threading
import time
from collections.abc import Callable
from typing import Any, TypeVar

import requests

from tests.site import Site

T = TypeVar("T")

PASSWORD = "둘이서 쓰는 긴 비밀번호"


class Person:
    """Somebody with or without an account. What the site refuses fails the test, unless it is expected."""

    def __init__(self, address: str, token: str = "") -> None:
        self.address = address
        self.session = requests.Session()
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"

    def call(self, method: str, path: str, *, status: int = 200, **sent: Any) -> Any:
        """Ask for `path` (under /api/v1 unless it names another /api/ address); returns the JSON that came back."""
        where = path if path.startswith("/api/") else f"/api/v1{path}"
        answer = self.session.request(method, self.address + where, timeout=30, **sent)
        assert answer.status_code == status, f"{method} {where}: {answer.status_code} {answer.text}"
        return answer.json() if answer.content else None

    def get(self, path: str, **query: Any) -> Any:
        """GET, with a query."""
        return self.call("GET", path, params=query)

    def post(self, path: str, sent: dict[str, Any] | None = None, *, status: int = 201) -> Any:
        """POST of a JSON body."""
        return self.call("POST", path, json=sent or {}, status=status)

    def vote(self, poll_id: int, *option_ids: int) -> None:
        """Cast a ballot."""
        cast = self.call("PUT", f"/polls/{poll_id}/ballot", json={"options": list(option_ids)})
        assert sorted(cast["options"]) == sorted(option_ids)


def sign_up(site: Site, name: str) -> Person:
    """A new participant."""
    account = Person(site.address).post("/accounts", {"name": name, "password": PASSWORD})
    assert account["role"] == "participant"
    return Person(site.address, account["token"])


def moderator(site: Site, name: str) -> Person:
    """A moderator, made on the command line, who then logs in."""
    site.flask("accounts", "create", name, "--role", "moderator", "--password-stdin", typed=PASSWORD + "\n")
    token = Person(site.address).post("/sessions", {"name": name, "password": PASSWORD})["token"]
    return Person(site.address, token)


def until(look: Callable[[], T | None], what: str, seconds: float = 60.0) -> T:
    """The first thing `look` finds; fails when it has found nothing after that many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := look()):
        assert time.monotonic() < deadline, f"not within {seconds} s: {what}"
        time.sleep(0.1)
    return found


class Stream(threading.Thread):
    """Reads the server-sent events of a story as long as the site runs; `events` holds (id, kind, data) as they come."""

    def __init__(self, address: str, story_id: int, last_event_id: int | None = None) -> None:
        super().__init__(daemon=True)
        headers = {"Accept": "text/event-stream"}
        if last_event_id is not None:
            headers["Last-Event-ID"] = str(last_event_id)
        self.events: list[tuple[int, str, Any]] = []
        # Beats come every few seconds, so a silence as long as this is a broken stream.
        self.answer = requests.get(
            f"{address}/live/stories/{story_id}", headers=headers, stream=True, timeout=(10, 60)
        )
        assert self.answer.status_code == 200
        assert self.answer.headers["Content-Type"].startswith("text/event-stream")
        self.start()

    def run(self) -> None:
        """Read until the site stops."""
        fields: dict[str, str] = {}
        with contextlib.suppress(requests.RequestException):
            for raw in self.answer.iter_lines(chunk_size=1):
                name, _, value = raw.decode("utf-8").partition(":")
                if raw and name:
                    fields[name] = value.strip()
                elif not raw and "data" in fields:
                    told = json.loads(fields["data"])
                    self.events.append((int(fields.get("id", 0)), fields.get("event", ""), told))
                    fields = {}
