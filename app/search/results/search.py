"""Finding: a reader's query and filters in, a page of results out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from app.search.index import visibility
from app.search.index.engine import Facet, Hits, Query, Sort
from app.search.index.registry import COMMENTS, engine
from app.search.query.parsing import Parsed, parse
from app.search.query.spelling import FEW, Correction, did_you_mean
from app.search.query.understanding import Understood, nearest, relaxed, understand
from app.search.results import items
from app.search.results.choices import FilterOptions, search_options
from app.search.results.filters import SearchFilters, read_field_words
from app.search.results.items import Item
from app.search.results.snippets import Wanted
from app.topics.models import Topic

PER_PAGE = 20
MOST_PAGES = 50
# How often a page is put together again because the index knew of something that is not there any more.
ATTEMPTS = 3


@dataclass(frozen=True)
class SearchRequest:
    """What a reader asks for: words, and for each facet the values of the address (slugs of topics, codes, years)."""

    text: str = ""
    values: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    page: int = 1

    @cached_property
    def parsed(self) -> Parsed:
        """The words as they are understood."""
        return parse(self.text)

    @property
    def asks_something(self) -> bool:
        """Whether there is anything to look up."""
        return bool(self.parsed.text or any(self.values.values()))


@dataclass(frozen=True)
class SearchResults:
    """A page of what was found.

    `parsed` is the query without the field words that were understood. `total` is what can be paged through, `counts`
    what there is of each kind in the index that was asked. `filters` is what it was narrowed to, with the names of its
    topics, `facets` what else it can be narrowed to. `sort` is the order it is in.
    """

    parsed: Parsed
    page: int
    total: int
    counts: dict[str, int]
    items: Sequence[Item]
    filters: SearchFilters
    understood: Sequence[Understood] = ()
    facets: Sequence[FilterOptions] = ()
    nearest: Sequence[Topic] = field(default_factory=list)
    # Offered, never imposed.
    correction: Correction | None = None
    # Hardly anything says all of the words: these say some of them.
    is_relaxed: bool = False
    sort: Sort = Sort.RELEVANCE

    @property
    def unknown(self) -> Sequence[str]:
        """Filters that nothing can meet because their value does not exist."""
        return self.filters.unknown

    @property
    def in_vain(self) -> bool:
        """Whether nothing was found and quotes may be why."""
        return not self.total and any(part.quoted for part in self.parsed.wanted)

    @property
    def pages(self) -> int:
        """How many pages there are to see; nothing found is one."""
        return min(MOST_PAGES, max(1, -(-self.total // PER_PAGE)))

    @property
    def most(self) -> int:
        """How many results can be paged through."""
        return MOST_PAGES * PER_PAGE

    @property
    def is_cut(self) -> bool:
        """Whether there is more than can be paged through."""
        return self.total > self.most


def search(asked: SearchRequest) -> SearchResults:
    """Look up what is asked for. Raises IndexUnavailable while there is no index of it."""
    parsed, said = read_field_words(asked.parsed)
    filters = SearchFilters.read({facet: (*asked.values.get(facet, ()), *said.get(facet, ())) for facet in Facet})
    if filters.unknown or (parsed.text and not parsed.parts):
        return SearchResults(parsed, 1, 0, dict.fromkeys(filters.index.kinds, 0), [], filters)
    query, understood = understand(parsed)
    number = min(max(asked.page, 1), MOST_PAGES)
    # Nobody says of a comment that it helped.
    sort = Sort.RELEVANCE if asked.sort is Sort.HELPFUL and filters.index is COMMENTS else asked.sort
    page, hits, found = _look_up(query, filters, sort, number)
    correction = did_you_mean(parsed, hits, filters.index_filters, filters.index)
    some_of = relaxed(query) if hits.total < FEW else None
    if some_of is not None:
        page, hits, found = _look_up(some_of, filters, sort, number)
    counted = hits.counts[Facet.KIND]
    return SearchResults(
        parsed,
        page,
        hits.total,
        {kind: counted.get(kind, 0) for kind in filters.index.kinds},
        found,
        filters,
        understood=understood,
        facets=search_options(hits.counts, filters),
        nearest=[] if hits.total else nearest(parsed),
        correction=correction,
        is_relaxed=some_of is not None,
        sort=sort,
    )


def _look_up(query: Query, filters: SearchFilters, sort: Sort, page: int) -> tuple[int, Hits, list[Item]]:
    """The page with its items, or the last one there is.

    What is masked is read before the engine opens the index, see `visibility`. Where the index still knows of more than
    there is (a row of the outbox was lost, say), what is gone is left out of the count as well.
    """
    exclude = visibility.masked()
    wanted = _wanted(query)
    for _attempt in range(ATTEMPTS):
        hits = _hits(query, filters, exclude, sort, page)
        if hits.total and not hits.keys:
            page = min(MOST_PAGES, -(-hits.total // PER_PAGE))
            hits = _hits(query, filters, exclude, sort, page)
        found = items.read(hits.keys, wanted)
        gone = set(hits.keys) - {item.key for item in found}
        if not gone:
            break
        exclude = exclude | gone
    return page, hits, found


def _hits(query: Query, filters: SearchFilters, exclude: Collection[str], sort: Sort, page: int) -> Hits:
    offset = (page - 1) * PER_PAGE
    return engine(filters.index).search(query, filters.index_filters, exclude, sort=sort, offset=offset, limit=PER_PAGE)


def _wanted(query: Query) -> Wanted:
    """All words and names that a snippet marks."""
    free = [clause for clause in query.clauses if not clause.literal]
    return Wanted(
        {words for clause in free for words in (*clause.exact, *clause.others)},
        {words for clause in query.clauses if clause.literal for words in clause.typed},
    )
