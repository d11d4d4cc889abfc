"""The turn panel: what the current turn of a story asks of the person who looks at it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from flask_babel import gettext

from webapp import jobs
from webapp.core.accounts.models import Account
from webapp.core.library import queries as library
from webapp.core.library.models import Novel
from webapp.core.stories import queries
from webapp.core.stories.models import Draft, Passage, Story, Turn
from webapp.core.stories.service import DRAFT_MOST
from webapp.core.voting import queries as voting
from webapp.core.voting.models import Option, Poll
from webapp.core.voting.rules import LONGEST_KEYWORD, ONE_ONLY, RANKED
from webapp.errors import N_
from webapp.jobs import Job
from webapp.pages.mixture import mix_line
from webapp.pages.results import Result, results_of_turn
from webapp.pages.waiting import wait_line
from webapp.pages.words import TURNS

PHASES = {
    "source": (
        ("collecting", N_("추천")),
        ("choosing", N_("고르기")),
        ("working", N_("읽고 배우기")),
        ("done", N_("끝")),
    ),
    "human": (("collecting", N_("쓰기")), ("choosing", N_("고르기")), ("done", N_("싣기"))),
    "machine": (
        ("collecting", N_("부탁하기")),
        ("working", N_("작가 AI가 쓰기")),
        ("choosing", N_("고르기")),
        ("done", N_("싣기")),
    ),
}


@dataclass(frozen=True)
class Ask:
    """What a phase asks: the part of the panel that shows it (a template's name), its title and a line on it."""

    act: str
    title: str
    note: str


ASKS = {
    ("source", "collecting"): Ask(
        "nominate",
        N_("작가 AI에게 읽힐 원작을 추천해 주세요"),
        N_("추천이 모이면 투표로 골라요. 작가 AI는 뽑힌 글을 읽고 그 말투를 배워요."),
    ),
    ("source", "choosing"): Ask(
        "choose",
        N_("어떤 원작을 읽힐까요?"),
        N_("표를 많이 받은 글일수록 작가 AI의 말투에 더 많이 스며들어요."),
    ),
    ("source", "working"): Ask(
        "working",
        N_("작가 AI가 읽고 있어요"),
        N_("뽑힌 글을 읽으며 다음 글자를 맞히는 연습을 해요. 이것을 학습이라고 해요."),
    ),
    ("human", "collecting"): Ask(
        "write",
        N_("이어질 대목을 써 주세요"),
        N_("마지막 대목에 이어서 한 편을 써 주세요. 시간이 끝나면 모두 함께 읽고 하나를 골라요."),
    ),
    ("human", "choosing"): Ask(
        "choose",
        N_("다음 대목을 골라 주세요"),
        N_("누가 썼는지 모르게 섞어 두었어요. 뽑힌 초안이 이야기에 실려요."),
    ),
    ("machine", "collecting"): Ask(
        "ask",
        N_("작가 AI에게 부탁할 것을 정해요"),
        N_("작가 AI는 방금 실린 대목을 배운 다음, 뽑힌 낱말을 넣어 초안을 여러 편 써요."),
    ),
    ("machine", "working"): Ask(
        "working",
        N_("작가 AI가 쓰고 있어요"),
        N_("방금 실린 대목을 먼저 배우고, 이어질 초안을 써요."),
    ),
    ("machine", "choosing"): Ask(
        "choose",
        N_("다음 대목을 골라 주세요"),
        N_("모두 작가 AI가 쓴 초안이에요. 마음에 드는 것이 없으면 없다고 해도 돼요."),
    ),
}
WAITING = Ask("wait", N_("다음 차례를 준비하고 있어요"), "")


@dataclass(frozen=True)
class Step:
    """One phase on the way through a turn; `state` is `past`, `now` or empty."""

    name: str
    state: str


@dataclass(frozen=True)
class Choice:
    """An option with the draft it stands for, and a line about a novel; `rank` is the viewer's, in a ranked poll."""

    option: Option
    draft: Draft | None = None
    novel: Novel | None = None
    rank: int | None = None


@dataclass(frozen=True)
class OpenPoll:
    """An open poll as one person sees it: its choices, which of them are theirs, how many people have voted."""

    id: int
    method: str
    choices: list[Choice]
    mine: frozenset[int]
    ballots: int

    @property
    def is_ranked(self) -> bool:
        """Whether a ballot says which choice is liked better."""
        return self.method in RANKED

    @property
    def takes_one(self) -> bool:
        """Whether a ballot has one choice only."""
        return self.method in ONE_ONLY


@dataclass(frozen=True)
class Outcome:
    """What the turn before this one came to."""

    sentence: str
    polls: list[Result]


@dataclass(frozen=True)
class Panel:
    """All that the turn panel shows."""

    story: Story
    turn: Turn | None
    act: str
    title: str
    note: str
    kind_name: str = ""
    can_act: bool = False
    steps: list[Step] = field(default_factory=list)
    polls: dict[str, OpenPoll] = field(default_factory=dict)
    nominated: list[Novel] = field(default_factory=list)
    novels: list[Novel] = field(default_factory=list)
    my_draft: Draft | None = None
    job: Job | None = None
    wait: str = ""
    last_passage: Passage | None = None
    outcome: Outcome | None = None
    mix: str = ""
    longest: int = DRAFT_MOST
    longest_keyword: int = LONGEST_KEYWORD

    @property
    def counts_down(self) -> bool:
        """Whether the phase has a time at which it ends."""
        return self.turn is not None and self.turn.closes_at is not None

    @property
    def asks(self) -> bool:
        """Whether there is something for people to do."""
        return self.act not in ("working", "wait")


def panel_of(story: Story, viewer: Account | None) -> Panel:
    """The panel of a story's current turn for this person."""
    turn = queries.current_turn(story.id)
    ask = ASKS.get((turn.kind, turn.phase), WAITING) if turn else WAITING
    nominated = _nominated(turn) if turn and ask.act == "nominate" else []
    job = jobs.get(turn.job_id) if turn and turn.job_id and ask.act == "working" else None
    return Panel(
        story=story,
        turn=turn,
        act=ask.act,
        title=gettext(ask.title),
        note=_note(ask, turn),
        kind_name=_kind_name(turn),
        can_act=viewer is not None and viewer.role != "reader",
        steps=_steps(turn),
        polls=_open_polls(turn, viewer),
        nominated=nominated,
        novels=_nominable(nominated) if ask.act == "nominate" else [],
        my_draft=_own_draft(turn, viewer),
        job=job,
        wait=wait_line(job) if job and job.state == "queued" else "",
        last_passage=next(iter(queries.newest_passages(story.id, 1)), None),
        outcome=_outcome(story),
        mix=_mix(turn) if turn and ask.act == "choose" else "",
    )


def turn_line(turn: Turn | None) -> str:
    """Where a story stands, in one line."""
    if turn is None:
        return gettext(WAITING.title)
    ask = ASKS.get((turn.kind, turn.phase), WAITING)
    return f"{gettext(TURNS[turn.kind])} · {gettext(ask.title)}"


def _kind_name(turn: Turn | None) -> str:
    if turn is None:
        return ""
    place = gettext("%(n)s번째 차례", n=turn.seq)
    return f"{place} · {gettext(TURNS[turn.kind])}"


def _note(ask: Ask, turn: Turn | None) -> str:
    notes = [gettext(ask.note)] if ask.note else []
    if turn is not None:
        votes = turn.phase == "choosing" or (turn.kind, turn.phase) == ("machine", "collecting")
        needed = queries.settings_of(turn.story).quorum if votes else 1
        if needed > 1:
            notes.append(gettext("투표한 사람이 %(n)s명부터 정해져요.", n=needed))
        if turn.extended and needed > 1:
            notes.append(gettext("아직 투표한 사람이 모자라서 시간을 한 번 늘렸어요."))
        elif turn.extended:
            notes.append(gettext("아직 아무도 참여하지 않아서 시간을 한 번 늘렸어요."))
    return " ".join(notes)


def _steps(turn: Turn | None) -> list[Step]:
    if turn is None:
        return []
    phases = PHASES[turn.kind]
    now = next((place for place, (phase, _) in enumerate(phases) if phase == turn.phase), len(phases))
    states = ["past" if place < now else "now" if place == now else "" for place in range(len(phases))]
    return [Step(gettext(name), state) for (_, name), state in zip(phases, states, strict=True)]


def _open_polls(turn: Turn | None, viewer: Account | None) -> dict[str, OpenPoll]:
    polls = queries.polls_of(turn.id) if turn else {}
    return {kind: _open_poll(poll, viewer) for kind, poll in polls.items() if poll.status == "open"}


def _open_poll(poll: Poll, viewer: Account | None) -> OpenPoll:
    options = [option for option in poll.options if not option.struck]
    subjects = [option.subject_id for option in options if option.subject_id]
    drafts = queries.drafts_by_id(subjects) if poll.kind == "passage" else {}
    novels = {subject: library.get(subject) for subject in subjects} if poll.kind == "source" else {}
    mine = voting.choices_of(poll.id, viewer.id) if viewer else []
    ranks = {option_id: rank for rank, option_id in enumerate(mine, start=1)}
    choices = [
        Choice(
            option, drafts.get(option.subject_id), novels.get(option.subject_id), rank=ranks.get(option.id)
        )
        for option in options
    ]
    return OpenPoll(poll.id, poll.method, choices, frozenset(mine), voting.ballot_count(poll.id))


def _nominated(turn: Turn) -> list[Novel]:
    return [nomination.novel for nomination in queries.nominations(turn.id)]


def _nominable(nominated: Sequence[Novel]) -> list[Novel]:
    chosen = {novel.id for novel in nominated}
    return [novel for novel in library.novels("approved", limit=200) if novel.id not in chosen]


def _own_draft(turn: Turn | None, viewer: Account | None) -> Draft | None:
    draft = queries.own_draft(turn.id, viewer.id) if turn and viewer else None
    return draft if draft is not None and draft.status == "offered" else None


def _mix(turn: Turn) -> str:
    """The mix of styles in which the drafts of a turn are written; nothing where people wrote them."""
    details = (draft.details for draft in queries.drafts(turn.id))
    return next((mix_line(one["style_mix"]) for one in details if one.get("style_mix")), "")


def _outcome(story: Story) -> Outcome | None:
    over = [turn for turn in queries.turns(story.id, limit=3) if turn.phase in ("done", "void")]
    return Outcome(_what_came_of(over[0]), results_of_turn(over[0].id)) if over else None


def _what_came_of(turn: Turn) -> str:
    note = turn.outcome.get("note")
    if note:
        return str(gettext(note))
    if turn.kind == "source":
        titles = [library.get(int(novel_id)).title for novel_id in turn.outcome.get("style_mix", {})]
        return gettext("작가 AI가 ‘%(titles)s’ 글을 읽고 배웠어요.", titles="’, ‘".join(titles))
    passage = queries.passage_of_turn(turn.id)
    if passage is None:
        return gettext("다음 차례로 넘어갔어요.")
    if passage.account is None:
        return gettext("작가 AI의 초안이 %(n)s번째 대목으로 실렸어요.", n=passage.seq)
    return gettext(
        "%(name)s 님의 초안이 %(n)s번째 대목으로 실렸어요.", name=passage.account.name, n=passage.seq
    )
