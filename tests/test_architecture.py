"""The import rules of the house (see docs/architecture.md): which room may use which."""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOMAINS = ("accounts", "audit", "screening", "voting", "library", "training", "stories", "moderation")
EDGES = ("webapp.api", "webapp.pages", "webapp.cli", "webapp.live", "workers")
SHARED_BY_SERVICES = ("db", "jobs", "events", "storage", "errors", "clock")
TORCH_FREE_MODEL = {
    "webapp.intake": ("model.text", "model.unwrapping", "model.normalisation", "model.decoding"),
    "webapp.upkeep.checks.files": ("model.seal",),
}
"""What the web may use of the writer's rooms, and where: reading files, and checking that a checkpoint is whole."""


def modules(*folders: str) -> Iterator[tuple[str, Path]]:
    """Every module under these folders, by dotted name."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            name = ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
            yield name, path


def imports(path: Path) -> set[str]:
    """The dotted names that a file imports: modules, and `module.name` for what it takes from one."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide which room is used"
            found |= {f"{node.module}.{alias.name}" for alias in node.names}
    return found


def lies_in(name: str, *rooms: str) -> bool:
    """Whether a dotted name is one of these rooms or lies in one."""
    return any(name == room or name.startswith(room + ".") for room in rooms)


ALL = list(modules("webapp", "model", "workers"))
CORE = [(name, path) for name, path in ALL if lies_in(name, "webapp.core")]


def test_there_are_modules_to_look_at() -> None:
    assert len(CORE) > 30


@pytest.mark.parametrize(("name", "path"), CORE, ids=[name for name, _ in CORE])
def test_core_knows_nothing_of_the_web_or_the_writer(name: str, path: Path) -> None:
    forbidden = ("flask", "flask_babel", "flask_login", "marshmallow", "torch", "model", *EDGES)
    assert not [used for used in imports(path) if lies_in(used, *forbidden)]


@pytest.mark.parametrize(("name", "path"), CORE, ids=[name for name, _ in CORE])
def test_a_domain_uses_only_those_before_it(name: str, path: Path) -> None:
    parts = name.split(".")
    if len(parts) < 3:
        return
    own = DOMAINS.index(parts[2])
    for used in imports(path):
        if lies_in(used, "webapp.core"):
            other = DOMAINS.index(used.split(".")[2])
            assert other <= own, f"{name} uses {used}, which comes after it"


RULES = [(name, path) for name, path in CORE if name.endswith(".rules") or ".tallies" in name]


@pytest.mark.parametrize(("name", "path"), RULES, ids=[name for name, _ in RULES])
def test_rules_use_the_standard_library_and_errors_only(name: str, path: Path) -> None:
    for used in imports(path):
        top = used.split(".")[0]
        rooms = [f"webapp.core.{domain}.rules" for domain in DOMAINS]
        own_rules = lies_in(used, *rooms, "webapp.core.voting.tallies")
        assert top in sys.stdlib_module_names or lies_in(used, "webapp.errors") or own_rules, (
            f"{name} uses {used}"
        )


EDGE_MODULES = [(name, path) for name, path in ALL if lies_in(name, *EDGES)]


@pytest.mark.parametrize(("name", "path"), EDGE_MODULES, ids=[name for name, _ in EDGE_MODULES])
def test_edges_use_services_and_queries_and_never_the_session(name: str, path: Path) -> None:
    for used in imports(path):
        assert not lies_in(used, "webapp.db.session", "webapp.extensions.db"), f"{name} touches the session"
        if lies_in(used, "webapp.core"):
            room = used.split(".")[3] if used.count(".") > 2 else ""
            assert room in ("service", "queries", "models", "rules"), f"{name} uses {used}"


@pytest.mark.parametrize(("name", "path"), ALL, ids=[name for name, _ in ALL])
def test_nobody_imports_the_workers(name: str, path: Path) -> None:
    if not lies_in(name, "workers"):
        assert not [used for used in imports(path) if lies_in(used, "workers")]


@pytest.mark.parametrize(("name", "path"), ALL, ids=[name for name, _ in ALL])
def test_only_the_workers_use_the_writer_and_the_web_its_files_at_two_places(name: str, path: Path) -> None:
    if lies_in(name, "model", "workers"):
        return
    used = {used for used in imports(path) if lies_in(used, "model")}
    allowed = TORCH_FREE_MODEL.get(name, ())
    assert all(lies_in(one, *allowed) for one in used), f"{name} uses {used}"


MODEL = list(modules("model"))


@pytest.mark.parametrize(("name", "path"), MODEL, ids=[name for name, _ in MODEL])
def test_the_writer_imports_nothing_of_ours(name: str, path: Path) -> None:
    assert not [used for used in imports(path) if lies_in(used, "webapp", "workers", "config", "run")]


@pytest.mark.parametrize(("name", "path"), ALL, ids=[name for name, _ in ALL])
def test_no_import_hides_inside_a_function(name: str, path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef):
            inner = [n for n in ast.walk(node) if isinstance(n, ast.Import | ast.ImportFrom)]
            # The worker's child imports the writer late on purpose: its parent must never load torch.
            assert not inner or name == "workers.child", f"{name}:{node.name} imports inside a function"


def test_making_the_app_does_not_import_torch(tmp_path: Path) -> None:
    code = "import sys, webapp; webapp.create_app(); sys.exit('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, env={"INSTANCE": str(tmp_path), "PATH": ""})
    assert done.returncode == 0
