"""Security headers: nothing is loaded from any other host, nothing runs that we did not ship."""

from __future__ import annotations

from collections.abc import Mapping

from flask import Flask, Response

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'self'; img-src 'self' data:; object-src 'none'; base-uri 'self'; "
        "form-action 'self'; frame-ancestors 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
}


def register_headers(app: Flask) -> None:
    """Put the headers on every answer that has not set them itself."""

    @app.after_request
    def add_headers(response: Response) -> Response:
        add_missing(response, HEADERS)
        return response


def add_missing(response: Response, headers: Mapping[str, str]) -> None:
    """Put these headers on an answer that has not set them itself, all in one go."""
    present = {name.lower() for name, _ in response.headers}
    response.headers.extend({name: value for name, value in headers.items() if name.lower() not in present})
