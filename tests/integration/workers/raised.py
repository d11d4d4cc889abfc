"""The first writer of a test's site, raised once in a test process: the next sites get its rows and its folder.

That a worker raises it is what `test_worker.py` is about; other tests need a writer to begin with.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from typing import Any, ClassVar

from sqlalchemy import insert, select

from tests.faults.ledger import FULL
from tests.integration.workers.shelf import ask_for_base
from webapp.db import session, transaction
from webapp.extensions import db


class _Kept:
    """What there was on the first site when its writer had been raised: rows by table, and the folder where it stored."""

    rows: ClassVar[dict[str, list[dict[str, Any]]]] = {}
    folder: tempfile.TemporaryDirectory[str] | None = None


def base(storage: str, do: Callable[[int], object]) -> None:
    """On an empty site that stores in this folder: two novels, and the writer that has read them.

    `do` has the job done, given its id; it is called by the first site of this process, and by every one in
    `make test-faults`.
    """
    if _Kept.folder is None or FULL:
        do(ask_for_base())
        _keep(storage)
        return
    shutil.copytree(_Kept.folder.name, storage, dirs_exist_ok=True)
    with transaction():
        for table in db.metadata.sorted_tables:
            if _Kept.rows[table.name]:
                session.execute(insert(table), _Kept.rows[table.name])


def _keep(storage: str) -> None:
    folder = tempfile.TemporaryDirectory(prefix="ieum-raised-")
    shutil.copytree(storage, folder.name, dirs_exist_ok=True)
    session.rollback()
    for table in db.metadata.sorted_tables:
        _Kept.rows[table.name] = [dict(row) for row in session.execute(select(table)).mappings()]
    session.rollback()
    _Kept.folder = folder
