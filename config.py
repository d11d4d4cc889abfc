"""Every setting of 이음, read from the environment, typed, checked at start.

Each field of `Settings` names the environment variable that sets it (in capitals), its meaning and its default.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from scripts import redis_server

ROOT = Path(__file__).resolve().parent


class BadSetting(ValueError):
    """A setting in the environment cannot be used; the message is one sentence for the person who set it."""


@dataclass(frozen=True)
class Settings:
    """The settings of one running site.

    Sizes are in bytes, times in seconds.
    """

    instance: Path
    """INSTANCE: the folder that holds everything the site writes. Default: `instance/` beside this file."""
    host: str = "127.0.0.1"
    """HOST: the address to listen on."""
    port: int = 8000
    """PORT: the port to listen on."""
    database_url: str = ""
    """DATABASE_URL: an SQLAlchemy address. Default: SQLite in the instance folder."""
    redis_url: str = ""
    """REDIS_URL: the Redis to use. Default: the one that `run.py` starts for this instance."""
    storage_url: str = ""
    """STORAGE_URL: where texts and checkpoints lie, an fsspec address. Default: `storage/` in the instance folder."""
    secret_key: str = ""
    """SECRET_KEY: signs cookies. Default: made once and kept in the instance folder."""
    device: str = "auto"
    """DEVICE: auto, cpu or cuda: what the writer computes on."""
    learn_seconds: float = 60.0
    """LEARN_SECONDS: the time one run may learn for, 3,000 at most. The first run, on the starter library, takes 10 at the
    most."""
    job_seconds: float = 600.0
    """JOB_SECONDS: what a job may take beside its learning, to load, to measure and to write; one that takes longer hangs
    and is ended."""
    writer_threads: int = 2
    """WRITER_THREADS: processor threads the writer computes with."""
    writer_size: str = "default"
    """WRITER_SIZE: default, the writer that we ship; or tiny, a small one that begins with nothing, for tests."""
    legacy_api_allow: tuple[str, ...] = ("127.0.0.1", "::1")
    """LEGACY_API_ALLOW: addresses that may call put_Human_txt without a token, divided by commas."""
    trusted_proxies: int = 0
    """TRUSTED_PROXIES: how many proxies stand before the site and set X-Forwarded-For."""
    max_upload_bytes: int = 8 * 1024 * 1024
    """MAX_UPLOAD_BYTES: the largest file a person may send."""
    relay_tick_seconds: float = 2.0
    """RELAY_TICK_SECONDS: how often the relay clock looks for what is due."""
    log_level: str = "INFO"
    """LOG_LEVEL: DEBUG, INFO, WARNING or ERROR."""
    rate_limits: bool = True
    """RATE_LIMITS: on or off: whether sign-ups and the like are limited per address."""
    web_workers: int = 1
    """WEB_WORKERS: how many web processes gunicorn keeps."""

    @classmethod
    def from_environment(cls, environ: Mapping[str, str] = os.environ) -> Settings:
        """Read and check all settings; raises `BadSetting` for the first that cannot be used."""
        instance = Path(environ.get("INSTANCE") or ROOT / "instance").expanduser().resolve()
        return cls(
            instance=instance,
            host=environ.get("HOST") or "127.0.0.1",
            port=_integer(environ, "PORT", 8000, 1, 65535),
            database_url=_database_url(environ.get("DATABASE_URL") or f"sqlite:///{instance / 'ieum.db'}"),
            redis_url=environ.get("REDIS_URL") or redis_server.address(instance),
            storage_url=environ.get("STORAGE_URL") or str(instance / "storage"),
            secret_key=environ.get("SECRET_KEY") or _kept_secret(instance),
            device=_choice(environ, "DEVICE", ("auto", "cpu", "cuda")),
            learn_seconds=_number(environ, "LEARN_SECONDS", 60.0, 0.5, 3_000.0),
            job_seconds=_number(environ, "JOB_SECONDS", 600.0, 1.0, 3_600.0),
            writer_threads=_integer(environ, "WRITER_THREADS", 2, 1, 256),
            writer_size=_choice(environ, "WRITER_SIZE", ("default", "tiny")),
            legacy_api_allow=_addresses(environ.get("LEGACY_API_ALLOW", "127.0.0.1,::1")),
            trusted_proxies=_integer(environ, "TRUSTED_PROXIES", 0, 0, 10),
            max_upload_bytes=_integer(environ, "MAX_UPLOAD_BYTES", 8 * 1024 * 1024, 1024, 1 << 30),
            relay_tick_seconds=_number(environ, "RELAY_TICK_SECONDS", 2.0, 0.1, 60.0),
            log_level=_choice(environ, "LOG_LEVEL", ("INFO", "DEBUG", "WARNING", "ERROR")),
            rate_limits=_choice(environ, "RATE_LIMITS", ("on", "off")) == "on",
            web_workers=_integer(environ, "WEB_WORKERS", 1, 1, 64),
        )


def _choice(environ: Mapping[str, str], name: str, allowed: tuple[str, ...]) -> str:
    """One of `allowed`; the first is the default."""
    value = environ.get(name) or allowed[0]
    if value not in allowed:
        raise BadSetting(
            f"{name}={value!r}: 쓸 수 있는 값은 {', '.join(allowed)}예요. (one of these is needed)"
        )
    return value


def _number(environ: Mapping[str, str], name: str, default: float, low: float, high: float) -> float:
    text = environ.get(name) or str(default)
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not low <= value <= high:
        raise BadSetting(
            f"{name}={text!r}: {low}부터 {high} 사이의 수여야 해요. (a number in this range is needed)"
        )
    return value


def _integer(environ: Mapping[str, str], name: str, default: int, low: int, high: int) -> int:
    value = _number(environ, name, default, low, high)
    if value != int(value):
        raise BadSetting(f"{name}={value!r}: 정수여야 해요. (a whole number is needed)")
    return int(value)


def _addresses(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _database_url(url: str) -> str:
    """The same address with the driver that we ship named, since SQLAlchemy refuses or guesses without it."""
    for short, full in (
        ("postgres://", "postgresql+psycopg://"),
        ("postgresql://", "postgresql+psycopg://"),
        ("mysql://", "mysql+pymysql://"),
        ("mariadb://", "mariadb+pymysql://"),
    ):
        if url.startswith(short):
            return full + url[len(short) :]
    return url


def _kept_secret(instance: Path) -> str:
    """The secret made at the first start and kept, readable by its owner alone."""
    path = instance / "secret_key"
    instance.mkdir(parents=True, exist_ok=True)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_text(encoding="ascii").strip()
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32))
    return path.read_text(encoding="ascii").strip()
