"""Counting what is sent to the database: how many statements a page costs, and which."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy import event

from app.foundation.database import db
from tests.client import StrictClient


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The questions and changes that are sent meanwhile; not that a transaction begins, nor what SQLite is told."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            sent.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def cost(app: Flask, client: StrictClient, address: str) -> int:
    """How many statements a page costs that was asked for before."""
    client.get(address)
    with counted(app) as statements:
        assert client.get(address).status_code == 200
    return len(statements)
