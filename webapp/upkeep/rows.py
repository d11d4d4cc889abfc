"""Tables as lines of JSON, the same on SQLite, PostgreSQL and MariaDB."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import islice
from typing import Any, BinaryIO

from sqlalchemy import JSON, Connection, Insert, Table, bindparam, func, select, text

from webapp.db import Moment

AT_ONCE = 500


def write_rows(connection: Connection, table: Table, file: BinaryIO) -> int:
    """Write every row of a table, in the order of its key; returns how many."""
    query = select(table).order_by(*table.primary_key).execution_options(yield_per=AT_ONCE)
    count = 0
    for row in connection.execute(query).mappings():
        file.write(json.dumps(dict(row), default=_plain).encode() + b"\n")
        count += 1
    return count


def _plain(value: datetime) -> str:
    return value.isoformat()


def insert_rows(connection: Connection, table: Table, file: BinaryIO) -> int:
    """Insert rows written by `write_rows` into an empty table; returns how many.

    Raises ValueError where they are not rows of this table, and what the database refuses.
    """
    statement, count = _insert(table), 0
    every = _rows(table, file)
    while rows := list(islice(every, AT_ONCE)):
        connection.execute(statement, rows)
        count += len(rows)
    _set_sequence(connection, table)
    return count


def _insert(table: Table) -> Insert:
    """An insert that makes None NULL, also where a column holds JSON, which has a null of its own."""
    types = {c.name: JSON(none_as_null=True) if isinstance(c.type, JSON) else c.type for c in table.columns}
    return table.insert().values({name: bindparam(name, type_=kind) for name, kind in types.items()})


def _rows(table: Table, file: BinaryIO) -> Iterator[dict[str, Any]]:
    names = set(table.columns.keys())
    moments = [column.name for column in table.columns if isinstance(column.type, Moment)]
    for line in file:
        row = json.loads(line)
        if not isinstance(row, dict) or row.keys() != names:
            raise ValueError(f"a line of {table.name} has other columns")
        for name in moments:
            row[name] = row[name] and datetime.fromisoformat(row[name])
        yield row


def _set_sequence(connection: Connection, table: Table) -> None:
    """Let the next id be a new one: PostgreSQL does not count those that were inserted with an id."""
    column = table.autoincrement_column
    if connection.dialect.name != "postgresql" or column is None:
        return
    highest = connection.scalar(select(func.max(column)))
    if highest is not None:
        name = connection.dialect.identifier_preparer.format_table(table)
        connection.execute(
            text("SELECT setval(pg_get_serial_sequence(:name, :column), :highest)"),
            {"name": name, "column": column.name, "highest": highest},
        )
