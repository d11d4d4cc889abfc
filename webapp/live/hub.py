"""The hub: one listener a process that reads new events from the database and hands them to all readers."""

from __future__ import annotations

import threading
import time
from collections import defaultdict, deque

import structlog
from flask import Flask
from redis import Redis
from redis.backoff import NoBackoff
from redis.client import PubSub
from redis.exceptions import RedisError
from redis.retry import Retry
from sqlalchemy.exc import SQLAlchemyError

from webapp import doorbell, events
from webapp.live.reader import Reader, Wire
from webapp.live.telling import Told
from webapp.patience import begin_request

log = structlog.get_logger()

EXTENSION = "ieum-live"
POLL_SECONDS = 2.0
"""How often the database is asked although the bell is silent: so late is news when Redis is away."""
TOGETHER_SECONDS = 0.1
"""What happens within so long is put in line, read and told together: the database is asked ten times a second at the
most, however many vote."""
AT_ONCE = 100
"""Events that are handed on at one time; a reader that keeps up has taken them before the next come."""
WOKEN_AT_ONCE = 50
"""Readers."""
REMEMBERED = 1000
"""Events that are kept for readers who were away for a moment: when thousands of them come back at once, the database
is not asked by each."""
LOOK_SECONDS = 2.0
"""How often it is looked whether readers have gone."""


class Bell:
    """What Redis says on the events' channel; while Redis is away it is silent."""

    def __init__(self, url: str, stopping: threading.Event) -> None:
        # Waiting for a message has a limit of its own; this one is for a Redis that takes the connection and hangs.
        limits = {"socket_timeout": POLL_SECONDS, "socket_connect_timeout": POLL_SECONDS}
        self._redis = Redis.from_url(url, retry=Retry(NoBackoff(), 0), **limits)
        self._channel: PubSub | None = None
        self._stopping = stopping
        self._told = False

    def wait(self, seconds: float) -> None:
        """Return when the bell rings, or after that many seconds."""
        began = time.monotonic()
        try:
            channel = self._channel or self._subscribe()
            if channel.get_message(timeout=seconds) is not None:
                # Many rings at once are one: what happened is read from the database anyway.
                while channel.get_message(timeout=0) is not None:
                    pass
            self._told = False
        except (RedisError, OSError) as error:
            if not self._told:
                log.warning("live_bell_silent", error=str(error))
            self._told = True
            self.close()
            self._stopping.wait(max(0.0, began + seconds - time.monotonic()))

    def _subscribe(self) -> PubSub:
        self._channel = self._redis.pubsub()
        self._channel.subscribe(events.CHANNEL)
        return self._channel

    def close(self) -> None:
        """Give the connection back."""
        if self._channel is not None:
            self._channel.close()
        self._channel = None


class Hub:
    """Feeds every stream of this process; begins with the first reader."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._lock = threading.Lock()
        self._readers: defaultdict[int, set[Reader]] = defaultdict(set)
        self._place = 0
        # All events up to our place, without a gap: so many as are remembered.
        self._recent: deque[Told] = deque(maxlen=REMEMBERED)
        self._beginning = threading.Lock()
        self._thread: threading.Thread | None = None
        self._closed = False
        self._stopping = threading.Event()

    @property
    def place(self) -> int | None:
        """Up to where everything has been told; None before the first reader."""
        return self._place if self._thread else None

    def join(self, story_id: int, wire: Wire) -> tuple[Reader, int]:
        """A new reader of a story, and the place of the last event that it is not going to be handed."""
        with self._beginning:
            if self._thread is None:
                self._begin()
        with self._lock:
            reader = Reader(wire)
            self._readers[story_id].add(reader)
            if self._closed:
                reader.end()
            return reader, self._place

    def knows(self, story_id: int) -> bool:
        """Whether somebody reads this story: then there is one."""
        return story_id in self._readers

    def told_since(self, story_id: int, last_id: int) -> list[Told] | None:
        """What was told of a story after this place; None where that is not remembered, or has not been told here yet."""
        with self._lock:
            if not self._place - len(self._recent) <= last_id <= self._place:
                return None
            return [told for told in self._recent if told.id > last_id and told.story_id == story_id]

    def leave(self, story_id: int, reader: Reader) -> None:
        """The reader has gone."""
        with self._lock:
            self._readers[story_id].discard(reader)
            if not self._readers[story_id]:
                del self._readers[story_id]

    def readers(self) -> int:
        """How many streams are fed."""
        return sum(not reader.over for reader in self._everyone())

    def close(self) -> None:
        """End every stream, now and from now on: the process is about to stop. Their readers come back elsewhere."""
        self._closed = True
        for reader in self._everyone():
            reader.end()

    def stop(self) -> None:
        """End the listener and wait until it has ended."""
        self._stopping.set()
        doorbell.publish(events.CHANNEL, "")
        if self._thread is not None:
            self._thread.join()

    def _everyone(self) -> list[Reader]:
        with self._lock:
            return [reader for readers in self._readers.values() for reader in readers]

    def _begin(self) -> None:
        """From the end of the line: whoever has only come is not told what happened while nobody was there."""
        self._place = events.put_in_line()
        before = events.events_after(self._place - REMEMBERED, limit=REMEMBERED)
        self._recent.extend(Told.of(row) for row in before if (row.place or 0) <= self._place)
        self._thread = threading.Thread(target=self._run, name="live-hub", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        bell = Bell(self._app.config["SETTINGS"].redis_url, self._stopping)
        patience, looked = 0.0, time.monotonic()
        while not self._stopping.is_set():
            bell.wait(patience)
            self._stopping.wait(TOGETHER_SECONDS if patience else 0.0)
            patience = self._pull()
            if time.monotonic() - looked >= LOOK_SECONDS:
                self._let_go()
                looked = time.monotonic()
        bell.close()

    def _pull(self) -> float:
        """Hand on what is new; returns how long the bell may be waited for until the next time."""
        try:
            with self._app.app_context():
                # A connection that never answers is given up, as it is when somebody waits for a page.
                begin_request()
                events.put_in_line()
                found = [Told.of(row) for row in events.events_after(self._place, limit=AT_ONCE)]
        except SQLAlchemyError as error:
            log.warning("live_database_silent", error=str(error).splitlines()[0])
            return POLL_SECONDS
        if found:
            self._hand_on(found)
        return 0.0 if len(found) == AT_ONCE else POLL_SECONDS

    def _hand_on(self, found: list[Told]) -> None:
        """Tell everybody who is here now; who joins from here on has `found` behind them."""
        news: defaultdict[int, list[Told]] = defaultdict(list)
        for told in found:
            news[told.story_id].append(told)
        with self._lock:
            self._place = found[-1].id
            self._recent.extend(found)
            audience = [(reader, news[one]) for one in news for reader in self._readers.get(one, ())]
        for first in range(0, len(audience), WOKEN_AT_ONCE):
            for reader, told in audience[first : first + WOKEN_AT_ONCE]:
                reader.tell(told)
            # They write now, and whoever waits for a page is not kept until thousands have written.
            time.sleep(0)

    def _let_go(self) -> None:
        """End the streams of those who have gone: they themselves would notice at the second beat only."""
        for reader in self._everyone():
            if reader.wire.is_gone():
                reader.end()
