"""The gunicorn worker that serves 이음: gevent's, with an eye on streams and on clients that do not read.

It is loaded before gevent has made the process its own, so it may import nothing of the web application.
"""

from __future__ import annotations

import resource
import signal
import socket
from types import FrameType
from typing import Any

import gevent
from gunicorn.workers.ggevent import GeventWorker

STUCK_MILLISECONDS = 20_000
"""How long a client may leave what we sent unread, or unanswered, before the kernel breaks the connection."""
OTHER_FILES = 256
"""Files that a process has open beside its connections, at the most: the database's, Redis's, what it reads."""


class Worker(GeventWorker):  # type: ignore[misc]  # gunicorn ships no types
    """Drops clients that do not read, and ends the streams at once when it is asked to stop.

    A write to a client that does not read would otherwise wait for ever, and with it all that the stream holds.
    """

    def handle(self, listener: Any, client: socket.socket, addr: Any) -> None:
        """Serve a connection."""
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, STUCK_MILLISECONDS)
        super().handle(listener, client, addr)

    def handle_request(self, listener_name: Any, req: Any, sock: socket.socket, addr: Any) -> None:
        """Answer one request; of a client that did not read the answer nothing more is expected."""
        try:
            super().handle_request(listener_name, req, sock, addr)
        except TimeoutError:
            # gunicorn's word for: close the connection. It would log any other error with a trace.
            raise StopIteration from None
        if not self.alive:
            # A stream that has just ended: nothing more is to be asked on its connection.
            raise StopIteration

    def handle_exit(self, sig: signal.Signals, frame: FrameType | None) -> None:
        """SIGTERM: no new connection, requests in flight are answered, streams are over."""
        super().handle_exit(sig, frame)
        if self.booted:
            # Not here: a signal comes in the middle of anything.
            gevent.spawn(self.wsgi.extensions["ieum-live"].close)


def make_room(connections: int) -> int:
    """Raise our limit of open files for that many connections, as far as we may; returns how many there is room for."""
    wanted = connections + OTHER_FILES
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    room = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    return connections if room == resource.RLIM_INFINITY else min(connections, room - OTHER_FILES)
