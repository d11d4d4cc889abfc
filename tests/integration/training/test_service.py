"""Runs and the checkpoints they lead to, on every database."""

from __future__ import annotations

from typing import Any

import pytest

from tests.databases import every_database
from tests.integration.workers.shelf import SENTENCES, add_novel, ask_for_base
from webapp import jobs, storage
from webapp.core.library.models import Novel
from webapp.core.training import queries, rules, service
from webapp.core.training.models import Checkpoint, Run
from webapp.core.training.service import Point
from webapp.db import session, transaction
from webapp.errors import Conflict, NotFound

pytestmark = [every_database, pytest.mark.usefixtures("app")]


def ask(purpose: str = "source", parent_id: int | None = None, **plan: Any) -> Run:
    with transaction():
        lessons = rules.plan_lessons(**plan)
        return service.request_run(purpose=purpose, parent_id=parent_id, lessons=lessons, seed=1)


def lead(run: Run, letter: str = "a") -> Checkpoint:
    return service.keep_checkpoint(run.id, digest=letter * 64, measurements={}, samples=[])


def read(checkpoint: Checkpoint) -> dict[int, tuple[float, bool]]:
    return {reading.novel_id: (round(reading.share, 3), reading.is_new) for reading in checkpoint.readings}


class TestRaiseBase:
    def test_it_is_asked_for_once(self) -> None:
        job_id = ask_for_base()
        assert service.raise_base().id == job_id
        job = jobs.get(job_id)
        assert queries.run(job.subject_id).purpose == "base"
        shares = [lesson["share"] for lesson in queries.run(job.subject_id).lessons]
        assert sum(shares) == pytest.approx(1.0)

    def test_one_that_failed_is_asked_for_again(self) -> None:
        job_id = ask_for_base()
        with transaction():
            jobs.get(job_id).state = "failed"
        assert service.raise_base().id != job_id

    def test_an_empty_library_cannot_raise_a_writer(self) -> None:
        with pytest.raises(Conflict, match="서재"):
            service.raise_base()


class TestCheckpoints:
    def test_a_checkpoint_has_read_what_its_parent_had_and_what_was_new(self) -> None:
        first, second, third = (add_novel(title, SENTENCES) for title in ("하나", "둘", "셋"))
        base = lead(ask("base", novels={first: 1.0, second: 1.0}))
        assert read(base) == {first: (0.5, True), second: (0.5, True)}
        plan = {"novels": {second: 1.0, third: 3.0}, "read_before": queries.novels_read(base.id)}
        grown = lead(ask("source", base.id, **plan), "b")
        assert read(grown) == {first: (0.0, False), second: (0.25, True), third: (0.75, True)}
        assert grown.parent_id == base.id

    def test_a_passage_leaves_the_style_mix_as_it_is(self) -> None:
        novel_id = add_novel("하나", SENTENCES)
        base = lead(ask("base", novels={novel_id: 1.0}))
        plan = {"texts": {storage.keep_text(SENTENCES): 1.0}, "read_before": [novel_id]}
        assert read(lead(ask("passage", base.id, **plan), "b")) == {novel_id: (1.0, False)}

    def test_a_run_leads_to_one_checkpoint(self) -> None:
        run = ask("base", novels={add_novel("하나", SENTENCES): 1.0})
        assert lead(run).id == lead(run, "b").id
        assert queries.checkpoint_count() == 1
        assert queries.run_of(lead(run).id) == run
        assert run.finished_at is not None

    def test_the_newest_base_is_where_stories_begin(self) -> None:
        novel_id = add_novel("하나", SENTENCES)
        assert queries.newest_base() is None
        base = lead(ask("base", novels={novel_id: 1.0}))
        lead(ask("source", base.id, novels={novel_id: 1.0}), "b")
        assert queries.newest_base() == base

    def test_who_has_read_a_novel_is_told_newest_first(self) -> None:
        novel_id, other_id = add_novel("하나", SENTENCES), add_novel("둘", SENTENCES)
        base = lead(ask("base", novels={novel_id: 1.0}))
        lead(ask("source", base.id, novels={other_id: 1.0}, read_before=[novel_id]), "b")
        assert queries.readers_of(novel_id) == [base]

    def test_what_is_not_there_is_not_found(self) -> None:
        for look in (queries.checkpoint, queries.run):
            with pytest.raises(NotFound):
                look(4711)


class TestBegin:
    @pytest.mark.parametrize(("step", "losses"), [(0, [4.0, 4.0]), (1, [5.0, 4.0])])
    def test_a_second_attempt_measures_anew_what_it_learns_anew(self, step: int, losses: list[float]) -> None:
        run = ask(novels={add_novel("하나", SENTENCES): 1.0})
        for begun_at, loss in ((0, 5.0), (step, 4.0)):
            service.begin(run.id, seconds=30.0)
            service.go_on_from(run.id, begun_at)
            points = [Point(1, 0.5, loss, None), Point(2, 1.0, loss, loss)]
            with transaction():
                service.add_points(run.id, [point for point in points if point.step > begun_at])
        session.expire_all()
        assert [(point.step, point.loss) for point in run.points] == [(1, losses[0]), (2, losses[1])]
        assert run.seconds == 30.0

    def test_a_run_goes_on_from_what_the_story_has_learned_since_it_was_planned(self) -> None:
        one, two, three = (add_novel(title, SENTENCES) for title in ("하나", "둘", "셋"))
        planned_for = lead(ask("base", novels={one: 1.0}))
        run, other = (
            ask(parent_id=planned_for.id, novels={novel: 1.0}, read_before=[one]) for novel in (three, two)
        )
        newest = lead(other, "b")
        service.begin(run.id, newest_id=newest.id)
        assert run.parent_id == newest.id
        roles = {lesson["novel_id"]: lesson["role"] for lesson in run.lessons}
        assert roles == {three: "new", two: "rehearsal", one: "rehearsal"}

    def test_a_run_from_before_there_was_a_writer_starts_from_the_base(self) -> None:
        old, new = add_novel("하나", SENTENCES), add_novel("둘", SENTENCES)
        run = ask(novels={new: 1.0})
        base = lead(ask("base", novels={old: 1.0}))
        service.begin(run.id)
        assert run.parent_id == base.id
        assert {lesson["novel_id"]: lesson["role"] for lesson in run.lessons} == {
            new: "new",
            old: "rehearsal",
        }


class TestLessonTexts:
    def test_they_are_texts_with_shares_and_roles(self) -> None:
        old, new = add_novel("하나", SENTENCES * 5), add_novel("둘", SENTENCES[::-1] * 5)
        texts = queries.lesson_texts(ask(novels={new: 1.0}, read_before=[old]))
        assert [(text.novel_id, text.role, text.text) for text in texts] == [
            (new, "new", SENTENCES[::-1] * 5),
            (old, "rehearsal", SENTENCES * 5),
        ]

    def test_a_novel_taken_off_the_shelf_since_is_not_read(self) -> None:
        kept, gone = add_novel("하나", SENTENCES * 5), add_novel("둘", SENTENCES[::-1] * 5)
        run = ask(novels={kept: 1.0, gone: 1.0})
        with transaction():
            session.get_one(Novel, gone).status = "withdrawn"
        assert [text.novel_id for text in queries.lesson_texts(run)] == [kept]

    def test_a_few_words_are_learned_together_with_what_is_rehearsed(self) -> None:
        old = add_novel("하나", SENTENCES * 5)
        run = ask("passage", texts={storage.keep_text("짧은 대목이에요."): 1.0}, read_before=[old])
        assert {text.role for text in queries.lesson_texts(run)} == {"new"}


def test_the_run_that_a_worker_is_at_is_told_only_while_it_is() -> None:
    job_id = ask_for_base()
    assert queries.running() is None
    epoch = jobs.claim(job_id)
    assert epoch is not None
    run = service.begin(jobs.get(job_id).subject_id)
    assert queries.running() == run
    with transaction():
        jobs.fail(job_id, epoch, "못 했어요.", final=True)
    assert queries.running() is None
