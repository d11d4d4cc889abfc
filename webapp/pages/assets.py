"""The files that the front-end build made: their hashed names, and how long a browser may keep them."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from flask import Flask, Response, request, url_for

KEEP_FOR_GOOD = "public, max-age=31536000, immutable"


def register_assets(app: Flask) -> None:
    """Give templates `asset(name)`; built files never change under their name, so browsers keep them for good."""
    manifest = Path(str(app.static_folder)) / "dist" / "manifest.json"

    def asset(name: str) -> str:
        """The address of a built file by its name in the sources; before the first build a name that is not there,
        so that the site answers, if plainly."""
        built = _names(manifest, manifest.stat().st_mtime_ns) if manifest.exists() else {}
        return url_for("static", filename=f"dist/{built.get(name, name)}")

    @app.after_request
    def keep_built_files(response: Response) -> Response:
        if request.path.startswith("/static/dist/") and response.status_code == 200:
            response.headers["Cache-Control"] = KEEP_FOR_GOOD
        return response

    app.add_template_global(asset, "asset")


@lru_cache(maxsize=2)
def _names(manifest: Path, _changed: int) -> dict[str, str]:
    """Built names by source name, read again when a new build has changed the file."""
    names: dict[str, str] = json.loads(manifest.read_text(encoding="utf-8"))
    return names
