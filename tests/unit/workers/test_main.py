"""Which queues a worker takes from, and how long it lets a job take."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from config import BadSetting, Settings
from webapp.jobs import QUEUES
from workers.__main__ import queues_named, time_limit


def test_a_worker_takes_from_all_queues_unless_it_is_told_which() -> None:
    assert queues_named([]) == list(QUEUES)
    assert queues_named(["rewriting", "writing"]) == ["writing", "rewriting"]


def test_a_queue_that_there_is_not_is_one_sentence() -> None:
    with pytest.raises(BadSetting, match="training") as refusal:
        queues_named(["trainng"])
    assert "\n" not in str(refusal.value)


def test_a_job_may_take_what_it_learns_for_and_some_more(tmp_path: Path) -> None:
    settings = replace(Settings(instance=tmp_path), learn_seconds=60.0, job_seconds=600.0)
    assert time_limit(settings) == 660.0
