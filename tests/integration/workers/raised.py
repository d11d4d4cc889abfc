"""The first writer of a test's site, raised once in a test process: the next sites get its rows and its folder.

That a worker raises it is what `test_worker.py` is about; other tests need a writer to begin with.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

from sqlalchemy import insert, select

from config import Settings
from tests.faults.ledger import FULL
from tests.integration.workers.shelf import ask_for_base
from webapp.db import session, transaction
from webapp.extensions import db


class _Kept:
    """What there was on the first site when its writer had been raised: rows by table, and the folder where it stored."""

    rows: ClassVar[dict[str, list[dict[str, Any]]]] = {}
    folder: Path | None = None


def base(settings: Settings, do: Callable[[int], object]) -> None:
    """On an empty site with these settings: two novels, and the writer that has read them.

    `do` has the job done, given its id; it is called by the first site of this process, and by every one in
    `make test-faults`.
    """
    if _Kept.folder is None or FULL:
        do(ask_for_base())
        _keep(settings)
        return
    shutil.copytree(_Kept.folder, settings.storage_url, dirs_exist_ok=True)
    with transaction():
        for table in db.metadata.sorted_tables:
            if _Kept.rows[table.name]:
                session.execute(insert(table), _Kept.rows[table.name])


def _keep(settings: Settings) -> None:
    # Beside the site's own folder: pytest removes both.
    folder = settings.instance.parent / "raised"
    shutil.copytree(settings.storage_url, folder, dirs_exist_ok=True)
    session.rollback()
    for table in db.metadata.sorted_tables:
        _Kept.rows[table.name] = [dict(row) for row in session.execute(select(table)).mappings()]
    session.rollback()
    _Kept.folder = folder
