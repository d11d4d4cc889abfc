"""Whether a passage of the writer's comes out the same when it is written again, in words."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask_babel import gettext

from webapp.core.stories import queries
from webapp.core.stories.models import Passage
from webapp.errors import N_
from webapp.jobs import LIVING, Job

CHANGED = {
    "code": N_("글 쓰는 프로그램"),
    "torch": N_("계산 도구의 판"),
    "device": N_("계산하는 장치"),
    "processor": N_("프로세서"),
    "threads": N_("나누어 계산하는 수"),
}
"""What a text may depend on beside checkpoint, request and seed, by its name in a job's result."""


@dataclass(frozen=True)
class Rewriting:
    """How it went, which `line` tells in words. `state` is `never`, `waiting`, `failed`, `same`, `explained` (it differs,
    but so does what it was computed with) or `strange` (it differs without a reason)."""

    state: str
    line: str = ""
    at: datetime | None = None


def rewriting_of(passage: Passage) -> Rewriting | None:
    """How it went with a passage; None for one that cannot be written again, or is hidden."""
    if passage.hidden_at is not None or "request" not in queries.details_of(passage):
        return None
    job = queries.rewriting_of(passage)
    if job is None:
        return Rewriting("never")
    if job.state in LIVING:
        return Rewriting("waiting", gettext(job.message))
    if job.result is None:
        return Rewriting("failed", gettext(job.message), job.finished_at)
    return _compared(job, job.result)


def _compared(job: Job, result: dict[str, Any]) -> Rewriting:
    if result["same"]:
        return Rewriting("same", gettext("다시 써 보았더니 한 글자도 다르지 않았어요."), job.finished_at)
    line = gettext("다시 써 보았더니 %(n)s번째 글자부터 달랐어요.", n=result["differs_at"])
    if not result["changed"]:
        why = gettext("글을 쓸 때와 달라진 것이 없으니 이상한 일이에요. 관리자에게 알려 주세요.")
        return Rewriting("strange", f"{line} {why}", job.finished_at)
    changed = ", ".join(gettext(CHANGED[name]) for name in result["changed"] if name in CHANGED)
    why = gettext("글을 쓸 때와 달라진 것이 있어서 그럴 수 있어요: %(changed)s.", changed=changed)
    return Rewriting("explained", f"{line} {why}", job.finished_at)
