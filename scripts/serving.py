"""The gunicorn worker that serves 이음: gevent's, with an eye on streams, on clients that do not read and on idle ones.

It is loaded before gevent has made the process its own, so it may import nothing of the web application.
"""

from __future__ import annotations

import resource
import signal
import socket
from contextlib import suppress
from types import FrameType
from typing import Any

import gevent
from gunicorn.workers.ggevent import GeventWorker

STUCK_MILLISECONDS = 20_000
"""How long a client may leave what we sent unread, or unanswered, before the kernel breaks the connection."""
OTHER_FILES = 256
"""Files that a process has open beside its connections, at the most: the database's, Redis's, what it reads."""


class Answer:
    """A connection while it carries one answer: its head is sent with the first of its body, in one packet.

    gunicorn sends them one after the other, which costs both sides a call, and wakes the client for nothing.
    """

    def __init__(self, client: socket.socket) -> None:
        self._client = client
        self._head: bytes | None = None

    def __getattr__(self, name: str) -> Any:
        return getattr(self._client, name)

    def sendall(self, data: bytes) -> None:
        """Send this, or keep it if it is the first, which is the head."""
        if self._head is None:
            self._head = data
            return
        head, self._head = self._head, b""
        self._client.sendall(head + data if head else data)

    def sendfile(self, *words: Any, **options: Any) -> Any:
        """Send a file, after the head."""
        self.flush()
        return self._client.sendfile(*words, **options)

    def shutdown(self, how: int) -> None:
        """The answer breaks off: what there is of it has been sent."""
        self.flush()
        self._client.shutdown(how)

    def flush(self) -> None:
        """Send the head if it still waits: there is no body."""
        if self._head:
            self.sendall(b"")


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn ships no types
    """Drops clients that do not read; when it is asked to stop, ends the streams and the idle connections at once.

    A write to a client that does not read would otherwise wait for ever, and with it all that the stream holds.
    """

    def __init__(self, *words: Any, **options: Any) -> None:
        super().__init__(*words, **options)
        self._idle: set[socket.socket] = set()
        """Connections on which an answer has been given and nothing asked since."""

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        """Serve a connection."""
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_MILLISECONDS)
        try:
            super().handle(listener, client, addr)
        finally:
            self._idle.discard(client)

    def handle_request(self, listener_name: Any, req: Any, sock: socket.socket, addr: Any) -> None:
        """Answer one request; of a client that did not read the answer nothing more is expected."""
        self._idle.discard(sock)
        answer = Answer(sock)
        try:
            try:
                super().handle_request(listener_name, req, answer, addr)
            finally:
                answer.flush()
        except TimeoutError:
            # gunicorn's word for: close the connection. It would log any other error with a trace.
            raise StopIteration from None
        if not self.alive:
            # A stream that has just ended: nothing more is to be asked on its connection.
            raise StopIteration
        self._idle.add(sock)

    def handle_exit(self, sig: signal.Signals, frame: FrameType | None) -> None:
        """SIGTERM: no new connection, requests in flight are answered, streams and idle connections are over."""
        super().handle_exit(sig, frame)
        if self.booted:
            # Not here: a signal comes in the middle of anything.
            gevent.spawn(self.wsgi.extensions["ieum-live"].close)
            gevent.spawn(self._end_idle)

    def _end_idle(self) -> None:
        for client in list(self._idle):
            with suppress(OSError):
                # What has come meanwhile is still read, and answered.
                client.shutdown(socket.SHUT_RD)


def make_room(connections: int) -> int:
    """Raise our limit of open files for that many connections, as far as we may; returns how many there is room for."""
    wanted = connections + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    room = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return connections if room == resource.RLIM_INFINITY else min(connections, room - OTHER_FILES)
