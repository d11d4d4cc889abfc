"""Whether a process that held a job is still there."""

from __future__ import annotations

import os
import subprocess
import sys

from workers.holder import is_gone, name_of


def test_a_process_is_there_while_it_runs() -> None:
    assert not is_gone(name_of(os.getpid()))


def test_one_that_ended_is_gone_even_before_it_is_buried() -> None:
    process = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    name = name_of(process.pid)
    assert not is_gone(name)
    process.kill()
    os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)
    assert is_gone(name)
    process.communicate()
    assert is_gone(name)


def test_another_one_with_its_number_is_not_the_same() -> None:
    host, pid, start, place = name_of(os.getpid()).split("/")
    assert is_gone(f"{host}/{pid}/{int(start) - 1}/{place}")


def test_of_another_place_nothing_is_known() -> None:
    host, _, start, place = name_of(os.getpid()).split("/")
    assert not is_gone(f"{host}/4194305/{start}/{place[::-1]}")
    assert not is_gone("")
