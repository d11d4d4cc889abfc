"""The commands for people, the relay and the starter library, on a real database."""

from __future__ import annotations

import threading

import pytest
from click.testing import Result
from flask import Flask

from tests.conftest import MovableClock
from tests.integration.stories.stage import Stage
from tests.integration.workers.crew import until
from webapp import jobs
from webapp.core.accounts import queries as accounts
from webapp.core.accounts import service as account_service
from webapp.core.audit import queries as audit
from webapp.core.library import queries as library
from webapp.core.stories import queries as stories
from webapp.db import session, transaction
from webapp.jobs import living


def flask(app: Flask, *words: str, typed: str | None = None) -> Result:
    """What `flask …` answers; an error that is no refusal fails the test."""
    result = app.test_cli_runner().invoke(args=list(words), input=typed)
    session.rollback()
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def create(app: Flask, name: str, *more: str, password: str = "숲속의 작은 집") -> Result:
    return flask(app, "accounts", "create", name, "--password-stdin", *more, typed=f"{password}\n")


def test_the_first_moderator_comes_from_the_command_line(app: Flask) -> None:
    result = create(app, "지기", "--role", "moderator")
    assert (result.exit_code, result.output) == (0, "지기: moderator\n")
    assert account_service.log_in("지기", "숲속의 작은 집").role == "moderator"


def test_a_password_that_is_typed_is_asked_for_twice(app: Flask) -> None:
    assert flask(app, "accounts", "create", "하늘", typed="숲속의 작은 집\n숲속의 작은 집\n").exit_code == 0
    assert account_service.log_in("하늘", "숲속의 작은 집").role == "participant"


@pytest.mark.parametrize(
    ("name", "password"), [("지기", "숲속의 작은 집"), ("", "숲속의 작은 집"), ("바다", "짧다")]
)
def test_a_refusal_is_one_sentence_and_no_trace(app: Flask, name: str, password: str) -> None:
    create(app, "지기")
    result = create(app, name, password=password)
    assert result.exit_code == 1
    assert result.output.startswith("Error: ")
    assert result.output.count("\n") == 1


def test_an_unknown_role_is_refused_with_those_there_are(app: Flask) -> None:
    result = create(app, "지기", "--role", "king")
    assert result.exit_code == 2
    assert "administrator" in result.output


def test_promoting_changes_the_role_and_is_logged(app: Flask) -> None:
    create(app, "하늘")
    result = flask(app, "accounts", "promote", "하늘", "--role", "moderator")
    assert (result.exit_code, result.output) == (0, "하늘: moderator\n")
    account = accounts.by_name("하늘")
    assert account is not None
    assert account.role == "moderator"
    assert audit.newest(1)[0].subject_id == account.id


def test_promoting_nobody_is_refused(app: Flask) -> None:
    assert flask(app, "accounts", "promote", "없는 이", "--role", "moderator").exit_code == 1


def test_a_new_site_gets_novels_a_story_and_a_writer_that_learns_once(app: Flask) -> None:
    assert flask(app, "starter", "install").exit_code == 0
    novels = library.starter_library()
    assert len(novels) >= 6
    assert sum(novel.characters for novel in novels) >= 30_000
    assert {novel.licence for novel in novels} == {"CC0-1.0"}
    story = stories.stories()[0]
    job = living("raise_base", 1)
    assert job is not None
    assert stories.current_turn(story.id) is not None

    assert flask(app, "starter", "install").exit_code == 0
    assert library.starter_library() == novels
    assert stories.stories() == [story]
    assert living("raise_base", 2) is None


@pytest.fixture
def passage_id(app: Flask) -> int:
    """A passage that the writer wrote."""
    stage = Stage()
    return stage.publish_writing(stage.story_at("machine")).id


def answer(app: Flask, passage_id: int, outcome: dict[str, object]) -> None:
    """What a worker beside does: waits for the job and finishes it with this outcome."""
    with app.app_context():
        job = until(lambda: session.rollback() or jobs.living("rewrite_passage", passage_id), "a job")
        epoch = jobs.claim(job.id)
        assert epoch is not None
        with transaction():
            jobs.finish(job.id, epoch, outcome)


@pytest.mark.parametrize(
    ("outcome", "status", "told"),
    [
        ({"same": True, "differs_at": None, "changed": []}, 0, ["한 글자도 다르지 않아요"]),
        ({"same": False, "differs_at": 7, "changed": ["torch"]}, 1, ["7번째 글자부터 달라요", "torch"]),
    ],
)
def test_a_passage_written_again_tells_what_came_of_it(
    app: Flask, passage_id: int, outcome: dict[str, object], status: int, told: list[str]
) -> None:
    worker = threading.Thread(target=answer, args=(app, passage_id, outcome))
    worker.start()
    result = flask(app, "passage", "rewrite", str(passage_id))
    worker.join()
    assert result.exit_code == status
    assert all(words in result.output for words in told)


def test_without_a_worker_it_says_so_after_a_while(app: Flask, passage_id: int) -> None:
    result = flask(app, "passage", "rewrite", str(passage_id), "--wait", "0.2")
    assert result.exit_code == 1
    assert "no worker did it" in result.output
    assert result.output.count("\n") == 1


def test_a_persons_passage_cannot_be_written_again(app: Flask) -> None:
    Stage().story()
    result = flask(app, "passage", "rewrite", "1")
    assert result.exit_code == 1
    assert "작가 AI가 쓴 대목이 아니라서" in result.output


def test_the_relay_tells_where_every_story_stands(app: Flask) -> None:
    assert flask(app, "relay", "status").output == ""
    flask(app, "starter", "install")
    story = stories.stories()[0]
    result = flask(app, "relay", "status")
    assert result.output.startswith(f"{story.id}\topen\t1 source collecting until 20")
    assert result.output.endswith(f"{story.title}\n")


def test_a_tick_closes_what_is_due_and_nothing_else(app: Flask, clock: MovableClock) -> None:
    flask(app, "starter", "install")
    assert flask(app, "relay", "tick").output == ""
    clock.move_on(100_000)
    result = flask(app, "relay", "tick")
    assert result.output.startswith("story 1 turn 1 source: ")
    assert result.exit_code == 0
