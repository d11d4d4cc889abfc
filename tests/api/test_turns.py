"""What people hand in for a turn, and moderators' closing of a phase."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api, refused
from tests.conftest import MovableClock

DRAFT = "우체통에서 낡은 편지 한 통이 나왔다. 받는 사람의 이름은 지워져 있었다."


def test_a_nomination_stands_in_the_list_of_its_turn(api: Api) -> None:
    turn_id = api.stage.turn(api.stage.story()).id
    novel_id = api.stage.novel("운수 좋은 날", status="pending")
    for _ in range(2):
        answer = api.person().post(f"/turns/{turn_id}/nominations", {"novel_id": novel_id})
        assert answer.status_code == 201
    [listed] = api.visitor.get(f"/turns/{turn_id}/nominations").json["items"]
    assert listed == answer.json
    assert {"novel_id": novel_id, "title": "운수 좋은 날", "status": "pending"}.items() <= listed.items()


def test_nominations_come_in_parts(api: Api) -> None:
    turn_id = api.stage.turn(api.stage.story()).id
    novel_ids = [api.stage.novel(title) for title in ("하나", "둘", "셋")]
    for novel_id in novel_ids:
        api.person().post(f"/turns/{turn_id}/nominations", {"novel_id": novel_id})
    first = api.visitor.get(f"/turns/{turn_id}/nominations?limit=2").json
    rest = api.visitor.get(f"/turns/{turn_id}/nominations?limit=2&cursor={first['next']}").json
    assert [row["novel_id"] for row in first["items"] + rest["items"]] == novel_ids
    assert rest["next"] is None


def test_nominations_that_cannot_be(api: Api) -> None:
    turn_id = api.stage.turn(api.stage.story()).id
    address = f"/turns/{turn_id}/nominations"
    refused(api.person().post(address, {"novel_id": 7}), 404, "no-such-novel")
    refused(api.person().post("/turns/7/nominations", {"novel_id": 7}), 404, "no-such-turn")
    rejected = api.stage.novel("우체통", status="rejected")
    refused(api.person().post(address, {"novel_id": rejected}), 409, "novel-not-available")


@pytest.mark.parametrize("novel_id", [None, "1", 1.0, True, 0, -1, 2**63, [1]])
def test_a_novel_is_named_by_a_whole_number(api: Api, novel_id: object) -> None:
    turn_id = api.stage.turn(api.stage.story()).id
    problem = refused(
        api.person().post(f"/turns/{turn_id}/nominations", {"novel_id": novel_id}), 422, "invalid"
    )
    assert list(problem["errors"]) == ["novel_id"]


def test_a_draft_is_handed_in_and_handed_in_anew(api: Api) -> None:
    turn_id = api.stage.turn(api.stage.story_at("human")).id
    person = api.person()
    first = person.post(f"/turns/{turn_id}/drafts", {"text": DRAFT})
    assert first.status_code == 201
    assert {"text": DRAFT, "author": "하나"}.items() <= first.json.items()
    second = person.post(f"/turns/{turn_id}/drafts", {"text": DRAFT + " 끝."})
    assert (second.json["id"], second.json["text"]) == (first.json["id"], DRAFT + " 끝.")
    assert person.delete(f"/turns/{turn_id}/drafts").status_code == 204


@pytest.mark.parametrize("text", [None, "", "짧다.", "ㅤ" * 30, "가" * 2001, 3, "!" * 30, "가" * 30])
def test_a_draft_nobody_could_read_is_refused(api: Api, text: object) -> None:
    turn_id = api.stage.turn(api.stage.story_at("human")).id
    answer = api.person().post(f"/turns/{turn_id}/drafts", {"text": text})
    assert answer.status_code == 422
    assert list(answer.get_json(force=True)["errors"]) == ["text"]


def test_the_wrong_time_is_a_conflict(api: Api, clock: MovableClock) -> None:
    turn_id = api.stage.turn(api.stage.story()).id
    refused(api.person().post(f"/turns/{turn_id}/drafts", {"text": DRAFT}), 409, "wrong-phase")
    refused(api.person().post("/turns/7/drafts", {"text": DRAFT}), 404, "no-such-turn")
    novel_id = api.stage.novel("운수 좋은 날")
    clock.move_on(601)
    refused(api.person().post(f"/turns/{turn_id}/nominations", {"novel_id": novel_id}), 409, "wrong-phase")


def test_a_moderator_closes_phases_until_the_writer_works(api: Api) -> None:
    turn_id = api.stage.turn(api.stage.story_at("machine")).id
    answer = api.moderator.post(f"/turns/{turn_id}/close", {})
    assert answer.status_code == 200
    assert (answer.json["phase"], answer.json["closes_at"]) == ("working", None)
    assert answer.json["job_id"] is not None
    refused(api.moderator.post(f"/turns/{turn_id}/close", {}), 409, "turn-working")
    assert api.visitor.get(f"/turns/{turn_id}").json == answer.json


def test_closing_needs_no_body(api: Api) -> None:
    turn_id = api.stage.turn(api.stage.story()).id
    assert api.moderator.post(f"/turns/{turn_id}/close").json["phase"] == "void"
    refused(api.moderator.post(f"/turns/{turn_id}/close"), 409, "turn-over")
    refused(api.moderator.post("/turns/77/close"), 404, "no-such-turn")
    refused(api.visitor.get("/turns/77"), 404, "no-such-turn")
