"""How long a job will take, in words: its place in the line, and about how many minutes."""

from __future__ import annotations

import math

from flask_babel import gettext

from webapp import line
from webapp.errors import N_
from webapp.jobs import Job

NTH = (
    N_("곧 시작해요"),
    N_("두 번째로 기다리고 있어요"),
    N_("세 번째로 기다리고 있어요"),
    N_("네 번째로 기다리고 있어요"),
    N_("다섯 번째로 기다리고 있어요"),
    N_("여섯 번째로 기다리고 있어요"),
    N_("일곱 번째로 기다리고 있어요"),
    N_("여덟 번째로 기다리고 있어요"),
    N_("아홉 번째로 기다리고 있어요"),
    N_("열 번째로 기다리고 있어요"),
)
SHORT_SECONDS, MINUTE, HOUR = 45, 60, 3600


def wait_line(job: Job) -> str:
    """“세 번째로 기다리고 있어요, 2분쯤 걸려요.”; nothing for a job that is over, or of which nothing is known."""
    wait = line.wait_of(job)
    parts = [] if wait.place is None else [_place(wait.place)]
    if wait.seconds is not None:
        parts.append(_left(wait.seconds) if wait.place is None else _whole(wait.seconds))
    return f"{', '.join(parts)}." if parts else ""


def _place(before: int) -> str:
    if before < len(NTH):
        return gettext(NTH[before])
    return gettext("%(n)s번째로 기다리고 있어요", n=before + 1)


def _whole(seconds: float) -> str:
    """For one that waits: until it is done."""
    if seconds < SHORT_SECONDS:
        return gettext("1분도 안 걸려요")
    if seconds < HOUR:
        return gettext("%(n)s분쯤 걸려요", n=math.ceil(seconds / MINUTE))
    return gettext("%(n)s시간쯤 걸려요", n=round(seconds / HOUR))


def _left(seconds: float) -> str:
    """For one that is being done."""
    if seconds < SHORT_SECONDS:
        return gettext("1분도 안 남았어요")
    if seconds < HOUR:
        return gettext("%(n)s분쯤 남았어요", n=math.ceil(seconds / MINUTE))
    return gettext("%(n)s시간쯤 남았어요", n=round(seconds / HOUR))
