"""Helpers for tests of search: publishing and indexing stories, and searching. They need an application context."""

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
def committed_and_indexed() -> Iterator[None]:
    """A context manager: what is written inside is committed, and indexed at the end."""
    with transaction():
        yield
    events.drain_all()


def publish_stories(stories: Mapping[str, str]) -> None:
    """Publish stories, given as title -> text; FILLER is added to each text."""
    with committed_and_indexed():
        for title, words in stories.items():
            a_published_story(title=title, body=f"{words} {FILLER}")


def search_for(
    text: str = "", *, sort: Sort = Sort.RELEVANCE, page: int = 1, **filters: str | Sequence[str] | None
) -> SearchResults:
    """The result of a search, as the next request gets it. A filter is one value or several."""
    db.session.rollback()
    values = {
        Facet(name): (value,) if isinstance(value, str) else tuple(value) for name, value in filters.items() if value
    }
    return search.search(SearchRequest(text, values, sort, page))


def found_titles(
    text: str = "", *, sort: Sort = Sort.RELEVANCE, page: int = 1, **filters: str | Sequence[str]
) -> list[str]:
    """The titles of the results with all words of a query, best first."""
    return [item.title for item in search_for(text, sort=sort, page=page, **filters).complete_items]


def titles_with_some_words(text: str) -> list[str]:
    """The titles of the results with only some words of a query, best first."""
    return [item.title for item in search_for(text).incomplete_items]
