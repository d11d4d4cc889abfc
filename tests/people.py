"""Things that many tests need: people who can vote, and many doing something at the same moment."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from flask import Flask

from webapp import clock
from webapp.core.accounts.models import Account
from webapp.core.accounts.rules import name_key
from webapp.db import session, transaction

T = TypeVar("T")


def person(name: str, role: str = "participant") -> Account:
    """An account that nobody signs in to, made without the work of hashing a password."""
    with transaction():
        account = Account(
            name=name, name_key=name_key(name), password_hash="!", role=role, created_at=clock.now()
        )
        session.add(account)
    return account


def at_once(app: Flask, actions: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Do all of these at the same moment, each in a thread and an app context of its own.

    Returns what each gave or raised, in order.
    """
    gate = threading.Barrier(len(actions))

    def run(action: Callable[[], T]) -> T | Exception:
        with app.app_context():
            gate.wait()
            try:
                return action()
            except Exception as error:  # noqa: BLE001 - what was raised is what the test looks at
                return error

    with ThreadPoolExecutor(len(actions)) as pool:
        outcomes = list(pool.map(run, actions))
    # What this thread has read before is read anew from here on.
    session.rollback()
    return outcomes
