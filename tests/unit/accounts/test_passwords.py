"""Hashing passwords."""

from __future__ import annotations

import time
import timeit
from collections.abc import Callable

from argon2 import PasswordHasher

from webapp.core.accounts import passwords


def processor_time(work: Callable[[], object]) -> float:
    """Seconds of a processor: other test processes run meanwhile."""
    return min(timeit.repeat(work, number=1, repeat=5, timer=time.process_time))


def test_the_right_password_fits_and_another_does_not() -> None:
    kept = passwords.hash_password("비밀번호123")
    assert passwords.is_right("비밀번호123", kept)
    assert not passwords.is_right("비밀번호124", kept)


def test_the_same_password_is_hashed_differently_each_time_with_argon2id() -> None:
    first, second = (passwords.hash_password("비밀번호123") for _ in range(2))
    assert first != second
    assert first.startswith("$argon2id$")


def test_without_a_hash_nothing_fits() -> None:
    assert not passwords.is_right("비밀번호123", None)


def test_an_unknown_name_takes_as_long_as_a_wrong_password() -> None:
    kept = passwords.hash_password("비밀번호123")
    passwords.is_right("다른 비밀번호", None)
    known = processor_time(lambda: passwords.is_right("다른 비밀번호", kept))
    unknown = processor_time(lambda: passwords.is_right("다른 비밀번호", None))
    assert 0.5 < unknown / known < 2


def test_what_is_no_hash_fits_nothing() -> None:
    assert not passwords.is_right("비밀번호123", "!")


def test_a_hash_made_with_other_parameters_is_outdated() -> None:
    weak = PasswordHasher(time_cost=1, memory_cost=1024, parallelism=1).hash("비밀번호123")
    assert passwords.is_outdated(weak)
    assert not passwords.is_outdated(passwords.hash_password("비밀번호123"))


def test_any_text_can_be_tried() -> None:
    assert not passwords.is_right("\ud800\x00", passwords.hash_password("비밀번호123"))
