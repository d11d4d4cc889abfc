"""The REST API: Flask-RESTful resources under /api."""

from __future__ import annotations

from flask import Blueprint, Flask, Response

from webapp.api.auth import guard
from webapp.api.docs import docs_page
from webapp.api.openapi import document
from webapp.api.problems import ProblemApi, is_api_address
from webapp.api.routes import ROUTES


def register_api(app: Flask) -> None:
    """Bind the API's routes."""
    blueprint = Blueprint("api", __name__, url_prefix="/api")
    blueprint.before_request(guard)
    blueprint.add_url_rule("/openapi.json", view_func=document)
    blueprint.add_url_rule("/docs", view_func=docs_page)
    api = ProblemApi(blueprint)
    for address, resource in ROUTES:
        api.add_resource(resource, address)
    app.register_blueprint(blueprint)
    app.after_request(keep_out_of_caches)


def keep_out_of_caches(response: Response) -> Response:
    """What the API answers depends on who asks, and when."""
    if is_api_address():
        response.headers.setdefault("Cache-Control", "no-store")
    return response
