"""The stable codes of every refusal, read from where they are raised, so that the list cannot lag behind."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from webapp import errors
from webapp.api.problems import BAD_CSRF, BROKEN, HTTP_PROBLEMS, INVALID

WEBAPP = Path(__file__).resolve().parent.parent
KINDS = {kind.__name__: kind.status for kind in errors.DomainError.__subclasses__()}


@cache
def codes() -> dict[str, tuple[int, str]]:
    """For each code the status it comes with and a sentence (with places, as it is translated)."""
    found = {
        code: (status, sentence)
        for path in sorted(WEBAPP.rglob("*.py"))
        for code, status, sentence in raised(path)
    }
    own = {code: (status, sentence) for status, (code, sentence) in HTTP_PROBLEMS.items()}
    own |= {INVALID[0]: (422, INVALID[1]), BAD_CSRF[0]: (400, BAD_CSRF[1]), BROKEN[0]: (500, BROKEN[1])}
    return dict(sorted({**found, **own}.items()))


def raised(path: Path) -> Iterator[tuple[str, int, str]]:
    """Code, status and sentence of each refusal that a module makes with a code written out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = {
        target.id: sentence
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and (sentence := _sentence(node.value))
        for target in node.targets
        if isinstance(target, ast.Name)
    }
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in KINDS
            and node.args
        ):
            code = node.args[0]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                message = node.args[1] if len(node.args) > 1 else code
                known = _sentence(message) or (
                    named.get(message.id, "") if isinstance(message, ast.Name) else ""
                )
                yield code.value, KINDS[node.func.id], known


def _sentence(node: ast.AST) -> str:
    """What stands in N_("…")."""
    marked = isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_"
    argument = node.args[0] if marked and isinstance(node, ast.Call) and node.args else None
    return argument.value if isinstance(argument, ast.Constant) and isinstance(argument.value, str) else ""
