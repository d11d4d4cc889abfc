"""What the predecessor's web server calls."""

from __future__ import annotations

import pytest

from tests.api.conftest import Api, lived, refused
from tests.api.test_auth import browser
from webapp.core.accounts import service as accounts
from webapp.core.stories import queries

ADDRESS = "/api/put_Human_txt"
FAR = {"environ_overrides": {"REMOTE_ADDR": "203.0.113.9"}}


def test_hello(api: Api) -> None:
    assert api.visitor.get("/api/Hello").json == {"message": "Hello"}


@pytest.mark.parametrize(
    ("method", "sent"),
    [
        ("GET", {"query_string": {"contents_id": "1", "is_first": "Y"}}),
        ("POST", {"query_string": {"contents_id": "1", "is_first": "N"}}),
        ("POST", {"data": {"contents_id": "1", "is_first": "true"}}),
        ("POST", {"json": {"contents_id": 1, "is_first": True}}),
        ("POST", {"json": {"contents_id": "1", "is_first": 0}}),
        ("POST", {"query_string": {"contents_id": "1"}, "json": {"is_first": "n"}}),
    ],
)
def test_a_job_is_asked_for_at_once_and_asking_again_gives_the_same(
    api: Api, method: str, sent: dict
) -> None:
    lived(api.stage)
    answer = api.visitor.ask(method, ADDRESS, **sent)
    assert answer.status_code == 202
    assert answer.json == {"job_id": answer.json["job_id"], "job": f"/api/v1/jobs/{answer.json['job_id']}"}
    assert api.visitor.ask(method, ADDRESS, **sent).json == answer.json
    assert api.visitor.get(answer.json["job"]).json["kind"] == "put_human_txt"


def test_it_is_the_same_flow_as_the_relays(api: Api) -> None:
    story = lived(api.stage)
    turn = api.stage.turn(story)
    answer = api.visitor.get(f"{ADDRESS}?contents_id=2&is_first=N")
    assert queries.get_turn(turn.id).phase == "working"
    assert queries.get_turn(turn.id).job_id == answer.json["job_id"]
    assert len(api.stage.write(queries.get_turn(turn.id))) == 4


@pytest.mark.parametrize("flag", ["", "maybe", "2", "예", "Y" * 1000])
def test_a_bad_flag_is_refused(api: Api, flag: str) -> None:
    lived(api.stage)
    refused(api.visitor.get(ADDRESS, query_string={"contents_id": "1", "is_first": flag}), 400, "bad-flag")
    refused(api.visitor.post(ADDRESS, {"contents_id": 1, "is_first": [flag]}), 400, "bad-flag")
    refused(api.visitor.get(f"{ADDRESS}?contents_id=1"), 400, "bad-flag")


@pytest.mark.parametrize("number", ["", "x", "-1", "１", "1.0", "1 ", "0x1"])
def test_a_bad_number_is_refused(api: Api, number: str) -> None:
    sent = {"contents_id": number, "is_first": "Y"}
    refused(api.visitor.get(ADDRESS, query_string=sent), 400, "bad-contents-id")
    refused(api.visitor.post(ADDRESS, sent), 400, "bad-contents-id")
    refused(api.visitor.get(f"{ADDRESS}?is_first=Y"), 400, "bad-contents-id")


@pytest.mark.parametrize("number", [True, None, 1.5, [1], {"id": 1}])
def test_a_number_of_a_strange_kind_is_refused(api: Api, number: object) -> None:
    refused(api.visitor.post(ADDRESS, {"contents_id": number, "is_first": "Y"}), 400, "bad-contents-id")


@pytest.mark.parametrize("number", ["0", "77", "9223372036854775807", "9223372036854775808", "9" * 4000])
def test_a_passage_that_is_not_there(api: Api, number: str) -> None:
    answer = api.visitor.get(ADDRESS, query_string={"contents_id": number, "is_first": "Y"})
    refused(answer, 404, "no-such-passage")


def test_what_the_writer_wrote_is_no_human_text(api: Api) -> None:
    story = api.stage.story_at("machine", vote_on_passage=False)
    turn_id = api.stage.turn(story).id
    api.moderator.post(f"/turns/{turn_id}/close")
    api.stage.write(queries.get_turn(turn_id))
    passage = queries.passages(story.id)[-1]
    assert passage.author_type == "AI"
    refused(api.visitor.get(f"{ADDRESS}?contents_id={passage.id}&is_first=N"), 409, "not-human-text")


def test_broken_json_is_refused(api: Api) -> None:
    refused(api.visitor.post(ADDRESS, data=b"{", content_type="application/json"), 400, "bad-json")
    refused(api.visitor.post(ADDRESS, data=b"[1]", content_type="application/json"), 422, "invalid")


def test_from_elsewhere_it_takes_somebody_who_may_take_part(api: Api) -> None:
    lived(api.stage)
    address = f"{ADDRESS}?contents_id=1&is_first=N"
    refused(api.visitor.get(address, **FAR), 401, "sign-in-needed")
    assert api.person().get(address, **FAR).status_code == 202
    reader = accounts.sign_up("읽기만", "correct horse battery", role="reader")
    refused(api.of(reader).get(address, **FAR), 403, "role-needed")


def test_a_forwarded_request_is_not_taken_for_this_machines_own(api: Api) -> None:
    lived(api.stage)
    address = f"{ADDRESS}?contents_id=1&is_first=N"
    refused(api.visitor.get(address, headers={"X-Forwarded-For": "127.0.0.1"}), 401, "sign-in-needed")
    mapped = {"environ_overrides": {"REMOTE_ADDR": "::ffff:127.0.0.1"}}
    assert api.visitor.get(address, **mapped).status_code == 202


def test_a_link_on_another_site_starts_nothing_with_somebodys_cookie(api: Api) -> None:
    lived(api.stage)
    caller, token = browser(api.app, api.stage.person("하나"))
    address = f"{ADDRESS}?contents_id=1&is_first=N"
    refused(caller.get(address, **FAR), 401, "sign-in-needed")
    refused(caller.post(address, **FAR), 400, "csrf")
    assert caller.post(address, headers={"X-CSRFToken": token}, **FAR).status_code == 202
