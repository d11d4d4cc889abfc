"""`make lock`: writes requirements*.txt anew from what requirements*.in ask for.

pip resolves in a dry run that ignores what is installed, so a lock never holds a package
that only happened to lie in the virtual environment.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HEADING = "# Made by `make lock`; change the .in file instead.\n"


def resolve(*arguments: str) -> dict[str, str]:
    """Package name → version of everything that pip would install into an empty environment."""
    dry_run = ["install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-"]
    answer = subprocess.run(
        [sys.executable, "-m", "pip", *dry_run, *arguments], cwd=ROOT, check=True, stdout=subprocess.PIPE
    )
    found = [item["metadata"] for item in json.loads(answer.stdout)["install"]]
    return {each["name"]: public_version(each["version"]) for each in found}


def public_version(version: str) -> str:
    """A version without its local part: `2.13.0+cpu` is on one machine only, `2.13.0` is everywhere."""
    return version.partition("+")[0]


def pins(versions: dict[str, str]) -> str:
    """The lines of a lock file, in the order of the alphabet."""
    return "".join(f"{name}=={versions[name]}\n" for name in sorted(versions, key=str.lower))


def main() -> None:
    """Write the three lock files."""
    run = resolve("-r", "requirements.in")
    (ROOT / "requirements.txt").write_text(HEADING + pins(run))
    everything = resolve("-r", "requirements.txt", "-r", "requirements-dev.in")
    tools = {name: version for name, version in everything.items() if name not in run}
    (ROOT / "requirements-dev.txt").write_text(HEADING + "-r requirements.txt\n" + pins(tools))
    (ROOT / "requirements-node.txt").write_text(HEADING + pins(resolve("-r", "requirements-node.in")))


if __name__ == "__main__":
    main()
