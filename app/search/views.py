"""The pages of search."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Blueprint, jsonify, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.foundation import kinds
from app.foundation.access import public
from app.foundation.web.forms import one_line
from app.foundation.web.pagination import Page, requested_number
from app.search.index.engine import Facet, IndexUnavailable, Sort
from app.search.index.registry import COMMENTS
from app.search.query import suggestions as query_suggestions
from app.search.query.parsing import has_quotes
from app.search.results import search
from app.search.results.filters import MAX_VALUES
from app.search.results.items import Item
from app.search.results.search import SearchRequest, SearchResults

bp = Blueprint("search", __name__)
log = logging.getLogger(__name__)

# Seconds until a browser or a crawler should try again while the index is rebuilt.
RETRY_AFTER = "30"
# No slug is longer.
MAX_VALUE_LENGTH = 100
# The filters that apply to comments as well: comments are filed under the topics of their page.
COMMENT_FACETS = (Facet.CONDITION, Facet.TREATMENT, Facet.YEAR)
SORTS: Mapping[Sort, LazyString] = {
    Sort.RELEVANCE: _l("Best match first"),
    Sort.NEWEST: _l("Newest first"),
    Sort.HELPFUL: _l("Most helpful first"),
}


@bp.get("/search")
@public
def results() -> ResponseReturnValue:
    """The results of a query and filters; only the search field if there are neither."""
    search_request = _search_request()
    try:
        result = search.search(search_request) if not search_request.is_empty else None
    except IndexUnavailable as reason:
        log.error("search is unavailable: %s", reason)  # noqa: TRY400 - the trace would say no more
        return _page(search_request, None, available=False), 503, {"Retry-After": RETRY_AFTER}
    return _page(search_request, result)


@bp.get("/search/suggest")
@public
def suggest() -> ResponseReturnValue:
    """Suggestions for what is being typed, as JSON: `suggestions`, a list of objects with `title`, `note` and `url`."""
    suggestions = [
        {"title": each.title, "note": each.name or str(kinds.title(each.kind)), "url": each.url}
        for each in query_suggestions.suggest(request.args.get("q", ""))
    ]
    response = jsonify(suggestions=suggestions)
    # So that nothing is suggested after it was hidden.
    response.headers["Cache-Control"] = "no-cache"
    return response


def _search_request() -> SearchRequest:
    sort = request.args.get("sort")
    return SearchRequest(
        request.args.get("q", ""),
        values={facet: values for facet in Facet if (values := _values(facet))},
        sort=Sort(sort) if sort in set(Sort) else Sort.RELEVANCE,
        page=requested_number(),
    )


def _values(name: str) -> tuple[str, ...]:
    values = (one_line(value)[:MAX_VALUE_LENGTH] for value in request.args.getlist(name)[:MAX_VALUES])
    return tuple(value for value in values if value)


def _page(search_request: SearchRequest, result: SearchResults | None, *, available: bool = True) -> str:
    # Field words have become filters.
    text = result.parsed.text if result else search_request.parsed.text
    values = result.filters.values if result else search_request.values
    sort = result.sort if result else search_request.sort
    among_comments = values.get(Facet.KIND) == COMMENTS.kinds
    # The choice of comments is kept when filters are taken away.
    kinds = {Facet.KIND: COMMENTS.kinds} if among_comments else {}
    return render_template(
        "search/results.html",
        heading=_heading(text, result),
        text=text,
        sort=sort,
        among_comments=among_comments,
        other_url=_other_index_url(text, values, sort, among_comments=among_comments),
        result=result,
        available=available,
        page=_result_page(text, sort, result) if result else None,
        sorts={each: words for each, words in SORTS.items() if not (among_comments and each is Sort.HELPFUL)},
        corrected_url=(_search_url(result.correction.text, values, sort) if result and result.correction else None),
        cleared_url=_search_url(text, kinds, sort) if values != kinds else None,
        unquoted_url=_search_url(result.parsed.unquoted, values, sort) if result and result.quotes_may_hinder else None,
    )


def _heading(text: str, result: SearchResults | None) -> str:
    if has_quotes(text):
        return str(_("Search for %(query)s", query=text))
    if text:
        return str(_("Search for “%(query)s”", query=text))
    if result and result.filters.topic_names:
        return str(_("Newest stories about %(topics)s", topics=", ".join(result.filters.topic_names)))
    return str(_("Search"))


def _search_url(text: str, values: Mapping[Facet, tuple[str, ...]], sort: Sort, page: int = 1) -> str:
    """The address of a search. Without url_for, which reserves some names of parameters."""
    query: list[tuple[str, str | int]] = [("q", text)] if text else []
    query += [(facet, value) for facet in Facet for value in values.get(facet, ())]
    query += [("sort", sort)] if sort is not Sort.RELEVANCE else []
    query += [("page", page)] if page > 1 else []
    path = url_for("search.results")
    return f"{path}?{urlencode(query)}" if query else path


def _other_index_url(
    text: str, values: Mapping[Facet, tuple[str, ...]], sort: Sort, *, among_comments: bool
) -> str | None:
    """The address of the same search in the other index; None without a query or filters that apply there."""
    kept = {facet: each for facet, each in values.items() if facet in COMMENT_FACETS}
    if not (text or kept):
        return None
    kinds = {} if among_comments else {Facet.KIND: COMMENTS.kinds}
    return _search_url(text, {**kept, **kinds}, sort if sort is not Sort.HELPFUL else Sort.RELEVANCE)


def _result_page(text: str, sort: Sort, result: SearchResults) -> Page[Item]:
    def at(number: int) -> str | None:
        return _search_url(text, result.filters.values, sort, number) if 1 <= number <= result.pages else None

    return Page(result.items, at(result.page - 1), at(result.page + 1), result.page, result.pages, result.total)
