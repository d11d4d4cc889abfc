"""Bringing novels to the library and deciding about them, on a real database and real files."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask

from config import Settings
from tests.databases import every_database
from tests.people import at_once, person
from webapp.core.accounts import queries as accounts
from webapp.core.accounts.models import Account
from webapp.core.audit import queries as audit
from webapp.core.library import queries, service
from webapp.core.library.models import Novel
from webapp.core.library.rules import live_key
from webapp.core.library.service import Manuscript, StarterNovel
from webapp.db import session
from webapp.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn, Unavailable

PROSE = "비가 그친 저녁, 마을버스의 마지막 차가 종점에 닿았다."
MANUSCRIPT = Manuscript(PROSE, "cp949", ("decoded-cp949",), 1)
NAMES = {"title": "종점", "author": "김유정"}


def bring(actor: Account | None, manuscript: Manuscript = MANUSCRIPT, **said: object) -> Novel:
    """Nominate a novel whose author died long ago, but for what is said otherwise."""
    values = {**NAMES, "rights": "public-domain", "author_died": 1937, "licence": None, **said}
    return service.nominate(manuscript, actor=actor, **values)  # type: ignore[arg-type]


@pytest.fixture
def reader(app: Flask) -> Account:
    return person("하늘")


@pytest.fixture
def moderator(app: Flask) -> Account:
    return person("지기", "moderator")


def test_a_nominated_novel_waits_with_its_text_and_what_was_noticed(reader: Account) -> None:
    novel = bring(reader)
    assert (novel.status, novel.title, novel.author) == ("pending", "종점", "김유정")
    assert (novel.characters, novel.sentences, novel.encoding) == (len(PROSE), 1, "cp949")
    assert (novel.rights, novel.author_died, novel.notes) == ("public-domain", 1937, ["decoded-cp949"])
    assert novel.nominated_by == reader.id
    assert queries.text_of(queries.get(novel.id)) == PROSE


def test_visitors_and_mere_readers_bring_nothing(app: Flask) -> None:
    with pytest.raises(NotSignedIn):
        bring(None)
    with pytest.raises(NotAllowed):
        bring(person("눈", "reader"))
    assert queries.novels() == []


def test_a_file_says_its_title_where_the_person_does_not(reader: Account) -> None:
    novel = bring(reader, replace(MANUSCRIPT, title="봄봄", author="유정"), title=" ", author="")
    assert (novel.title, novel.author) == ("봄봄", "유정")


def test_ones_own_text_bears_ones_own_name(reader: Account) -> None:
    novel = bring(reader, author="", rights="own", author_died=None)
    assert (novel.author, novel.rights, novel.author_died) == ("하늘", "own", None)


def test_an_author_is_needed_for_somebody_elses_text(reader: Account) -> None:
    with pytest.raises(Invalid) as caught:
        bring(reader, author="")
    assert caught.value.code == "author-needed"


@pytest.mark.parametrize(
    "again",
    [
        {"title": unicodedata.normalize("NFD", "종점")},
        {"title": "「종 점」", "author": "김 유정"},
    ],
)
def test_one_work_stands_in_the_library_once(reader: Account, again: dict[str, str]) -> None:
    first = bring(reader)
    with pytest.raises(Conflict) as caught:
        bring(reader, replace(MANUSCRIPT, text=PROSE + " 끝."), **again)
    assert caught.value.code == "novel-exists"
    assert caught.value.params["novel_id"] == first.id
    assert "그대로 추천" in str(caught.value)


def test_the_same_text_under_another_title_is_noted_for_the_moderators(reader: Account) -> None:
    assert "same-text" not in bring(reader).notes
    assert "same-text" in bring(reader, title="다른 제목", author="다른 사람").notes


def test_a_refused_nomination_leaves_no_row(reader: Account) -> None:
    with pytest.raises(Invalid):
        bring(reader, author_died=1990)
    with pytest.raises(Invalid):
        bring(reader, replace(MANUSCRIPT, text="짧다."))
    assert queries.novels() == []


def test_no_row_speaks_of_a_text_that_could_not_be_kept(reader: Account, settings: Settings) -> None:
    texts = Path(settings.storage_url) / "texts"
    texts.write_text("a file where the folder should be", encoding="utf-8")
    with pytest.raises(Unavailable):
        bring(reader)
    assert queries.novels() == []


def test_moderators_approve_and_the_log_tells_of_it(reader: Account, moderator: Account) -> None:
    novel = service.decide(bring(reader).id, "approve", "", moderator)
    assert (novel.status, novel.decided_by) == ("approved", moderator.id)
    entry = audit.newest(1)[0]
    assert (entry.action, entry.subject_id, entry.actor_id) == ("approve-novel", novel.id, moderator.id)
    assert entry.detail["sha256"] == novel.sha256


def test_a_rejection_needs_a_reason_and_frees_the_title(reader: Account, moderator: Account) -> None:
    novel = bring(reader)
    with pytest.raises(Invalid) as caught:
        service.decide(novel.id, "reject", " ", moderator)
    assert caught.value.code == "reason-needed"
    assert queries.get(novel.id).status == "pending"
    service.decide(novel.id, "reject", "다른 사람의 글이에요.", moderator)
    assert queries.get(novel.id).reason == "다른 사람의 글이에요."
    assert bring(reader).id != novel.id


def test_participants_decide_nothing_but_withdraw_their_own_pending_novel(
    reader: Account, moderator: Account
) -> None:
    novel = bring(reader)
    with pytest.raises(NotAllowed):
        service.decide(novel.id, "approve", "", reader)
    with pytest.raises(NotAllowed):
        service.decide(novel.id, "withdraw", "", person("바다"))
    assert service.decide(novel.id, "withdraw", "", reader).status == "withdrawn"
    with pytest.raises(Conflict) as caught:
        service.decide(novel.id, "withdraw", "", reader)
    assert caught.value.code == "novel-decided"


def test_an_approved_novel_is_withdrawn_by_moderators_only(reader: Account, moderator: Account) -> None:
    novel = service.decide(bring(reader).id, "approve", "", moderator)
    with pytest.raises(NotAllowed):
        service.decide(novel.id, "withdraw", "", reader)
    assert service.decide(novel.id, "withdraw", "권리자가 원했어요.", moderator).status == "withdrawn"


def test_deciding_twice_or_about_nothing_is_refused(reader: Account, moderator: Account) -> None:
    novel = bring(reader)
    service.decide(novel.id, "approve", "", moderator)
    with pytest.raises(Conflict):
        service.decide(novel.id, "reject", "늦었어요.", moderator)
    with pytest.raises(NotFound):
        service.decide(novel.id + 1, "approve", "", moderator)


def test_lists_page_from_the_newest_and_hold_one_status(reader: Account, moderator: Account) -> None:
    ids = [bring(reader, replace(MANUSCRIPT, text=f"{PROSE} {n}"), title=f"제목 {n}").id for n in range(3)]
    service.decide(ids[1], "approve", "", moderator)
    assert [novel.id for novel in queries.novels()] == ids[::-1]
    assert [novel.id for novel in queries.novels(after=ids[2], limit=1)] == [ids[1]]
    assert [novel.id for novel in queries.novels("approved")] == [ids[1]]
    assert queries.count("pending") == 2
    assert [novel.id for novel in queries.nominated_by(reader.id)] == ids[::-1]
    assert [novel.id for novel in queries.unread([])] == [ids[1]]
    assert queries.unread([ids[1]]) == []


def starters() -> list[StarterNovel]:
    """Two novels to come with a site."""
    return [
        StarterNovel(
            replace(MANUSCRIPT, text=f"{PROSE} {title}"), title, "이음 사람들", "CC0-1.0", "한 줄", 2026
        )
        for title in ("하나", "둘")
    ]


def test_the_starter_library_is_added_once_and_is_approved(app: Flask) -> None:
    first = [novel.id for novel in service.add_starter_library(starters())]
    assert [novel.id for novel in service.add_starter_library(starters())] == first
    novels = queries.starter_library()
    assert [(novel.id, novel.status, novel.licence) for novel in novels] == [
        (first[0], "approved", "CC0-1.0"),
        (first[1], "approved", "CC0-1.0"),
    ]
    assert novels[0].details["summary"] == "한 줄"


def test_what_a_moderator_took_from_the_starter_library_stays_away(moderator: Account) -> None:
    novel = service.add_starter_library(starters())[0]
    service.decide(novel.id, "withdraw", "", moderator)
    service.add_starter_library(starters())
    assert [one.title for one in queries.starter_library()] == ["둘"]


@every_database
def test_of_two_who_bring_one_work_at_once_one_is_told_of_the_other(app: Flask) -> None:
    names = [person(f"사람 {n}").name for n in range(4)]

    def bring_as(name: str, text: str) -> Novel:
        return bring(accounts.by_name(name), replace(MANUSCRIPT, text=text))

    results = at_once(
        app, [lambda n=n, name=name: bring_as(name, f"{PROSE} {n}") for n, name in enumerate(names)]
    )
    refused = [one for one in results if isinstance(one, Exception)]
    assert [type(one) for one in refused] == [Conflict] * 3, refused
    session.rollback()
    assert [novel.live_key for novel in queries.novels()] == [live_key("종점", "김유정")]


@every_database
def test_of_two_decisions_at_once_one_holds(app: Flask) -> None:
    novel_id = bring(person("하늘")).id
    person("지기", "moderator")

    def decide(decision: str) -> str:
        return service.decide(novel_id, decision, "까닭", accounts.by_name("지기")).status

    results = at_once(app, [lambda d=d: decide(d) for d in ("approve", "reject")])
    assert sorted(type(one).__name__ for one in results) == ["Conflict", "str"], results
    session.rollback()
    assert queries.get(novel_id).status in results
