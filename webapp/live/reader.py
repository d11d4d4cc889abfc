"""One open stream: what waits for its reader, and the connection that it goes over."""

from __future__ import annotations

import socket
import struct
import threading
from collections import deque
from collections.abc import Sequence

from webapp.live.telling import Told

WAITING_MOST = 256
"""Events that may wait for a reader; a slower one is dropped, comes back and catches up from the database."""
SEND_BUFFER_BYTES = 16 * 1024
"""What the kernel may hold of a stream (it takes twice that for itself): by itself it would go up to megabytes for
each reader that does not read."""
ESTABLISHED = 1
"""The state of a TCP connection that neither side has closed (Linux, tcp_states.h)."""


class Wire:
    """The connection of a reader; without a socket, as in a test without a server, it is taken to hold."""

    def __init__(self, connection: socket.socket | None) -> None:
        self._connection = connection

    def narrow(self) -> None:
        """Let the kernel hold only a little that was not read."""
        if self._connection is not None:
            self._connection.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def is_gone(self) -> bool:
        """Whether the reader has closed the connection, or it broke. Asks the kernel, sends nothing."""
        if self._connection is None:
            return False
        try:
            state = self._connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, 1)
        except OSError:
            return True
        return struct.unpack("B", state) != (ESTABLISHED,)


class Reader:
    """Hands events from the hub to a stream. `over` once the stream is to end."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire
        self.over = False
        self._waiting: deque[Told] = deque()
        self._news = threading.Event()

    def tell(self, news: Sequence[Told]) -> None:
        """Hand over events without waiting; a reader that is too slow for them is given up."""
        if len(self._waiting) + len(news) > WAITING_MOST:
            self.end()
            return
        self._waiting.extend(news)
        self._news.set()

    def end(self) -> None:
        """Let the stream end, now; what still waits is not told."""
        self.over = True
        self._news.set()

    def take(self, seconds: float) -> list[Told]:
        """All that waits, in order; nothing when nothing comes for that long, or when the stream is over."""
        if not self._waiting:
            self._news.clear()
            # Between the two lines above something may have come.
            if not self._waiting and not self.over:
                self._news.wait(seconds)
        return [] if self.over else [self._waiting.popleft() for _ in range(len(self._waiting))]
