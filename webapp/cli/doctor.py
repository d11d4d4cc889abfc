"""`flask doctor`: checks every promise on the live database, and mends what a written rule allows."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from webapp.cli.groups import Single
from webapp.upkeep.checks import CHECKS, Finding
from webapp.upkeep.mending import mend


@click.command("doctor", cls=Single)
@click.option(
    "--mend/--no-mend", "mending", default=True, show_default=True, help="Mend what a written rule allows."
)
@with_appcontext
def doctor(mending: bool) -> None:
    """Check that nothing was lost, doubled or changed, and mend what can be; exit status 1 if something stays wrong."""
    findings = {check: check() for check in CHECKS}
    for finding in findings.values():
        show(finding)
    if mending:
        for check, finding in findings.items():
            if done := mend(check, finding):
                click.echo("고쳤어요 (mended):")
                show_lines(done)
                findings[check] = check()
    wrong = sum(len(finding.wrong) for finding in findings.values())
    click.echo(
        f"잘못된 곳이 {wrong}군데 있어요. ({wrong} wrong)" if wrong else "모두 괜찮아요. (all is well)"
    )
    click.get_current_context().exit(1 if wrong else 0)


def show(finding: Finding) -> None:
    """One line of the table: whether it is well, how much was looked at, what was checked; then what is wrong."""
    click.echo(f"{'✗' if finding.wrong else '✓'} {finding.looked_at:>8,}  {finding.name}")
    show_lines(finding.wrong)


def show_lines(lines: list[str]) -> None:
    """Lines under what they belong to."""
    for line in lines:
        click.echo(f"            – {line}")
