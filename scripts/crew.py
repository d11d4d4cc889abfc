"""Runs the parts of the site side by side under honcho, and says in one sentence how it ended."""

from __future__ import annotations

import math
import os
import re
import shlex
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from http.client import HTTPConnection, HTTPException
from urllib.parse import urlsplit

import honcho.manager
from honcho.manager import SYSTEM_PRINTER_NAME, Manager
from honcho.printer import Message, Printer

from scripts import tether
from scripts.places import ROOT
from scripts.say import Trouble, say

LONG_SECONDS = 30.0
KILL_SECONDS = tether.PATIENCE + 0.5
"""When honcho kills what it asked to stop: not before the tether of a part has done so in its own way."""
RULE = "─" * 72
_STOPPED = re.compile(r"(\S+) stopped \(rc=(-?\d+)\)\n")


class Log(Printer):  # type: ignore[misc]  # honcho ships no types
    """What the parts print. honcho's own notes are left out, but read for how the end began."""

    def __init__(self) -> None:
        super().__init__(sys.stdout)
        self.asked_to_stop = False
        self.first_to_fall: tuple[str, int] | None = None

    @property
    def ending(self) -> bool:
        """Whether the site is on its way down."""
        return self.asked_to_stop or self.first_to_fall is not None

    def fell(self, name: str, status: int) -> None:
        """Note that a part ended; only the first one that nobody asked to end counts."""
        if not self.ending:
            self.first_to_fall = (name, status)

    def write(self, message: Message) -> None:
        """Print a line of a part; take note of a line of honcho's."""
        if message.name != SYSTEM_PRINTER_NAME:
            super().write(message)
        elif message.data.endswith(" received\n"):
            self.asked_to_stop = self.first_to_fall is None
        elif stopped := _STOPPED.fullmatch(message.data):
            self.fell(stopped[1], int(stopped[2]))


def run(
    parts: Mapping[str, str], env: dict[str, str], address: str, redis: subprocess.Popen[bytes] | None
) -> None:
    """Run every part until we are asked to stop.

    Raises `Trouble` that names the part if one, Redis among them, ends by itself.
    """
    log = Log()
    honcho.manager.KILL_WAIT = KILL_SECONDS
    manager = Manager(log)
    for name, command in parts.items():
        tethered = f"exec {shlex.quote(sys.executable)} -m scripts.tether {os.getpid()} {command}"
        manager.add_process(name, tethered, env=env, cwd=str(ROOT))
    threading.Thread(target=announce, args=(address, log), daemon=True).start()
    if redis is not None:
        threading.Thread(target=_watch, args=(redis, manager, log), daemon=True).start()
    try:
        manager.loop()
    except KeyError:
        # A signal came before honcho learned the ids of what it had only just started. Our caller ends those.
        log.asked_to_stop = True
    say("이음이 모두 멈췄어요. (everything has stopped)")
    if log.first_to_fall is not None:
        name, status = log.first_to_fall
        raise Trouble(
            f"{name} 프로세스가 뜻밖에 끝나서(코드 {status}) 모두 멈췄어요. 까닭은 위의 {name} 줄에 있어요.",
            f"The process {name} ended by itself (status {status}), so everything was stopped.",
        )


def _watch(redis: subprocess.Popen[bytes], manager: Manager, log: Log) -> None:
    """Redis starts before honcho and stops after it; this makes its death end the others all the same."""
    log.fell("redis", redis.wait())
    manager.terminate()


def announce(address: str, log: Log) -> None:
    """Print the address as soon as the site answers there; say so, once, if that takes long."""
    late = time.monotonic() + LONG_SECONDS
    while not log.ending:
        if is_healthy(address):
            say(RULE, f"  이음이 열렸어요: {address}", *_hints(), RULE)
            return
        if time.monotonic() > late:
            say(
                f"아직 {address}/healthz 에서 답이 없어요. 까닭은 위의 줄에 있을 거예요. (no answer there yet)"
            )
            late = math.inf
        time.sleep(0.2)


def _hints() -> list[str]:
    folder = os.environ["INSTANCE"]
    named = "" if folder == str(ROOT / "instance") else f"INSTANCE={shlex.quote(folder)} "
    return [
        "  Open this address in a browser. Ctrl-C stops everything.",
        "  첫 운영자 만들기 (first moderator), 다른 터미널에서:",
        f"  {named}.venv/bin/flask accounts create 이름 --role moderator",
    ]


def is_healthy(address: str) -> bool:
    """Whether /healthz answers 200."""
    place = urlsplit(address)
    connection = HTTPConnection(place.hostname or "", place.port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()
