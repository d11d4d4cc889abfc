"""SIGTERM: what is in flight is answered, streams end at once and say when to come back, nobody new gets in, and all
is over within ten seconds; gunicorn by itself, and the whole site under run.py."""

from __future__ import annotations

import json
import os
import select
import signal
import socket
import time
from dataclasses import replace
from http.client import HTTPConnection
from pathlib import Path

import pytest
import requests
from flask import Flask

from config import Settings
from tests.integration.workers.crew import log_of, process, until
from tests.ports import free_port
from tests.site import processes_of, running_site
from webapp.core.accounts.models import Account
from webapp.db import session

MOST_SECONDS = 10.0
SLOW_SECONDS = 4.0
"""How long the one who is signing up takes for the second half of what they send."""


class SlowSignUp:
    """Somebody whose browser has sent half of their name and password so far."""

    def __init__(self, port: int, name: str) -> None:
        body = json.dumps({"name": name, "password": "느리지만 긴 비밀번호"}).encode()
        self._rest = body[len(body) // 2 :]
        self._connection = socket.create_connection(("127.0.0.1", port), timeout=20)
        head = f"POST /api/v1/accounts HTTP/1.1\r\nHost: test\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        self._connection.sendall(head.encode() + body[: len(body) // 2])

    def finish(self) -> int:
        """Send the rest; returns the status of the answer."""
        self._connection.sendall(self._rest)
        with self._connection, self._connection.makefile("rb") as answer:
            return int(answer.readline().split()[1])


def open_stream(port: int, story_id: int) -> socket.socket:
    """A stream that has begun."""
    connection = socket.create_connection(("127.0.0.1", port), timeout=20)
    connection.sendall(f"GET /live/stories/{story_id} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
    assert b"retry: 3000" in until_text(connection, b"retry: 3000")
    return connection


def until_text(connection: socket.socket, text: bytes) -> bytes:
    """What comes until this text has come."""
    came = b""
    while text not in came:
        piece = connection.recv(4096)
        assert piece, came
        came += piece
    return came


def rest_of(connection: socket.socket) -> bytes:
    """All that still comes until the other side closes."""
    came = b""
    while piece := connection.recv(4096):
        came += piece
    return came


def is_refused(port: int) -> bool:
    """Whether nobody listens there any more."""
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def is_open(port: int) -> bool:
    """Whether the site answers."""
    try:
        return requests.get(f"http://127.0.0.1:{port}/healthz", timeout=5).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The test's site on a free port."""
    return replace(settings, port=free_port())


@pytest.mark.timeout(120)
def test_gunicorn_answers_what_is_in_flight_and_ends_streams_at_once(
    app: Flask, settings: Settings, story_id: int
) -> None:
    with process(settings, "gunicorn", "webapp:create_app()", PORT=str(settings.port)) as server:
        until(lambda: is_open(settings.port), "gunicorn answers")
        streams = [open_stream(settings.port, story_id) for _ in range(20)]
        slow = SlowSignUp(settings.port, "느린사람")
        server.send_signal(signal.SIGTERM)
        asked = time.monotonic()
        endings = [rest_of(stream) for stream in streams]
        assert time.monotonic() - asked < 2
        times = {ending.rpartition(b"retry: ")[2].split()[0] for ending in endings}
        assert all(1000 <= int(one) <= 5000 for one in times)
        assert len(times) > 5, "not all are asked to come back at the same moment"
        until(lambda: is_refused(settings.port), "nobody new gets in", 3)
        time.sleep(max(0.0, asked + SLOW_SECONDS - time.monotonic()))
        assert slow.finish() == 201
        assert server.wait(MOST_SECONDS) == 0
        assert time.monotonic() - asked < MOST_SECONDS
    assert "Traceback" not in log_of(settings, "gunicorn").read_text()
    session.rollback()
    assert session.query(Account).filter(Account.name == "느린사람").count() == 1


@pytest.mark.timeout(120)
def test_gunicorn_does_not_wait_for_ever_for_what_is_in_flight(app: Flask, settings: Settings) -> None:
    with process(settings, "gunicorn", "webapp:create_app()", PORT=str(settings.port)) as server:
        until(lambda: is_open(settings.port), "gunicorn answers")
        SlowSignUp(settings.port, "끝내지않는사람")
        server.send_signal(signal.SIGTERM)
        assert server.wait(MOST_SECONDS) == 0


@pytest.mark.timeout(120)
def test_a_proxys_idle_connection_ends_at_once_and_nothing_waits_for_it(
    app: Flask, settings: Settings
) -> None:
    proxied = {"PORT": str(settings.port), "TRUSTED_PROXIES": "1"}
    with process(settings, "gunicorn", "webapp:create_app()", **proxied) as server:
        until(lambda: is_open(settings.port), "gunicorn answers")
        connection = HTTPConnection("127.0.0.1", settings.port)
        connection.request("GET", "/readyz")
        assert connection.getresponse().read()
        server.send_signal(signal.SIGTERM)
        ended, _, _ = select.select([connection.sock], [], [], 3.0)
        assert ended
        connection.close()
        assert server.wait(MOST_SECONDS) == 0


@pytest.mark.timeout(180)
def test_the_whole_site_answers_what_is_in_flight(tmp_path: Path) -> None:
    with running_site(tmp_path) as site:
        port = int(site.address.rpartition(":")[2])
        slow = SlowSignUp(port, "느린사람")
        site_id = next(pid for pid, command in processes_of(tmp_path).items() if "run.py" in command)
        os.kill(site_id, signal.SIGTERM)
        asked = time.monotonic()
        time.sleep(SLOW_SECONDS)
        assert slow.finish() == 201
        until(lambda: not processes_of(tmp_path), "all is over", asked + MOST_SECONDS - time.monotonic())
