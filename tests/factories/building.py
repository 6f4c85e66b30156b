"""Keys and transactions for what the other builders make."""

from __future__ import annotations

from collections.abc import Callable
from itertools import count
from typing import Any, TypeVar

from flask import Flask

from app.foundation.database import db, transaction

_numbers = count(1)


def a_key() -> str:
    """A key as forms send one, each time another."""
    return f"key-{next(_numbers):08}"


def a_number() -> int:
    """The next number, each time another."""
    return next(_numbers)


Made = TypeVar("Made")


def made(app: Flask, build: Callable[[], Made]) -> int:
    """Build something in a transaction of its own and answer its id; for tests that go on over HTTP."""
    with app.app_context(), transaction():
        thing: Any = build()
        db.session.flush()
        return int(thing.id)
