"""What waits for a reader, and what the kernel says of the connection to it."""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time

import pytest

from webapp.live.reader import WAITING_MOST, Reader, Wire
from webapp.live.telling import Told


def told(place: int) -> Told:
    return Told(place, 1, "ballots", {"ballots": place})


@pytest.fixture
def pair() -> tuple[socket.socket, socket.socket]:
    """Both ends of a TCP connection."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        there = socket.create_connection(server.getsockname())
        here, _ = server.accept()
    return here, there


class TestReader:
    def test_all_that_waits_comes_at_once_and_in_order(self) -> None:
        reader = Reader(Wire(None))
        reader.tell([told(1), told(2)])
        reader.tell([told(3)])
        assert reader.take(1) == [told(1), told(2), told(3)]
        reader.tell([told(4)])
        assert reader.take(1) == [told(4)]

    def test_silence_is_told_after_so_many_seconds(self) -> None:
        began = time.monotonic()
        assert Reader(Wire(None)).take(0.1) == []
        assert 0.1 <= time.monotonic() - began < 1

    def test_who_waits_hears_at_once(self) -> None:
        reader, began = Reader(Wire(None)), time.monotonic()
        threading.Timer(0.1, reader.tell, [[told(7)]]).start()
        assert reader.take(30) == [told(7)]
        assert time.monotonic() - began < 5

    def test_a_reader_is_given_up_when_too_much_waits_for_it(self) -> None:
        reader = Reader(Wire(None))
        reader.tell([told(place) for place in range(WAITING_MOST)])
        assert not reader.over
        reader.tell([told(WAITING_MOST)])
        assert reader.over
        assert reader.take(30) == []

    def test_the_end_is_heard_at_once(self) -> None:
        reader, began = Reader(Wire(None)), time.monotonic()
        threading.Timer(0.1, reader.end).start()
        assert reader.take(30) == []
        assert reader.over
        assert time.monotonic() - began < 5


class TestWire:
    def test_a_reader_that_is_there_is_not_gone(self, pair: tuple[socket.socket, socket.socket]) -> None:
        assert not Wire(pair[0]).is_gone()

    def test_a_reader_that_closed_is_gone(self, pair: tuple[socket.socket, socket.socket]) -> None:
        pair[1].close()
        assert Wire(pair[0]).is_gone()

    def test_a_reader_whose_connection_broke_is_gone(self, pair: tuple[socket.socket, socket.socket]) -> None:
        pair[1].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        pair[1].close()
        assert Wire(pair[0]).is_gone()

    def test_a_connection_that_we_closed_is_gone(self, pair: tuple[socket.socket, socket.socket]) -> None:
        pair[0].close()
        assert Wire(pair[0]).is_gone()

    def test_little_is_kept_for_a_reader_that_does_not_read(
        self, pair: tuple[socket.socket, socket.socket]
    ) -> None:
        here, there = pair
        there.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        Wire(here).narrow()
        here.setblocking(False)
        sent = 0
        with contextlib.suppress(BlockingIOError):
            while sent < 1_000_000:
                sent += here.send(b"x" * 200)
        assert sent < 100_000

    def test_without_a_connection_nobody_is_gone(self) -> None:
        wire = Wire(None)
        wire.narrow()
        assert not wire.is_gone()
