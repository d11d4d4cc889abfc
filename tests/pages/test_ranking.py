"""Ranked votes and votes for one by forms alone, what is shown of their results, and counting them again."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.integration.stories.stage import Stage
from tests.pages.visitor import Visitor
from webapp.core.stories import queries
from webapp.core.stories import service as stories
from webapp.core.stories.models import Story
from webapp.core.voting import queries as voting
from webapp.core.voting import service
from webapp.core.voting.models import Poll

People = Callable[[str], Visitor]


def open_vote(stage: Stage, method: str, **settings: object) -> tuple[Story, Poll]:
    """A story with three drafts, of which one is to be chosen by this method."""
    story = stage.story_at("human", passage_method=method, **settings)
    turn = stage.turn(story)
    for name in ("가", "나", "다"):
        stage.hand_in(turn.id, name)
    stories.close_phase(turn.id, stage.moderator)
    return story, queries.polls_of(turn.id)["passage"]


def ranks(poll: Poll, *places: str) -> dict[str, str]:
    """What the form sends when the options are given these ranks, in their order."""
    return {f"rank-{option.id}": place for option, place in zip(poll.options, places, strict=True)}


class TestRanking:
    def test_a_ballot_is_ranked_shown_changed_and_taken_back(
        self, stage: Stage, reader_named: People
    ) -> None:
        story, poll = open_vote(stage, "irv")
        one, two, three = (option.id for option in poll.options)
        reader, address = reader_named("물결"), f"/polls/{poll.id}/ballot"
        page = reader.open(f"/stories/{story.id}/turn")
        assert "순위를 매겨 주세요" in page.words
        page = reader.send(page, address, **ranks(poll, "2", "", "1"))
        assert "투표했어요" in page.words
        assert list(voting.standing_ballots(poll.id).values()) == [[three, one]]
        assert {name: page.form(address).values[name] for name in ranks(poll, "", "", "")} == {
            f"rank-{one}": ["2"],
            f"rank-{two}": [""],
            f"rank-{three}": ["1"],
        }
        page = reader.send(page, address, **ranks(poll, "1", "2", "3"))
        assert list(voting.standing_ballots(poll.id).values()) == [[one, two, three]]
        reader.client.post(f"{address}/withdraw", data=page.form(address).values)
        assert voting.ballot_count(poll.id) == 0

    def test_a_gap_between_ranks_is_no_matter(self, stage: Stage, reader_named: People) -> None:
        story, poll = open_vote(stage, "ranked-pairs")
        one, _, three = (option.id for option in poll.options)
        reader = reader_named("물결")
        page = reader.open(f"/stories/{story.id}/turn")
        reader.send(page, f"/polls/{poll.id}/ballot", **ranks(poll, "3", "", "1"))
        assert list(voting.standing_ballots(poll.id).values()) == [[three, one]]

    def test_a_rank_given_twice_is_refused_and_all_ranks_are_still_there(
        self, stage: Stage, reader_named: People
    ) -> None:
        story, poll = open_vote(stage, "irv")
        reader, address = reader_named("물결"), f"/polls/{poll.id}/ballot"
        page = reader.open(f"/stories/{story.id}/turn")
        page = reader.send(page, address, **ranks(poll, "1", "1", "2"))
        assert page.status == 422
        assert "1순위를 두 번 골랐어요" in page.words
        assert [page.form(address).values[name] for name in ranks(poll, "", "", "")] == [["1"], ["1"], ["2"]]
        assert voting.ballot_count(poll.id) == 0

    @pytest.mark.parametrize("places", [("", "", ""), ("x", "１", "-1")])
    def test_an_empty_ranking_is_refused(
        self, stage: Stage, reader_named: People, places: tuple[str, ...]
    ) -> None:
        story, poll = open_vote(stage, "irv")
        reader = reader_named("물결")
        page = reader.open(f"/stories/{story.id}/turn")
        page = reader.send(page, f"/polls/{poll.id}/ballot", **ranks(poll, *places))
        assert page.status == 422
        assert "고른 것이 없어요" in page.words

    def test_none_of_these_stands_last_or_is_refused(self, stage: Stage, reader_named: People) -> None:
        story = stage.story_at("machine", passage_method="irv")
        turn = stage.turn(story)
        stories.close_phase(turn.id, stage.moderator)
        stage.write(turn)
        poll, reader = queries.polls_of(turn.id)["passage"], reader_named("물결")
        none = next(option for option in poll.options if option.is_none)
        other = next(option for option in poll.options if not option.is_none)
        page = reader.open(f"/stories/{story.id}/turn")
        typed = {f"rank-{none.id}": "1", f"rank-{other.id}": "2"}
        page = reader.send(page, f"/polls/{poll.id}/ballot", **typed)
        assert page.status == 422
        assert "맨 끝 순위로만" in page.words
        assert page.form(f"/polls/{poll.id}/ballot").values[f"rank-{none.id}"] == ["1"]
        reader.send(page, f"/polls/{poll.id}/ballot", **{name: str(3 - int(v)) for name, v in typed.items()})
        assert list(voting.standing_ballots(poll.id).values()) == [[other.id, none.id]]

    def test_visitors_see_the_drafts_and_no_ranks(self, stage: Stage, visitor: Visitor) -> None:
        story, _ = open_vote(stage, "irv")
        page = visitor.open(f"/stories/{story.id}/turn")
        assert "초안 1" in page.words
        assert "순위 없음" not in page.words


def test_a_vote_for_one_takes_one(stage: Stage, reader_named: People) -> None:
    story, poll = open_vote(stage, "plurality")
    reader, option = reader_named("물결"), str(poll.options[1].id)
    page = reader.open(f"/stories/{story.id}/turn")
    assert 'type="radio" name="options"' in page.html
    page = reader.send(page, f"/polls/{poll.id}/ballot", options=option)
    assert page.form(f"/polls/{poll.id}/ballot").values["options"] == [option]


def test_ticks_that_were_refused_are_still_there(stage: Stage, reader_named: People) -> None:
    story = stage.story_at("machine")
    turn = stage.turn(story)
    stories.close_phase(turn.id, stage.moderator)
    stage.write(turn)
    poll, reader = queries.polls_of(turn.id)["passage"], reader_named("물결")
    everything = [str(option.id) for option in poll.options]
    page = reader.open(f"/stories/{story.id}/turn")
    page = reader.send(page, f"/polls/{poll.id}/ballot", options=everything)
    assert page.status == 422
    assert page.form(f"/polls/{poll.id}/ballot").values["options"] == everything


def test_how_many_are_needed_is_said(stage: Stage, reader_named: People) -> None:
    story, _ = open_vote(stage, "approval", quorum=3)
    assert "3명부터 정해져요" in reader_named("물결").open(f"/stories/{story.id}/turn").words
    story = stage.story_at("machine", quorum=2)
    assert "2명부터 정해져요" in reader_named("바람").open(f"/stories/{story.id}/turn").words


def counted(stage: Stage, method: str) -> tuple[Story, Poll]:
    """A vote that is over: the second draft lay behind at first."""
    story, poll = open_vote(stage, method)
    one, two, three = (option.id for option in poll.options)
    ballots = ([one], [one], [two, one], [two, one], [three, two, one])
    for number, chosen in enumerate(ballots):
        most = 1 if method == "plurality" else 3
        service.cast(poll.id, chosen[:most], stage.person(f"사람{number}"))
    stories.close_phase(queries.turn_of_poll(poll.id).id, stage.moderator)
    return story, poll


class TestResults:
    def test_a_run_off_is_told_round_by_round(self, stage: Stage, visitor: Visitor) -> None:
        _, poll = counted(stage, "irv")
        words = "".join(visitor.open(f"/polls/{poll.id}").words.split())
        assert "1라운드2라운드" in words
        assert "초안22표3표" in words
        assert "초안12표2표" in words
        assert "초안31표–" in words

    def test_duels_are_told_one_by_one(self, stage: Stage, visitor: Visitor) -> None:
        _, poll = counted(stage, "ranked-pairs")
        words = "".join(visitor.open(f"/polls/{poll.id}").words.split())
        assert "초안23:2초안1" in words
        assert "초안14:1초안3" in words

    @pytest.mark.parametrize("method", ["approval", "plurality", "irv", "ranked-pairs"])
    def test_every_page_that_tells_of_a_vote_tells_of_this_one(
        self, stage: Stage, visitor: Visitor, method: str
    ) -> None:
        story, poll = counted(stage, method)
        addresses = (f"/polls/{poll.id}", f"/stories/{story.id}/turn", f"/stories/{story.id}/passages/2")
        for page in map(visitor.open, addresses):
            assert page.status == 200
            assert "뽑혔어요" in page.words, page.address

    @pytest.mark.parametrize("method", ["approval", "irv", "ranked-pairs"])
    def test_none_of_these_is_told_like_any_winner(self, stage: Stage, visitor: Visitor, method: str) -> None:
        story = stage.story_at("machine", passage_method=method)
        turn = stage.turn(story)
        stories.close_phase(turn.id, stage.moderator)
        stage.write(turn)
        poll = queries.polls_of(turn.id)["passage"]
        stage.vote_none(turn.id)
        service.cast(poll.id, [poll.options[0].id], stage.moderator)
        service.cast(poll.id, [poll.options[-1].id], stage.person("나"))
        stories.close_phase(turn.id, stage.moderator)
        assert "이중에는없어요뽑혔어요" in "".join(visitor.open(f"/polls/{poll.id}").words.split())

    def test_ranked_ballots_are_shown_in_their_order(self, stage: Stage, visitor: Visitor) -> None:
        _, poll = counted(stage, "irv")
        words = visitor.open(f"/polls/{poll.id}").words
        assert all(f"초안 {place}" in words for place in (1, 2, 3))
        assert " > 초안 1" in words

    @pytest.mark.parametrize("method", ["approval", "irv", "ranked-pairs"])
    def test_whoever_takes_both_files_can_count_again(
        self, stage: Stage, visitor: Visitor, tmp_path: Path, method: str
    ) -> None:
        _, poll = counted(stage, method)
        page = visitor.open(f"/polls/{poll.id}")
        assert f"/polls/{poll.id}/ballots.json" in page.links
        [script] = [link for link in page.links if link.endswith("recount.py")]
        taken = visitor.client.get(f"/polls/{poll.id}/ballots.json")
        assert taken.headers["Content-Disposition"].startswith("attachment")
        (tmp_path / "ballots.json").write_bytes(taken.data)
        (tmp_path / "recount.py").write_bytes(visitor.client.get(script).data)
        command = [sys.executable, "-I", "recount.py", "ballots.json"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, encoding="utf-8")
        assert done.returncode == 0, done.stdout + done.stderr
        assert len(json.loads(taken.data)["ballots"]) == 5

    def test_the_record_of_an_open_poll_is_not_given(self, stage: Stage, visitor: Visitor) -> None:
        _, poll = open_vote(stage, "irv")
        assert visitor.client.get(f"/polls/{poll.id}/ballots.json").status_code == 409


FILLED = {
    "title": "등대",
    "premise": "등대지기의 이야기.",
    "opening": "등대에는 아무도 살지 않았다. 불은 밤마다 켜졌다.",
}


class TestNewStory:
    def test_a_moderator_says_how_votes_are_counted(self, stage: Stage, moderator: Visitor) -> None:
        page = moderator.open("/stories/new")
        wanted = {"passage_method": "ranked-pairs", "source_method": "plurality", "quorum": "2"}
        moderator.send(page, "/stories", **FILLED, **wanted, enough_ballots="4")
        settings = queries.settings_of(queries.stories()[0])
        assert (settings.passage_method, settings.source_method) == ("ranked-pairs", "plurality")
        assert (settings.quorum, settings.enough_ballots) == (2, 4)

    def test_untouched_settings_are_the_usual_ones(self, stage: Stage, moderator: Visitor) -> None:
        moderator.send(moderator.open("/stories/new"), "/stories", **FILLED)
        settings = queries.settings_of(queries.stories()[0])
        assert (settings.passage_method, settings.quorum, settings.enough_ballots) == ("approval", 1, 5)

    @pytest.mark.parametrize("wrong", [{"quorum": "9"}, {"quorum": "많이"}, {"passage_method": "median"}])
    def test_a_setting_that_cannot_be_is_refused_with_all_that_was_typed(
        self, stage: Stage, moderator: Visitor, wrong: dict[str, str]
    ) -> None:
        page = moderator.send(
            moderator.open("/stories/new"), "/stories", **{**FILLED, "source_method": "irv", **wrong}
        )
        assert page.status == 422
        values = page.form("/stories").values
        assert values["title"] == ["등대"]
        assert values["source_method"] == ["irv"]
