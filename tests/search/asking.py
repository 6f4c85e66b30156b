"""What the tests of search ask, in the words of a test. Needs an application context."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from app.foundation import events
from app.foundation.database import db, transaction
from app.search.index.engine import Facet, Sort
from app.search.results import search
from app.search.results.search import SearchRequest, SearchResults
from tests.factories.stories import a_published_story

# Words that are found in every story, so that nothing is rare merely because there are few stories.
FILLER = "It was a long year and we tried one thing after the other until the summer came."


@contextmanager
def published() -> Iterator[None]:
    """What is written inside is committed and found afterwards."""
    with transaction():
        yield
    events.drain_all()


def publish(stories: Mapping[str, str]) -> None:
    """Publish stories, by their titles: each says these words and then FILLER."""
    with published():
        for title, words in stories.items():
            a_published_story(title=title, body=f"{words} {FILLER}")


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
