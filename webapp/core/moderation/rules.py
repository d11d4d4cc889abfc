"""What a moderator's decision needs."""

from __future__ import annotations

from webapp.errors import N_, Invalid

REASON_MOST = 300


def check_reason(reason: str) -> str:
    """The reason without blanks around it; raises Invalid where there is none or it is too long."""
    trimmed = reason.strip()
    if not trimmed:
        message = N_("까닭을 한 줄 적어 주세요. 기록에 남아 나중에 모두가 확인할 수 있어요.")
        raise Invalid("reason-needed", message, field="reason")
    if len(trimmed) > REASON_MOST:
        raise Invalid(
            "reason-too-long", N_("까닭은 %(most)d자까지 적을 수 있어요."), field="reason", most=REASON_MOST
        )
    return trimmed
