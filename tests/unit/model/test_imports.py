"""The writer's rooms keep apart: torch only where it is needed, nothing of ours from outside."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import model

SOURCES = sorted(Path(model.__file__).parent.rglob("*.py"))


LIGHT = ("model", "model.text", "model.config", "model.records", "model.particles", "model.seal")


@pytest.mark.parametrize("name", LIGHT)
def test_light_modules_do_not_import_torch(name: str) -> None:
    code = f"import sys, {name}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.name)
def test_the_writer_imports_nothing_of_ours_and_pickle_only_where_it_is_tamed(path: Path) -> None:
    names = set()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names.add((node.module or "").split(".")[0])
    assert not names & {"webapp", "workers", "config", "flask", "sqlalchemy", "numpy"}
    assert "pickle" not in names or path.name == "unpickling.py"
