"""What a list of stories can be narrowed to: the choices of each filter, with how many stories each would give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask_babel import gettext as _

from app.foundation.database import db
from app.stories.answers import Duration, Effect, Severity
from app.stories.filters import StoryFilters
from app.topics.models import Topic, TopicKind

# Offered where nobody counts: the topics that have a page.
MOST_UNCOUNTED = 100
Counts = Mapping[Any, int]


@dataclass(frozen=True)
class FilterChoice:
    """One value of a filter: as it stands in an address, its words, and how many stories it would give, if known."""

    value: str
    words: str
    count: int | None
    is_chosen: bool


@dataclass(frozen=True)
class FilterOptions:
    """A filter with its choices."""

    name: str
    label: str
    choices: Sequence[FilterChoice]


def filter_options(
    filters: StoryFilters, counts: Mapping[str, Counts] | None, leave_out: str | None = None
) -> list[FilterOptions]:
    """Every filter with its choices, but for one that is decided already. `counts` are by name of the filter, then by
    id of a topic, code of an answer, or year. One statement. Where nobody counts, no year is offered but the chosen.
    """
    topics = _topics(counts)
    found = [
        FilterOptions("condition", _("Condition"), _of_topics(topics, TopicKind.CONDITION, filters.condition, counts)),
        FilterOptions("treatment", _("Treatment"), _of_topics(topics, TopicKind.TREATMENT, filters.treatment, counts)),
        FilterOptions(
            "effect", _("How well it worked"), _of_answers(Effect, filters.effect, (counts or {}).get("effect"))
        ),
        FilterOptions("side_effects", _("Side effects"), _of_answers(Severity, filters.side_effects, None)),
        FilterOptions("duration", _("Used for"), _of_answers(Duration, filters.duration, None)),
        FilterOptions("year", _("Year"), _of_years(filters.year, (counts or {}).get("year", {}))),
    ]
    return [each for each in found if each.choices and each.name != leave_out]


class _Named(NamedTuple):
    """What a choice needs of a topic."""

    id: int
    about: TopicKind
    slug: str
    name: str


def _topics(counts: Mapping[str, Counts] | None) -> list[_Named]:
    named = sa.select(Topic.id, Topic.about, Topic.slug, Topic.name).order_by(Topic.name)
    if counts is None:
        kinds = (TopicKind.CONDITION, TopicKind.TREATMENT)
        chosen = named.where(Topic.public(), Topic.about.in_(kinds)).limit(MOST_UNCOUNTED)
    else:
        chosen = named.where(Topic.id.in_({*counts["condition"], *counts["treatment"]}))
    return [_Named(*row) for row in db.session.execute(chosen)]


def _of_topics(
    topics: Sequence[_Named], about: TopicKind, chosen: Topic | None, counts: Mapping[str, Counts] | None
) -> list[FilterChoice]:
    counted = counts[about.value] if counts is not None else None
    shown = [each for each in topics if each.about is about and (counted is None or each.id in counted)]
    chosen_id = chosen.id if chosen is not None else None
    if chosen is not None and all(each.id != chosen_id for each in shown):
        shown.insert(0, _Named(chosen.id, chosen.about, chosen.slug, chosen.name))
    return [
        FilterChoice(each.slug, each.name, None if counted is None else counted.get(each.id, 0), each.id == chosen_id)
        for each in shown
    ]


def _of_answers(answers: Any, chosen: Any, counted: Counts | None) -> list[FilterChoice]:
    return [
        FilterChoice(
            each.value, str(each.words), None if counted is None else counted.get(each.value, 0), each is chosen
        )
        for each in answers
        if counted is None or each is chosen or each.value in counted
    ]


def _of_years(chosen: int | None, counted: Counts) -> list[FilterChoice]:
    years = sorted({*counted, *([chosen] if chosen else [])}, reverse=True)
    return [FilterChoice(str(year), str(year), counted.get(year), year == chosen) for year in years]
