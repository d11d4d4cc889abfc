"""`flask passage`: a passage of the writer's, written again to see that it comes out the same."""

from __future__ import annotations

import time

import click
from flask import current_app

from webapp import jobs
from webapp.cli.groups import Commands
from webapp.core.stories import service
from webapp.errors import Unavailable

commands = Commands("passage", help="Published passages.")
LOOK_EVERY_SECONDS = 0.5


@commands.command("rewrite")
@click.argument("passage_id", type=click.IntRange(min=1))
@click.option("--wait", default=300.0, show_default=True, help="Seconds to wait for a worker at the most.")
def rewrite(passage_id: int, wait: float) -> None:
    """Have the writer write passage PASSAGE_ID again and compare; exit status 1 if it comes out otherwise.

    The running site's worker does it, as soon as no story needs it. Where torch, processor or our own code have changed
    since, the text may differ without anybody's fault; that is said.
    """
    outcome = wait_for(service.rewrite_passage(passage_id).id, wait)
    changed = (
        f" 그때와 다른 것 (changed since): {', '.join(outcome['changed'])}" if outcome["changed"] else ""
    )
    if outcome["same"]:
        click.echo(f"한 글자도 다르지 않아요. (the same, character by character){changed}")
        return
    click.echo(f"{outcome['differs_at']}번째 글자부터 달라요. (differs from there on){changed}")
    click.get_current_context().exit(1)


def wait_for(job_id: int, seconds: float) -> dict[str, object]:
    """What a job led to; raises Unavailable when it failed or was not done in time."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        with current_app.app_context():  # what another process wrote shows in a context of its own
            job = jobs.get(job_id)
            if job.state == "failed":
                raise Unavailable("job-failed", job.message)
            if job.result is not None:
                return job.result
        time.sleep(LOOK_EVERY_SECONDS)
    raise Unavailable(
        "still-waiting", "일꾼이 아직 손대지 못했어요. 사이트가 켜져 있는지 봐 주세요. (no worker did it)"
    )
