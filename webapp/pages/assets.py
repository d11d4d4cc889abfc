"""The files that the front-end build made: their hashed names, and how long a browser may keep them."""

from __future__ import annotations

import json
from pathlib import Path

from flask import Flask, Response, request, url_for

KEEP_FOR_GOOD = "public, max-age=31536000, immutable"


def register_assets(app: Flask) -> None:
    """Give templates `asset(name)`; built files never change under their name, so browsers keep them for good."""
    dist = Path(str(app.static_folder)) / "dist"
    names: dict[str, str] = {}

    def asset(name: str) -> str:
        """The address of a built file by its name in the sources."""
        if not names:
            names.update(_manifest(dist))
        return url_for("static", filename=f"dist/{names.get(name, name)}")

    @app.after_request
    def keep_built_files(response: Response) -> Response:
        if request.path.startswith("/static/dist/") and response.status_code == 200:
            response.headers["Cache-Control"] = KEEP_FOR_GOOD
        return response

    app.add_template_global(asset, "asset")


def _manifest(dist: Path) -> dict[str, str]:
    """Built names by source name; empty before the first build, so that the site answers, if plainly."""
    path = dist / "manifest.json"
    built: dict[str, str] = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    return built
