"""The worker process: `python -m workers [QUEUE…]`. It waits for Redis, works, and stops within seconds of SIGTERM.

It takes from all queues by default, or from those named, in the order of `webapp.jobs.QUEUES`. On a machine with cores to
spare a second one, `python -m workers writing rewriting`, lets nobody wait for a training who only wants drafts.
"""

from __future__ import annotations

import logging
import os
import signal
import sys
import time
from collections.abc import Sequence
from types import FrameType

import structlog
from redis import Redis
from redis.exceptions import RedisError

from config import BadSetting, Settings
from webapp.jobs import QUEUES
from webapp.patience import wait_like_a_process
from workers.horse import TetheredWorker
from workers.site import settings

log = structlog.get_logger()

RETRY_SECONDS = 1.0


class NoRepeats(logging.Filter):
    """Lets a line through once, not again and again while nothing else happens."""

    def __init__(self) -> None:
        super().__init__()
        self._last: object = None

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether this line differs from the one before."""
        again, self._last = record.msg == self._last, record.msg
        return not again


def main(named: Sequence[str] = ()) -> int:
    """Work until asked to stop; after a failure of Redis begin again with a clean process."""
    signal.signal(signal.SIGTERM, _leave)
    try:
        queues = queues_named(named)
        prepare_environment()
    except BadSetting as error:
        print(error, file=sys.stderr)
        return 1
    logging.getLogger("rq.worker").addFilter(NoRepeats())
    # Blocking reads must not time out: RQ sets a limit that is longer than its own waiting.
    connection = Redis.from_url(settings().redis_url, socket_timeout=None)
    wait_for(connection)
    if not work(connection, queues):
        log.warning("worker_begins_again")
        os.execv(sys.executable, sys.orig_argv)
    return 0


def _leave(_signal: int, _frame: FrameType | None) -> None:
    sys.exit(0)


def queues_named(names: Sequence[str]) -> list[str]:
    """The queues of these names, all without any, in the order of their priority; raises BadSetting."""
    for name in names:
        if name not in QUEUES:
            raise BadSetting(
                f"{name!r}: 일감 줄의 이름은 {', '.join(QUEUES)}예요. (one of these queues is needed)"
            )
    return [queue for queue in QUEUES if queue in names or not names]


def prepare_environment() -> None:
    """Say how patient we are with the database, and set what torch reads when a child imports it: threads that sleep
    while they wait, and how many."""
    wait_like_a_process()
    os.environ["OMP_WAIT_POLICY"] = "PASSIVE"
    os.environ["OMP_NUM_THREADS"] = str(settings().writer_threads)


def wait_for(connection: Redis) -> None:
    """Return once Redis answers; says once that it does not."""
    told = False
    while not _answers(connection):
        if not told:
            log.warning("worker_waits_for_redis")
            told = True
        time.sleep(RETRY_SECONDS)


def _answers(connection: Redis) -> bool:
    try:
        return bool(connection.ping())
    except RedisError:
        return False


def work(connection: Redis, queues: Sequence[str]) -> bool:
    """Work until asked to stop (True) or until Redis fails in a way that RQ does not outlive (False)."""
    try:
        worker = TetheredWorker(connection, queues, time_limit(settings()))
    except RedisError as error:
        log.warning("worker_lost_redis", error=str(error))
        return False
    log.info("worker_ready")
    try:
        worker.work(logging_level="WARNING")
    except RedisError as error:
        log.warning("worker_lost_redis", error=str(error))
    finally:
        worker.kill_horse()
    return worker.asked_to_stop


def time_limit(settings: Settings) -> float:
    """How long a job may take, in seconds: its learning, and the rest."""
    return settings.learn_seconds + settings.job_seconds


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
