"""Hashing passwords with argon2id, a few at a time.

Memory and time follow OWASP's password storage cheat sheet (19 MiB, two passes, one lane): about 20 ms, which a web
process that serves many streams can bear. More at once than `_ROOMS` wait, so that a burst cannot eat the memory.
"""

from __future__ import annotations

import functools
import secrets
import threading

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)
_ROOMS = threading.BoundedSemaphore(2)


def hash_password(password: str) -> str:
    """The argon2id hash of a password, with its salt and parameters."""
    with _ROOMS:
        return _HASHER.hash(_bytes(password))


def is_right(password: str, password_hash: str | None) -> bool:
    """Whether the password fits; without a hash it takes the same time and does not."""
    with _ROOMS:
        try:
            fits: bool = _HASHER.verify(password_hash or _nobodys_hash(), _bytes(password))
        except (VerificationError, InvalidHashError):
            return False
    return fits and password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Whether the hash was made with other parameters than those of today."""
    return _HASHER.check_needs_rehash(password_hash)


@functools.cache
def _nobodys_hash() -> str:
    return _HASHER.hash(secrets.token_bytes(16))


def _bytes(password: str) -> bytes:
    return password.encode("utf-8", "surrogatepass")
