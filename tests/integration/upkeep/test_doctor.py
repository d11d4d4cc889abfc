"""`flask doctor` on a site that has been lived in: well, hurt in every way it looks for, and mended."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask
from sqlalchemy import delete, update

from tests.databases import every_database
from tests.integration.upkeep.lived_in import RealStage, live_in, running_job
from webapp import clock, events, jobs, storage
from webapp.core.audit.models import AuditEntry
from webapp.core.library.models import Novel
from webapp.core.stories import queries as stories
from webapp.core.stories.models import Draft, Passage, Story, Turn
from webapp.core.training.models import Checkpoint
from webapp.core.voting import service as voting
from webapp.core.voting.models import Ballot, BallotChoice, Poll
from webapp.core.voting.service import NewOption
from webapp.db import session, transaction
from webapp.events import Event

CHECKS = 17


def doctor(app: Flask, *words: str) -> Result:
    session.rollback()
    result = app.test_cli_runner().invoke(args=["doctor", *words])
    session.rollback()
    assert result.exception is None or isinstance(result.exception, SystemExit)
    return result


@pytest.fixture
def story(app: Flask) -> Story:
    story = live_in(RealStage())
    events.put_in_line()
    return story


@every_database
def test_a_site_that_is_well_passes_every_check(app: Flask, story: Story) -> None:
    result = doctor(app)
    lines = result.output.splitlines()
    assert result.exit_code == 0, result.output
    assert [line[0] for line in lines[:CHECKS]] == ["✓"] * CHECKS
    assert lines[CHECKS:] == ["모두 괜찮아요. (all is well)"]
    assert all(int(line.split()[1]) > 0 for line in lines[:CHECKS]), "each check had something to look at"


def test_a_new_site_is_well(app: Flask) -> None:
    assert doctor(app).exit_code == 0


def lose_a_passage() -> None:
    session.execute(delete(Passage).where(Passage.seq == 3))


def change_a_result() -> None:
    poll = session.query(Poll).filter(Poll.kind == "passage").first()
    poll.result = {**poll.result, "ballots": 99}


def lose_a_ballot() -> None:
    poll = session.query(Poll).filter(Poll.kind == "source", Poll.status == "closed").one()
    voter = session.query(Ballot).filter(Ballot.poll_id == poll.id).first().voter_id
    for table in (BallotChoice, Ballot):
        session.execute(delete(table).where(table.poll_id == poll.id, table.voter_id == voter))


def change_the_log() -> None:
    session.query(AuditEntry).first().action = "nothing"


def damage_a_checkpoint() -> None:
    folder = storage.checkpoint_folder(session.query(Checkpoint).first().sha256)
    weights = folder / "weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"!")


def lose_a_checkpoint() -> None:
    folder = storage.checkpoint_folder(session.query(Checkpoint).first().sha256)
    folder.rename(folder.with_name("elsewhere"))


def damage_a_text() -> None:
    digest = session.query(Novel).first().sha256
    folder = storage.checkpoint_folder(session.query(Checkpoint).first().sha256)
    (folder.parent.parent / "texts" / f"{digest}.txt").write_text("다른 글")


def come_out_otherwise() -> None:
    job = session.query(jobs.Job).filter(jobs.Job.kind == "rewrite_passage").one()
    job.result = {"same": False, "differs_at": 12, "changed": []}


def change_a_passage() -> None:
    session.query(Passage).filter(Passage.seq == 2).one().text += " 그리고 한 줄 더."


def publish_a_loser() -> None:
    passage = session.query(Passage).filter(Passage.seq == 2).one()
    other = (
        session.query(Draft).filter(Draft.turn_id == passage.turn_id, Draft.id != passage.draft_id).first()
    )
    passage.draft_id, passage.text, passage.account_id = other.id, other.text, other.account_id


def cast_at_the_deadline() -> None:
    ballot, poll = session.query(Ballot, Poll).join(Poll, Poll.id == Ballot.poll_id).first()
    ballot.cast_at = poll.closes_at


def lose_an_event() -> None:
    session.execute(delete(Event).where(Event.place == 3))


def add_a_draft() -> None:
    turn = session.query(Turn).filter(Turn.kind == "machine").first()
    draft = Draft(turn_id=turn.id, author_type="AI", text="아무도 시키지 않은 초안", created_at=clock.now())
    session.add(draft)


def train_twice() -> None:
    running = session.query(jobs.Job).filter(jobs.Job.state == "running").one()
    twin = jobs.request("read_novels", running.subject_id, story_id=running.story_id)
    twin.state, twin.lease_until = "running", running.lease_until


def lose_a_poll() -> None:
    session.query(Turn).filter(Turn.phase == "collecting").one().phase = "choosing"


@pytest.mark.parametrize(
    ("hurt", "told"),
    [
        (lose_a_passage, ("one passage for each finished turn", "passages without gaps")),
        (change_a_result, ("closed polls recounted",)),
        (lose_a_ballot, ("closed polls recounted",)),
        (change_the_log, ("audit chain",)),
        (damage_a_checkpoint, ("(checkpoints)",)),
        (lose_a_checkpoint, ("(checkpoints)",)),
        (damage_a_text, ("(texts)",)),
        (come_out_otherwise, ("passages written again",)),
        (change_a_passage, ("passages are what was chosen",)),
        (publish_a_loser, ("passages are what was chosen",)),
        (cast_at_the_deadline, ("ballots in time",)),
        (lose_an_event, ("events in line",)),
        (add_a_draft, ("one job for each draft",)),
        (train_twice, ("one training at a time",)),
        (lose_a_poll, ("open polls",)),
    ],
)
def test_what_is_hurt_is_told_and_not_touched(
    app: Flask, story: Story, hurt: Callable[[], None], told: tuple[str, ...]
) -> None:
    with transaction():
        hurt()
    for _ in range(2):
        result = doctor(app)
        wrong = [line for line in result.output.splitlines() if line.startswith("✗")]
        assert result.exit_code == 1
        assert len(wrong) == len(told), result.output
        assert all(words in line for words, line in zip(told, wrong, strict=True))
        assert "mended" not in result.output


def test_a_text_that_came_out_otherwise_on_another_machine_is_no_alarm(app: Flask, story: Story) -> None:
    with transaction():
        job = session.query(jobs.Job).filter(jobs.Job.kind == "rewrite_passage").one()
        job.result = {"same": False, "differs_at": 12, "changed": ["processor"]}
    assert doctor(app).exit_code == 0


@every_database
def test_a_story_that_stands_still_gets_its_next_turn(app: Flask, story: Story) -> None:
    with transaction():
        session.execute(
            update(Turn).where(Turn.story_id == story.id, Turn.phase == "working").values(phase="void")
        )
    looked = doctor(app, "--no-mend")
    assert looked.exit_code == 1
    assert stories.open_turns(story.id) == []
    result = doctor(app)
    assert result.exit_code == 0, result.output
    assert f"이야기 {story.id} (story): 6번째 차례를 열었어요." in result.output
    assert [turn.seq for turn in stories.open_turns(story.id)] == [6]
    assert "mended" not in doctor(app).output


@every_database
def test_a_job_that_its_worker_left_is_queued_again(app: Flask, story: Story) -> None:
    job_id = running_job(story).id
    RealStage().expire_lease(job_id)
    assert doctor(app, "--no-mend").exit_code == 1
    result = doctor(app)
    assert result.exit_code == 0, result.output
    assert "queued again" in result.output
    assert jobs.get(job_id).state == "queued"


@every_database
def test_a_turn_whose_job_was_lost_is_passed_by(app: Flask, story: Story) -> None:
    with transaction():
        session.execute(update(Turn).where(Turn.phase == "working").values(job_id=None))
        running = session.query(jobs.Job).filter(jobs.Job.state == "running").one()
        running.state, running.lease_until = "failed", None
    assert "working turns have jobs" in doctor(app, "--no-mend").output.partition("✗")[2]
    result = doctor(app)
    assert result.exit_code == 0, result.output
    assert "moved on: machine, void" in result.output
    assert [turn.seq for turn in stories.open_turns(story.id)] == [6]


@every_database
def test_a_phase_whose_time_is_long_up_is_ended(app: Flask, story: Story) -> None:
    with transaction():
        turn = session.query(Turn).filter(Turn.phase == "collecting").one()
        turn.closes_at -= timedelta(days=1)
    assert "phases end in time" in doctor(app, "--no-mend").output.partition("✗")[2]
    result = doctor(app)
    assert result.exit_code == 0, result.output
    assert f"차례 {turn.id} (turn): 규칙대로 옮겼어요." in result.output


@every_database
def test_a_poll_that_no_turn_waits_for_is_counted_and_closed(app: Flask, story: Story) -> None:
    poll = voting.open_poll(
        story_id=story.id,
        kind="keyword",
        method="approval",
        winners=1,
        closes_at=clock.now() + timedelta(hours=1),
        options=[NewOption("우체통")],
    )
    voting.cast(poll.id, [poll.options[0].id], RealStage().person("가"))
    assert "open polls" in doctor(app, "--no-mend").output.partition("✗")[2]
    result = doctor(app)
    assert result.exit_code == 0, result.output
    assert f"투표 {poll.id} (poll): 세어서 닫았어요." in result.output
    assert session.get(Poll, poll.id).result["ballots"] == 1


def test_without_a_database_it_says_so_in_a_sentence(app: Flask, tmp_path: Path) -> None:
    with transaction():
        session.connection().exec_driver_sql("DROP TABLE passage")
    result = doctor(app)
    assert result.exit_code == 1
    assert result.output.startswith("Error: 데이터베이스를 쓸 수 없어요.")
    assert result.output.count("\n") == 1
