"""A reader in this process, and transactions that take their time."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterable, Iterator
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from webapp import events
from webapp.db import session, transaction
from webapp.extensions import db

Frame = dict[str, str]


def steps(blocks: list[Frame]) -> list[int]:
    return [json.loads(block["data"])["step"] for block in blocks if block.get("event") == "progress"]


class Listener:
    """A reader that takes its stream block by block."""

    def __init__(self, client: FlaskClient, story_id: int, address: str = "", **asked: Any) -> None:
        self.response = client.get(address or f"/live/stories/{story_id}", buffered=False, **asked)
        assert self.response.status_code == 200
        self._blocks = self._split(self.response.iter_encoded())

    def take(self, blocks: int) -> list[Frame]:
        return [self._parsed(next(self._blocks)) for _ in range(blocks)]

    def rest(self) -> list[Frame]:
        return [self._parsed(block) for block in self._blocks]

    def _split(self, pieces: Iterable[bytes]) -> Iterator[str]:
        for piece in pieces:
            yield from piece.decode().removesuffix("\n\n").split("\n\n")

    def _parsed(self, block: str) -> Frame:
        return dict(line.partition(": ")[::2] for line in block.strip().split("\n"))


class Slow:
    """A transaction that has recorded an event and stays open until it is let go."""

    def __init__(self, app: Flask, story_id: int, number: int) -> None:
        self._app, self._event = app, (story_id, "progress", {"step": number})
        self._recorded, self._enough = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()
        assert self._recorded.wait(30)

    def _run(self) -> None:
        with self._app.app_context():
            with transaction():
                events.record(*self._event)
                session.flush()
                self._recorded.set()
                self._enough.wait(60)
            db.session.remove()

    def let_go(self) -> None:
        """Commit."""
        self._enough.set()
        self._thread.join()
