"""The whole relay with its real parts: the web server, the started Redis, a worker process, real training.

Everything is done through the REST API, as programs of other people would.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import pytest
import requests

from tests.rest import Person, Stream, moderator, sign_up, until
from tests.site import Site, reported_site
from tests.texts import Upload, three_novels

OPENING = (
    "첫눈이 내린 아침, 우체부 아저씨는 주소가 없는 편지 한 통을 들고 언덕을 올랐다.\n\n“이걸 누구에게 준담.”"
)
DRAFTS = (
    "편지 봉투에는 작은 매화가 그려져 있었다. 그것을 본 할머니는 말없이 부엌으로 들어가 불을 지폈다.",
    "언덕 위에는 아무도 살지 않는 집이 있었다. 그런데 굴뚝에서는 아침마다 연기가 올랐다.",
)
KEYWORDS = ("편지", "매화", "굴뚝")
LENGTHS = (150, 250, 400)
LONG = 3600


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Iterator[Site]:
    """One running site for this module."""
    with reported_site(tmp_path_factory.mktemp("site"), request) as running:
        yield running


@dataclass(frozen=True)
class People:
    """Two participants and a moderator, who are all that vote."""

    one: Person
    two: Person
    keeper: Person

    def all_vote(self, poll_id: int, *ballots: tuple[int, ...]) -> None:
        """Each casts one of these ballots."""
        for person, ballot in zip((self.one, self.two, self.keeper), ballots, strict=True):
            person.vote(poll_id, *ballot)


@pytest.fixture(scope="module")
def people(site: Site) -> People:
    """Those who sign up here."""
    return People(sign_up(site, "달래"), sign_up(site, "머루"), moderator(site, "두레"))


def test_a_story_goes_round_twice(site: Site, people: People) -> None:
    settings = {
        "collecting_seconds": LONG,
        "choosing_seconds": LONG,
        "enough_ballots": 3,
        "source_every": 2,
        "drafts": 5,
        "lengths": list(LENGTHS),
    }
    story = make_story(people.keeper, "주소 없는 편지", settings)
    stream = Stream(site.address, story)
    uploads = three_novels()
    orders = []

    first, second, third = [nominate(people, upload) for upload in uploads]
    read = source_turn(people, story, {first: 3, second: 2, third: 0})
    assert shares(read) == pytest.approx({first: 0.6, second: 0.4})
    assert people.one.get(f"/checkpoints/{read['parent_id']}")["parent_id"] is None, "it grew from the base"
    human_turn(people, story, DRAFTS)
    ask_for_words_and_length(people, story, votes=3)
    written = wait_for_drafts(people.one, story)
    assert written["parent_id"] == read["id"]
    orders.append(none_of_these(people, story))
    orders.append(choose_a_draft(people, story))
    assert newest_passage(people.one, story)["checkpoint_id"] == written["id"]
    check_rewriting(people.one, newest_passage(people.one, story)["id"])

    reread = source_turn(people, story, {first: 1, second: 0, third: 3})
    assert reread["parent_id"] == written["id"]
    assert shares(reread) == pytest.approx({first: 0.25, third: 0.75})
    assert {first, second, third} <= {novel["id"] for novel in reread["novels"]}, (
        "what the parents read is kept"
    )
    human_turn(people, story, DRAFTS[::-1])
    ask_for_words_and_length(people, story, votes=2)
    put_human_txt(site, newest_passage(people.one, story)["id"])
    assert wait_for_drafts(people.one, story)["parent_id"] == reread["id"]
    orders.append(choose_a_draft(people, story))

    assert any(order != sorted(order) for order in orders), (
        "the writer's ranking shows in the order of the options"
    )
    check_passages(people.one, story)
    check_stream(site, story, stream)


def test_silence_and_deadlines_move_a_story_on(site: Site, people: People) -> None:
    settings = {
        "collecting_seconds": 2,
        "choosing_seconds": 2,
        "vote_on_passage": False,
        "lengths": [100],
        "default_length": 100,
    }
    story = make_story(people.keeper, "아무도 없는 역", settings)
    assert turn_of(people.one, story)["kind"] == "source"

    turn = wait_for(people.one, story, "human", "collecting")
    people.one.post(f"/turns/{turn['id']}/drafts", {"text": DRAFTS[0]})
    poll = open_poll(people.one, story, "passage")
    people.one.vote(poll["id"], poll["options"][0]["id"])
    turn = wait_for(people.one, story, "machine", "collecting")
    closed = people.one.get(f"/polls/{poll['id']}")
    assert closed["status"] == "closed"
    assert closed["ballots"] == 1, "fewer ballots than are enough: the deadline closed it"
    people.two.call(
        "PUT", f"/polls/{poll['id']}/ballot", json={"options": [poll["options"][0]["id"]]}, status=409
    )

    until(lambda: len(passages_of(people.one, story)) == 3, "the writer's passage, without a vote")
    passage = newest_passage(people.one, story)
    assert passage["author_type"] == "AI"
    assert is_near(len(passage["text"]), 100)
    checkpoint = people.one.get(f"/checkpoints/{passage['checkpoint_id']}")
    base = people.one.get(f"/checkpoints/{checkpoint['parent_id']}")
    assert base["parent_id"] is None, "a story's first writing starts from the base"


def make_story(keeper: Person, title: str, settings: dict[str, Any]) -> int:
    """A new story; returns its id once its first turn is open."""
    sent = {"title": title, "premise": "눈 오는 마을에서 생긴 일", "opening": OPENING, "settings": settings}
    story: int = keeper.post("/stories", sent)["id"]
    until(lambda: turn_of(keeper, story), "the first turn", seconds=5)
    return story


def nominate(people: People, upload: Upload) -> int:
    """Upload a novel as a participant and approve it as the moderator; returns its id."""
    file = {"file": (upload.filename, upload.data, "text/plain")}
    novel = people.one.call("POST", "/novels", status=201, data=upload.form, files=file)
    assert novel["status"] == "pending"
    assert novel["title"] == upload.title
    assert novel["characters"] > 1000
    decision = {"decision": "approve", "reason": "써도 되는 글이에요."}
    assert people.keeper.post(f"/novels/{novel['id']}/decision", decision, status=200)["status"] == "approved"
    novel_id: int = novel["id"]
    return novel_id


def source_turn(people: People, story: int, votes: dict[int, int]) -> dict[str, Any]:
    """Nominate and vote, each novel by as many people as given; returns the checkpoint that has read the winners."""
    turn = wait_for(people.one, story, "source", "collecting")
    for novel_id in votes:
        people.two.post(f"/turns/{turn['id']}/nominations", {"novel_id": novel_id})
    people.two.post(f"/turns/{turn['id']}/close", status=403)
    people.keeper.post(f"/turns/{turn['id']}/close", status=200)
    poll = open_poll(people.one, story, "source")
    options = dict(zip(votes, poll["options"], strict=True))
    for novel_id, option in options.items():
        assert people.one.get(f"/novels/{novel_id}")["title"] in option["label"]
    ballots = [
        tuple(options[novel]["id"] for novel, most in votes.items() if place < most) for place in range(3)
    ]
    people.all_vote(poll["id"], *ballots)
    turn = wait_for(people.one, story, "source", "working")
    job = follow(people.one, turn["job_id"])
    assert job["kind"] == "read_novels"
    result = recount(people.one, poll["id"])
    assert set(result["winners"]) == {options[novel_id]["id"] for novel_id, most in votes.items() if most}
    checkpoint = people.one.get(f"/checkpoints/{job['result']['checkpoint_id']}")
    assert people.one.get(f"/stories/{story}")["checkpoint_id"] == checkpoint["id"]
    assert len(checkpoint["sha256"]) == 64
    assert checkpoint["measurements"]
    assert checkpoint["samples"]
    return checkpoint


def shares(checkpoint: dict[str, Any]) -> dict[int, float]:
    """The shares of the style mix of what this checkpoint has newly read."""
    return {novel["id"]: novel["share"] for novel in checkpoint["novels"] if novel["is_new"]}


def human_turn(people: People, story: int, texts: tuple[str, ...]) -> None:
    """Two people write, the first one's draft wins."""
    turn = wait_for(people.one, story, "human", "collecting")
    for person, text in zip((people.one, people.two), texts, strict=True):
        person.post(f"/turns/{turn['id']}/drafts", {"text": text})
    people.keeper.post(f"/turns/{turn['id']}/close", status=200)
    poll = open_poll(people.one, story, "passage")
    assert {option["draft"]["text"] for option in poll["options"]} == set(texts)
    ids = {option["draft"]["text"]: option["id"] for option in poll["options"]}
    wish, other = ids[texts[0]], ids[texts[1]]
    people.all_vote(poll["id"], (wish,), (other,), (wish,))
    wait_for(people.one, story, "machine", "collecting")
    assert recount(people.one, poll["id"])["winners"] == [wish]
    passage = newest_passage(people.one, story)
    assert (passage["author_type"], passage["author"], passage["text"]) == ("HUMAN", "달래", texts[0])


def ask_for_words_and_length(people: People, story: int, votes: int) -> None:
    """Suggest keywords, and vote for them and for the length, as many people as given."""
    turn = wait_for(people.one, story, "machine", "collecting")
    polls = {
        poll["kind"]: poll for poll in (people.one.get(f"/polls/{poll_id}") for poll_id in turn["polls"])
    }
    keyword, length = polls["keyword"], polls["length"]
    words = [people.two.post(f"/polls/{keyword['id']}/options", {"label": word})["id"] for word in KEYWORDS]
    by_length = {option["label"]: option["id"] for option in length["options"]}
    assert list(by_length) == [f"{number}자" for number in LENGTHS]
    middle = by_length[f"{LENGTHS[1]}자"]
    wishes = (
        (by_length[f"{LENGTHS[0]}자"], middle, by_length[f"{LENGTHS[2]}자"])
        if votes == 3
        else (middle, middle)
    )
    for person, wish in zip((people.one, people.two, people.keeper), wishes, strict=False):
        person.vote(length["id"], wish)
        person.vote(keyword["id"], *words[:2])


def put_human_txt(site: Site, passage_id: int) -> None:
    """Call the predecessor's endpoint without a token, twice: the same job answers."""
    address = f"{site.address}/api/put_Human_txt"
    flags = {"contents_id": passage_id, "is_first": "N"}
    asked = requests.get(address, params=flags, timeout=30)
    again = requests.post(address, data=flags, timeout=30)
    assert asked.status_code == again.status_code == 202, asked.text + again.text
    assert asked.json()["job_id"] == again.json()["job_id"]
    job = requests.get(requests.compat.urljoin(site.address, asked.json()["job"]), timeout=30).json()
    assert job["id"] == asked.json()["job_id"]
    assert job["kind"] == "put_human_txt"
    bad = requests.get(address, params={**flags, "is_first": "maybe"}, timeout=30)
    assert bad.status_code == 400


def wait_for_drafts(person: Person, story: int) -> dict[str, Any]:
    """Follow the writer until its drafts are on the ballot and check them; returns the checkpoint it wrote with."""
    turn = wait_for(person, story, "machine", "working")
    job = follow(person, turn["job_id"])
    assert job["kind"] == "put_human_txt"
    check_drafts(open_poll(person, story, "passage"))
    return dict(person.get(f"/checkpoints/{job['result']['checkpoint_id']}"))


def check_drafts(poll: dict[str, Any]) -> None:
    """What was voted for is in every draft: the words, the length, about the same one in all; and "none of these"."""
    texts = [option["draft"]["text"] for option in poll["options"] if option["draft"]]
    assert len(texts) == 5
    assert [option["draft"] for option in poll["options"]].count(None) == 1, "one option is none of these"
    for text in texts:
        assert all(word in text for word in KEYWORDS[:2]), text
        assert is_near(len(text), LENGTHS[1]), text
    assert max(map(len, texts)) <= 1.3 * min(map(len, texts)), "no draft stands out by its length"


def is_near(length: int, wish: int) -> bool:
    """Whether a text is within 15% of the length that was voted for."""
    return abs(length - wish) <= 0.15 * wish


def none_of_these(people: People, story: int) -> list[int]:
    """Vote all drafts down and wait for others; returns the refused drafts in the order they were shown."""
    poll = open_poll(people.one, story, "passage")
    (none,) = [option["id"] for option in poll["options"] if not option["draft"]]
    liked = [option["id"] for option in poll["options"] if option["draft"]][:1]
    people.all_vote(poll["id"], (none,), (none,), tuple(liked))
    until(lambda: people.one.get(f"/polls/{poll['id']}")["status"] == "closed", "the poll to close")
    assert recount(people.one, poll["id"])["none_won"]
    again = until(lambda: other_poll(people.one, story, poll["id"]), "other drafts")
    check_drafts(again)
    assert not set(draft_order(poll)) & set(draft_order(again))
    return draft_order(poll)


def other_poll(person: Person, story: int, poll_id: int) -> dict[str, Any] | None:
    """The open passage poll of the current turn, if it is another than this one."""
    poll = open_poll_of(person, turn_of(person, story), "passage")
    return poll if poll and poll["id"] != poll_id else None


def draft_order(poll: dict[str, Any]) -> list[int]:
    """The ids of the drafts in the order in which the poll shows them."""
    return [option["draft"]["id"] for option in poll["options"] if option["draft"]]


def choose_a_draft(people: People, story: int) -> list[int]:
    """Vote for a draft of the writer's, which is appended; returns the drafts in the order they were shown."""
    poll = open_poll(people.one, story, "passage")
    drafts = [option for option in poll["options"] if option["draft"]]
    wish, other = drafts[2], drafts[0]
    before = len(passages_of(people.one, story))
    people.all_vote(poll["id"], (wish["id"],), (wish["id"], other["id"]), (wish["id"],))
    until(lambda: len(passages_of(people.one, story)) > before, "the chosen draft to be appended")
    passage = newest_passage(people.one, story)
    assert (passage["text"], passage["author_type"]) == (wish["draft"]["text"], "AI")
    assert recount(people.one, poll["id"])["winners"] == [wish["id"]]
    return draft_order(poll)


def check_rewriting(person: Person, passage_id: int) -> None:
    """Have the writer write its passage again: it comes out the same, and the passage says so."""
    job = follow(person, person.post(f"/passages/{passage_id}/rewriting", status=202)["id"])
    assert job["result"] == {"same": True, "differs_at": None, "changed": []}
    passage = person.get(f"/passages/{passage_id}")
    assert passage["rewriting"]["same"]
    assert sum(passage["style_mix"].values()) == pytest.approx(1.0)


def turn_of(person: Person, story: int) -> Any:
    """The current turn of a story."""
    return person.get(f"/stories/{story}")["turn"]


def wait_for(person: Person, story: int, kind: str, phase: str) -> dict[str, Any]:
    """The current turn once it is of this kind and in this phase."""

    def look() -> dict[str, Any] | None:
        turn = turn_of(person, story)
        return turn if turn and (turn["kind"], turn["phase"]) == (kind, phase) else None

    return until(look, f"a {kind} turn that is {phase}")


def open_poll(person: Person, story: int, kind: str) -> dict[str, Any]:
    """The poll of this kind in which people choose now; nothing of how it stands is told."""
    poll = until(lambda: open_poll_of(person, turn_of(person, story), kind), f"a {kind} poll")
    assert poll["result"] is None
    return poll


def open_poll_of(person: Person, turn: dict[str, Any], kind: str) -> dict[str, Any] | None:
    """The open poll of this kind in a turn, if there is one."""
    polls = (person.get(f"/polls/{poll_id}") for poll_id in turn["polls"])
    return next((poll for poll in polls if (poll["kind"], poll["status"]) == (kind, "open")), None)


def follow(person: Person, job_id: int) -> dict[str, Any]:
    """Watch a job until it is done; its progress only rises."""
    seen: list[float] = []

    def look() -> dict[str, Any] | None:
        job: dict[str, Any] = person.get(f"/jobs/{job_id}")
        assert job["state"] in ("queued", "running", "done"), job
        assert job["message"]
        seen.append(job["progress"])
        return job if job["state"] == "done" else None

    job = until(look, f"job {job_id}")
    assert all(earlier <= later for earlier, later in pairwise(seen)), seen
    assert seen[-1] == 1.0
    return job


def recount(person: Person, poll_id: int) -> dict[str, Any]:
    """Count a closed poll from its published ballots and compare; returns its result."""
    poll = person.get(f"/polls/{poll_id}")
    ballots = person.get(f"/polls/{poll_id}/ballots", limit=100)["items"]
    result: dict[str, Any] = poll["result"]
    assert hashlib.sha256(result["seed"].encode()).hexdigest() == poll["seed_hash"]
    assert (
        len({ballot["voter"] for ballot in ballots}) == len(ballots) == poll["ballots"] == result["ballots"]
    )
    votes = Counter(option for ballot in ballots for option in ballot["options"])
    assert {row["option_id"]: row["votes"] for row in result["tallies"] if row["votes"]} == votes
    for winner in result["winners"]:
        assert all(votes[winner] >= votes[other] for other in votes.keys() - set(result["winners"]))
    return result


def passages_of(person: Person, story: int) -> list[dict[str, Any]]:
    """The passages of a story, in order."""
    items: list[dict[str, Any]] = person.get(f"/stories/{story}/passages", after=0)["items"]
    return items


def newest_passage(person: Person, story: int) -> dict[str, Any]:
    """The last passage of a story."""
    return passages_of(person, story)[-1]


def check_passages(person: Person, story: int) -> None:
    """Both rounds stand in the story, in order and without a gap."""
    passages = passages_of(person, story)
    assert [passage["seq"] for passage in passages] == [1, 2, 3, 4, 5]
    assert [passage["author_type"] for passage in passages] == ["HUMAN", "HUMAN", "AI", "HUMAN", "AI"]
    assert passages[0]["text"] == OPENING
    assert not any(passage["hidden"] for passage in passages)


def check_stream(site: Site, story: int, stream: Stream) -> None:
    """The stream told of everything, in order, and can be taken up again in the middle without a gap."""
    until(lambda: 5 in seqs_told(stream.events), "the last passage is told", seconds=10)
    events = list(stream.events)
    assert {kind for _, kind, _ in events} >= {"passage", "phase", "progress", "checkpoint", "ballots"}
    ids = [number for number, _, _ in events]
    assert all(earlier < later for earlier, later in pairwise(ids))
    assert seqs_told(events) == [2, 3, 4, 5]
    middle = len(events) // 2
    resumed = Stream(site.address, story, last_event_id=ids[middle])
    rest = events[middle + 1 :]
    until(lambda: len(resumed.events) >= len(rest), "the missed events", seconds=10)
    assert resumed.events[: len(rest)] == rest


def seqs_told(events: list[tuple[int, str, dict[str, Any]]]) -> list[int]:
    """The passages that a stream told of."""
    return [told["seq"] for _, kind, told in events if kind == "passage"]
