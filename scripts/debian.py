"""Installs Debian packages where we may: as root on a machine with apt-get."""

from __future__ import annotations

import os
import shutil

from scripts.quiet import run_quietly
from scripts.say import say


def can_install() -> bool:
    """Whether packages can be installed without asking anybody."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def install(*packages: str) -> None:
    """Install packages; raises `Trouble` when apt-get fails."""
    say(f"데비안 꾸러미를 설치하고 있어요: {' '.join(packages)} (installing Debian packages) …")
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    run_quietly(["apt-get", "update"], env)
    run_quietly(["apt-get", "install", "-y", "--no-install-recommends", *packages], env)
