"""Bringing novels to the library by paste and by file, the rights question, and what moderators decide."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest

from tests.integration.stories.stage import Stage
from tests.pages.visitor import Visitor
from webapp.core.library import queries
from webapp.core.stories import queries as stories

TEXT = "옛날 어느 마을에 소리를 모으는 아이가 살았다. 아이는 아침마다 병을 들고 나가 새소리를 담았다. " * 8
NOVEL = {"title": "소리를 모으는 아이", "author": "물결", "text": TEXT, "rights": "own"}
People = Callable[[str], Visitor]


def test_a_pasted_novel_waits_for_a_moderator(reader_named: People) -> None:
    reader = reader_named("물결")
    page = reader.send(reader.open("/novels/new"), "/novels", **NOVEL)
    assert page.status == 200
    assert "받았어요" in page.words
    assert "확인하고 있어요" in page.words
    assert 'data-taken="novel"' in page.html
    assert queries.novels("pending")[0].title == NOVEL["title"]


def test_an_uploaded_file_in_an_old_encoding_is_read(reader_named: People) -> None:
    reader = reader_named("물결")
    upload = (io.BytesIO(TEXT.encode("cp949")), "소리.txt")
    page = reader.send(reader.open("/novels/new"), "/novels", **{**NOVEL, "text": ""}, file=upload)
    assert page.status == 200
    assert "CP949" in page.words
    assert TEXT[:30] in page.words


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": ""}, "작품의 제목을 적어 주세요."),
        ({"text": ""}, "글을 붙여 넣거나 파일을 골라 주세요."),
        ({"text": "너무 짧은 글."}, "글이 너무 짧아요."),
        ({"rights": "public-domain"}, "지은이가 세상을 떠난 해를 적어 주세요."),
        ({"rights": "public-domain", "author_died": "2001"}, "아직 저작권이 남아 있어요."),
        ({"rights": "public-domain", "author_died": "옛날"}, "네 자리 숫자로 적어 주세요."),
        ({"rights": "licence"}, "어떤 이용 허락인지"),
        ({"rights": "none"}, "써도 되는 까닭을"),
    ],
)
def test_a_refused_novel_says_why_and_keeps_what_was_typed(
    reader_named: People, changes: dict[str, str], sentence: str
) -> None:
    reader = reader_named("물결")
    sent = {**NOVEL, **changes}
    page = reader.send(reader.open("/novels/new"), "/novels", **sent)
    assert page.status == 422
    assert sentence in page.words
    kept = page.form("/novels").values
    assert kept["title"] == [sent["title"]]
    assert kept["text"][0].strip() == sent["text"].strip()
    assert kept.get("rights", ["none"]) == [sent["rights"]]


def test_a_file_that_is_no_text_is_refused(reader_named: People) -> None:
    reader = reader_named("물결")
    upload = (io.BytesIO(bytes(range(256)) * 20), "사진.jpg")
    page = reader.send(reader.open("/novels/new"), "/novels", **{**NOVEL, "text": ""}, file=upload)
    assert page.status == 422
    assert page.form("/novels").values["title"] == [NOVEL["title"]]


def test_what_is_far_too_large_is_told_as_a_page(app, reader_named: People) -> None:
    reader = reader_named("물결")
    page = reader.open("/novels/new")
    app.config["MAX_CONTENT_LENGTH"] = 1024
    page = reader.send(page, "/novels", **NOVEL)
    assert page.status == 413
    assert "나누어서 보내 주세요" in page.words


def test_the_same_novel_again_is_refused_with_409(reader_named: People) -> None:
    reader = reader_named("물결")
    reader.send(reader.open("/novels/new"), "/novels", **NOVEL)
    page = reader.send(reader.open("/novels/new"), "/novels", **NOVEL)
    assert page.status == 409
    assert "이미 서재에 있어요" in page.words


def test_a_visitor_is_asked_in_and_keeps_the_text(visitor: Visitor) -> None:
    page = visitor.send(visitor.open("/novels/new"), "/novels", **NOVEL)
    assert page.status == 401
    assert page.form("/novels").values["text"][0].strip() == TEXT.strip()


def test_a_novel_brought_for_a_turn_is_nominated_there(stage: Stage, reader_named: People) -> None:
    turn, reader = stage.turn(stage.story()), reader_named("물결")
    reader.send(reader.open(f"/novels/new?turn={turn.id}"), "/novels", **NOVEL)
    assert [nomination.novel.title for nomination in stories.nominations(turn.id)] == [NOVEL["title"]]


def test_the_library_lists_every_novel_page_by_page(stage: Stage, visitor: Visitor) -> None:
    for place in range(31):
        stage.novel(f"책{place}번")
    page = visitor.open("/novels")
    assert "책30번" in page.words
    assert "책0번" not in page.words
    older = next(link for link in page.links if "after=" in link)
    assert "책0번" in visitor.open(older).words


def test_a_rejected_novel_shows_the_reason_and_not_its_text(moderator: Visitor, reader_named: People) -> None:
    reader = reader_named("물결")
    reader.send(reader.open("/novels/new"), "/novels", **NOVEL)
    novel = queries.novels("pending")[0]
    page = moderator.open("/moderation")
    refused = moderator.send(page, f"/moderation/novels/{novel.id}", decision="reject", reason="")
    assert refused.status == 422
    assert "왜 거절하는지" in refused.words
    moderator.send(
        page, f"/moderation/novels/{novel.id}", decision="reject", reason="떠난 해를 확인해 주세요."
    )
    page = reader.open(f"/novels/{novel.id}")
    assert "떠난 해를 확인해 주세요." in page.words
    assert TEXT[:30] not in page.words


def test_people_take_back_what_they_brought_while_it_waits(reader_named: People) -> None:
    reader, other = reader_named("물결"), reader_named("바다")
    reader.send(reader.open("/novels/new"), "/novels", **NOVEL)
    novel = queries.novels("pending")[0]
    assert not [form for form in other.open(f"/novels/{novel.id}").forms if "withdraw" in form.action]
    page = reader.send(
        reader.open(f"/novels/{novel.id}"), f"/novels/{novel.id}/withdraw", reason="다시 다듬을게요."
    )
    assert "원작을 거두었어요." in page.words
    assert queries.get(novel.id).status == "withdrawn"


def test_only_moderators_take_an_approved_novel_out(
    stage: Stage, moderator: Visitor, reader_named: People
) -> None:
    novel, reader = stage.novel("메아리"), reader_named("물결")
    token = reader.open("/").form("/language").values["csrf_token"]
    assert reader.client.post(f"/novels/{novel}/withdraw", data={"csrf_token": token}).status_code == 403
    moderator.send(
        moderator.open(f"/novels/{novel}"), f"/novels/{novel}/withdraw", reason="권리자가 부탁했어요."
    )
    assert queries.get(novel).status == "withdrawn"
