"""Which test process runs which tests, in which order, and which tests `make quick` leaves out.

pytest-xdist hands out groups of tests. A file is a group, so that what its tests share is made once. Tests that may not
run side by side are one group (`ONE_AFTER_ANOTHER`). The longest groups come first (`LONGEST_FIRST`), so that no process waits
for the other at the end.
"""

from __future__ import annotations

import os

import pytest
from xdist.scheduler import LoadScopeScheduling

ALONE = "the machine's time"
ONE_AFTER_ANOTHER = (
    "tests/browser/",
    "tests/faults/test_postgres_killed.py",
    "tests/faults/test_stores_unwell.py",
    "tests/faults/test_streams.py",
    "tests/faults/test_upkeep.py",
    "tests/faults/test_votes.py",
    "tests/integration/live/test_shutdown.py",
    "tests/integration/test_end_to_end.py",
)
"""Tests that launch the whole site, drive a browser, or hold a crowd's answers to a time: one at a time."""

LONGEST_FIRST = (
    *ONE_AFTER_ANOTHER,
    "tests/faults/",
    "tests/integration/workers/",
    "tests/integration/ops/",
    "tests/integration/upkeep/",
    "tests/integration/live/",
    "tests/unit/model/",
)
"""Files and folders in the order in which they begin; the rest follows as collected."""

NOT_QUICK = (
    "tests/browser/",
    "tests/faults/",
    "tests/integration/live/",
    "tests/integration/ops/",
    "tests/integration/test_end_to_end.py",
    "tests/integration/workers/",
)
"""Files and folders of which `make quick` runs nothing: they start servers or other processes of the site, or train."""

TRAINED = "taught"
"""The fixture of a writer that has learned."""


class GroupScheduling(LoadScopeScheduling):
    """Hands out the groups in the order in which their first tests were collected."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)


def group_of(nodeid: str) -> str:
    """Return the name of the group that a test belongs to."""
    return ALONE if nodeid.startswith(ONE_AFTER_ANOTHER) else nodeid.partition("::")[0]


def start_rank(nodeid: str) -> int:
    """Return the place of a test's group in the order of beginning."""
    ranks = (rank for rank, prefix in enumerate(LONGEST_FIRST) if nodeid.startswith(prefix))
    return next(ranks, len(LONGEST_FIRST))


def is_quick(item: pytest.Item) -> bool:
    """Return whether a test needs no server, no browser and no training."""
    if item.nodeid.startswith(NOT_QUICK) or TRAINED in getattr(item, "fixturenames", ()):
        return False
    if any(item.iter_markers("servers")) or any(item.iter_markers("training")):
        return False
    parameters = getattr(item, "callspec", None)
    values = parameters.params.values() if parameters else ()
    return not any(value in ("postgresql", "mariadb") for value in values if isinstance(value, str))


def is_narrow(config: pytest.Config) -> bool:
    """Return whether the command line asks for single files or names: they run in this process, as `--pdb` needs."""
    named = config.args_source is pytest.Config.ArgsSource.ARGS and not all(map(os.path.isdir, config.args))
    return named or bool(config.option.keyword)


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--quick`."""
    parser.addoption("--quick", action="store_true", help="only tests without servers, browser and training")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int | None:
    """Answer `-n auto`: no further process for few tests, else one a processor, as pytest-xdist counts."""
    return 0 if is_narrow(config) else None


def pytest_xdist_make_scheduler(config: pytest.Config, log: object) -> GroupScheduling:
    """Hand out tests by group."""
    return GroupScheduling(config, log)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what is not quick, and begin with the longest."""
    if config.option.quick:
        left_out = [item for item in items if not is_quick(item)]
        items[:] = [item for item in items if is_quick(item)]
        config.hook.pytest_deselected(items=left_out)
    if not config.getoption("random_order_enabled", False):
        items.sort(key=lambda item: start_rank(item.nodeid))
