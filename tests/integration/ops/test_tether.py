"""The tether by itself, with real processes."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from scripts.places import ROOT

COUNTS_SIGNALS = """
import signal, sys, time
times = []
signal.signal(signal.SIGTERM, lambda *_: times.append(1))
print("ready", flush=True)
while not times:
    time.sleep(0.01)
time.sleep(0.5)
print(len(times), flush=True)
"""


def tethered(*command: str, owner: int | None = None) -> subprocess.Popen[str]:
    """A command on a tether whose owner is this test, unless told otherwise."""
    return subprocess.Popen(
        [sys.executable, "-m", "scripts.tether", str(owner or os.getpid()), *command],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


@pytest.mark.parametrize(
    ("command", "status"),
    [("exit 0", 0), ("exit 7", 7), ("kill -9 $$", 128 + signal.SIGKILL)],
)
def test_the_exit_status_is_the_commands(command: str, status: int) -> None:
    assert tethered("sh", "-c", command).wait(timeout=10) == status


def test_a_command_that_does_not_exist_is_said(tmp_path: Path) -> None:
    tether = tethered("no-such-program")
    assert "no-such-program: No such file" in tether.communicate(timeout=10)[0]
    assert tether.returncode == 127


def test_without_an_owner_nothing_is_started(tmp_path: Path) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert tethered("touch", str(tmp_path / "started"), owner=gone.pid).wait(timeout=10) == 1
    assert not (tmp_path / "started").exists()


def test_a_signal_to_the_whole_group_reaches_the_command_once() -> None:
    tether = tethered(sys.executable, "-c", COUNTS_SIGNALS)
    assert tether.stdout is not None
    assert tether.stdout.readline() == "ready\n"
    os.killpg(tether.pid, signal.SIGTERM)
    assert tether.communicate(timeout=10)[0] == "1\n"


def test_what_the_command_leaves_running_ends_with_it() -> None:
    tether = tethered("sh", "-c", "setsid sleep 300 & echo $!; sleep 0.3")
    left = int(tether.communicate(timeout=10)[0])
    with pytest.raises(ProcessLookupError):
        os.kill(left, 0)


def test_the_command_dies_with_a_killed_tether() -> None:
    tether = tethered("sh", "-c", "echo $$; exec sleep 300")
    assert tether.stdout is not None
    command = int(tether.stdout.readline())
    tether.kill()
    tether.wait()
    deadline = time.monotonic() + 5
    while Path(f"/proc/{command}/exe").exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not Path(f"/proc/{command}/exe").exists()
