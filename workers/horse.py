"""The RQ worker: a parent that waits for jobs and never imports torch, and one forked child for each job."""

from __future__ import annotations

import ctypes
import os
import signal
import time
from collections.abc import Sequence
from contextlib import suppress

import structlog
from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.exceptions import InvalidJobOperation
from rq.job import Job, JobStatus
from rq.serializers import JSONSerializer
from rq.utils import now
from sqlalchemy.exc import SQLAlchemyError

from webapp import jobs
from webapp.db import disconnect
from workers import lead
from workers.site import site
from workers.stopping import stop_at_once
from workers.watching import TOO_LONG, UNHEARD, Ending, watch

log = structlog.get_logger()

PATIENCE_SECONDS = 5.0
HEARTBEAT_SECONDS = 5
ALARM_SECONDS = 5.0
"""A child that does not hear the alarm which RQ sets for it is killed so much later."""
_PR_SET_PDEATHSIG = 1


class TetheredWorker(Worker):
    """A worker that ends a child which hangs, whose child dies with it, and lays its job down when the worker is asked to
    stop. Whatever became of a child, the job's row says so at once."""

    max_connection_wait_time = 5.0

    def __init__(self, connection: Redis, queues: Sequence[str], job_seconds: float) -> None:
        """Takes jobs from these queues, the first first; a job may take `job_seconds`."""
        super().__init__(
            queues,
            connection=connection,
            serializer=JSONSerializer,
            worker_ttl=20,
            maintenance_interval=10,
            job_monitoring_interval=HEARTBEAT_SECONDS,
        )
        self.asked_to_stop = False
        self._job_seconds = job_seconds
        self._latest = self._next_heartbeat = 0.0
        self._told_to_stop = False
        lead.hold()

    def subscribe(self) -> None:
        """RQ would listen for commands, in a thread that no fork could be sure of; nobody sends any."""

    def unsubscribe(self) -> None:
        """There is nothing to leave."""

    def execute_job(self, job: Job, queue: Queue) -> None:
        """Have a child do the job, within the time that a job may take."""
        job.timeout = int(self._job_seconds)
        lead.allow(lead.STARTING_SECONDS)
        super().execute_job(job, queue)

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """The child's life, which ends with its parent's."""
        die_with_parent(self.pid)
        super().main_work_horse(job, queue)

    def setup_work_horse_signals(self) -> None:
        """In the child: Ctrl-C is the parent's business, SIGTERM stops the job wherever it is."""
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        signal.signal(signal.SIGTERM, stop_at_once)

    def monitor_work_horse(self, job: Job, queue: Queue) -> None:
        """Wait for the child's end, or bring it about, and see that the job's row knows of it.

        RQ's own way looks every few seconds only, waits a minute longer than it says, and leaves the child alone when
        Redis goes away meanwhile.
        """
        job.started_at = now()
        self._latest, self._told_to_stop = time.monotonic() + self._job_seconds + ALARM_SECONDS, False
        ending = watch(self.horse_pid, self._why_end, lambda: self._look_after(job))
        self._horse_pid = 0
        self._tell(job, ending)
        with suppress(InvalidJobOperation):
            if ending.status != 0 and job.get_status() not in (JobStatus.FINISHED, JobStatus.FAILED):
                self.handle_job_failure(job, queue=queue, exc_string=ending.reason)

    def _why_end(self) -> str:
        """Why the child must end now; empty while it may live."""
        if time.monotonic() > self._latest:
            return TOO_LONG
        return UNHEARD if lead.is_over() else ""

    def _look_after(self, job: Job) -> None:
        """Have the child stop once we were asked to, and show Redis that we live."""
        if self.asked_to_stop and not self._told_to_stop:
            self._told_to_stop, self._latest = True, time.monotonic() + PATIENCE_SECONDS
            os.kill(self.horse_pid, signal.SIGTERM)
        if time.monotonic() >= self._next_heartbeat:
            self._next_heartbeat = time.monotonic() + HEARTBEAT_SECONDS
            with suppress(RedisError):
                self.maintain_heartbeats(job)

    def _tell(self, job: Job, ending: Ending) -> None:
        """Have the row say that nobody works on the job, unless it says so already. If the database does not answer,
        the lease runs out."""
        with site().app_context():
            try:
                jobs.let_go(
                    int(job.args[0]),
                    lead.holder(),
                    ending.reason,
                    counts=not self.asked_to_stop,
                    unheard=ending.status < 0,
                )
            except SQLAlchemyError as error:
                log.warning("ending_not_told", job=job.id, error=str(error).splitlines()[0])
            finally:
                # The next child must not inherit a connection.
                disconnect()

    def set_shutdown_requested_date(self) -> None:
        """RQ tells Redis, too, when it was asked to stop; Redis may be away."""
        with suppress(RedisError):
            super().set_shutdown_requested_date()

    def handle_warm_shutdown_request(self) -> None:
        """The child lays its job down as soon as we look after it; one that does not hear is killed."""
        self.asked_to_stop = True

    def kill_horse(self, sig: signal.Signals = signal.SIGKILL) -> None:
        """End the child. RQ would end its process group, which is ours until the child has made its own."""
        if self.horse_pid:
            with suppress(ProcessLookupError):
                os.kill(self.horse_pid, sig)


def die_with_parent(parent: int | None) -> None:
    """Have the kernel kill this process when its parent dies, however that happens: see prctl(2)."""
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        os._exit(1)
