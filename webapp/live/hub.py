"""The hub: one listener a process that reads new events from the database and hands them to all readers."""

from __future__ import annotations

import queue
import threading
from collections import defaultdict

import structlog
from flask import Flask
from redis import Redis
from redis.client import PubSub
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from webapp import clock, doorbell, events
from webapp.live.telling import InOrder, Told

log = structlog.get_logger()

EXTENSION = "ieum-live"
POLL_SECONDS = 2.0
"""How often the database is asked although the bell is silent: so late is news when Redis is away."""
SOON_SECONDS = 0.1
"""The same while an event waits for the one before it."""
AT_ONCE = 500
WAITING_MOST = 256
"""Events that may wait for a reader; a slower one is dropped, comes back and catches up from the database."""


class Reader:
    """One open stream."""

    def __init__(self) -> None:
        self._waiting: queue.Queue[Told] = queue.Queue(WAITING_MOST)
        self.dropped = False

    def tell(self, told: Told) -> bool:
        """Hand over an event without waiting; False when the reader is too slow and is given up."""
        try:
            self._waiting.put_nowait(told)
        except queue.Full:
            self.dropped = True
        return not self.dropped

    def next(self, seconds: float) -> Told | None:
        """The next event; None when there is none for that long."""
        try:
            return self._waiting.get(timeout=seconds)
        except queue.Empty:
            return None


class Bell:
    """What Redis says on the events' channel; while Redis is away it is silent."""

    def __init__(self, url: str, stopping: threading.Event) -> None:
        # Blocking reads must not time out: redis-py would take its own limit for a broken connection.
        self._redis = Redis.from_url(url, socket_timeout=None, socket_connect_timeout=2.0)
        self._channel: PubSub | None = None
        self._stopping = stopping
        self._told = False

    def wait(self, seconds: float) -> None:
        """Return when the bell rings, or after that many seconds."""
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
            self._stopping.wait(seconds)

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
        self._order: InOrder | None = None
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def join(self, story_id: int) -> tuple[Reader, int]:
        """A new reader of a story, and the id of the last event that it is not going to be handed."""
        newest = events.newest_event_id()
        with self._lock:
            if self._thread is None:
                self._start(newest)
            assert self._order is not None
            reader = Reader()
            self._readers[story_id].add(reader)
            return reader, self._order.position

    def leave(self, story_id: int, reader: Reader) -> None:
        """The reader has gone."""
        with self._lock:
            self._readers[story_id].discard(reader)
            if not self._readers[story_id]:
                del self._readers[story_id]

    def readers(self) -> int:
        """How many streams are open."""
        with self._lock:
            return sum(map(len, self._readers.values()))

    def stop(self) -> None:
        """End the listener and wait until it has ended."""
        self._stopping.set()
        doorbell.publish(events.CHANNEL, "")
        if self._thread is not None:
            self._thread.join()

    def _start(self, newest: int) -> None:
        self._order = InOrder(newest)
        self._thread = threading.Thread(target=self._run, name="live-hub", daemon=True)
        self._thread.start()

    def _run(self) -> None:
        bell = Bell(self._app.config["SETTINGS"].redis_url, self._stopping)
        patience = 0.0
        while not self._stopping.is_set():
            bell.wait(patience)
            patience = self._pull()
        bell.close()

    def _pull(self) -> float:
        """Hand on what is new; returns how long the bell may be waited for until the next time."""
        assert self._order is not None
        try:
            with self._app.app_context():
                rows = events.events_after(self._order.position, limit=AT_ONCE)
                found, moment = [Told.of(row) for row in rows], clock.now()
        except SQLAlchemyError as error:
            log.warning("live_database_silent", error=str(error).splitlines()[0])
            return POLL_SECONDS
        with self._lock:
            taken = self._order.take(found, moment)
            for told in taken:
                self._tell(told)
        if len(taken) < len(found):
            return SOON_SECONDS
        return 0.0 if len(found) == AT_ONCE else POLL_SECONDS

    def _tell(self, told: Told) -> None:
        readers = self._readers.get(told.story_id, set())
        for reader in [reader for reader in readers if not reader.tell(told)]:
            readers.discard(reader)
