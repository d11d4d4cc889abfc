"""Readers that break off, that stay for long, and that never read: nobody misses an event, and the site stays as it is."""

from __future__ import annotations

import random
import socket
import subprocess
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
import requests
from flask import Flask
from sqlalchemy import make_url, select, text

from config import Settings
from tests.faults.ledger import FULL, Ledger
from tests.faults.proxy import Manner
from tests.faults.readers import LAST, Reader, Readers
from tests.faults.test_stores_unwell import proxied_database
from tests.integration.live.conftest import record
from tests.integration.workers.crew import children_of, log_of, process, until
from tests.ports import free_port
from tests.rest import Stream
from webapp import events
from webapp.core.stories import service as stories
from webapp.db import session, transaction
from webapp.events import Event
from webapp.extensions import db

OPENING = "마을 어귀에 오래된 우체통이 하나 있었다. 아무도 편지를 넣지 않는데 아침마다 편지가 들어 있었다."
KINDS = ["sqlite", "postgresql", "mariadb"]
HASTY_WEB = "tests.faults.hasty_web"
ROOM_PAGES = 4096
"""Bytes of a page of memory, in which the kernel counts what its sockets hold."""


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """The test's site on a free port."""
    return replace(settings, port=free_port())


@pytest.fixture
def story_id(app: Flask) -> int:
    """A story, whose events so far are in line."""
    story_id = stories.create_story("우체통", "편지가 오는 마을.", OPENING, {}, actor=None).id
    events.put_in_line()
    return story_id


@dataclass
class Web:
    """The process that serves the site."""

    port: int
    pid: int

    def resident(self) -> int:
        """Bytes of memory that it has."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(status.partition("VmRSS:")[2].split()[0]) * 1024

    def sockets(self) -> int:
        """How many connections it holds."""
        return sum(1 for link in Path(f"/proc/{self.pid}/fd").iterdir() if _is_socket(link))

    def visit(self, path: str) -> float:
        """How many seconds a page takes."""
        began = time.monotonic()
        assert requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=30).status_code == 200
        return time.monotonic() - began


def _is_socket(link: Path) -> bool:
    try:
        return str(link.readlink()).startswith("socket:")
    except FileNotFoundError:
        return False


@contextmanager
def web(settings: Settings, program: str = "gunicorn") -> Iterator[Web]:
    """gunicorn with one process, as the site runs it at home."""
    with process(settings, program, "webapp:create_app()", PORT=str(settings.port)) as server:
        until(lambda: _answers(settings.port), "the site is served")
        yield Web(settings.port, _worker_of(server))
    log = log_of(settings, program).read_text(errors="replace")
    assert "Traceback" not in log, log[-4000:]


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/readyz", timeout=5).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


def _worker_of(server: subprocess.Popen[bytes]) -> int:
    (worker,) = children_of(server.pid)
    return worker


class Happenings(threading.Thread):
    """Events of a story, so many a second, from several writers that commit in their own time; the last one at the end."""

    def __init__(self, app: Flask, story_id: int, *, every: float, slow: float = 0.0, size: int = 1) -> None:
        super().__init__(daemon=True)
        self._app, self._story_id = app, story_id
        self._every, self._slow, self._size = every, slow, size
        self._stopping = threading.Event()
        self._others: list[threading.Thread] = []

    def run(self) -> None:
        """Record until it is enough."""
        while not self._stopping.wait(self._every):
            writer = threading.Thread(target=self._record, args=("progress",))
            writer.start()
            self._others.append(writer)

    def _record(self, kind: str) -> None:
        with self._app.app_context():
            with transaction():
                events.record(self._story_id, kind, {"step": 1, "more": "가" * self._size})
                session.flush()
                # Ids are given here, and seen after the commit: the later the commit, the more others come first.
                time.sleep(self._slow * random.random())
            db.session.remove()

    def enough(self) -> list[int]:
        """Record the last event; returns the ids of all before, as readers know them."""
        self._stopping.set()
        self.join()
        for writer in self._others:
            writer.join()
        self._record(LAST)
        session.rollback()
        events.put_in_line()
        told = select(Event.place).where(Event.story_id == self._story_id, Event.kind == "progress")
        return list(session.scalars(told.order_by(Event.place)))


def missed(readers: list[Reader], told: list[int]) -> int:
    """How many events were missed, told twice, or told out of order, by all readers together."""
    return sum(_differences(reader.seen, told) for reader in readers)


def _differences(seen: list[int], told: list[int]) -> int:
    if seen == told:
        return 0
    repeated_or_strange = len(seen) - len(set(seen) & set(told))
    return len(set(told) - set(seen)) + repeated_or_strange or 1


@pytest.mark.timeout(600)
@pytest.mark.parametrize("database_url", KINDS if FULL else ["postgresql"], indirect=True)
def test_readers_that_break_off_miss_nothing_and_hear_nothing_twice(
    app: Flask, settings: Settings, story_id: int, ledger: Ledger
) -> None:
    clients, drops = ledger.times(500, short=40), ledger.times(20, short=4)
    kind = kind_of(settings)
    with web(settings), Readers(settings.port, story_id, events.newest_place(), clients, drops) as readers:
        until(lambda: readers.says("open"), "all read", 120)
        happenings = Happenings(app, story_id, every=0.1, slow=0.0 if kind == "sqlite" else 0.5)
        happenings.start()
        until(lambda: readers.says("dropped"), "all have broken off often enough", 400)
        held = connections_held(kind)
        told = happenings.enough()
        seen = readers.seen(60)
    lost = missed(seen, told)
    waits = [wait for reader in seen for wait in reader.waits]
    put_off = sum(reader.put_off for reader in seen)
    remark = f"{len(told):,} events, {clients} readers, {put_off} times asked to come again later"
    if held is not None:
        remark += f", {held} database connections meanwhile, the test's own included"
    ledger.note(f"readers break off, {kind}", clients * drops, lost=lost, recoveries=waits, remark=remark)
    assert len(told) > 20
    assert lost == 0
    assert sum(reader.broken for reader in seen) == 0
    assert held is None or held < 25


def kind_of(settings: Settings) -> str:
    """The database's name."""
    name = make_url(settings.database_url).get_backend_name()
    return "mariadb" if name == "mysql" else name


def connections_held(kind: str) -> int | None:
    """How many connections to our database there are, the test's own among them; None for SQLite, which has none."""
    question = {
        "postgresql": "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()",
        "mariadb": "SELECT count(*) FROM information_schema.processlist WHERE db = database()",
    }.get(kind)
    return None if question is None else int(session.scalar(text(question)))


@pytest.mark.timeout(900)
def test_streams_that_are_open_for_long_cost_little(
    app: Flask, settings: Settings, story_id: int, ledger: Ledger
) -> None:
    clients, seconds = ledger.times(2000, short=200), ledger.times(300, short=4)
    pages = ["/", f"/stories/{story_id}", f"/stories/{story_id}/turn", f"/api/v1/stories/{story_id}"]
    with web(settings) as server:
        place = events.newest_place()
        with Readers(settings.port, story_id, place, clients) as readers:
            until(lambda: readers.says("open"), "all read", 120)
            happenings = Happenings(app, story_id, every=1.0)
            happenings.start()
            look(server, pages, seconds / 10)
            before = server.resident()
            times = look(server, pages, seconds)
            after = server.resident()
            told = happenings.enough()
            seen = readers.seen(60)
    lost = missed(seen, told) + sum(reader.broken for reader in seen)
    slow = sorted(times)[int(len(times) * 0.95)]
    growth = after / before - 1
    remark = (
        f"{seconds} s, memory {before >> 20} → {after >> 20} MiB ({growth:+.1%}), {len(told)} events, "
        f"{len(times)} pages with p95 {slow * 1000:.0f} ms"
    )
    ledger.note("streams open for long", clients, lost=lost, remark=remark)
    assert lost == 0
    assert growth < 0.10
    assert slow < 0.2


def look(server: Web, pages: list[str], seconds: float) -> list[float]:
    """Visit these pages one after another for so long; how long each took."""
    times, until_when = [], time.monotonic() + seconds
    while time.monotonic() < until_when:
        for page in pages:
            times.append(server.visit(page))
            time.sleep(0.05)
    return times


@pytest.mark.timeout(300)
def test_who_never_reads_costs_little_and_is_dropped(
    app: Flask, settings: Settings, story_id: int, ledger: Ledger
) -> None:
    clients = ledger.times(1000, short=50)
    with web(settings, "gunicorn" if FULL else HASTY_WEB) as server:
        place = events.newest_place()
        with Readers(settings.port, story_id, place, 5) as readers:
            until(lambda: readers.says("open"), "some read", 60)
            alone, memory, room = server.sockets(), server.resident(), kernel_room()
            deaf = [never_read(settings.port, story_id) for _ in range(clients)]
            until(lambda: server.sockets() >= alone + clients, "all have come", 60)
            happenings = Happenings(app, story_id, every=0.5, size=1500)
            happenings.start()
            began = time.monotonic()
            peak = [0]
            until(lambda: watch(server, peak) <= alone, "all are dropped", 90)
            gone = time.monotonic() - began
            told = happenings.enough()
            seen = readers.seen(60)
        for connection in deaf:
            connection.close()
    each = (peak[0] - memory - room) / clients
    lost = missed(seen, told)
    remark = f"{each / 1000:.1f} kB each at the most, the kernel's share on both sides included; the others heard {len(told)} events"
    ledger.note("readers that never read", clients, lost=lost, recoveries=[gone], remark=remark)
    assert lost == 0
    assert each < 100_000
    assert gone < 60


def never_read(port: int, story_id: int) -> socket.socket:
    """Somebody who asks for the stream and then never reads, with little room for what comes."""
    connection = socket.socket()
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    connection.connect(("127.0.0.1", port))
    connection.sendall(f"GET /live/stories/{story_id} HTTP/1.1\r\nHost: test\r\n\r\n".encode())
    return connection


def kernel_room() -> int:
    """Bytes that all TCP sockets of this machine hold in the kernel."""
    line = next(
        line for line in Path("/proc/net/sockstat").read_text().splitlines() if line.startswith("TCP:")
    )
    return int(line.split()[-1]) * ROOM_PAGES


def watch(server: Web, peak: list[int]) -> int:
    """Note the most memory that was used; returns how many connections there are."""
    peak[0] = max(peak[0], server.resident() + kernel_room())
    return server.sockets()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("database_url", KINDS[1:] if FULL else ["postgresql"], indirect=True)
def test_streams_outlive_a_database_that_is_unwell(
    app: Flask, settings: Settings, story_id: int, ledger: Ledger
) -> None:
    manners = list(Manner) if FULL else [Manner.TORN]
    lost, recoveries = 0, []
    log = log_of(settings, "gunicorn")
    with proxied_database(settings) as (proxy, way), web(way):
        stream = Stream(f"http://127.0.0.1:{settings.port}", story_id)
        for manner in manners:
            heard, said = len(stream.events), log.read_text().count("live_database_silent")
            proxy.behave(manner)
            for number in range(3):
                record(story_id, number)
                time.sleep(1.5)
            noticed = log.read_text().count("live_database_silent") - said
            lost += not noticed and manner not in (Manner.NORMAL, Manner.SLOW)
            proxy.behave(Manner.NORMAL)
            began = time.monotonic()
            until(lambda heard=heard: len(stream.events) >= heard + 3, f"all is told after {manner}", 30)
            recoveries.append(time.monotonic() - began)
            lost += [told[2]["step"] for told in stream.events[heard:]] != [0, 1, 2]
        lost += not stream.is_alive()
    ledger.note(
        f"streams while {kind_of(settings)} is unwell", len(manners), lost=lost, recoveries=recoveries
    )
    assert lost == 0
    assert max(recoveries) < 10
