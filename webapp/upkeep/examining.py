"""Going through the checks, one at a time, on a site that may be running."""

from __future__ import annotations

from webapp.db import session
from webapp.upkeep.checks.finding import Check, Finding
from webapp.upkeep.mending import mend


def examine(check: Check) -> Finding:
    """What a check comes to, with the database as it is at this moment, whatever is written meanwhile."""
    session.rollback()
    # SQLite has no other way than this.
    if session.get_bind().dialect.name != "sqlite":
        session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
    try:
        return check()
    finally:
        session.rollback()


def put_right(check: Check, finding: Finding) -> tuple[list[str], Finding]:
    """Mend what this check found, where a rule allows it: a line for each thing done, and what the check comes to then.

    It is looked at again before, since mending one thing may mend another.
    """
    done = mend(check, examine(check)) if finding.subjects else []
    return done, examine(check) if finding.subjects else finding
