"""Finds, or installs, the browser that the tests of pages drive."""

from __future__ import annotations

import os
import shutil
import subprocess

from scripts import debian
from scripts.say import Trouble, say

NAMES = ("chromium", "chromium-browser", "google-chrome")
ADVICE = "sudo apt install chromium fonts-noto-cjk"


def prepare() -> None:
    """See that a browser and a Korean font are there.

    Where they cannot be installed, the tests that need them are skipped and say why; under CI that is an error.
    """
    missing = _missing()
    if missing and debian.can_install():
        debian.install(*missing)
    elif "chromium" in missing and os.environ.get("CI") == "true":
        raise Trouble(
            f"브라우저가 없어서 검사할 수 없어요. `{ADVICE}`", f"No browser to test with: `{ADVICE}`"
        )
    elif "chromium" in missing:
        say(f"브라우저가 없어서 화면 검사는 건너뛰어요. `{ADVICE}` (no browser: its tests are skipped)")


def _missing() -> list[str]:
    packages = []
    if not any(shutil.which(name) for name in NAMES):
        packages.append("chromium")
    if not _has_korean_font():
        packages.append("fonts-noto-cjk")
    return packages


def _has_korean_font() -> bool:
    """Whether fontconfig knows a font for Korean; without one a browser draws boxes."""
    if shutil.which("fc-list") is None:
        return False
    return bool(subprocess.run(["fc-list", ":lang=ko"], capture_output=True).stdout.strip())
