"""A story driven by the API alone, twice round, by a moderator and two people; only the worker's part is stood in for."""

from __future__ import annotations

from typing import Any

from tests.api.conftest import Api, Caller
from tests.databases import every_database
from webapp.core.stories import queries
from webapp.core.stories import service as stories

pytestmark = every_database

OPENING = "마을 어귀에 오래된 우체통이 하나 있었다. 아무도 편지를 넣지 않는데 아침마다 편지가 들어 있었다."
TEXT = "바닷가 마을에 등대지기가 살았다. 그는 밤마다 불을 켜고 배를 기다렸다. " * 10


def turn_of(caller: Caller, story_id: int) -> dict[str, Any]:
    return caller.get(f"/stories/{story_id}").json["turn"]


def polls_of(caller: Caller, turn: dict[str, Any]) -> dict[str, dict[str, Any]]:
    polls = [caller.get(f"/polls/{poll_id}").json for poll_id in turn["polls"]]
    return {poll["kind"]: poll for poll in reversed(polls)}


def vote(caller: Caller, poll: dict[str, Any], *options: int) -> None:
    assert caller.put(f"/polls/{poll['id']}/ballot", {"options": list(options)}).status_code == 200


def source_turn(api: Api, people: list[Caller], moderator: Caller, story_id: int) -> None:
    turn = turn_of(api.visitor, story_id)
    assert (turn["kind"], turn["phase"]) == ("source", "collecting")
    novel = {"title": "등대", "author": "하나", "rights": "own", "text": TEXT}
    novel_id = people[0].post("/novels", novel).json["id"]
    assert people[0].post(f"/turns/{turn['id']}/nominations", {"novel_id": novel_id}).status_code == 201
    moderator.post(f"/novels/{novel_id}/decision", {"decision": "approve"})
    turn = moderator.post(f"/turns/{turn['id']}/close", {}).json
    assert turn["phase"] == "choosing"
    poll = polls_of(api.visitor, turn)["source"]
    for person in people:
        vote(person, poll, poll["options"][0]["id"])
    stories.tick()
    turn = turn_of(api.visitor, story_id)
    assert turn["phase"] == "working"
    api.stage.read_novels(queries.get_turn(turn["id"]))
    job = api.visitor.get(f"/jobs/{turn['job_id']}").json
    assert job["state"] == "done"
    checkpoint = api.visitor.get(f"/checkpoints/{job['result']['checkpoint_id']}").json
    assert [novel["title"] for novel in checkpoint["novels"]] == ["등대"]


def human_turn(api: Api, people: list[Caller], moderator: Caller, story_id: int) -> None:
    turn = turn_of(api.visitor, story_id)
    assert (turn["kind"], turn["phase"]) == ("human", "collecting")
    texts = [
        "등대에서 편지 한 통이 날아왔다. 받는 이의 이름은 없었다.",
        "우체부는 그날따라 늦게 일어났다. 창밖은 벌써 환했다.",
    ]
    for person, text in zip(people, texts, strict=True):
        assert person.post(f"/turns/{turn['id']}/drafts", {"text": text}).status_code == 201
    turn = moderator.post(f"/turns/{turn['id']}/close", {}).json
    poll = polls_of(api.visitor, turn)["passage"]
    chosen = next(option["id"] for option in poll["options"] if option["draft"]["text"] == texts[1])
    for person in people:
        vote(person, poll, chosen)
    stories.tick()
    assert api.visitor.get(f"/polls/{poll['id']}").json["result"]["winners"] == [chosen]
    passage = api.visitor.get(f"/stories/{story_id}/passages").json["items"][-1]
    assert {"text": texts[1], "author": "둘", "author_type": "HUMAN"}.items() <= passage.items()


def machine_turn(api: Api, people: list[Caller], story_id: int) -> None:
    turn = turn_of(api.visitor, story_id)
    assert (turn["kind"], turn["phase"]) == ("machine", "collecting")
    polls = polls_of(api.visitor, turn)
    keyword = people[0].post(f"/polls/{polls['keyword']['id']}/options", {"label": "등대"}).json["id"]
    short = polls["length"]["options"][0]
    for person in people:
        vote(person, polls["keyword"], keyword)
        vote(person, polls["length"], short["id"])
    stories.tick()
    turn = turn_of(api.visitor, story_id)
    assert (turn["phase"], turn["keywords"], turn["length"]) == ("working", ["등대"], short["value"])
    api.stage.write(queries.get_turn(turn["id"]))
    turn = turn_of(api.visitor, story_id)
    poll = polls_of(api.visitor, turn)["passage"]
    assert turn["polls"][0] == poll["id"]
    assert [option["is_none"] for option in poll["options"]].count(True) == 1
    chosen = next(option for option in poll["options"] if option["draft"])
    for person in people:
        vote(person, poll, chosen["id"])
    stories.tick()
    passage = api.visitor.get(f"/stories/{story_id}/passages").json["items"][-1]
    assert {"text": chosen["draft"]["text"], "author_type": "AI"}.items() <= passage.items()
    assert passage["checkpoint_id"] == api.visitor.get(f"/stories/{story_id}").json["checkpoint_id"]


def test_a_story_goes_twice_round_by_the_api_alone(api: Api) -> None:
    people, moderator = [api.person("하나"), api.person("둘")], api.moderator
    settings = {"enough_ballots": 2, "drafts": 3, "lengths": [100, 200]}
    sent = {"title": "우체통", "premise": "편지가 오는 마을.", "opening": OPENING, "settings": settings}
    story_id = moderator.post("/stories", sent).json["id"]
    source_turn(api, people, moderator, story_id)
    for _ in range(2):
        human_turn(api, people, moderator, story_id)
        machine_turn(api, people, story_id)
    passages = api.visitor.get(f"/stories/{story_id}/passages").json["items"]
    assert [passage["author_type"] for passage in passages] == ["HUMAN", "HUMAN", "AI", "HUMAN", "AI"]
    assert [passage["seq"] for passage in passages] == [1, 2, 3, 4, 5]
