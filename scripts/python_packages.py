"""The virtual environment and what pip puts into it."""

from __future__ import annotations

import importlib.util
import shutil
import sys

from scripts import debian
from scripts.places import PYTHON, ROOT, VENV
from scripts.quiet import run_quietly
from scripts.say import Trouble, say
from scripts.stamps import fingerprint, is_fresh, stamp

RUN_LOCK = "requirements.txt"
DEV_LOCK = "requirements-dev.txt"
NODE_LOCK = "requirements-node.txt"

# Measured: the environment takes 1.5 GB with the processor-only torch; pip needs room to unpack beside it.
ROOM_NEEDED = 2_500_000_000


def prepare(dev: bool) -> None:
    """Make the environment, and install what the locks pin, unless that is done already."""
    if not (PYTHON.exists() and (VENV / "bin" / "pip").exists()):
        _make_environment()
    news = "1/5 파이썬 꾸러미를 설치하고 있어요. 처음에는 몇 분 걸려요 (installing Python packages) …"
    _install("packages", news, RUN_LOCK)
    if dev:
        _install(
            "dev-packages", "1/5 검사 도구를 설치하고 있어요 (installing test tools) …", DEV_LOCK, RUN_LOCK
        )


def install_node() -> None:
    """Put Node into the environment, for machines that have none."""
    _install("node", "2/5 Node가 없어서 함께 설치하고 있어요 (installing Node) …", NODE_LOCK)


def _install(step: str, news: str, lock: str, *also: str) -> None:
    mark = fingerprint([ROOT / name for name in (lock, *also)], sys.version)
    if is_fresh(step, mark):
        return
    say(news)
    _check_room()
    run_quietly([PYTHON, "-m", "pip", "install", "--disable-pip-version-check", "-r", lock])
    stamp(step, mark)


def _make_environment() -> None:
    if importlib.util.find_spec("ensurepip") is None:
        _bring_ensurepip()
    _check_room()
    # --clear mends an environment whose making was broken off; on a new folder it does nothing.
    run_quietly([sys.executable, "-m", "venv", "--clear", VENV])


def _bring_ensurepip() -> None:
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if not debian.can_install():
        raise Trouble(
            f"파이썬의 venv가 빠져 있어요. 먼저 `sudo apt install {package}`를 해 주세요.",
            f"Python lacks venv; run `sudo apt install {package}` first.",
        )
    debian.install(package)


def _check_room() -> None:
    if shutil.disk_usage(ROOT).free < ROOM_NEEDED:
        raise Trouble(
            f"디스크에 빈자리가 모자라요. {ROOT}에 {ROOM_NEEDED / 1e9:.1f} GB가 필요해요.",
            f"The disk is too full; {ROOM_NEEDED / 1e9:.1f} GB are needed at {ROOT}.",
        )
