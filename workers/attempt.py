"""One attempt at a job: claimed, held, and ended in a way that the row tells, whatever happens."""

from __future__ import annotations

import errno
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

import structlog
from rq.timeouts import JobTimeoutException

from model.records import LearningRefused, LossNotFinite
from model.seal import CheckpointDamaged
from webapp import jobs
from webapp.db import transaction
from webapp.errors import N_, Unavailable
from workers.heart import beating
from workers.stopping import Stopped
from workers.watching import TOO_LONG

log = structlog.get_logger()

DISK_FULL = N_("보관할 자리가 모자라요. 관리자에게 알려 주세요.")
BROKEN = N_("일하다가 뜻밖의 문제가 생겼어요. 곧 다시 해 볼게요.")
NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True)
class Hold:
    """A job that this process has claimed; `subject_id` is what the job is about."""

    job_id: int
    epoch: int
    subject_id: int

    def report(self, progress: float, message: str) -> None:
        """Renew the lease and tell how far the job is (0 to 1). Raises LostLease."""
        with transaction():
            jobs.report(self.job_id, self.epoch, progress, message)


def attempt(work: Callable[[], None], hold: Hold) -> None:
    """Do the work; what is foreseen becomes a sentence in the row, all else is noted there and passes on."""
    try:
        with beating(hold.job_id, hold.epoch):
            work()
    except jobs.LostLease:
        log.warning("job_lost", job=hold.job_id, epoch=hold.epoch)
    except Stopped:
        _put_back(hold)
    except (LearningRefused, LossNotFinite, CheckpointDamaged) as error:
        _fail(hold, error, _sentence(error), final=True)
    except Unavailable as error:
        _fail(hold, error, str(error), final=False)
    except OSError as error:
        _fail(hold, error, DISK_FULL if error.errno in NO_ROOM else BROKEN, final=False)
        if error.errno not in NO_ROOM:
            raise
    except JobTimeoutException as error:
        _fail(hold, error, TOO_LONG, final=False)
    except BaseException as error:
        _fail(hold, error, BROKEN, final=False)
        raise


def _sentence(error: LearningRefused | LossNotFinite | CheckpointDamaged) -> str:
    return str(error) if isinstance(error, LearningRefused) else error.message


def _put_back(hold: Hold) -> None:
    log.info("job_put_back", job=hold.job_id)
    with suppress(jobs.LostLease), transaction():
        jobs.put_back(hold.job_id, hold.epoch)


def _fail(hold: Hold, error: BaseException, sentence: str, *, final: bool) -> None:
    log.warning("job_failed", job=hold.job_id, epoch=hold.epoch, error=repr(error), final=final)
    with suppress(jobs.LostLease), transaction():
        jobs.fail(hold.job_id, hold.epoch, sentence, final=final)
