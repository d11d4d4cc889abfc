"""Taking a site away in one file, while it runs."""

from __future__ import annotations

import fcntl
import glob
import os
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import partial
from pathlib import Path
from typing import BinaryIO

from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Table

from config import ROOT
from webapp import clock, storage
from webapp.errors import Conflict
from webapp.extensions import db
from webapp.upkeep.archive import Manifest, Packer
from webapp.upkeep.rows import write_rows

COMPRESSION = 1
"""Weights hardly get smaller, however long one tries."""
PART = ".part"
"""How the name of a backup ends that is being written."""


def newest_revision() -> str:
    """The revision of the tables that this program works with."""
    return str(ScriptDirectory(str(ROOT / "migrations")).get_current_head())


@contextmanager
def snapshot() -> Iterator[Connection]:
    """A connection that sees the database as it is at its first look, whatever is written meanwhile."""
    with db.engine.connect() as connection:
        # SQLite has no other way than this.
        if connection.dialect.name != "sqlite":
            connection.execution_options(isolation_level="REPEATABLE READ")
        yield connection


def back_up(path: Path) -> Manifest:
    """Write the whole site into a new file, readable by its owner alone: there under its name complete or not at all.

    A backup that was killed leaves a half-written file under another name, which the next one to the same name removes.

    Rows speak only of files that were kept before them, and no file is ever changed: so the files, read after the
    rows, are at least those that the rows speak of. Raises OSError, and Conflict.
    """
    if path.exists():
        raise Conflict(
            "backup-there", f"{path} 파일이 이미 있어요. 다른 이름으로 해 주세요. (it exists already)"
        )
    folder, prefix = path.absolute().parent, f".{path.name}."
    clear_left(folder, prefix)
    handle, rough = tempfile.mkstemp(prefix=prefix, suffix=PART, dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            fcntl.flock(file, fcntl.LOCK_EX)
            manifest = _pack(file, folder)
            file.flush()
            os.fsync(file.fileno())
        Path(rough).rename(path)
        _settle(folder)
    finally:
        Path(rough).unlink(missing_ok=True)
    return manifest


def _settle(folder: Path) -> None:
    """Have the disk keep the names in a folder, too."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def clear_left(folder: Path, prefix: str) -> None:
    """Remove what backups that were killed left half-written; who is still writing holds a lock."""
    for left in folder.glob(f"{glob.escape(prefix)}*{PART}"):
        with suppress(BlockingIOError, FileNotFoundError), left.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            left.unlink(missing_ok=True)


def _pack(file: BinaryIO, folder: Path) -> Manifest:
    with tarfile.open(fileobj=file, mode="w:gz", compresslevel=COMPRESSION) as tar:
        with snapshot() as connection:
            manifest = Manifest(_revision(connection), clock.now().isoformat())
            packer = Packer(tar, manifest, folder)
            for table in db.metadata.sorted_tables:
                packer.add(f"database/{table.name}.jsonl", partial(_write_table, connection, table, manifest))
        for name in storage.names():
            packer.add(f"storage/{name}", partial(storage.copy_out, name))
        packer.close()
    return manifest


def _write_table(connection: Connection, table: Table, manifest: Manifest, file: BinaryIO) -> None:
    manifest.rows[table.name] = write_rows(connection, table, file)


def _revision(connection: Connection) -> str:
    """The revision of the database, which is the newest; raises Conflict."""
    revision = MigrationContext.configure(connection).get_current_revision()
    if revision != newest_revision():
        raise Conflict(
            "old-database",
            "데이터베이스가 이 프로그램과 다른 판이에요. 먼저 flask db upgrade를 해 주세요. "
            f"(the database is at revision {revision}, not {newest_revision()})",
        )
    return revision
