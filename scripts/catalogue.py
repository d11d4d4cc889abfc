"""Finds the sentences for people in `model/`, which knows nothing of translation and keeps them in plain tables.

Named in babel.cfg; see `pybabel extract` there.
"""

from __future__ import annotations

import ast
from collections.abc import Collection, Iterator, Mapping
from typing import IO, Any

TABLES = ("MESSAGES", "REFUSALS", "message")


def model_messages(
    file: IO[bytes], _keywords: Mapping[str, Any], _tags: Collection[str], options: Mapping[str, Any]
) -> Iterator[tuple[int, str, str, list[str]]]:
    """The strings in assignments to the names in TABLES, as Babel wants its extractors to give them."""
    for node in ast.walk(ast.parse(file.read())):
        for value in _assigned(node):
            for part in ast.walk(value):
                if isinstance(part, ast.Constant) and isinstance(part.value, str) and " " in part.value:
                    yield part.lineno, "gettext", part.value, []


def _assigned(node: ast.AST) -> list[ast.expr]:
    """The value of an assignment to one of the names in TABLES."""
    targets = node.targets if isinstance(node, ast.Assign) else [getattr(node, "target", None)]
    value = getattr(node, "value", None)
    named = any(isinstance(target, ast.Name) and target.id in TABLES for target in targets)
    return [value] if named and isinstance(value, ast.expr) else []
