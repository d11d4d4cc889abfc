"""이음: the web application. `create_app()` is the list of what it is made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from config import ROOT, Settings
from webapp import doorbell, extensions, patience, storage, tables
from webapp.api import register_api
from webapp.cli import register_commands
from webapp.connections import engine_options
from webapp.db import let_go
from webapp.headers import register_headers
from webapp.health import register_health
from webapp.ids import IdConverter
from webapp.live import register_live
from webapp.logs import register_logs
from webapp.pages import register_pages
from webapp.people import BrowserSessions, current_language, load_account, load_account_from_request

__all__ = ["create_app", "tables"]


class Site(Flask):
    """Flask, all of whose functions are plain ones: it asks none of them, at every request, whether it is a coroutine."""

    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """The function as it is."""
        return func


def create_app(settings: Settings | None = None) -> Flask:
    """The site, made from `settings`, or from the environment; raises `config.BadSetting`."""
    settings = settings or Settings.from_environment()
    app = Site(__name__, template_folder=str(ROOT / "templates"))
    app.url_map.converters["id"] = IdConverter
    register_settings(app, settings)
    register_logs(app)
    register_patience(app)
    register_extensions(app)
    register_stores(settings)
    register_headers(app)
    register_health(app)
    register_pages(app)
    register_api(app)
    register_live(app)
    register_commands(app)
    return app


def register_settings(app: Flask, settings: Settings) -> None:
    """Hand the settings to Flask and its extensions, under the names that they look for."""
    app.config.update(
        SETTINGS=settings,
        SECRET_KEY=settings.secret_key,
        SQLALCHEMY_DATABASE_URI=settings.database_url,
        SQLALCHEMY_ENGINE_OPTIONS=engine_options(settings.database_url),
        MAX_CONTENT_LENGTH=settings.max_upload_bytes + 64 * 1024,
        MAX_FORM_MEMORY_SIZE=settings.max_upload_bytes + 64 * 1024,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,
        WTF_CSRF_CHECK_DEFAULT=False,
        BABEL_DEFAULT_LOCALE="ko",
        RATELIMIT_ENABLED=settings.rate_limits,
        RATELIMIT_STORAGE_URI="memory://",
    )
    app.session_interface = BrowserSessions()
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def register_patience(app: Flask) -> None:
    """Limit how long a request waits for the database, from its beginning until its connection is given back."""
    app.before_request(patience.begin_request)
    app.teardown_appcontext(patience.end_request)


def register_extensions(app: Flask) -> None:
    """Bind the Flask extensions."""
    extensions.db.init_app(app)
    app.teardown_appcontext(let_go)
    extensions.migrate.init_app(app, extensions.db, directory=str(ROOT / "migrations"))
    extensions.babel.init_app(app, locale_selector=current_language)
    extensions.login.init_app(app)
    extensions.login.user_loader(load_account)
    extensions.login.request_loader(load_account_from_request)
    extensions.csrf.init_app(app)
    extensions.limiter.init_app(app)


def register_stores(settings: Settings) -> None:
    """Say where Redis and the stored files are; neither is reached yet."""
    doorbell.connect(settings.redis_url)
    storage.connect(settings.storage_url, settings.instance / "cache")
