"""`flask backup` and `flask restore`: a whole site in one file, away and back."""

from __future__ import annotations

from pathlib import Path

import click
from flask import current_app
from flask.cli import with_appcontext

from webapp.cli.groups import Single
from webapp.upkeep.archive import Manifest
from webapp.upkeep.backup import back_up
from webapp.upkeep.restore import bring_back


@click.command("backup", cls=Single)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@with_appcontext
def backup(file: Path) -> None:
    """Write database, texts and checkpoints into FILE (a new .tar.gz), while the site runs.

    The secret key is not in it: after a restore with another key everybody signs in again. Keep FILE safe: it holds
    password hashes and who voted for what.
    """
    manifest = back_up(file)
    click.echo(f"백업했어요: {file} ({file.stat().st_size:,} bytes; {summary(manifest)})")
    click.echo(
        "secret_key는 들어 있지 않아요. 비밀번호 해시와 표가 들어 있으니 안전한 곳에 두세요. "
        "(without the secret key; keep it safe)"
    )


@click.command("restore", cls=Single)
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@with_appcontext
def restore(file: Path) -> None:
    """Bring back what `flask backup` wrote into FILE, into an empty instance and database of any kind."""
    manifest = bring_back(file, current_app.config["SETTINGS"].instance)
    click.echo(f"되살렸어요: {summary(manifest)}")
    click.echo("flask doctor로 확인해 보세요. (check it with flask doctor)")


def summary(manifest: Manifest) -> str:
    """What was taken, in a few words."""
    files = sum(name.startswith("storage/") for name in manifest.members)
    return f"revision {manifest.revision}, {sum(manifest.rows.values()):,} rows, {files:,} files"
