"""Polls, options and ballots."""

from __future__ import annotations

import hashlib

import pytest

from tests.api.conftest import Api, lived, refused
from tests.conftest import MovableClock
from webapp.core.moderation import service as moderation
from webapp.core.stories import queries
from webapp.core.stories import service as stories


@pytest.fixture
def polls(api: Api) -> dict[str, int]:
    """The ids of the keyword and the length poll of a machine turn that is collecting."""
    turn = api.stage.turn(api.stage.story_at("machine"))
    return {kind: poll.id for kind, poll in queries.polls_of(turn.id).items()}


def length_options(api: Api, poll_id: int) -> list[int]:
    return [option["id"] for option in api.visitor.get(f"/polls/{poll_id}").json["options"]]


def test_an_open_poll_tells_what_can_be_chosen_and_nothing_of_its_outcome(
    api: Api, polls: dict[str, int]
) -> None:
    person = api.person()
    chosen = length_options(api, polls["length"])[1]
    person.put(f"/polls/{polls['length']}/ballot", {"options": [chosen]})
    poll = api.visitor.get(f"/polls/{polls['length']}").json
    expected = {
        "kind": "length",
        "method": "median",
        "status": "open",
        "ballots": 1,
        "result": None,
        "mine": [],
    }
    assert expected.items() <= poll.items()
    assert [option["value"] for option in poll["options"]] == [200, 400, 600, 800]
    assert all(option["draft"] is None for option in poll["options"])
    assert len(poll["seed_hash"]) == 64
    assert "secret" not in poll
    assert "seed" not in poll
    assert person.get(f"/polls/{polls['length']}").json["mine"] == [chosen]


def test_a_suggested_keyword_can_be_chosen(api: Api, polls: dict[str, int]) -> None:
    answer = api.person().post(f"/polls/{polls['keyword']}/options", {"label": "등대"})
    assert answer.status_code == 201
    assert {"label": "등대", "draft": None}.items() <= answer.json.items()
    pieces = {"label": " \u1103\u1173\u11bc\u1103\u1162 "}
    assert api.person("둘").post(f"/polls/{polls['keyword']}/options", pieces).json == answer.json
    assert api.visitor.get(f"/polls/{polls['keyword']}").json["options"] == [answer.json]


@pytest.mark.parametrize("label", [None, 3, "", "ㅤ", "가" * 13, "!!!", "가" * 41])
def test_a_keyword_that_is_none_is_refused(api: Api, polls: dict[str, int], label: object) -> None:
    answer = api.person().post(f"/polls/{polls['keyword']}/options", {"label": label})
    assert answer.status_code == 422
    assert list(answer.get_json(force=True)["errors"]) == ["label"]


def test_only_keyword_polls_take_suggestions(api: Api, polls: dict[str, int]) -> None:
    refused(
        api.person().post(f"/polls/{polls['length']}/options", {"label": "등대"}), 422, "not-a-keyword-poll"
    )
    refused(api.person().post("/polls/77/options", {"label": "등대"}), 404, "no-such-poll")


def test_the_same_ballot_again_is_the_same(api: Api, polls: dict[str, int]) -> None:
    person, poll_id = api.person(), polls["length"]
    first, second = length_options(api, poll_id)[:2]
    answers = [person.put(f"/polls/{poll_id}/ballot", {"options": [first]}) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [200, 200]
    assert answers[0].json == answers[1].json
    assert answers[0].json["options"] == [first]
    assert person.put(f"/polls/{poll_id}/ballot", {"options": [second]}).json["options"] == [second]
    assert person.get(f"/polls/{poll_id}").json["ballots"] == 1


def test_a_ballot_can_be_taken_back(api: Api, polls: dict[str, int]) -> None:
    person, poll_id = api.person(), polls["length"]
    person.put(f"/polls/{poll_id}/ballot", {"options": length_options(api, poll_id)[:1]})
    for _ in range(2):
        answer = person.delete(f"/polls/{poll_id}/ballot")
        assert (answer.status_code, answer.data) == (204, b"")
    assert {"ballots": 0, "mine": []}.items() <= person.get(f"/polls/{poll_id}").json.items()


def test_ballots_that_cannot_be_counted_are_refused(api: Api, polls: dict[str, int]) -> None:
    person = api.person()
    keyword = person.post(f"/polls/{polls['keyword']}/options", {"label": "등대"}).json["id"]
    length = length_options(api, polls["length"])
    address = f"/polls/{polls['length']}/ballot"
    refused(person.put(address, {"options": [keyword]}), 422, "foreign-option")
    refused(person.put(address, {"options": [2**31 - 1]}), 422, "foreign-option")
    refused(person.put(address, {"options": [2**31]}), 422, "invalid")
    refused(person.put(address, {"options": []}), 422, "empty-ballot")
    assert person.put(address, {"options": length[:2]}).status_code == 422
    refused(person.put("/polls/77/ballot", {"options": [1]}), 404, "no-such-poll")
    assert person.get(f"/polls/{polls['length']}").json["ballots"] == 0


@pytest.mark.parametrize(
    "options", [None, 1, "1", {}, ["1"], [1.0], [True], [None], [2**63], [[1]], [1] * 101]
)
def test_a_ballot_is_a_list_of_whole_numbers(api: Api, polls: dict[str, int], options: object) -> None:
    problem = refused(
        api.person().put(f"/polls/{polls['length']}/ballot", {"options": options}), 422, "invalid"
    )
    assert all(field.startswith("options") for field in problem["errors"])


def test_the_deadline_decides(api: Api, polls: dict[str, int], clock: MovableClock) -> None:
    person, options = api.person(), length_options(api, polls["length"])
    clock.move_on(601)
    refused(person.put(f"/polls/{polls['length']}/ballot", {"options": options[:1]}), 409, "poll-closed")
    refused(person.delete(f"/polls/{polls['length']}/ballot"), 409, "poll-closed")
    refused(person.post(f"/polls/{polls['keyword']}/options", {"label": "등대"}), 409, "poll-closed")


def test_ballots_are_published_when_the_poll_is_closed_and_can_be_counted_again(
    api: Api, polls: dict[str, int]
) -> None:
    poll_id = polls["length"]
    options = length_options(api, poll_id)
    for name, place in (("하나", 0), ("둘", 2), ("셋", 2)):
        api.person(name).put(f"/polls/{poll_id}/ballot", {"options": [options[place]]})
    refused(api.visitor.get(f"/polls/{poll_id}/ballots"), 409, "poll-open")
    turn_id = api.visitor.get(f"/polls/{poll_id}").json["turn_id"]
    stories.close_phase(turn_id, api.stage.moderator)
    poll = api.visitor.get(f"/polls/{poll_id}").json
    assert poll["status"] == "closed"
    assert poll["result"]["value"] == 600
    assert hashlib.sha256(poll["result"]["seed"].encode()).hexdigest() == poll["seed_hash"]
    first = api.visitor.get(f"/polls/{poll_id}/ballots?limit=2").json
    rest = api.visitor.get(f"/polls/{poll_id}/ballots?limit=2&cursor={first['next']}").json
    ballots = first["items"] + rest["items"]
    assert rest["next"] is None
    assert sorted(ballot["options"] for ballot in ballots) == [[options[0]], [options[2]], [options[2]]]
    assert len({ballot["voter"] for ballot in ballots}) == 3
    counted = {tally["option_id"]: tally["votes"] for tally in poll["result"]["tallies"]}
    assert (counted[options[0]], counted[options[2]]) == (1, 2)


def test_options_of_a_passage_poll_bear_their_drafts(api: Api) -> None:
    turn = api.stage.turn(api.stage.story_at("human"))
    draft = api.stage.hand_in(turn.id, "하나")
    stories.close_phase(turn.id, api.stage.moderator)
    poll = api.visitor.get(f"/polls/{queries.polls_of(turn.id)['passage'].id}").json
    [option] = poll["options"]
    assert option["draft"] == {
        "id": draft.id,
        "text": draft.text,
        "author_type": "HUMAN",
        "style_mix": {},
    }
    assert option["label"] == "초안 1"


def test_a_draft_that_a_moderator_removed_is_not_shown(api: Api) -> None:
    turn = api.stage.turn(api.stage.story_at("human"))
    removed, kept = api.stage.hand_in(turn.id, "하나"), api.stage.hand_in(turn.id, "둘")
    stories.close_phase(turn.id, api.stage.moderator)
    moderation.remove_draft(removed.id, "연락처가 들어 있어요.", api.stage.moderator)
    poll = api.visitor.get(f"/polls/{queries.polls_of(turn.id)['passage'].id}").json
    shown = {option["struck"]: option["draft"] for option in poll["options"]}
    assert (shown[True], shown[False]["id"]) == (None, kept.id)
    struck = next(option["id"] for option in poll["options"] if option["struck"])
    refused(api.person("셋").put(f"/polls/{poll['id']}/ballot", {"options": [struck]}), 422, "struck-option")


def test_options_of_a_source_poll_hold_the_title(api: Api) -> None:
    lived(api.stage)
    poll = api.visitor.get("/polls/1").json
    assert poll["kind"] == "source"
    assert "운수 좋은 날" in poll["options"][0]["label"]
    assert poll["options"][0]["novel_id"] == 1
    assert poll["result"]["winners"] == [poll["options"][0]["id"]]


@pytest.mark.parametrize("address", ["/polls/77", "/polls/77/ballots"])
def test_a_poll_that_is_not_there(api: Api, address: str) -> None:
    refused(api.visitor.get(address), 404, "no-such-poll")


@pytest.fixture
def ranked(api: Api) -> int:
    """The id of a passage poll over three drafts that is counted by ranked pairs."""
    story = api.stage.story_at("human", passage_method="ranked-pairs")
    turn = api.stage.turn(story)
    for name in ("가", "나", "다"):
        api.stage.hand_in(turn.id, name)
    stories.close_phase(turn.id, api.stage.moderator)
    return queries.polls_of(turn.id)["passage"].id


def test_a_ranked_ballot_is_told_in_its_order(api: Api, ranked: int) -> None:
    person = api.person()
    first, second, third = length_options(api, ranked)
    answer = person.put(f"/polls/{ranked}/ballot", {"options": [third, first]})
    assert answer.json["options"] == [third, first]
    assert person.get(f"/polls/{ranked}").json["mine"] == [third, first]
    assert person.put(f"/polls/{ranked}/ballot", {"options": [third, first]}).json == answer.json
    again = person.put(f"/polls/{ranked}/ballot", {"options": [first, third, second]})
    assert again.json["options"] == [first, third, second]


@pytest.mark.parametrize("places", [[0, 0], [0, 1, 0]])
def test_a_ranked_ballot_names_each_option_once(api: Api, ranked: int, places: list[int]) -> None:
    options = length_options(api, ranked)
    chosen = [options[place] for place in places]
    refused(api.person().put(f"/polls/{ranked}/ballot", {"options": chosen}), 422, "option-twice")


def test_a_closed_ranked_poll_tells_its_duels_and_its_ballots_in_order(api: Api, ranked: int) -> None:
    first, second, third = length_options(api, ranked)
    for name, chosen in (("하나", [second, first]), ("둘", [second, third, first]), ("셋", [first])):
        assert api.person(name).put(f"/polls/{ranked}/ballot", {"options": chosen}).status_code == 200
    turn = queries.turn_of_poll(ranked)
    stories.close_phase(turn.id, api.stage.moderator)
    poll = api.visitor.get(f"/polls/{ranked}").json
    assert (poll["method"], poll["quorum"], poll["result"]["winners"]) == ("ranked-pairs", 1, [second])
    assert {"winner": second, "loser": first, "votes": 2, "against": 1, "holds": True} in poll["result"][
        "duels"
    ]
    assert "rounds" not in poll["result"]
    ballots = [item["options"] for item in api.visitor.get(f"/polls/{ranked}/ballots").json["items"]]
    assert sorted(ballots) == sorted([[second, first], [second, third, first], [first]])
