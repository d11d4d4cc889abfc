"""Stories, their turns and passages."""

from __future__ import annotations

import re

import pytest

from tests.api.conftest import Api, lived, refused
from tests.integration.stories.stage import OPENING
from webapp.core.moderation import service as moderation
from webapp.core.stories import queries

STORY = {
    "title": "우체통",
    "premise": "편지가 오는 마을의 이야기.",
    "opening": "마을 어귀에 오래된 우체통이 하나 있었다. 아무도 편지를 넣지 않았다.",
    "settings": {"drafts": 2, "lengths": [100, 200]},
}
UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


def test_a_new_story_opens_with_its_first_passage_and_a_source_turn(api: Api) -> None:
    answer = api.moderator.post("/stories", STORY)
    assert answer.status_code == 201
    story = answer.json
    assert {"id", "title", "premise", "status", "checkpoint_id", "turn"} <= story.keys()
    assert {"kind": "source", "phase": "collecting", "seq": 1, "polls": [], "job_id": None}.items() <= story[
        "turn"
    ].items()
    assert UTC.fullmatch(story["turn"]["closes_at"])
    assert story["settings"]["drafts"] == 2
    [passage] = api.visitor.get(f"/stories/{story['id']}/passages").json["items"]
    expected = {
        "seq": 1,
        "author_type": "HUMAN",
        "author": "운영자",
        "text": STORY["opening"],
        "hidden": False,
    }
    assert expected.items() <= passage.items()
    assert UTC.fullmatch(passage["published_at"])
    assert api.visitor.get(f"/stories/{story['id']}").json == story


def test_settings_may_be_left_out(api: Api) -> None:
    sent = {name: value for name, value in STORY.items() if name != "settings"}
    assert api.moderator.post("/stories", sent).json["settings"]["drafts"] == 4


@pytest.mark.parametrize(
    ("changed", "field", "code"),
    [
        ({"title": ""}, "title", "invalid"),
        ({"title": "ㅤ"}, "title", "invalid"),
        ({"title": "가" * 81}, "title", "invalid"),
        ({"opening": "짧다."}, "opening", "invalid"),
        ({"opening": "ㅤ" * 50}, "opening", "invalid"),
        ({"settings": []}, "settings", "invalid"),
        ({"settings": {"drafts": 9}}, "settings", "bad-setting"),
        ({"settings": {"drafts": 2.5}}, "settings", "bad-setting"),
        ({"settings": {"drafts": True}}, "settings", "bad-setting"),
        ({"settings": {"lengths": [[100]]}}, "settings", "bad-setting"),
        ({"settings": {"colour": "red"}}, "settings", "unknown-setting"),
        ({"colour": "red"}, "colour", "invalid"),
    ],
)
def test_a_bad_story_is_refused(api: Api, changed: dict, field: str, code: str) -> None:
    problem = refused(api.moderator.post("/stories", {**STORY, **changed}), 422, code)
    assert list(problem["errors"]) == [field]


def test_stories_come_newest_first_in_pages(api: Api) -> None:
    ids = [api.stage.story().id for _ in range(3)]
    first = api.visitor.get("/stories?limit=2").json
    assert [story["id"] for story in first["items"]] == [ids[2], ids[1]]
    rest = api.visitor.get(f"/stories?limit=2&cursor={first['next']}").json
    assert [story["id"] for story in rest["items"]] == [ids[0]]
    assert rest["next"] is None


def test_passages_go_on_after_a_place_or_a_cursor(api: Api) -> None:
    story_id = lived(api.stage).id
    first = api.visitor.get(f"/stories/{story_id}/passages?limit=1").json
    assert [passage["seq"] for passage in first["items"]] == [1]
    for query in (f"cursor={first['next']}", "after=1", f"after=0&cursor={first['next']}"):
        rest = api.visitor.get(f"/stories/{story_id}/passages?{query}").json
        assert [passage["seq"] for passage in rest["items"]] == [2]
        assert rest["next"] is None


@pytest.mark.parametrize("query", ["after=-1", "after=x", "limit=0", "cursor=９"])
def test_a_bad_place_is_refused(api: Api, query: str) -> None:
    refused(api.visitor.get(f"/stories/{api.stage.story().id}/passages?{query}"), 422, "invalid")


@pytest.mark.parametrize("address", ["/stories/7", "/stories/7/passages", "/stories/7/turns"])
def test_a_story_that_is_not_there(api: Api, address: str) -> None:
    refused(api.visitor.get(address), 404, "no-such-story")


def test_turns_of_a_story_come_newest_first(api: Api) -> None:
    story_id = lived(api.stage).id
    turns = api.visitor.get(f"/stories/{story_id}/turns?limit=2").json
    assert [turn["kind"] for turn in turns["items"]] == ["machine", "human"]
    assert turns["items"][1]["passage_id"] is not None
    rest = api.visitor.get(f"/stories/{story_id}/turns?cursor={turns['next']}").json["items"]
    assert [turn["kind"] for turn in rest] == ["source"]
    assert list(rest[0]["style_mix"].values()) == [1.0]
    assert rest[0]["run_id"] is not None


def test_the_text_of_a_hidden_passage_is_for_moderators(api: Api) -> None:
    story_id = lived(api.stage).id
    moderation.hide_passage(1, "연락처가 들어 있어요.", api.stage.moderator)
    for caller, text in ((api.visitor, ""), (api.person(), ""), (api.moderator, OPENING)):
        listed = caller.get(f"/stories/{story_id}/passages").json["items"][0]
        assert listed == caller.get("/passages/1").json
        assert (listed["text"], listed["hidden"], listed["seq"]) == (text, True, 1)


def test_hiding_a_passage_and_showing_it_again(api: Api) -> None:
    lived(api.stage)
    hidden = api.moderator.put("/passages/2/hidden", {"hidden": True, "reason": "연락처가 들어 있어요."})
    assert (hidden.status_code, hidden.json["hidden"]) == (200, True)
    shown = api.moderator.put("/passages/2/hidden", {"hidden": False, "reason": "잘못 보았어요."})
    assert (shown.status_code, shown.json["hidden"]) == (200, False)
    refused(api.moderator.put("/passages/2/hidden", {"hidden": True, "reason": " "}), 422, "invalid")
    refused(api.moderator.put("/passages/2/hidden", {"hidden": "yes", "reason": "음"}), 422, "invalid")
    refused(api.moderator.put("/passages/9/hidden", {"hidden": True, "reason": "음"}), 404, "no-such-passage")


def test_a_passage_that_is_not_there(api: Api) -> None:
    refused(api.visitor.get("/passages/7"), 404, "no-such-passage")


def test_a_passage_of_the_writers_tells_its_mix_and_whether_it_came_out_the_same(api: Api) -> None:
    story = lived(api.stage)
    passage_id = api.stage.publish_writing(story).id
    told = api.visitor.get(f"/passages/{passage_id}").json
    assert told["rewriting"] is None
    assert told["style_mix"] == {"1": 1.0}
    refused(api.visitor.post(f"/passages/{passage_id}/rewriting"), 401, "sign-in-needed")
    asked = api.person().post(f"/passages/{passage_id}/rewriting")
    assert asked.status_code == 202
    assert asked.json["kind"] == "rewrite_passage"
    assert api.person().post(f"/passages/{passage_id}/rewriting").json["id"] == asked.json["id"]
    api.stage.compare_again(passage_id, same=False, differs_at=3, changed=["torch"])
    outcome = api.visitor.get(f"/passages/{passage_id}").json["rewriting"]
    assert {"same": False, "differs_at": 3, "changed": ["torch"]}.items() <= outcome.items()
    assert UTC.fullmatch(outcome["at"])


def test_a_persons_passage_cannot_be_written_again(api: Api) -> None:
    api.stage.story()
    refused(api.person().post("/passages/1/rewriting"), 409, "not-written-by-ai")


def test_a_ballot_names_the_mix_of_its_drafts(api: Api) -> None:
    story = lived(api.stage)
    turn = api.stage.turn(story)
    api.moderator.post(f"/turns/{turn.id}/close")
    api.stage.write(turn)
    (poll_id,) = [poll.id for kind, poll in queries.polls_of(turn.id).items() if kind == "passage"]
    options = api.visitor.get(f"/polls/{poll_id}").json["options"]
    assert {tuple(option["draft"]["style_mix"].items()) for option in options if option["draft"]} == {
        (("1", 1.0),)
    }
