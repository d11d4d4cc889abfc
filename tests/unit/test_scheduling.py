"""The test run itself: what it hands out together, what it leaves out, what it says to run again."""

from __future__ import annotations

import os
import shlex
import socket
import subprocess
from pathlib import Path

import pytest

from tests.ports import FIRST, SHARE, free_port
from tests.reporting import commands
from tests.scheduling import group_of

MAKEFILE = "test:\n\t@printf '%s\\n' $(ARGS)\n"
"""What the Makefile does with ARGS, but printed."""


def test_the_tests_of_a_file_are_one_group() -> None:
    assert group_of("tests/api/test_polls.py::TestX::test_y[a::b]") == "tests/api/test_polls.py"


def test_what_may_not_run_side_by_side_is_one_group() -> None:
    assert group_of("tests/browser/test_walk.py::test_a") == group_of("tests/faults/test_streams.py::test_b")


@pytest.mark.parametrize(
    "name",
    [
        "plain",
        "two words",
        "it's",
        'a "quote"',
        "$HOME",
        "back`tick`",
        "back\\slash",
        "(a) & [b]; #c",
        "한글",
    ],
)
def test_the_command_to_run_again_names_the_very_test(tmp_path: Path, name: str) -> None:
    (tmp_path / "Makefile").write_text(MAKEFILE)
    nodeid = f"tests/unit/test_x.py::test_y[{name}]"
    (command,) = commands([nodeid])
    words = shlex.split(command)
    assert words[:2] == ["make", "test"]
    # Within `make test` there is a make around this one, which it would tell of.
    printed = subprocess.run(
        ["sh", "-c", command],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        check=True,
    )
    assert printed.stdout == nodeid + "\n"


def test_ports_are_free_and_of_this_process() -> None:
    first, second = free_port(), free_port()
    assert first != second
    assert all(FIRST <= port < FIRST + 12 * SHARE for port in (first, second))
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", first))


def test_no_port_comes_again_while_somebody_listens(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", free_port()))
        taken.listen()
        assert taken.getsockname()[1] not in [free_port() for _ in range(SHARE)]
