"""The RQ worker: a parent that waits for jobs and never imports torch, and one forked child for each job."""

from __future__ import annotations

import ctypes
import os
import signal
import threading
from types import FrameType

from redis import Redis
from rq import Queue, Worker
from rq.job import Job
from rq.serializers import JSONSerializer

QUEUES = ("training", "rewriting")
"""What stories wait for comes before what somebody wants to see proved."""
PATIENCE_SECONDS = 8.0
_PR_SET_PDEATHSIG = 1


class Stopped(BaseException):
    """The worker was asked to stop. Like KeyboardInterrupt no error, so that nothing on the way takes it for one."""


class TetheredWorker(Worker):
    """A worker whose child dies with it, and lays its job down when the worker is asked to stop."""

    max_connection_wait_time = 5.0

    def __init__(self, connection: Redis) -> None:
        super().__init__(
            QUEUES,
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=30,
            maintenance_interval=10,
            job_monitoring_interval=5,
        )
        self.asked_to_stop = False

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """The child's life, which ends with its parent's."""
        die_with_parent(self.pid)
        super().main_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        """In the child: Ctrl-C is the parent's business, SIGTERM stops the job wherever it is."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, _stop)

    def handle_warm_shutdown_request(self) -> None:
        """Have the child lay its job down; one that does not hear is killed, and its lease runs out."""
        self.asked_to_stop = True
        if self.horse_pid:
            os.kill(self.horse_pid, signal.SIGTERM)
            last = threading.Timer(PATIENCE_SECONDS, self.kill_horse)
            last.daemon = True
            last.start()


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise Stopped


def die_with_parent(parent: int | None) -> None:
    """Have the kernel kill this process when its parent dies, however that happens: see prctl(2)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
