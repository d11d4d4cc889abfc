"""Runs the tools of set-up with their chatter in a log, and turns their failures into one sentence."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping, Sequence
from pathlib import Path

from scripts.places import ROOT, SETUP_LOG
from scripts.say import Trouble

DISK_FULL = re.compile(r"No space left on device|ENOSPC|Disk quota exceeded|EDQUOT")
NO_NETWORK = re.compile(
    r"name resolution|Name or service not known|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNREFUSED"
    r"|NewConnectionError|ConnectTimeoutError|Network is unreachable"
)


def run_quietly(command: Sequence[str | Path], env: Mapping[str, str] | None = None) -> None:
    """Run one command at the repository's root.

    Raises `Trouble` in words if the tool is missing or fails.
    """
    SETUP_LOG.parent.mkdir(parents=True, exist_ok=True)
    with SETUP_LOG.open("w+", encoding="utf-8", errors="replace") as log:
        done = subprocess.run(
            command, cwd=ROOT, env=env or os.environ, stdin=subprocess.DEVNULL, stdout=log, stderr=log
        )
        log.seek(0)
        if done.returncode:
            raise explain(str(Path(command[0]).name), log.read())


def explain(tool: str, output: str) -> Trouble:
    """The likeliest reason for a failure, read from what the tool printed."""
    if DISK_FULL.search(output):
        return Trouble(
            "디스크가 가득 차서 준비를 마치지 못했어요. 자리를 비우고 다시 시작해 주세요.",
            "The disk is full; free some space and start again.",
        )
    if NO_NETWORK.search(output):
        return Trouble(
            "꾸러미를 내려받지 못했어요. 인터넷 연결을 살펴본 뒤 다시 시작해 주세요.",
            "Packages could not be downloaded; check the network and start again.",
        )
    return Trouble(
        f"준비하다가 {tool}에서 멈췄어요. 자세한 기록은 {SETUP_LOG}에 있어요.",
        f"Set-up stopped at {tool}; the whole story is in {SETUP_LOG}.",
    )
