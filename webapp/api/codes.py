"""The stable codes of every refusal, read from where they are raised, so that the list cannot lag behind."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

from webapp import errors
from webapp.api.operations import BadRequest
from webapp.api.problems import BAD_CSRF, BROKEN, HTTP_PROBLEMS, INVALID
from webapp.errors import N_
from webapp.intake import UNREADABLE

WEBAPP = Path(__file__).resolve().parent.parent
KINDS = {kind.__name__: kind.status for kind in (BadRequest, *errors.DomainError.__subclasses__())}
# The pages have refusals of their own, which no program meets.
ROOMS = ("*.py", "core/*/*.py", "api/*.py", "epub/*.py")

COMPOSED = {
    "bad-flag": (400, N_("is_first에는 Y나 N을 적어 주세요. (true/false, 1/0도 돼요.)")),
    "file-too-large": (413, N_("파일이 너무 커요.")),
    "text-too-large": (413, N_("글이 너무 길어요.")),
    "title-too-long": (422, N_("제목이 너무 길어요.")),
    "author-too-long": (422, N_("지은이의 이름이 너무 길어요.")),
    "licence-too-long": (422, N_("이용 허락의 이름이 너무 길어요.")),
    "novel-decided": (409, N_("이미 승인하거나 거절하거나 거둔 원작이에요.")),
    "wrong-phase": (409, N_("지금은 그것을 내는 때가 아니에요.")),
}
"""Codes and sentences that are put together where they are raised."""


@cache
def codes() -> dict[str, tuple[int, str]]:
    """For each code the status it comes with and a sentence (with places, as it is translated)."""
    paths = sorted(path for room in ROOMS for path in WEBAPP.glob(room))
    found = {code: (status, sentence) for path in paths for code, status, sentence in raised(path)}
    server = {code: (status, sentence) for status, (code, sentence) in HTTP_PROBLEMS.items()}
    server |= {INVALID[0]: (422, INVALID[1]), BAD_CSRF[0]: (400, BAD_CSRF[1]), BROKEN[0]: (500, BROKEN[1])}
    unreadable = {code: (422, sentence) for code, sentence in UNREADABLE.items()}
    return dict(sorted({**found, **unreadable, **COMPOSED, **server}.items()))


def raised(path: Path) -> Iterator[tuple[str, int, str]]:
    """Code, status and sentence of each refusal that a module makes with a code written out."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    named = [node for node in ast.walk(tree) if isinstance(node, ast.Assign) and _sentence(node.value)]
    for node in ast.walk(tree):
        if (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in KINDS
            and node.args
        ):
            code, message = node.args[0], node.args[-1]
            if isinstance(code, ast.Constant) and isinstance(code.value, str):
                yield code.value, KINDS[node.func.id], _sentence(message) or _named(message, named)


def _sentence(node: ast.AST) -> str:
    """What stands in N_("…")."""
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "N_":
        return str(ast.literal_eval(node.args[0]))
    return ""


def _named(message: ast.AST, assignments: list[ast.Assign]) -> str:
    """The sentence that a name stands for: that of the last assignment to it before it is used."""
    if not isinstance(message, ast.Name):
        return ""
    before = [
        each
        for each in assignments
        if each.lineno < message.lineno
        and any(isinstance(target, ast.Name) and target.id == message.id for target in each.targets)
    ]
    return _sentence(max(before, key=lambda each: each.lineno).value) if before else ""
