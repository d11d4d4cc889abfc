"""Bringing a site back from a backup, into an empty place."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

from flask_migrate import upgrade
from sqlalchemy import Connection, inspect, select

from webapp import storage
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.upkeep.archive import Manifest, damaged, unpack
from webapp.upkeep.backup import newest_revision
from webapp.upkeep.rows import insert_rows

UNPACKED = ".restoring-"
"""How the name of the folder begins in which a backup is unpacked; one that is left there was killed."""


def bring_back(path: Path, work: Path) -> Manifest:
    """Restore a backup; `work` is a folder with room for all that it holds. All checks come before the first change.

    Files go before rows, as they always do, and all rows in one transaction: a restore that fails can be repeated.
    Raises OSError, Invalid `backup-damaged`, and Conflict where the place is not empty or the revision another.
    """
    check_empty()
    work.mkdir(parents=True, exist_ok=True)
    for left in work.glob(f"{UNPACKED}*"):
        shutil.rmtree(left)
    with tempfile.TemporaryDirectory(prefix=UNPACKED, dir=work) as folder:
        manifest = unpack(path, Path(folder))
        check_revision(manifest)
        upgrade()
        _bring_back_files(Path(folder) / "storage")
        with db.engine.connect().execution_options(writing=True) as connection, connection.begin():
            _bring_back_rows(connection, Path(folder) / "database", manifest)
    return manifest


def check_empty() -> None:
    """Refuse with 409 where a table of ours has a row."""
    there = set(inspect(db.engine).get_table_names())
    with db.engine.connect() as connection:
        for table in db.metadata.sorted_tables:
            if table.name in there and connection.execute(select(table).limit(1)).first():
                raise Conflict(
                    "not-empty",
                    "여기에는 이미 이음이 살고 있어요. 빈 곳(새 INSTANCE 폴더나 새 데이터베이스)에 되살려 주세요. "
                    "(restore into an empty instance or database)",
                )


def check_revision(manifest: Manifest) -> None:
    """Refuse with 409 a backup of other tables than ours."""
    if manifest.revision != newest_revision():
        raise Conflict(
            "other-revision",
            "이 백업은 다른 판의 이음에서 만든 것이에요. 같은 판의 프로그램으로 되살려 주세요. "
            f"(the backup is at revision {manifest.revision}, this program at {newest_revision()})",
        )


def _bring_back_files(folder: Path) -> None:
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                storage.put_back(path.relative_to(folder).as_posix(), file)


def _bring_back_rows(connection: Connection, folder: Path, manifest: Manifest) -> None:
    """Every table, those that others point at first; raises Invalid `backup-damaged`."""
    for table in db.metadata.sorted_tables:
        try:
            with (folder / f"{table.name}.jsonl").open("rb") as file:
                count = insert_rows(connection, table, file)
        except (FileNotFoundError, ValueError, TypeError) as error:
            raise damaged(str(error)) from error
        if count != manifest.rows.get(table.name):
            raise damaged(f"{table.name} has {count} rows")
