"""`make lint`: runs every linter, also after one has complained, so that a person sees it all at once."""

from __future__ import annotations

import subprocess
import sys

from scripts.places import ROOT
from scripts.say import say, speak_utf8

LINTERS = (
    ("ruff", "check", "."),
    ("ruff", "format", "--check", "."),
    ("mypy",),
    ("djlint", "templates", "--lint", "--quiet"),
)


def main() -> int:
    """0 when all are content, else 1."""
    speak_utf8()
    unhappy = []
    for tool, *arguments in LINTERS:
        say(f"── {tool} {' '.join(arguments)}")
        if subprocess.run([sys.executable, "-m", tool, *arguments], cwd=ROOT).returncode:
            unhappy.append(tool)
    say(f"고칠 곳이 있어요 (to be mended): {', '.join(unhappy)}" if unhappy else "모두 깨끗해요. (all clean)")
    return 1 if unhappy else 0


if __name__ == "__main__":
    sys.exit(main())
