"""Searching: a query and filters in, a page of results out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from app.search.index import visibility
from app.search.index.engine import Facet, Hits, Query, Sort
from app.search.index.registry import COMMENTS, engine
from app.search.query import questions
from app.search.query.parsing import Parsed, parse
from app.search.query.questions import Answer
from app.search.query.spelling import Correction, did_you_mean
from app.search.query.understanding import (
    MIN_SIMILARITY,
    MIN_SIMILARITY_BESIDE_RESULTS,
    RecognisedTopic,
    accept_some_words,
    named_without_overview,
    nearest_topics,
    understand,
)
from app.search.results import items
from app.search.results.filters import FilterOptions, SearchFilters, read_field_words, search_options
from app.search.results.items import Item
from app.search.results.sections import SoughtWords
from app.search.results.snippets import HighlightTerms
from app.topics.models import Topic

PER_PAGE = 20
MAX_PAGES = 50
# If fewer results have all words of a query, those that have only some of them follow, up to this number.
FILL_TO = 5 * PER_PAGE
# How often a page is looked up again because a hit was not public any more.
ATTEMPTS = 3


@dataclass(frozen=True)
class SearchRequest:
    """What a reader asks for: the query as typed, the values of the filters as in the address, order and page."""

    text: str = ""
    values: Mapping[Facet, tuple[str, ...]] = field(default_factory=dict)
    sort: Sort = Sort.RELEVANCE
    page: int = 1

    @cached_property
    def parsed(self) -> Parsed:
        """The parsed query."""
        return parse(self.text)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to look up."""
        return not (self.parsed.text or any(self.values.values()))


@dataclass(frozen=True)
class SearchResults:
    """A page of results.

    `parsed` is the query without its field words, `total` the number of all results, `complete` the number of those
    that have all words of the query, which come first, and `counts` the number by kind of these, or of all if no
    result has all words. `filters` are those that were applied, `facets` the choices of further ones, counted likewise.
    `recognised_topics` are the topics that the query names, `topic_pages` those with a page that is no result,
    `nearest_topics` topics to offer where nothing has all words, `correction` another spelling to offer, which is never
    applied by itself.
    """

    parsed: Parsed
    page: int
    total: int
    counts: dict[str, int]
    items: Sequence[Item]
    filters: SearchFilters
    recognised_topics: Sequence[RecognisedTopic] = ()
    facets: Sequence[FilterOptions] = ()
    topic_pages: Sequence[Topic] = field(default_factory=list)
    nearest_topics: Sequence[Topic] = field(default_factory=list)
    correction: Correction | None = None
    complete: int = 0
    sort: Sort = Sort.RELEVANCE

    @property
    def unknown(self) -> Sequence[str]:
        """Values of filters that do not exist."""
        return self.filters.unknown

    @property
    def quotes_may_hinder(self) -> bool:
        """Whether nothing was found, and the quotes in the query may be why."""
        return not self.total and any(part.quoted for part in self.parsed.included)

    @property
    def complete_items(self) -> Sequence[Item]:
        """The results on this page that have all words."""
        return self.items[: max(0, self.complete - PER_PAGE * (self.page - 1))]

    @property
    def incomplete_items(self) -> Sequence[Item]:
        """The results on this page that have only some of the words."""
        return self.items[len(self.complete_items) :]

    @property
    def pages(self) -> int:
        """The number of pages, at least 1 and at most MAX_PAGES."""
        return min(MAX_PAGES, max(1, -(-self.total // PER_PAGE)))

    @property
    def max_results(self) -> int:
        """The number of results that pages show at most."""
        return MAX_PAGES * PER_PAGE

    @property
    def is_truncated(self) -> bool:
        """Whether there are more results than pages show."""
        return self.total > self.max_results


def search(search_request: SearchRequest) -> SearchResults:
    """Answer a search. Raises IndexUnavailable if its index is missing or damaged."""
    parsed, from_words = read_field_words(search_request.parsed)
    filters = SearchFilters.read(
        {facet: (*search_request.values.get(facet, ()), *from_words.get(facet, ())) for facet in Facet}
    )
    if filters.unknown or (parsed.text and not parsed.parts):
        return SearchResults(parsed, 1, 0, dict.fromkeys(filters.index.kinds, 0), [], filters)
    query, recognised = understand(parsed)
    answer = questions.answer(parsed, query)
    query = answer.lift(query)
    sort, (page, hits, found) = _sorted_results(query, answer, filters, search_request)
    correction = did_you_mean(parsed, hits, filters.index_filters, filters.index)
    counted = hits.counts[Facet.KIND]
    return SearchResults(
        parsed,
        page,
        hits.total,
        {kind: counted.get(kind, 0) for kind in filters.index.kinds},
        found,
        filters,
        recognised_topics=recognised,
        facets=search_options(hits.counts, filters),
        topic_pages=named_without_overview(query),
        nearest_topics=_nearest_topics(parsed, hits),
        correction=correction,
        complete=hits.complete,
        sort=sort,
    )


def _sorted_results(
    query: Query, answer: Answer, filters: SearchFilters, search_request: SearchRequest
) -> tuple[Sort, tuple[int, Hits, list[Item]]]:
    """The order that was used, and the page that `_look_up` answers."""
    number = min(max(search_request.page, 1), MAX_PAGES)
    # Comments have no count of readers whom they helped.
    is_unknown = search_request.sort is Sort.HELPFUL and filters.index is COMMENTS
    sort = Sort.RELEVANCE if is_unknown else search_request.sort
    if sort is not Sort.RELEVANCE:
        answered = _look_up(query, answer, filters, sort, number)
        if answered[1].total:
            return sort, answered
    # What has only some of the words is worth reading only if the closest comes first.
    some_words = accept_some_words(query, FILL_TO)
    return Sort.RELEVANCE, _look_up(some_words, answer, filters, Sort.RELEVANCE, number)


def _nearest_topics(parsed: Parsed, hits: Hits) -> list[Topic]:
    if hits.complete:
        return []
    return nearest_topics(parsed, MIN_SIMILARITY_BESIDE_RESULTS if hits.total else MIN_SIMILARITY)


def _look_up(
    query: Query, answer: Answer, filters: SearchFilters, sort: Sort, page: int
) -> tuple[int, Hits, list[Item]]:
    """(number, hits, items) of a page; the last page if there are fewer.

    If the index contains something that is not public and has no row in the outbox, the page is looked up again without
    it, so that neither page nor counts include it.
    """
    # Before the engine is asked, see `visibility.hidden_keys`.
    exclude = visibility.hidden_keys()
    terms = _highlight_terms(query, answer)
    for _attempt in range(ATTEMPTS):
        hits = _hits(query, filters, exclude, sort, page)
        if hits.total and not hits.keys:
            page = min(MAX_PAGES, -(-hits.total // PER_PAGE))
            hits = _hits(query, filters, exclude, sort, page)
        found = items.read_items(hits.keys, terms)
        not_public = set(hits.keys) - {item.key for item in found}
        if not not_public:
            break
        exclude = exclude | not_public
    return page, hits, found


def _hits(query: Query, filters: SearchFilters, exclude: Collection[str], sort: Sort, page: int) -> Hits:
    offset = (page - 1) * PER_PAGE
    return engine(filters.index).search(query, filters.index_filters, exclude, sort=sort, offset=offset, limit=PER_PAGE)


def _highlight_terms(query: Query, answer: Answer) -> HighlightTerms:
    """The words that snippets mark, and what a section should speak of: what is asked beside the topics of the page."""
    free = [clause for clause in query.clauses if not clause.literal]
    return HighlightTerms(
        {words for clause in free for words in (*clause.exact, *clause.others)},
        {words for clause in query.clauses if clause.literal for words in clause.typed},
        SoughtWords({words for clause in free if not clause.topics for words in clause.exact}, answer.words),
    )
