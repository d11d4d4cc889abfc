"""The lock files, which a stranger's machine installs."""

from __future__ import annotations

import re

import pytest

from scripts.lock import pins, public_version
from scripts.places import ROOT

LOCKS = ("requirements.txt", "requirements-dev.txt", "requirements-node.txt")


def lines(name: str) -> list[str]:
    """What a requirements file asks for, without its remarks."""
    return [line for line in (ROOT / name).read_text().splitlines() if line and not line.startswith("#")]


def plain(name: str) -> str:
    """A package's name as registries compare it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\[=<>]", name)[0]).lower()


@pytest.mark.parametrize("lock", LOCKS)
def test_every_line_pins_one_version_and_names_no_place(lock: str) -> None:
    for line in lines(lock):
        assert re.fullmatch(r"[\w.-]+==[\w.]+|-r requirements\.txt", line), line


@pytest.mark.parametrize("kind", ["", "-dev", "-node"])
def test_every_lock_holds_what_was_asked_for(kind: str) -> None:
    locked = {plain(line) for line in lines(f"requirements{kind}.txt")}
    assert {plain(line) for line in lines(f"requirements{kind}.in")} <= locked


def test_torch_is_the_one_version_that_is_tested() -> None:
    assert "torch==2.13.0" in lines("requirements.txt")


def test_no_tool_of_the_tests_is_installed_on_a_site() -> None:
    locked = {plain(line) for line in lines("requirements.txt")}
    assert not locked & {plain(line) for line in lines("requirements-dev.in")}


def test_a_local_build_is_pinned_by_the_version_everybody_has() -> None:
    assert public_version("2.13.0+cpu") == "2.13.0"


def test_pins_stand_in_the_order_of_the_alphabet() -> None:
    assert pins({"b": "2", "A": "1"}) == "A==1\nb==2\n"
