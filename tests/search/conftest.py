"""Fixtures of the tests of search."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.ctx import AppContext
from sqlalchemy import event

from app.foundation.database import db


@pytest.fixture
def statements(context: AppContext) -> Iterator[list[str]]:
    """The statements that are sent to the database from here on."""
    sent: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            sent.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    yield sent
    event.remove(db.engine, "before_cursor_execute", note)
