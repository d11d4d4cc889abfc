"""The web as it is served, gunicorn as the Procfile says, and a crowd of people who use it meanwhile."""

from __future__ import annotations

import shlex
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Self

import requests
from honcho.environ import parse_procfile

from config import ROOT, Settings
from tests.integration.workers.crew import log_of, process, until

Visit = Callable[[requests.Session], requests.Response]
"""One thing that somebody asks of the site, again and again."""

MOST_SECONDS = 30.0


@contextmanager
def served(settings: Settings, **environment: str) -> Iterator[str]:
    """gunicorn with two processes at the settings' port, until the block ends; gives its address."""
    command = dict(parse_procfile((ROOT / "Procfile").read_text()).processes)["web"]
    words = shlex.split(command)[3:]
    environment = {"PORT": str(settings.port), "WEB_WORKERS": "2", **environment}
    address = f"http://127.0.0.1:{settings.port}"
    with process(settings, "gunicorn", *words, **environment):
        until(lambda: _answers(address), "the site is served")
        yield address
    log = log_of(settings, "gunicorn").read_text(errors="replace")
    assert "Traceback" not in log, log[max(0, log.index("Traceback") - 2000) :][:12000]


def _answers(address: str) -> bool:
    try:
        return requests.get(f"{address}/readyz", timeout=5).ok
    except (requests.ConnectionError, requests.Timeout):
        return False


@dataclass(frozen=True)
class Answer:
    """What came of one visit: when it was asked for (`time.monotonic`), what was answered, after how many seconds."""

    asked_at: float
    seconds: float
    method: str = ""
    path: str = ""
    status: int = 0
    kind: str = ""
    text: str = ""

    @property
    def answered_at(self) -> float:
        """When the answer, or the end of the connection, came."""
        return self.asked_at + self.seconds

    @property
    def is_success(self) -> bool:
        """Whether the site did what was asked."""
        return 200 <= self.status < 400

    @property
    def is_apology(self) -> bool:
        """Whether it is 503 with a sentence that a person, or a program, can read."""
        if self.status != 503:
            return False
        if self.path.startswith("/api/"):
            return self.kind == "application/problem+json" and '"detail": "' in self.text
        return self.path == "/healthz" or "<h1>" in self.text


@dataclass
class Crowd:
    """People who visit without a pause, each in a thread of their own, as long as the block lasts."""

    address: str
    visits: Sequence[Visit]
    answers: list[Answer] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _threads: list[threading.Thread] = field(default_factory=list)

    def __enter__(self) -> Self:
        self._threads = [threading.Thread(target=self._come, args=(visit,)) for visit in self.visits]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()

    def _come(self, visit: Visit) -> None:
        with requests.Session() as session:
            while not self._over.is_set():
                answer = ask(session, visit)
                self.answers.append(answer)
                # Even impatient people do not ask a thousand times a second.
                time.sleep(0.01 if answer.is_success else 0.05)

    def since(self, moment: float) -> list[Answer]:
        """What was answered after that moment (`time.monotonic`)."""
        return [answer for answer in list(self.answers) if answer.answered_at >= moment]


def ask(session: requests.Session, visit: Visit) -> Answer:
    """One visit; status 0 where no answer came."""
    asked_at = time.monotonic()
    try:
        response = visit(session)
    except (requests.ConnectionError, requests.Timeout) as error:
        return Answer(asked_at, time.monotonic() - asked_at, text=repr(error))
    request = response.request
    return Answer(
        asked_at=asked_at,
        seconds=time.monotonic() - asked_at,
        method=request.method or "",
        path=request.path_url,
        status=response.status_code,
        kind=response.headers.get("Content-Type", ""),
        text=response.text,
    )


def percentile(answers: Sequence[Answer], share: float) -> float:
    """How many seconds this share of the answers took at most."""
    times = sorted(answer.seconds for answer in answers)
    return times[min(len(times) - 1, int(share * len(times)))]
