"""Logs: one line an event, with the fields that matter, on standard error."""

from __future__ import annotations

import logging

import structlog
from flask import Flask


def register_logs(app: Flask) -> None:
    """Set the level and shape of structlog's lines."""
    level = logging.getLevelNamesMapping()[app.config["SETTINGS"].log_level]
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.KeyValueRenderer(key_order=["timestamp", "level", "event"]),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=structlog.PrintLoggerFactory(),
    )
