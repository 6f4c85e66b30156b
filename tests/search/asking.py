"""What the tests of search ask, in the words of a test. Needs an application context."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from app.foundation import events
from app.foundation.database import db, transaction
from app.search import finding
from app.search.finding import Asked, Result


@contextmanager
def published() -> Iterator[None]:
    """What is written inside is committed and found afterwards."""
    with transaction():
        yield
    events.drain_all()


def look_up(text: str = "", **filters: Any) -> Result:
    """The result of a search, as the next request gets it."""
    db.session.rollback()
    return finding.run(Asked(text, **filters))


def titles(text: str = "", **filters: Any) -> list[str]:
    """What is found, best first."""
    return [item.title for item in look_up(text, **filters).items]
