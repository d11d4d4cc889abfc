"""A test client whose requests stand alone, as they do on a server."""

from __future__ import annotations

import contextvars
from typing import Any

from flask.testing import FlaskClient

from webapp.extensions import db


class SeparateClient(FlaskClient):
    """Runs each request outside the app context that the test has pushed.

    Flask would otherwise lend that context to the request, and with it the signed-in person and the database session
    of the request before.
    """

    def open(self, *args: Any, **kwargs: Any) -> Any:
        response = contextvars.Context().run(super().open, *args, **kwargs)
        # What the test itself has read is read anew, since the request may have changed it.
        db.session.rollback()
        return response
