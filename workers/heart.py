"""The heart of an attempt: renews the lease every two seconds, whatever the attempt is at, for as long as it lives.

Learning renews it, too, with every word of how far it is. But a long text takes many seconds to prepare, and a writer
to be measured, and neither can say anything meanwhile.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import structlog
from sqlalchemy.exc import SQLAlchemyError

from webapp import jobs
from webapp.db import transaction
from workers import lead
from workers.site import site

log = structlog.get_logger()

EVERY_SECONDS = 2.0
PARTING_SECONDS = 5.0
"""Who has lost the job may live for so long: enough to notice and leave everything in order."""


@contextmanager
def beating(job_id: int, epoch: int) -> Iterator[None]:
    """Renew the lease of this attempt within the block."""
    over = threading.Event()
    lead.allow(jobs.LEASE.total_seconds())
    heart = threading.Thread(target=_beat, args=(job_id, epoch, over), daemon=True)
    heart.start()
    try:
        yield
    finally:
        over.set()
        heart.join()


def _beat(job_id: int, epoch: int, over: threading.Event) -> None:
    while not over.wait(EVERY_SECONDS):
        try:
            with site().app_context(), transaction():
                jobs.renew(job_id, epoch)
        except jobs.LostLease:
            # The attempt hears of it when it next tells how far it is.
            lead.allow(PARTING_SECONDS)
            return
        except SQLAlchemyError as error:
            log.warning("lease_not_renewed", job=job_id, error=str(error).splitlines()[0])
        else:
            lead.allow(jobs.LEASE.total_seconds())
