"""Stand-ins for the parts of the site, small enough to be started many times.

python -m tests.integration.ops.parts web|calm|stubborn|brief
"""

from __future__ import annotations

import os
import signal
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import NoReturn


class Healthy(BaseHTTPRequestHandler):
    """Answers 200 to everything."""

    def do_GET(self) -> None:
        """The answer to /healthz."""
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


def web() -> None:
    """A web server on HOST and PORT."""
    HTTPServer((os.environ.get("HOST", "127.0.0.1"), int(os.environ["PORT"])), Healthy).serve_forever()


def calm() -> NoReturn:
    """Works until it is asked to stop, and prints where its Redis is."""
    print(f"redis at {os.environ['REDIS_URL']}", flush=True)
    while True:
        time.sleep(60)


def stubborn() -> NoReturn:
    """Does not stop when asked, and has a child in a session of its own that does not either."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if os.fork() == 0:
        os.setsid()
    calm()


def brief() -> NoReturn:
    """Ends by itself, unhappily."""
    time.sleep(1)
    sys.exit(3)


if __name__ == "__main__":
    {"web": web, "calm": calm, "stubborn": stubborn, "brief": brief}[sys.argv[1]]()
