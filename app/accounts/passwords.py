"""Passwords: hashing with argon2id in a thread of its own, and checking that they are strong enough."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import BoundedSemaphore, Lock, get_native_id
from typing import Any, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from flask import Flask, current_app
from flask_babel import gettext as _
from zxcvbn_rs_py import zxcvbn

from app.foundation.errors import Busy, Refused

Result = TypeVar("Result")

MIN_LENGTH = 10
MAX_LENGTH = 256
# zxcvbn's scale is 0 to 4; below 2 an attacker needs less than a million guesses.
MIN_SCORE = 2
# How many passwords are hashed or wait for it at the same time, in one process. Each keeps one web thread waiting; the
# others go on serving pages.
MAX_WAITING = 3


class Hashing:
    """A thread that hashes passwords, one after the other, at a lower priority than the threads that serve pages.

    Hashing is slow on purpose (some 50 ms of a processor, 19 MiB). Done by whoever asks, a flood of log-ins would take
    all processors and all web threads, and nobody could read.
    """

    def __init__(self, hasher: PasswordHasher) -> None:
        self.hasher = hasher
        self.nobody = hasher.hash("nobody has this password")
        self._places = BoundedSemaphore(MAX_WAITING)
        self._process = 0
        self._thread: ThreadPoolExecutor | None = None
        self._lock = Lock()

    def run(self, work: Callable[[], Result]) -> Result:
        """Do the work in the thread and return its result. Raises Busy if too many wait already."""
        if not self._places.acquire(blocking=False):
            raise Busy(_("A lot of people are logging in right now. Try again in a few seconds."))
        try:
            return self._executor().submit(work).result()
        finally:
            self._places.release()

    def _executor(self) -> ThreadPoolExecutor:
        with self._lock:
            # Threads do not survive a fork: each process has its own.
            if self._thread is None or self._process != os.getpid():
                self._thread = ThreadPoolExecutor(1, "passwords", initializer=_lower_priority)
                self._process = os.getpid()
            return self._thread


def _lower_priority() -> None:
    if sys.platform == "linux":
        # On Linux the priority is that of the thread, not of the process.
        with contextlib.suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, get_native_id(), 10)


def init_app(app: Flask) -> None:
    """Create the hasher with the configured cost."""
    hasher = PasswordHasher(
        memory_cost=app.config["ARGON2_MEMORY_KIB"], time_cost=app.config["ARGON2_TIME_COST"], parallelism=1
    )
    app.extensions["salve.passwords"] = Hashing(hasher)


def _hashing() -> Hashing:
    hashing: Hashing = current_app.extensions["salve.passwords"]
    return hashing


def make_hash(password: str) -> str:
    """Return the argon2id hash of a password. Slow on purpose: call it before the write lock is taken.

    Raises Busy if too many passwords are being hashed.
    """
    hashing = _hashing()
    return hashing.run(lambda: hashing.hasher.hash(password))


def verify(password_hash: str | None, password: str) -> bool:
    """Return whether the password matches the hash. Without a hash it takes as long, so timing reveals nothing.

    Raises Busy if too many passwords are being hashed.
    """
    hashing = _hashing()

    def matches() -> bool:
        try:
            return hashing.hasher.verify(password_hash or hashing.nobody, password) and password_hash is not None
        except (VerificationError, InvalidHashError):
            return False

    return hashing.run(matches)


def check_strength(password: str, *known: str) -> None:
    """Raise Refused if the password is too short, too long or easily guessed; `known` are the person's own words."""
    if len(password) < MIN_LENGTH:
        raise Refused(
            _("Use at least %(least)s characters. A few unrelated words are easy to remember.", least=MIN_LENGTH),
            "password",
        )
    if len(password) > MAX_LENGTH:
        raise Refused(_("Use %(most)s characters or fewer.", most=MAX_LENGTH), "password")
    # Its cost grows quadratically with the length, and the beginning decides anyway.
    verdict: Any = zxcvbn(password[:100], list(known))
    if int(verdict.score) < MIN_SCORE:
        raise Refused(_("That password is easy to guess. A few unrelated words make a better one."), "password")
