"""Polls from opening to recount, on every database."""

from __future__ import annotations

import unicodedata
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

from tests.conftest import MovableClock
from tests.databases import every_database
from tests.people import person
from webapp import clock as site_clock
from webapp import events
from webapp.core.voting import queries, rules, service, tallies
from webapp.core.voting.models import BallotChoice, Poll
from webapp.core.voting.service import NewOption
from webapp.db import session, transaction
from webapp.errors import Conflict, Invalid, NotAllowed, NotFound, NotSignedIn
from webapp.events import Event

pytestmark = every_database

DRAFTS = [
    NewOption("초안 1", subject_id=11),
    NewOption("초안 2", subject_id=12),
    NewOption("초안 3", subject_id=13),
]


def poll_of(
    options: list[NewOption],
    kind: str = "passage",
    method: str = "approval",
    winners: int = 1,
    quorum: int = 1,
) -> Poll:
    """An open poll that closes in a minute."""
    closes_at = site_clock.now() + timedelta(seconds=60)
    return service.open_poll(
        story_id=1,
        kind=kind,
        method=method,
        winners=winners,
        closes_at=closes_at,
        options=options,
        quorum=quorum,
    )


def ids(poll: Poll) -> list[int]:
    return [option.id for option in poll.options]


def test_a_poll_opens_with_its_options_in_order_and_the_hash_of_a_seed(app: Flask) -> None:
    poll = poll_of(DRAFTS)
    assert [option.label for option in poll.options] == ["초안 1", "초안 2", "초안 3"]
    assert poll.status == "open"
    assert poll.result is None
    assert poll.seed_hash == rules.hash_seed(rules.seed_of(poll.secret))


def test_casting_again_replaces(app: Flask) -> None:
    poll, voter = poll_of(DRAFTS), person("민지")
    one, two, three = ids(poll)
    service.cast(poll.id, [one, two], voter)
    service.cast(poll.id, [three], voter)
    assert queries.choices_of(poll.id, voter.id) == [three]
    assert queries.ballot_count(poll.id) == 1


def test_the_same_ballot_again_changes_nothing(app: Flask, clock: MovableClock) -> None:
    poll, voter = poll_of(DRAFTS), person("민지")
    one, two, _ = ids(poll)
    first = service.cast(poll.id, [one, two], voter).cast_at
    clock.move_on(5)
    assert service.cast(poll.id, [two, one, two], voter).cast_at == first
    assert len(list(session.scalars(select(Event)))) == 1
    assert service.cast(poll.id, [one], voter).cast_at > first


def test_a_ballot_is_told_as_a_count_and_nothing_else(app: Flask) -> None:
    poll = poll_of(DRAFTS)
    for names in (["민지"], ["영희", "철수"]):
        for name in names:
            service.cast(poll.id, ids(poll)[:1], person(name))
        events.put_in_line()
    told = events.events_after(0)
    assert {event.kind for event in told} == {"ballots"}
    # Two were cast before anybody heard of either: both events tell of all three.
    assert [event.payload for event in told] == [
        {"poll_id": poll.id, "ballots": count} for count in (1, 3, 3)
    ]


def test_a_ballot_can_be_withdrawn_and_then_is_not_counted(app: Flask) -> None:
    poll, voter = poll_of(DRAFTS), person("민지")
    service.withdraw_ballot(poll.id, voter)
    service.cast(poll.id, ids(poll), voter)
    service.withdraw_ballot(poll.id, voter)
    assert queries.standing_ballots(poll.id) == {}
    assert queries.ballot_count(poll.id) == 0


def test_only_who_takes_part_may_vote(app: Flask) -> None:
    poll = poll_of(DRAFTS)
    with pytest.raises(NotSignedIn):
        service.cast(poll.id, ids(poll), None)
    with pytest.raises(NotAllowed):
        service.cast(poll.id, ids(poll), person("구경꾼", "reader"))


def test_an_option_of_another_poll_cannot_be_chosen(app: Flask) -> None:
    poll, other, voter = poll_of(DRAFTS), poll_of(DRAFTS), person("민지")
    with pytest.raises(Invalid) as refusal:
        service.cast(poll.id, [ids(poll)[0], ids(other)[0]], voter)
    assert refusal.value.code == "foreign-option"
    assert queries.ballot_count(poll.id) == 0


def test_the_database_itself_refuses_an_option_of_another_poll(app: Flask) -> None:
    poll, other, voter = poll_of(DRAFTS), poll_of(DRAFTS), person("민지")
    service.cast(poll.id, ids(poll)[:1], voter)
    with pytest.raises(IntegrityError), transaction():
        session.add(BallotChoice(poll_id=poll.id, voter_id=voter.id, option_id=ids(other)[0]))


def test_a_poll_that_is_not_there_is_not_found(app: Flask) -> None:
    voter = person("민지")
    for attempt in (
        lambda: queries.get(999),
        lambda: service.cast(999, [1], voter),
        lambda: service.close_poll(999),
        lambda: service.extend(999, site_clock.now()),
    ):
        with pytest.raises(NotFound):
            attempt()


def test_the_deadline_closes_a_poll_and_not_the_counting(app: Flask, clock: MovableClock) -> None:
    poll, voter = poll_of(DRAFTS), person("민지")
    clock.move_on(61)
    for attempt in (
        lambda: service.cast(poll.id, ids(poll), voter),
        lambda: service.withdraw_ballot(poll.id, voter),
    ):
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "poll-closed"
    service.extend(poll.id, site_clock.now() + timedelta(seconds=60))
    service.cast(poll.id, ids(poll), voter)


def test_a_counted_poll_takes_no_ballot_before_its_deadline_either(app: Flask) -> None:
    poll, voter = poll_of(DRAFTS), person("민지")
    service.close_poll(poll.id)
    with pytest.raises(Conflict):
        service.cast(poll.id, ids(poll), voter)
    with pytest.raises(Conflict):
        service.extend(poll.id, site_clock.now() + timedelta(seconds=60))


def test_closing_stores_a_result_that_stays(app: Flask) -> None:
    poll = poll_of(DRAFTS, winners=2)
    one, two, three = ids(poll)
    for name, chosen in (("가", [one, two]), ("나", [one]), ("다", [three, one]), ("라", [three])):
        service.cast(poll.id, chosen, person(name))
    result = service.close_poll(poll.id).result
    assert result is not None
    assert result["winners"] == [one, three]
    assert [(tally["label"], tally["votes"]) for tally in result["tallies"]] == [
        ("초안 1", 3),
        ("초안 2", 1),
        ("초안 3", 2),
    ]
    assert [tally["share"] for tally in result["tallies"]] == [0.6, 0.0, 0.4]
    assert (result["ballots"], result["method"], result["decided_by"]) == (4, "approval", "votes")
    closed_at = poll.closed_at
    assert service.close_poll(poll.id).closed_at == closed_at
    session.expire_all()
    assert rules.hash_result(poll.result or {}) == poll.result_hash
    assert rules.hash_seed(result["seed"]) == poll.seed_hash


@pytest.mark.parametrize("round_", range(4))
def test_anyone_can_recount_a_tie_from_what_is_published(app: Flask, round_: int) -> None:
    poll = poll_of(DRAFTS, winners=2)
    options = queries.choices_in(poll.id)
    voters = [person(f"사람 {number}") for number in range(6)]
    for number, voter in enumerate(voters):
        service.cast(poll.id, [ids(poll)[number % 3]], voter)
    result = service.close_poll(poll.id).result
    assert result is not None
    published = queries.published_ballots(poll.id)
    assert not {str(voter.id) for voter in voters} & {ballot.voter for ballot in published}
    assert len({ballot.voter for ballot in published}) == 6
    ballots = [ballot.options for ballot in published]
    again = tallies.tally("approval", options, ballots, seed=result["seed"], winners=2)
    assert {**again.to_values(), "seed": result["seed"]} == result
    assert result["decided_by"] == "tie-seed"


def test_ballots_are_not_published_while_a_poll_is_open(app: Flask) -> None:
    poll = poll_of(DRAFTS)
    with pytest.raises(Conflict) as refusal:
        queries.published_ballots(poll.id)
    assert refusal.value.code == "poll-open"


def test_a_length_poll_chooses_the_length_in_the_middle(app: Flask) -> None:
    lengths = [NewOption(f"{value}자", value=value) for value in (200, 400, 800)]
    poll = poll_of(lengths, kind="length", method="median")
    for name, place in (("가", 0), ("나", 1), ("다", 2), ("라", 2), ("마", 1)):
        service.cast(poll.id, [ids(poll)[place]], person(name))
    with pytest.raises(Invalid):
        service.cast(poll.id, ids(poll)[:2], person("바"))
    assert (service.close_poll(poll.id).result or {})["value"] == 400


def test_a_poll_without_ballots_has_no_winner(app: Flask) -> None:
    result = service.close_poll(poll_of(DRAFTS).id).result or {}
    assert (result["winners"], result["decided_by"]) == ([], "nobody")


def test_a_struck_option_keeps_its_votes_and_cannot_win(app: Flask) -> None:
    poll = poll_of(DRAFTS)
    for name, place in (("가", 0), ("나", 0), ("다", 1)):
        service.cast(poll.id, [ids(poll)[place]], person(name))
    service.strike_option(poll.id, 11)
    with pytest.raises(Invalid):
        service.cast(poll.id, ids(poll)[:1], person("라"))
    result = service.close_poll(poll.id).result or {}
    assert result["winners"] == [ids(poll)[1]]
    assert result["tallies"][0]["votes"] == 2


def test_a_proposed_word_becomes_an_option_and_again_is_the_same_one(app: Flask) -> None:
    poll, voter = poll_of([], kind="keyword", winners=3), person("민지")
    first = service.propose_option(poll.id, "  첫 눈 ", voter)
    assert (first.label, first.proposed_by) == ("첫 눈", voter.id)
    for same in ("첫 눈", unicodedata.normalize("NFD", "첫 눈"), "첫  눈"):
        assert service.propose_option(poll.id, same, voter).id == first.id
    assert (
        service.propose_option(poll.id, "Rain", voter).id == service.propose_option(poll.id, "RAIN", voter).id
    )
    assert len(queries.options_of(poll.id)) == 2
    service.cast(poll.id, [first.id], voter)


@pytest.mark.parametrize(
    ("one", "other"), [("눈", "눔"), ("가", "까"), ("각", "갘"), ("비", "비 "), ("e", "é"), ("🌙", "🌞")]
)
def test_different_words_are_different_options(app: Flask, one: str, other: str) -> None:
    poll, voter = poll_of([], kind="keyword"), person("민지")
    first, second = (service.propose_option(poll.id, f"달{word}밤", voter) for word in (one, other))
    assert first.id != second.id
    assert [option.position for option in queries.options_of(poll.id)] == [1, 2]


@pytest.mark.parametrize("label", ["", "\u3164", "가" * 13, "?!"])
def test_what_is_no_word_cannot_be_proposed(app: Flask, label: str) -> None:
    with pytest.raises(Invalid):
        service.propose_option(poll_of([], kind="keyword").id, label, person("민지"))


def test_words_are_proposed_in_keyword_polls_only(app: Flask) -> None:
    with pytest.raises(Invalid) as refusal:
        service.propose_option(poll_of(DRAFTS).id, "첫눈", person("민지"))
    assert refusal.value.code == "not-a-keyword-poll"


def test_a_keyword_poll_takes_so_many_words_and_no_more(app: Flask) -> None:
    poll, voter = (
        poll_of([NewOption(f"말 {n}") for n in range(rules.MOST_OPTIONS)], kind="keyword"),
        person("민지"),
    )
    with pytest.raises(Conflict) as refusal:
        service.propose_option(poll.id, "첫눈", voter)
    assert refusal.value.code == "too-many-options"
    assert service.propose_option(poll.id, "말 7", voter).position == 8


def test_one_person_may_not_fill_a_poll_with_words(app: Flask) -> None:
    poll, voter = poll_of([], kind="keyword"), person("민지")
    for number in range(rules.MOST_PROPOSED):
        service.propose_option(poll.id, f"말 {number}", voter)
    with pytest.raises(Conflict) as refusal:
        service.propose_option(poll.id, "첫눈", voter)
    assert refusal.value.code == "too-many-proposals"
    assert service.propose_option(poll.id, "첫눈", person("하늘")).label == "첫눈"


def test_counts_of_many_polls_come_in_one_go(app: Flask) -> None:
    first, second = poll_of(DRAFTS), poll_of(DRAFTS)
    service.cast(first.id, ids(first), person("민지"))
    assert queries.ballot_counts([first.id, second.id]) == {first.id: 1, second.id: 0}
    assert queries.ballot_counts([]) == {}


@pytest.mark.parametrize("method", rules.RANKED)
def test_a_ranked_ballot_keeps_its_order_and_another_order_is_another_ballot(
    app: Flask, clock: MovableClock, method: str
) -> None:
    poll, voter = poll_of(DRAFTS, method=method), person("민지")
    one, two, three = ids(poll)
    first = service.cast(poll.id, [three, one], voter)
    assert first.options == [three, one] == queries.choices_of(poll.id, voter.id)
    clock.move_on(5)
    assert service.cast(poll.id, [three, one], voter).cast_at == first.cast_at
    assert service.cast(poll.id, [one, three, two], voter).cast_at > first.cast_at
    assert queries.standing_ballots(poll.id) == {voter.id: [one, three, two]}
    service.close_poll(poll.id)
    assert [ballot.options for ballot in queries.published_ballots(poll.id)] == [[one, three, two]]


def test_only_ranked_ballots_have_ranks(app: Flask) -> None:
    approval, ranked, voter = poll_of(DRAFTS), poll_of(DRAFTS, method="irv"), person("민지")
    service.cast(approval.id, ids(approval)[::-1], voter)
    service.cast(ranked.id, ids(ranked)[::-1], voter)
    rows = session.execute(
        select(BallotChoice.poll_id, BallotChoice.option_id, BallotChoice.rank).order_by(
            BallotChoice.poll_id, BallotChoice.option_id
        )
    )
    ranks = [None, None, None, 3, 2, 1]
    assert [row.rank for row in rows] == ranks


@pytest.mark.parametrize("method", sorted(rules.METHODS))
def test_every_method_stores_what_its_ballots_say(app: Flask, method: str) -> None:
    options = [NewOption(f"선택 {value}", value=value) for value in range(1, 5)]
    poll = poll_of(options, method=method, winners=2)
    options_ids = ids(poll)
    for number in range(9):
        chosen = [options_ids[(number * step + step) % 4] for step in (1, 2, 3)]
        most = 1 if method in rules.ONE_ONLY else 3
        service.cast(poll.id, list(dict.fromkeys(chosen))[:most], person(f"사람 {number}"))
    result = service.close_poll(poll.id).result
    session.expire_all()
    assert poll.result == result
    assert result is not None
    assert result["method"] == method
    ballots = [ballot.options for ballot in queries.published_ballots(poll.id)]
    again = tallies.tally(method, queries.choices_in(poll.id), ballots, seed=result["seed"], winners=2)
    assert {**again.to_values(), "seed": result["seed"]} == result
    assert rules.hash_result(result) == poll.result_hash


def test_fewer_ballots_than_the_quorum_decide_nothing(app: Flask) -> None:
    poll = poll_of(DRAFTS, quorum=2)
    service.cast(poll.id, ids(poll)[:1], person("민지"))
    result = service.close_poll(poll.id).result or {}
    assert (result["winners"], result["decided_by"], result["ballots"]) == ([], "quorum", 1)


def test_a_ballot_counts_from_the_moment_at_which_its_poll_was_seen_to_be_open(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    poll, voter = poll_of(DRAFTS), person("민지")
    closes_at = poll.closes_at
    moments = iter([closes_at - timedelta(microseconds=1)] + [closes_at] * 9)
    monkeypatch.setattr(site_clock, "now", lambda: next(moments))
    assert service.cast(poll.id, ids(poll), voter).cast_at < closes_at
