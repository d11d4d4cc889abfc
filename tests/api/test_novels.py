"""The library: nominating by text and by file, the rights question, decisions."""

from __future__ import annotations

import io

import pytest
from flask import Flask

from tests.api.conftest import Api, refused

TEXT = "우체통 안에는 편지가 한 통 들어 있었다. 누가 넣었는지 아무도 몰랐다. " * 12
NOVEL = {
    "title": "우체통",
    "author": "김유정",
    "rights": "public-domain",
    "author_died": 1937,
    "licence": None,
    "text": TEXT,
}
FORM = {
    "title": "우체통",
    "author": "김유정",
    "rights": "public-domain",
    "author_died": "1937",
    "licence": "",
}


def file(data: bytes, name: str = "우체통.txt") -> tuple[io.BytesIO, str]:
    return io.BytesIO(data), name


def test_a_novel_as_text_waits_for_a_moderator(api: Api) -> None:
    answer = api.person().post("/novels", NOVEL)
    assert answer.status_code == 201
    expected = {"title": "우체통", "author": "김유정", "encoding": "utf-8", "status": "pending"}
    assert expected.items() <= answer.json.items()
    assert answer.json["characters"] == len(TEXT.strip())
    assert answer.json["sentences"] == 24
    assert "text" not in answer.json
    assert api.visitor.get(f"/novels/{answer.json['id']}").json == answer.json
    assert api.visitor.get("/novels").json["items"] == [answer.json]


@pytest.mark.parametrize("encoding", ["utf-8", "cp949", "utf-16"])
def test_a_novel_as_a_file_is_decoded(api: Api, encoding: str) -> None:
    data = TEXT.replace("\n", "\r\n").encode(encoding)
    answer = api.person().post("/novels", data={**FORM, "file": file(data)})
    assert answer.status_code == 201
    assert answer.json["encoding"].startswith(encoding)
    assert [note["code"] for note in answer.json["notes"]] == (
        [] if encoding == "utf-8" else [f"decoded-{encoding}"]
    )
    assert answer.json["author_died"] == 1937


def test_a_title_that_was_typed_in_pieces_is_the_same_title(api: Api) -> None:
    person = api.person()
    assert person.post("/novels", NOVEL).status_code == 201
    pieces = {**NOVEL, "title": "\u110b\u116e\u110e\u1166\u1110\u1169\u11bc", "text": TEXT + "덧붙임."}
    problem = refused(person.post("/novels", pieces), 409, "novel-exists")
    assert problem["params"]["novel_id"] == 1


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"rights": "mine"}, "rights", "invalid"),
        ({"rights": None}, "rights", "invalid"),
        ({"author_died": "1937"}, "author_died", "invalid"),
        ({"author_died": 1937.0}, "author_died", "invalid"),
        ({"author_died": True}, "author_died", "invalid"),
        ({"author_died": 2**63}, "author_died", "invalid"),
        ({"author_died": None}, "author_died", "author-died-needed"),
        ({"author_died": 1990}, "author_died", "still-protected"),
        ({"rights": "licence"}, "licence", "licence-needed"),
        ({"title": "ㅤ"}, "title", "title-needed"),
        ({"title": "가" * 121}, "title", "invalid"),
        ({"text": ""}, "text", "empty"),
        ({"text": "짧은 글이에요."}, "text", "novel-too-short"),
        ({"text": "no Korean here at all. " * 20}, "text", "not-korean"),
        ({"text": 3}, "text", "invalid"),
    ],
)
def test_a_novel_that_cannot_be_taken(api: Api, changed: dict, field: str, code: str) -> None:
    problem = refused(api.person().post("/novels", {**NOVEL, **changed}), 422, code)
    assert list(problem["errors"]) == [field]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 4, "file-format"),
        (b"PK\x03\x04" + b"\x00" * 400, "file-format"),
        (TEXT.encode("cp949")[:-2] + b"\xb0", "truncated"),
    ],
    ids=["empty", "picture", "zip", "cut"],
)
def test_a_file_that_cannot_be_read(api: Api, data: bytes, code: str) -> None:
    problem = refused(api.person().post("/novels", data={**FORM, "file": file(data)}), 422, code)
    assert list(problem["errors"]) == ["file"]


@pytest.mark.parametrize(
    ("form", "field"),
    [
        (FORM, "file"),
        ({**FORM, "file": "not a file"}, "file"),
        ({**FORM, "author_died": "천구백"}, "author_died"),
        ({**FORM, "author_died": "１９３７"}, "author_died"),
        ({**FORM, "rights": ""}, "rights"),
    ],
)
def test_a_form_with_something_wrong(api: Api, form: dict, field: str) -> None:
    answer = api.person().post("/novels", data=form, content_type="multipart/form-data")
    assert list(refused(answer, 422, "invalid")["errors"]) == [field]


def test_a_file_over_the_limit_is_too_large(app: Flask, api: Api) -> None:
    most = app.config["SETTINGS"].max_upload_bytes
    refused(
        api.person().post("/novels", data={**FORM, "file": file(b"a" * (most + 1))}), 413, "file-too-large"
    )
    refused(
        api.person().post("/novels", data={**FORM, "file": file(b"a" * (most + 100_000))}), 413, "too-large"
    )


def test_a_broken_form_is_refused(api: Api) -> None:
    answer = api.person().post(
        "/novels", data=b"--x\r\nno end", content_type="multipart/form-data; boundary=x"
    )
    refused(answer, 422, "invalid")
    refused(api.person().post("/novels", data=b"x", content_type="multipart/form-data"), 422, "invalid")
    refused(api.person().post("/novels", data=FORM), 415, "content-type")


def test_the_library_by_status(api: Api) -> None:
    pending, approved = api.stage.novel("하나", status="pending"), api.stage.novel("둘")
    assert [novel["id"] for novel in api.visitor.get("/novels").json["items"]] == [approved, pending]
    assert [novel["id"] for novel in api.visitor.get("/novels?status=pending").json["items"]] == [pending]
    refused(api.visitor.get("/novels?status=lost"), 422, "invalid")
    page = api.visitor.get("/novels?limit=1").json
    assert [novel["id"] for novel in api.visitor.get(f"/novels?cursor={page['next']}").json["items"]] == [
        pending
    ]


def test_a_novel_that_is_not_there(api: Api) -> None:
    refused(api.visitor.get("/novels/7"), 404, "no-such-novel")
    refused(api.moderator.post("/novels/7/decision", {"decision": "approve"}), 404, "no-such-novel")


def test_a_moderator_approves_and_cannot_approve_twice(api: Api) -> None:
    novel_id = api.stage.novel("우체통", status="pending")
    answer = api.moderator.post(f"/novels/{novel_id}/decision", {"decision": "approve", "reason": ""})
    assert (answer.status_code, answer.json["status"]) == (200, "approved")
    refused(api.moderator.post(f"/novels/{novel_id}/decision", {"decision": "approve"}), 409, "novel-decided")
    answer = api.moderator.post(
        f"/novels/{novel_id}/decision", {"decision": "withdraw", "reason": "부탁을 받았어요."}
    )
    assert answer.json["status"] == "withdrawn"


def test_a_rejection_needs_a_reason(api: Api) -> None:
    novel_id = api.stage.novel("우체통", status="pending")
    problem = refused(
        api.moderator.post(f"/novels/{novel_id}/decision", {"decision": "reject"}), 422, "reason-needed"
    )
    assert list(problem["errors"]) == ["reason"]
    answer = api.moderator.post(
        f"/novels/{novel_id}/decision", {"decision": "reject", "reason": "권리가 분명하지 않아요."}
    )
    assert (answer.json["status"], answer.json["reason"]) == ("rejected", "권리가 분명하지 않아요.")


def test_people_withdraw_their_own_and_decide_nothing_else(api: Api) -> None:
    person = api.person()
    novel_id = person.post("/novels", NOVEL).json["id"]
    refused(person.post(f"/novels/{novel_id}/decision", {"decision": "approve"}), 403, "role-needed")
    refused(
        api.person("둘").post(f"/novels/{novel_id}/decision", {"decision": "withdraw"}), 403, "role-needed"
    )
    refused(person.post(f"/novels/{novel_id}/decision", {"decision": "burn"}), 422, "invalid")
    assert person.post(f"/novels/{novel_id}/decision", {"decision": "withdraw"}).json["status"] == "withdrawn"
