"""How values are told to people: moments, numbers, and the names of roles, statuses and polls."""

from __future__ import annotations

from datetime import datetime

from flask import Flask
from flask_babel import format_datetime, format_decimal, format_timedelta, gettext

from webapp import clock
from webapp.core.library.models import Novel
from webapp.core.voting.models import Option
from webapp.errors import N_

ROLES = {
    "reader": N_("읽는 사람"),
    "participant": N_("참여자"),
    "moderator": N_("운영자"),
    "administrator": N_("관리자"),
}
NOVEL_STATUSES = {
    "pending": N_("승인을 기다려요"),
    "approved": N_("승인됐어요"),
    "rejected": N_("거절됐어요"),
    "withdrawn": N_("거두었어요"),
}
POLLS = {
    "source": N_("읽힐 원작 투표"),
    "keyword": N_("낱말 투표"),
    "length": N_("길이 투표"),
    "passage": N_("다음 대목 투표"),
}
METHODS = {
    "approval": N_("마음에 드는 것 모두 고르기"),
    "plurality": N_("하나만 고르기"),
    "median": N_("한가운데 찾기"),
    "irv": N_("순위 매기기 (꼴찌부터 빠져요)"),
    "ranked-pairs": N_("순위 매기기 (둘씩 맞대요)"),
}
DECIDED_BY = {
    "tie-rejections": N_("비겼을 때는 더 많은 표에 적힌 쪽이 앞서요."),
    "tie-earliest": N_("비겼을 때는 먼저 올라온 쪽이 앞서요."),
    "tie-seed": N_("비긴 데다 같은 때 올라와서, 미리 정해 둔 씨앗 값으로 차례를 정했어요."),
    "quorum": N_("표가 모자라서 아무것도 정하지 않았어요."),
}
TURNS = {
    "source": N_("원작 고르기 차례"),
    "human": N_("사람 차례"),
    "machine": N_("작가 AI 차례"),
}
RIGHTS = {
    "public-domain": N_("보호 기간이 끝난 글 (지은이가 %(year)s년에 떠났어요)"),
    "licence": N_("이용이 허락된 글 (%(licence)s)"),
    "own": N_("올린 사람이 쓴 글"),
}
DECISIONS = {
    "promote": N_("역할을 바꾸었어요"),
    "create-story": N_("이야기를 시작했어요"),
    "close-phase": N_("단계를 닫았어요"),
    "hide-passage": N_("대목을 가렸어요"),
    "show-passage": N_("대목을 다시 보이게 했어요"),
    "remove-draft": N_("초안을 뺐어요"),
    "cancel-job": N_("작가 AI의 일을 그만두게 했어요"),
    "approve-novel": N_("원작을 승인했어요"),
    "reject-novel": N_("원작을 거절했어요"),
    "withdraw-novel": N_("원작을 거두었어요"),
    "add-starter-novel": N_("첫 서재에 원작을 넣었어요"),
}
MINUTE, HOUR, DAY = 60, 3600, 86_400


def iso(moment: datetime) -> str:
    """A moment for machines, as `<time datetime>` wants it."""
    return moment.isoformat(timespec="seconds")


def exact(moment: datetime) -> str:
    """A moment to the second, in UTC and saying so; the script tells it in the reader's own time."""
    return str(format_datetime(moment, "long", rebase=False))


def ago(moment: datetime) -> str:
    """How long ago (or how far ahead) a moment lies."""
    distance = moment - clock.now()
    if abs(distance.total_seconds()) < MINUTE:
        return gettext("방금")
    return format_timedelta(distance, add_direction=True)


def left(moment: datetime) -> str:
    """The time left until a moment, in its two largest units."""
    seconds = max(0, int((moment - clock.now()).total_seconds()))
    days, hours, minutes = seconds // DAY, seconds // HOUR % 24, seconds // MINUTE % 60
    if seconds == 0:
        return gettext("곧 넘어가요")
    day, hour, minute, second = gettext("일"), gettext("시간"), gettext("분"), gettext("초")
    if days:
        return f"{days}{day} {hours}{hour}"
    if hours:
        return f"{hours}{hour} {minutes:02d}{minute}"
    return f"{minutes}{minute} {seconds % MINUTE:02d}{second}"


def decimal(value: float) -> str:
    """A measurement with two decimals."""
    return f"{value:.2f}"


def signed(value: float) -> str:
    """A change with its sign."""
    # Adding zero turns −0.00 into 0.00.
    return f"{round(value, 2) + 0.0:+.2f}".replace("-", "−")


def rights_line(novel: Novel) -> str:
    """Why the novel may be read, in one line."""
    return gettext(RIGHTS[novel.rights], year=novel.author_died, licence=novel.licence)


def option_label(option: Option) -> str:
    """What an option says. Only what the site itself says is translated, never what people typed."""
    if option.is_none:
        return gettext("이 중에는 없어요")
    if option.value is not None:
        return gettext("%(n)s자쯤", n=option.value)
    if option.poll.kind == "passage":
        return gettext("초안 %(n)s", n=option.position)
    return option.label


def paragraphs(text: str) -> list[str]:
    """The paragraphs of a text: its lines that are not blank."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def excerpt(text: str) -> str:
    """A text without its blank lines, for a few lines of it at a glance."""
    return "\n".join(paragraphs(text))


def register_words(app: Flask) -> None:
    """Make these known to templates, as filters."""
    app.add_template_global(clock.now, "server_time")
    for function in (iso, exact, ago, left, decimal, signed, rights_line, option_label, paragraphs, excerpt):
        app.add_template_filter(function)
    app.add_template_filter(format_decimal, "number")
    app.add_template_filter(gettext, "label")
    for name, table in (
        ("role_name", ROLES),
        ("novel_status", NOVEL_STATUSES),
        ("poll_name", POLLS),
        ("turn_name", TURNS),
        ("method_name", METHODS),
    ):
        app.add_template_filter(lambda key, table=table: gettext(table[key]), name)
