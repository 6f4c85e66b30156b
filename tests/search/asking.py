"""What the tests of search ask, in the words of a test. Needs an application context."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from app.foundation import events
from app.foundation.database import db, transaction
from app.search.index.engine import Facet, Sort
from app.search.results import search
from app.search.results.search import SearchRequest, SearchResults


@contextmanager
def published() -> Iterator[None]:
    """What is written inside is committed and found afterwards."""
    with transaction():
        yield
    events.drain_all()


def look_up(
    text: str = "", *, sort: Sort = Sort.RELEVANCE, page: int = 1, **filters: str | Sequence[str] | None
) -> SearchResults:
    """The result of a search, as the next request gets it. A filter is one value or several."""
    db.session.rollback()
    values = {
        Facet(name): (value,) if isinstance(value, str) else tuple(value) for name, value in filters.items() if value
    }
    return search.search(SearchRequest(text, values, sort, page))


def titles(text: str = "", *, sort: Sort = Sort.RELEVANCE, page: int = 1, **filters: str | Sequence[str]) -> list[str]:
    """What is found, best first."""
    return [item.title for item in look_up(text, sort=sort, page=page, **filters).items]
