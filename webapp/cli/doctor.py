"""`flask doctor`: checks every promise on the live database, and mends what a written rule allows."""

from __future__ import annotations

import click
from flask.cli import with_appcontext

from webapp.cli.groups import Single
from webapp.upkeep.checks import CHECKS
from webapp.upkeep.checks.finding import Finding
from webapp.upkeep.examining import examine, put_right


@click.command("doctor", cls=Single)
@click.option(
    "--mend/--no-mend", "mending", default=True, show_default=True, help="Mend what a written rule allows."
)
@with_appcontext
def doctor(mending: bool) -> None:
    """Check that nothing was lost, doubled or changed, and mend what can be; exit status 1 if something stays wrong."""
    findings = {}
    for check in CHECKS:
        findings[check] = examine(check)
        show(findings[check])
    for check, finding in findings.items() if mending else ():
        done, findings[check] = put_right(check, finding)
        if done:
            click.echo("고쳤어요 (mended):")
            show_lines(done)
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
