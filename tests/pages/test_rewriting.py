"""A passage of the writer's, written again: who may ask for it, and what the page then says."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from tests.integration.stories.stage import Stage
from tests.pages.visitor import Visitor
from webapp.core.stories import queries
from webapp.core.stories.models import Passage
from webapp.db import session

ReaderNamed = Callable[[str], Visitor]


@pytest.fixture
def passage(stage: Stage) -> Passage:
    """A passage that the writer wrote, the second of its story."""
    return stage.publish_writing(stage.story_at("machine"))


def address(passage: Passage) -> str:
    return f"/stories/{passage.story_id}/passages/{passage.seq}"


def ask_unbidden(visitor: Visitor, where: str) -> int:
    """Ask for a passage to be written again though its page has no button for it; returns the status."""
    token = visitor.open(where).forms[0].values["csrf_token"]
    return visitor.client.post(f"{where}/rewriting", data={"csrf_token": token}).status_code


def test_a_participant_asks_once_and_the_page_tells_what_came_of_it(
    stage: Stage, passage: Passage, reader_named: ReaderNamed
) -> None:
    person = reader_named("물결")
    page = person.send(person.open(address(passage)), f"{address(passage)}/rewriting")
    assert "처음부터 다시 쓰고" not in page.words
    assert "차례를 기다리고 있어요" in page.words
    assert 'hx-trigger="every 2s"' in page.html
    stage.compare_again(passage.id)
    page = person.open(address(passage))
    assert "한 글자도 다르지 않았어요" in page.words
    assert f"{address(passage)}/rewriting" not in [form.action for form in page.forms]
    assert ask_unbidden(person, address(passage)) == 303
    session.rollback()
    job = queries.rewriting_of(passage)
    assert job is not None
    assert job.state == "done", "what was proved is not proved again for everybody who asks"


def test_a_visitor_is_told_to_log_in_and_cannot_ask(passage: Passage, visitor: Visitor) -> None:
    page = visitor.open(address(passage))
    assert "로그인하면 해 볼 수 있어요" in page.words
    assert ask_unbidden(visitor, address(passage)) >= 300
    session.rollback()
    assert queries.rewriting_of(passage) is None


def test_another_machine_is_named_as_the_reason(stage: Stage, passage: Passage, visitor: Visitor) -> None:
    stage.compare_again(passage.id, same=False, differs_at=41, changed=["torch", "processor"])
    page = visitor.open(address(passage))
    assert "41번째 글자부터 달랐어요" in page.words
    assert "계산 도구의 판, 프로세서" in page.words


def test_a_difference_without_a_reason_is_called_strange(
    stage: Stage, passage: Passage, visitor: Visitor
) -> None:
    stage.compare_again(passage.id, same=False, differs_at=1)
    assert "이상한 일이에요" in visitor.open(address(passage)).words


def test_what_a_person_wrote_is_not_written_again(passage: Passage, reader_named: ReaderNamed) -> None:
    person = reader_named("물결")
    opening = f"/stories/{passage.story_id}/passages/1"
    assert "다시 써도 똑같을까요?" not in person.open(opening).words
    assert ask_unbidden(person, opening) == 409
