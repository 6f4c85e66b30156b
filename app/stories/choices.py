"""What a list of stories can be narrowed to: the choices of each filter, with how many stories each would give."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from flask_babel import gettext as _

from app.foundation.database import db
from app.stories.experience import Duration, Effect, Severity
from app.stories.filtering import Filters
from app.topics.models import Topic, TopicKind

# Offered where nobody counts: the topics that have a page.
MOST_UNCOUNTED = 100
Counts = Mapping[Any, int]


@dataclass(frozen=True)
class Choice:
    """One value of a filter: as it stands in an address, its words, and how many stories it would give, if known."""

    value: str
    words: str
    count: int | None
    is_chosen: bool


@dataclass(frozen=True)
class Offered:
    """A filter with its choices."""

    name: str
    label: str
    choices: Sequence[Choice]


def offered(filters: Filters, counts: Mapping[str, Counts] | None, leave_out: str | None = None) -> list[Offered]:
    """Every filter with its choices, but for one that is decided already. `counts` are by name of the filter, then by
    id of a topic, code of an answer, or year. One statement. Where nobody counts, no year is offered but the chosen.
    """
    topics = _topics(counts)
    found = [
        Offered("condition", _("Condition"), _of_topics(topics, TopicKind.CONDITION, filters.condition, counts)),
        Offered("treatment", _("Treatment"), _of_topics(topics, TopicKind.TREATMENT, filters.treatment, counts)),
        Offered("effect", _("How well it worked"), _of_answers(Effect, filters.effect, (counts or {}).get("effect"))),
        Offered("side_effects", _("Side effects"), _of_answers(Severity, filters.side_effects, None)),
        Offered("duration", _("Used for"), _of_answers(Duration, filters.duration, None)),
        Offered("year", _("Year"), _of_years(filters.year, (counts or {}).get("year", {}))),
    ]
    return [each for each in found if each.choices and each.name != leave_out]


def _topics(counts: Mapping[str, Counts] | None) -> Sequence[Topic]:
    kinds = (TopicKind.CONDITION, TopicKind.TREATMENT)
    if counts is None:
        chosen = sa.and_(Topic.public(), Topic.about.in_(kinds))
        return db.session.scalars(sa.select(Topic).where(chosen).order_by(Topic.name).limit(MOST_UNCOUNTED)).all()
    ids: Collection[int] = {*counts["condition"], *counts["treatment"]}
    return db.session.scalars(sa.select(Topic).where(Topic.id.in_(ids)).order_by(Topic.name)).all()


def _of_topics(
    topics: Sequence[Topic], about: TopicKind, chosen: Topic | None, counts: Mapping[str, Counts] | None
) -> list[Choice]:
    counted = counts[about.value] if counts is not None else None
    shown = [each for each in topics if each.about is about and (counted is None or each.id in counted)]
    if chosen is not None and chosen not in shown:
        shown.insert(0, chosen)
    return [
        Choice(each.slug, each.name, None if counted is None else counted.get(each.id, 0), each is chosen)
        for each in shown
    ]


def _of_answers(answers: Any, chosen: Any, counted: Counts | None) -> list[Choice]:
    return [
        Choice(each.value, str(each.words), None if counted is None else counted.get(each.value, 0), each is chosen)
        for each in answers
        if counted is None or each is chosen or each.value in counted
    ]


def _of_years(chosen: int | None, counted: Counts) -> list[Choice]:
    years = sorted({*counted, *([chosen] if chosen else [])}, reverse=True)
    return [Choice(str(year), str(year), counted.get(year), year == chosen) for year in years]
