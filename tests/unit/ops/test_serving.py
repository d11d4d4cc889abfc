"""An answer's head and the first of its body go over the wire together."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from scripts.serving import Answer

HEAD = b"HTTP/1.1 200 OK\r\n\r\n"


@pytest.fixture
def ends() -> Iterator[tuple[Answer, socket.socket]]:
    """An answer, and the client that it goes to; packets keep their bounds."""
    server, client = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    client.settimeout(0.05)
    with server, client:
        yield Answer(server), client


def heard(client: socket.socket) -> list[bytes]:
    """The packets that have come."""
    packets = []
    try:
        while packet := client.recv(1000):
            packets.append(packet)
    except TimeoutError:
        pass
    return packets


def test_the_head_waits_for_the_first_of_the_body(ends: tuple[Answer, socket.socket]) -> None:
    answer, client = ends
    answer.sendall(HEAD)
    assert heard(client) == []
    for piece in (b"one", b"two"):
        answer.sendall(piece)
    answer.flush()
    assert heard(client) == [HEAD + b"one", b"two"]


def test_without_a_body_the_head_is_sent_at_the_end(ends: tuple[Answer, socket.socket]) -> None:
    answer, client = ends
    answer.flush()
    answer.sendall(HEAD)
    answer.flush()
    answer.flush()
    assert heard(client) == [HEAD]


def test_a_file_comes_after_the_head(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"its text")
    server, client = socket.socketpair()
    with server, client, file.open("rb") as opened:
        answer = Answer(server)
        answer.sendall(HEAD)
        answer.sendfile(opened, offset=4, count=4)
        server.close()
        assert b"".join(heard(client)) == HEAD + b"text"


def test_an_answer_that_breaks_off_has_said_so_much(ends: tuple[Answer, socket.socket]) -> None:
    answer, client = ends
    answer.sendall(HEAD)
    answer.shutdown(socket.SHUT_RDWR)
    assert heard(client) == [HEAD]


def test_all_else_is_the_connections(ends: tuple[Answer, socket.socket]) -> None:
    answer, _ = ends
    assert answer.fileno() == answer._client.fileno()
