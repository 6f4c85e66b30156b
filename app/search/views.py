"""Searching over HTTP."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import LazyString
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.foundation.access import public
from app.foundation.forms import one_line
from app.foundation.pagination import asked_number
from app.search import finding
from app.search.documents import KINDS
from app.search.engine import IndexUnavailable
from app.search.finding import Asked, Result
from app.topics.models import Topic, TopicKind

bp = Blueprint("search", __name__)
log = logging.getLogger(__name__)

# Seconds after which a browser or a crawler may ask again while the index is being built.
RETRY_AFTER = "30"
# No slug is longer.
LONGEST_VALUE = 100
SEVERAL: Mapping[str, LazyString] = {
    "story": _l("Stories"),
    "topic": _l("Topics"),
    "article": _l("Articles"),
    "comment": _l("Comments"),
}


@dataclass(frozen=True)
class Pager:
    """Where one is among the pages of a result."""

    number: int
    pages: int
    previous_url: str | None
    next_url: str | None


@bp.get("/search", endpoint="find")
@public
def find() -> ResponseReturnValue:
    """What was found for a query and filters; the field alone while nothing is asked for."""
    asked = _asked()
    try:
        result = finding.run(asked) if asked.asks_something else None
    except IndexUnavailable as reason:
        log.error("search is unavailable: %s", reason)  # noqa: TRY400 - the trace would say no more
        return _page(asked, None, available=False), 503, {"Retry-After": RETRY_AFTER}
    return _page(asked, result)


def _asked() -> Asked:
    return Asked(
        request.args.get("q", ""),
        kind=_value("kind"),
        condition=_value("condition"),
        treatment=_value("treatment"),
        page=asked_number(),
    )


def _value(name: str) -> str | None:
    return one_line(request.args.get(name))[:LONGEST_VALUE] or None


def _page(asked: Asked, result: Result | None, *, available: bool = True) -> str:
    chosen = [topic for topic in (result.condition, result.treatment) if topic] if result else []
    return render_template(
        "search/find.html",
        heading=_heading(asked, chosen),
        asked=asked,
        result=result,
        available=available,
        tabs=_tabs(asked, result) if result else [],
        pager=_pager(asked, result) if result else None,
        filters=_filters(asked, chosen),
    )


def _heading(asked: Asked, chosen: Sequence[Topic]) -> str:
    if asked.parsed.text:
        return str(_("Search for “%(query)s”", query=asked.parsed.text))
    if chosen:
        return str(_("Newest about %(topics)s", topics=", ".join(topic.name for topic in chosen)))
    return str(_("Search"))


def _address(asked: Asked, **changes: Any) -> str:
    values = {"q": asked.parsed.text, "kind": asked.kind, "condition": asked.condition, "treatment": asked.treatment}
    return url_for("search.find", **{name: value for name, value in (values | changes).items() if value})


def _tabs(asked: Asked, result: Result) -> list[dict[str, Any]]:
    everything = {
        "url": _address(asked, kind=None),
        "label": _("Everything"),
        "count": sum(result.counts.values()),
        "current": not asked.kind,
    }
    kinds = [
        {
            "url": _address(asked, kind=kind),
            "label": SEVERAL[kind],
            "count": result.counts[kind],
            "current": asked.kind == kind,
        }
        for kind in KINDS
    ]
    return [everything, *kinds]


def _pager(asked: Asked, result: Result) -> Pager:
    def at(number: int) -> str | None:
        return _address(asked, page=number if number > 1 else None) if 1 <= number <= result.pages else None

    return Pager(result.page, result.pages, at(result.page - 1), at(result.page + 1))


def _filters(asked: Asked, chosen: Sequence[Topic]) -> list[dict[str, Any]]:
    """The two lists to choose from; what is chosen stands in its list even if no story tells of it."""
    offered = finding.offered_topics()
    for topic in chosen:
        if topic.about in offered and topic.slug not in {slug for slug, _name in offered[topic.about]}:
            offered[topic.about].append((topic.slug, topic.name))
    return [
        {
            "name": name,
            "label": label,
            "options": offered[about],
            "chosen": getattr(asked, name),
        }
        for name, label, about in (
            ("condition", _("Condition"), TopicKind.CONDITION),
            ("treatment", _("Treatment"), TopicKind.TREATMENT),
        )
    ]
