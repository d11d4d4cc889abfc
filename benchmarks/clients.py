"""A light load of ballots over HTTP, in one process: `python -m benchmarks.clients ADDRESS PLAN SECONDS`.

Every connection answers for voters of its own, one ballot after another, never the same option twice running: each
ballot is a change that has to be written. PLAN is a JSON file: `clients`, `poll_id`, `options`, and the voters'
`tokens`. Prints JSON: how many ballots were acknowledged in that many seconds, how many were not, and their times.
"""

from __future__ import annotations

import json
import selectors
import socket
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path
from typing import Any


@dataclass
class Connection:
    """One client: what it sends next, and what has come of the answer so far."""

    requests: Iterator[bytes]
    socket: socket.socket
    came: bytes = b""
    asked_at: float = 0.0


@dataclass
class Outcome:
    """What all of them were told."""

    acknowledged: int = 0
    refused: int = 0
    seconds: list[float] = field(default_factory=list)


def main() -> None:
    """Send ballots, print the outcome."""
    address, plan, seconds = sys.argv[1], json.loads(Path(sys.argv[2]).read_text()), float(sys.argv[3])
    host, _, port = address.removeprefix("http://").partition(":")
    outcome = send((host, int(port)), plan, seconds)
    times = sorted(outcome.seconds)
    told = {
        "acknowledged": outcome.acknowledged,
        "refused": outcome.refused,
        "median": times[len(times) // 2] if times else 0.0,
        "p99": times[int(0.99 * len(times))] if times else 0.0,
    }
    print(json.dumps(told))


def send(where: tuple[str, int], plan: dict[str, Any], seconds: float) -> Outcome:
    """Ballots from `clients` connections at once, for that many seconds."""
    selector, outcome = selectors.DefaultSelector(), Outcome()
    for number in range(plan["clients"]):
        tokens = plan["tokens"][number :: plan["clients"]]
        connection = Connection(ballots(plan["poll_id"], plan["options"], tokens), connect(where))
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        ask(connection)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for key, _ in selector.select(1.0):
            hear(key.data, where, selector, outcome)
    return outcome


def ballots(poll_id: int, options: list[int], tokens: list[str]) -> Iterator[bytes]:
    """The requests of these voters: in every round each of them chooses the next option."""
    for option in cycle(options):
        body = json.dumps({"options": [option]})
        for token in tokens:
            yield (
                f"PUT /api/v1/polls/{poll_id}/ballot HTTP/1.1\r\nHost: ieum\r\nAuthorization: Bearer {token}\r\n"
                f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n{body}"
            ).encode()


def connect(where: tuple[str, int]) -> socket.socket:
    """A connection that sends at once."""
    made = socket.create_connection(where)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def ask(connection: Connection) -> None:
    """Send the next ballot."""
    connection.came, connection.asked_at = b"", time.monotonic()
    connection.socket.sendall(next(connection.requests))


def hear(
    connection: Connection, where: tuple[str, int], selector: selectors.BaseSelector, outcome: Outcome
) -> None:
    """Take what has come; when the answer is whole, count it and send the next ballot."""
    piece = connection.socket.recv(65536)
    connection.came += piece
    if piece and not is_whole(connection.came):
        return
    if connection.came.startswith(b"HTTP/1.1 200 "):
        outcome.acknowledged += 1
        outcome.seconds.append(time.monotonic() - connection.asked_at)
    else:
        outcome.refused += 1
    if not piece or b"\r\nConnection: close" in connection.came:
        selector.unregister(connection.socket)
        connection.socket.close()
        connection.socket = connect(where)
        selector.register(connection.socket, selectors.EVENT_READ, connection)
    ask(connection)


def is_whole(came: bytes) -> bool:
    """Whether this is a whole answer, as long as its head says."""
    head, blank, body = came.partition(b"\r\n\r\n")
    length = head.lower().partition(b"content-length: ")[2].partition(b"\r\n")[0]
    return bool(blank) and len(body) >= int(length or b"0")


if __name__ == "__main__":
    main()
