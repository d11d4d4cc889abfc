"""People in browsers without JavaScript, and a stage on which a story moves."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask

from tests.integration.stories.stage import Stage
from tests.pages.visitor import Visitor


@pytest.fixture
def stage(app: Flask) -> Stage:
    """Stories, novels and people, moved by the services that the site itself uses."""
    return Stage()


@pytest.fixture
def visitor(app: Flask) -> Visitor:
    """Somebody who is not logged in."""
    return Visitor(app.test_client())


@pytest.fixture
def reader_named(app: Flask) -> Callable[[str], Visitor]:
    """Makes a browser in which somebody with this name is logged in."""

    def signed_up(name: str) -> Visitor:
        visitor = Visitor(app.test_client())
        visitor.sign_up(name)
        return visitor

    return signed_up


@pytest.fixture
def moderator(app: Flask, stage: Stage) -> Visitor:
    """A moderator, logged in."""
    visitor = Visitor(app.test_client())
    visitor.log_in(stage.moderator.name)
    return visitor
