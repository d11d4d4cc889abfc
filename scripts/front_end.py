"""Builds what browsers load (webapp/static/dist) with Node and npm."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

from scripts import python_packages
from scripts.places import DIST, ROOT, VENV
from scripts.quiet import run_quietly
from scripts.say import say
from scripts.stamps import fingerprint, is_fresh, stamp

OLDEST_NODE = 20


def prepare() -> None:
    """Install npm packages and build, each only when something it is made from changed."""
    packages = fingerprint([ROOT / "package.json", ROOT / "package-lock.json"])
    sources = fingerprint(_sources(), packages)
    built = (DIST / "manifest.json").is_file()  # The build writes it last.
    if built and is_fresh("npm-packages", packages) and is_fresh("front-end", sources):
        return
    env = _environment_with_node()
    if not is_fresh("npm-packages", packages) or not (ROOT / "node_modules").is_dir():
        say("2/5 화면에 쓸 꾸러미를 받고 있어요 (installing front-end packages) …")
        run_quietly(["npm", "ci"], env)
        stamp("npm-packages", packages)
    say("3/5 화면을 짓고 있어요 (building the front end) …")
    run_quietly(["npm", "run", "build"], env)
    stamp("front-end", sources)


def _sources() -> Iterator[Path]:
    yield ROOT / ".npmrc"
    for folder in (ROOT / "webapp" / "static", ROOT / "templates"):
        yield from (file for file in folder.rglob("*") if file.is_file() and DIST not in file.parents)


def _environment_with_node() -> dict[str, str]:
    """Our environment, with a PATH on which a new enough node and npm are found."""
    if node_is_new_enough():
        return dict(os.environ)
    python_packages.install_node()
    return {**os.environ, "PATH": f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', os.defpath)}"}


def node_is_new_enough() -> bool:
    """Whether the machine's own node, with npm beside it, will do."""
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        return False
    answer = subprocess.run([node, "--version"], capture_output=True, text=True)
    version = re.match(r"v(\d+)\.", answer.stdout)
    return version is not None and int(version[1]) >= OLDEST_NODE
