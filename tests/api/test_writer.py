"""The writer's jobs, runs and checkpoints."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.api.conftest import Api, lived, refused
from webapp import clock, jobs
from webapp.core.stories import queries
from webapp.core.training import service as training
from webapp.core.training.service import Point
from webapp.db import transaction


def test_a_job_tells_how_far_it_is(api: Api) -> None:
    lived(api.stage)
    turn = api.stage.turn(queries.get_story(1))
    job_id = api.moderator.post(f"/turns/{turn.id}/close").json["job_id"]
    queued = api.visitor.get(f"/jobs/{job_id}").json
    expected = {
        "id": job_id,
        "kind": "put_human_txt",
        "state": "queued",
        "progress": 0.0,
        "result": None,
        "place": 0,
    }
    assert expected.items() <= queued.items()
    assert queued["message"]
    epoch = api.stage.claim(job_id)
    with transaction():
        jobs.report(job_id, epoch, 0.5, "배우고 있어요.")
    running = api.visitor.get(f"/jobs/{job_id}").json
    assert {
        "state": "running",
        "progress": 0.5,
        "message": "배우고 있어요.",
        "place": None,
    }.items() <= running.items()


def test_a_job_that_is_done_tells_its_result(api: Api) -> None:
    lived(api.stage)
    job_id = queries.turns(1)[-1].job_id
    done = api.visitor.get(f"/jobs/{job_id}").json
    assert {"state": "done", "progress": 1.0}.items() <= done.items()
    assert done["result"]["checkpoint_id"] == 1


def test_a_checkpoint_tells_what_it_has_read(api: Api) -> None:
    lived(api.stage)
    checkpoint = api.visitor.get("/checkpoints/1").json
    assert {
        "id",
        "parent_id",
        "created_at",
        "sha256",
        "novels",
        "measurements",
        "samples",
    } <= checkpoint.keys()
    assert checkpoint["novels"] == [
        {"id": 1, "title": "운수 좋은 날", "author": "아무개", "share": 1.0, "is_new": True}
    ]
    assert api.visitor.get("/checkpoints").json == {"items": [checkpoint], "next": None}


def test_a_run_tells_its_loss_curve(api: Api) -> None:
    lived(api.stage)
    with transaction():
        training.add_points(1, [Point(1, 0.5, 4.2, None), Point(2, 1.0, 3.9, 4.0)])
    run = api.visitor.get("/runs/1").json
    assert {"id": 1, "purpose": "source", "checkpoint_id": 1}.items() <= run.items()
    assert run["points"][1] == {"step": 2, "seconds": 1.0, "loss": 3.9, "validation_loss": 4.0}


@pytest.mark.parametrize(
    ("address", "code"),
    [("/jobs/77", "no-such-job"), ("/checkpoints/77", "no-such-checkpoint"), ("/runs/77", "no-such-run")],
)
def test_what_is_not_there(api: Api, address: str, code: str) -> None:
    refused(api.visitor.get(address), 404, code)


def test_a_job_tells_how_long_it_will_take_by_what_others_took(api: Api) -> None:
    lived(api.stage)
    with transaction():
        other = jobs.request("put_human_txt", 1)
        other.state, other.finished_at = "done", clock.now()
        other.started_at = other.finished_at - timedelta(seconds=90)
    turn = api.stage.turn(queries.get_story(1))
    job_id = api.moderator.post(f"/turns/{turn.id}/close").json["job_id"]
    queued = api.visitor.get(f"/jobs/{job_id}").json
    assert queued["seconds_left"] == pytest.approx(90, abs=1)
    assert {"attempts": 0, "cancelled": False, "started_at": None}.items() <= queued.items()
    api.stage.claim(job_id)
    running = api.visitor.get(f"/jobs/{job_id}").json
    assert running["attempts"] == 1
    assert running["started_at"]


def test_a_moderator_ends_a_job(api: Api) -> None:
    lived(api.stage)
    turn = api.stage.turn(queries.get_story(1))
    job_id = api.moderator.post(f"/turns/{turn.id}/close").json["job_id"]
    reason = {"reason": "너무 오래 걸려요."}
    refused(api.visitor.post(f"/jobs/{job_id}/cancel", reason), 401, "sign-in-needed")
    refused(api.person().post(f"/jobs/{job_id}/cancel", reason), 403, "role-needed")
    refused(api.moderator.post(f"/jobs/{job_id}/cancel", {}), 422, "invalid")
    refused(api.moderator.post("/jobs/9999/cancel", reason), 404, "no-such-job")
    ended = api.moderator.post(f"/jobs/{job_id}/cancel", reason)
    assert ended.status_code == 200
    assert {"state": "failed", "cancelled": True, "seconds_left": None}.items() <= ended.json.items()
    refused(api.moderator.post(f"/jobs/{job_id}/cancel", reason), 409, "job-over")
    assert api.visitor.get("/stories/1").json["turn"]["kind"] == "human"
