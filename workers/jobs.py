"""The jobs, by the names under which they are asked for."""

from __future__ import annotations

from collections.abc import Callable

from webapp import jobs
from webapp.core.stories import queries as passages
from webapp.core.stories import service as stories
from webapp.core.training import queries as training
from webapp.db import transaction
from webapp.errors import N_
from workers.attempt import Hold
from workers.learning import MEASURED, learn, open_writer
from workers.rewriting import rewrite
from workers.writing import write

WRITING = N_("작가 AI가 초안을 쓰고 있어요.")
REWRITING = N_("작가 AI가 이 대목을 처음부터 다시 쓰고 있어요.")


def raise_base(hold: Hold) -> None:
    """The site's first writer: ours, which then reads the starter library. About a run."""
    run = training.run(hold.subject_id)
    checkpoint_id = run.checkpoint_id or learn(hold, run.id)
    with transaction():
        jobs.finish(hold.job_id, hold.epoch, {"run_id": hold.subject_id, "checkpoint_id": checkpoint_id})


def read_novels(hold: Hold) -> None:
    """The writer reads the novels that a source turn chose. About a turn."""
    order = stories.writing_order(hold.subject_id)
    checkpoint_id = order.checkpoint_id or learn(hold, _run_of(order), newest_id=order.newest_id)
    stories.finish_reading(hold.job_id, hold.epoch, checkpoint_id)


def put_human_txt(hold: Hold) -> None:
    """The writer learns from the winning passage and writes on. About a turn."""
    order = stories.writing_order(hold.subject_id)
    checkpoint_id = order.checkpoint_id or learn(
        hold, _run_of(order), newest_id=order.newest_id, fresh_memory=order.fresh_memory, read=order.read
    )
    hold.report(MEASURED, WRITING)
    digest = training.checkpoint(checkpoint_id).sha256
    drafts = write(open_writer(checkpoint_id), digest, order)
    stories.finish_writing(hold.job_id, hold.epoch, checkpoint_id, drafts)


def rewrite_passage(hold: Hold) -> None:
    """The writer writes a passage of its own again, to see that it comes out the same. About a passage."""
    hold.report(0.1, REWRITING)
    passage = passages.get_passage(hold.subject_id)
    result = rewrite(passage.text, passages.details_of(passage))
    with transaction():
        jobs.finish(hold.job_id, hold.epoch, result.to_json())


def _run_of(order: stories.WritingOrder) -> int:
    """The run of an order that has no checkpoint yet."""
    assert order.run_id is not None
    return order.run_id


KINDS: dict[str, Callable[[Hold], None]] = {
    "raise_base": raise_base,
    "read_novels": read_novels,
    "put_human_txt": put_human_txt,
    "rewrite_passage": rewrite_passage,
}
