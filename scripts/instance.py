"""The instance folder: everything that one running site writes, and the lock that keeps it to one site."""

from __future__ import annotations

import fcntl
import json
import os
import select
import shutil
import tempfile
import time
from pathlib import Path

from scripts.places import ROOT
from scripts.say import Trouble

ROOM_NEEDED = 200_000_000
LOCK = "run.lock"
# What a killed site leaves behind is gone after the patience of its tethers; we wait a little longer.
LEFTOVER_SECONDS = 10.0


def instance_folder() -> Path:
    """The folder that INSTANCE names (relative to the repository), or `instance/`."""
    return (ROOT / Path(os.environ.get("INSTANCE") or "instance").expanduser()).resolve()


def make_ready(folder: Path) -> None:
    """Make the folder; raises `Trouble` if we cannot write there or the disk is full."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError as error:
        raise Trouble(
            f"인스턴스 폴더 {folder}에 쓸 수 없어요. 다른 곳을 골라 주세요: make run INSTANCE=폴더",
            f"The instance folder {folder} cannot be written ({error.strerror}); choose another with INSTANCE=.",
        ) from error
    if shutil.disk_usage(folder).free < ROOM_NEEDED:
        raise Trouble(
            f"디스크에 빈자리가 모자라요. {folder}에 {ROOM_NEEDED // 1_000_000} MB가 필요해요.",
            f"The disk is too full; {ROOM_NEEDED // 1_000_000} MB are needed at {folder}.",
        )


def hold(folder: Path, address: str) -> int:
    """Take the folder for this site, and note our address in the lock.

    The lock lasts as long as the returned file descriptor is open in any process.

    Raises `Trouble` if a site is running there.
    """
    lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    deadline = time.monotonic() + LEFTOVER_SECONDS
    while not _taken(lock):
        holder = _holder(lock)
        if _alive(holder.get("pid")) or time.monotonic() > deadline:
            where = holder.get("address", "")
            raise Trouble(
                f"이 폴더의 이음은 이미 실행 중이에요: {where} ({folder})",
                f"Ieum is already running in this folder: {where}",
            )
        time.sleep(0.2)
    os.ftruncate(lock, 0)
    os.pwrite(lock, json.dumps({"pid": os.getpid(), "address": address}).encode(), 0)
    return lock


def _taken(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _holder(lock: int) -> dict[str, object]:
    """What the holder wrote; nothing yet if it took the lock this very moment."""
    content = os.pread(lock, 4096, 0)
    return dict(json.loads(content)) if content else {}


def _alive(pid: object) -> bool:
    """Whether the holder itself lives: its leftovers are worth waiting for, it is not."""
    if not isinstance(pid, int):
        return False
    try:
        process = os.pidfd_open(pid)
    except ProcessLookupError:
        return False
    # Readable means ended, even if nobody has buried it yet.
    ended = bool(select.select([process], [], [], 0)[0])
    os.close(process)
    return not ended
