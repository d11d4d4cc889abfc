"""The relay clock: a real process beside a real database and Redis."""

from __future__ import annotations

import threading
from datetime import timedelta

import pytest
from flask import Flask
from redis import Redis

from config import Settings
from tests.conftest import MovableClock
from tests.integration.stories.stage import Stage
from tests.integration.workers.crew import log_of, process, stop, until
from webapp import clock as time
from webapp import events, jobs
from webapp.core.stories import queries as stories
from webapp.db import session, transaction
from webapp.extensions import db
from workers.clock import forget_old_events, run, tick


def test_the_clock_rings_for_jobs_that_redis_has_forgotten(app: Flask, settings: Settings) -> None:
    with transaction():
        job_id = jobs.request("raise_base", 1).id
    with transaction():
        jobs.get(job_id).rung_at = None
    with Redis.from_url(settings.redis_url) as redis:
        redis.flushall()
        with process(settings, "workers.clock") as clock:
            until(lambda: redis.llen("rq:queue:training"), "a ring in the queue")
            assert stop(clock, 2) == 0


def test_the_clock_closes_phases_whose_time_is_up(app: Flask, settings: Settings) -> None:
    story = Stage().story(collecting_seconds=10)
    turn = stories.current_turn(story.id)
    assert turn is not None
    with transaction():
        turn.closes_at = time.now()
    with process(settings, "workers.clock") as clock:
        until(lambda: session.rollback() or turn.extended, "the phase was extended")
        assert stop(clock, 2) == 0


def test_the_clock_goes_on_after_the_database_was_away(app: Flask, settings: Settings) -> None:
    db.drop_all()
    with process(settings, "workers.clock") as clock:
        log = log_of(settings, "workers.clock")
        until(lambda: "tick_failed" in log.read_text(), "it says that a tick failed")
        db.create_all()
        with transaction():
            job_id = jobs.request("raise_base", 1).id
            jobs.get(job_id).attempts = jobs.MOST_ATTEMPTS
            jobs.get(job_id).state, jobs.get(job_id).lease_until = "running", time.now()
        until(lambda: session.rollback() or jobs.get(job_id).state == "failed", "a later tick did its work")
        assert clock.poll() is None


def test_ticks_at_the_same_time_do_no_harm(app: Flask) -> None:
    story_id = Stage().story().id
    clocks = [threading.Thread(target=lambda: [tick(app) for _ in range(5)]) for _ in range(3)]
    for one in clocks:
        one.start()
    for one in clocks:
        one.join()
    assert len(stories.open_turns(story_id)) == 1


def test_old_events_are_put_in_line_and_then_forgotten_and_their_places_are_not_given_again(
    app: Flask, clock: MovableClock
) -> None:
    for number in range(3):
        with transaction():
            events.record(1, "progress", {"step": number})
    clock.move_on(timedelta(days=2).total_seconds())
    tick(app)
    session.rollback()
    assert [event.payload["step"] for event in events.events_after(0)] == [0, 1, 2]
    forget_old_events(app)
    session.rollback()
    assert events.events_after(0) == []
    with transaction():
        events.record(1, "progress", {"step": 3})
    assert events.put_in_line() == 4


@pytest.mark.timeout(10)
def test_a_clock_that_is_asked_to_stop_does_not_wait_for_its_next_tick(app: Flask) -> None:
    stopping = threading.Event()
    running = threading.Thread(target=run, args=(app, stopping, 60.0))
    running.start()
    stopping.set()
    running.join(5)
    assert not running.is_alive()
