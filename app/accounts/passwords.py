"""Passwords: hashing with argon2id, a limited number at a time, and checking that they are strong enough."""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, current_app
from zxcvbn_rs_py import zxcvbn

from app.foundation.errors import Refused

MIN_LENGTH = 10
MAX_LENGTH = 256
# zxcvbn's scale is 0 to 4; below 2 an attacker needs less than a million guesses.
MIN_SCORE = 2
# Each hash needs 19 MiB: two at a time limit the memory that a flood of log-ins can take.
_slots = BoundedSemaphore(2)


def init_app(app: Flask) -> None:
    """Create the hasher with the configured cost."""
    hasher = PasswordHasher(
        memory_cost=app.config["ARGON2_MEMORY_KIB"], time_cost=app.config["ARGON2_TIME_COST"], parallelism=1
    )
    app.extensions["salve.passwords"] = (hasher, hasher.hash("nobody has this password"))


def _state() -> tuple[PasswordHasher, str]:
    state: tuple[PasswordHasher, str] = current_app.extensions["salve.passwords"]
    return state


def make_hash(password: str) -> str:
    """Return the argon2id hash of a password. Slow on purpose: call it before the write lock is taken."""
    with _slots:
        return _state()[0].hash(password)


def verify(password_hash: str | None, password: str) -> bool:
    """Return whether the password matches the hash. Without a hash it takes as long, so timing reveals nothing."""
    hasher, nobody = _state()
    with _slots:
        try:
            return hasher.verify(password_hash or nobody, password) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False


def check_strength(password: str, *known: str) -> None:
    """Raise Refused if the password is too short, too long or easily guessed; `known` are the person's own words."""
    if len(password) < MIN_LENGTH:
        raise Refused(f"Use at least {MIN_LENGTH} characters. A few unrelated words are easy to remember.", "password")
    if len(password) > MAX_LENGTH:
        raise Refused(f"Use at most {MAX_LENGTH} characters.", "password")
    # Its cost grows quadratically with the length, and the beginning decides anyway.
    verdict: Any = zxcvbn(password[:100], list(known))
    if int(verdict.score) < MIN_SCORE:
        raise Refused("This password is easy to guess. A few unrelated words make a better one.", "password")
