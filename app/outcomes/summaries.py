"""Summaries as pages show them: one row for each treatment of a condition or vice versa, the most certain first."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache, cached_property
from typing import Any, NamedTuple

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import aliased, joinedload

from app.foundation.database import db
from app.outcomes import bars, figures
from app.outcomes.bars import EFFECTS, UNDECIDED, BarSegment
from app.outcomes.cells import Cell
from app.outcomes.figures import Share
from app.outcomes.models import CountedStory, OutcomeCell, Tally
from app.stories.answers import Again, Effect, FirstEffect, Severity, StopReason
from app.stories.models import Story
from app.topics.models import Topic

WORKED = (Effect.MODERATELY, Effect.VERY_WELL)
SEVERITIES = (Severity.MILD, Severity.MODERATE, Severity.SEVERE)
# The number of rows shown that have too few stories for figures; they list the titles of their stories.
MAX_SMALL_ROWS = 12
# The number of rows that are said in words at the top of a page.
MAX_LINES = 2


@dataclass(frozen=True)
class SideEffectShare:
    """A side effect: how many people had it, of those who said whether they had any, and how bad it was."""

    name: str
    share: Share
    severities: Mapping[Severity, int]


@dataclass(frozen=True)
class StopReasonShare:
    """A reason for stopping early, and how many gave it of those who stopped."""

    reason: StopReason
    share: Share


class TopicLink(NamedTuple):
    """The part of a topic that a row needs; a common condition has hundreds of rows."""

    id: int
    name: str
    slug: str

    @property
    def url(self) -> str:
        """The address of the topic, see `Topic.url`."""
        return url_for("topics.show", slug=self.slug)


@dataclass(frozen=True)
class SummaryRow:
    """The summary for one condition with one treatment."""

    condition: TopicLink
    treatment: TopicLink
    stories: int
    tally: Tally
    effect_names: Mapping[int, str] = field(default_factory=dict)
    titles: Sequence[Story] = ()

    @property
    def cell(self) -> Cell:
        """The ids of the condition and the treatment."""
        return self.condition.id, self.treatment.id

    @property
    def is_large_enough(self) -> bool:
        """Whether there are enough stories to show more than their number."""
        return self.stories >= figures.MIN_ANSWERS

    @property
    def is_invented(self) -> bool:
        """Whether any of them was invented for a demonstration."""
        return bool(self.tally["invented"])

    @cached_property
    def effects(self) -> dict[Effect, int]:
        """The number of stories for each answer to how well it worked."""
        return {effect: self.tally["effect"].get(effect, 0) for effect in EFFECTS}

    @property
    def unanswered(self) -> int:
        """The number of stories that do not say how well it worked."""
        return self.stories - sum(self.effects.values())

    @cached_property
    def works(self) -> Share:
        """The share for whom it worked moderately or very well, of those who could tell."""
        can_tell = sum(number for effect, number in self.effects.items() if effect is not UNDECIDED)
        return Share(sum(self.effects[effect] for effect in WORKED), can_tell)

    @property
    def segments(self) -> list[BarSegment]:
        """The bar, from left to right; answers that nobody gave are left out."""
        return bars.segments(self.effects)

    @property
    def first_effect(self) -> FirstEffect | None:
        """The time by which half had noticed an effect; None if too few answered."""
        given = {answer: self.tally["first_effect"].get(answer, 0) for answer in FirstEffect}
        return figures.median(given, list(FirstEffect)) if sum(given.values()) >= figures.MIN_ANSWERS else None

    @property
    def again(self) -> Share:
        """The share who would choose it again, of those who answered."""
        given = self.tally["again"]
        return Share(given.get(Again.YES, 0), sum(given.values()))

    @property
    def any_side_effects(self) -> Share:
        """The share who had side effects, of those who said how bad they were."""
        given = self.tally["side_effects_overall"]
        return Share(sum(given.values()) - given.get(Severity.NONE, 0), sum(given.values()))

    @property
    def stopped(self) -> Share:
        """The share who stopped early, of those who said whether they are still using it."""
        return Share(self.tally["stopped"], self.tally["told_status"])

    @cached_property
    def side_effects(self) -> list[SideEffectShare]:
        """The side effects, most frequent first."""
        total = self.tally["told_side_effects"]
        shares = [
            SideEffectShare(
                self.effect_names[int(topic_id)],
                Share(sum(by_severity.values()), total),
                {severity: by_severity.get(severity, 0) for severity in SEVERITIES},
            )
            for topic_id, by_severity in self.tally["side_effects"].items()
        ]
        return sorted(shares, key=lambda each: (-each.share.part, each.name))

    @cached_property
    def stop_reasons(self) -> list[StopReasonShare]:
        """The reasons for stopping early, most frequent first."""
        given = self.tally["stop_reasons"]
        reasons = [
            StopReasonShare(reason, Share(given[reason], self.tally["stopped"]))
            for reason in StopReason
            if reason in given
        ]
        return sorted(reasons, key=lambda each: -each.share.part)

    @property
    def has_details(self) -> bool:
        """Whether there is anything to show besides how well it worked."""
        asked = (self.any_side_effects, self.stopped, self.again)
        return bool(any(share.whole for share in asked) or self.side_effects or self.first_effect or self.unanswered)

    @property
    def sort_key(self) -> tuple[bool, bool, float, int]:
        """The sort key: the lower end of the interval, because the share itself is highest where few answered."""
        has_percentage = self.is_large_enough and self.works.is_large_enough
        return (
            not has_percentage,
            not self.is_large_enough,
            -self.works.interval[0] if has_percentage else 0.0,
            -self.stories,
        )


@dataclass(frozen=True)
class Summary:
    """All rows of a page. `hidden` is the number of further rows with too few stories."""

    rows: Sequence[SummaryRow]
    small: Sequence[SummaryRow]
    hidden: int

    def __bool__(self) -> bool:
        return bool(self.rows or self.small)

    @property
    def answers(self) -> tuple[Effect, ...]:
        """The answers to how well it worked, in the order of the bars."""
        return EFFECTS

    @property
    def stories(self) -> int:
        """The number of stories in the rows with figures; a story about two treatments counts twice."""
        return sum(row.stories for row in self.rows)

    @property
    def is_invented(self) -> bool:
        """Whether any of them was invented for a demonstration."""
        return any(row.is_invented for row in (*self.rows, *self.small))

    @property
    def largest(self) -> list[SummaryRow]:
        """The rows with figures that have most stories, for the lines at the top of a page; few people read more."""
        return sorted(self.rows, key=lambda row: -row.stories)[:MAX_LINES]

    @property
    def too_few(self) -> int:
        """The number of rows that have too few stories for figures, shown or not."""
        return len(self.small) + self.hidden


def summary_for(topic: Topic) -> Summary:
    """Return the summary for each treatment of a condition, or for each condition of a treatment.

    Rows with figures come first, the most certain on top, then those with too few stories, with their titles.
    """
    rows = all_rows(topic)
    few = [row for row in rows if not row.is_large_enough]
    shown = few[:MAX_SMALL_ROWS]
    titles = _titles(shown)
    small = [replace(row, titles=titles[row.cell]) for row in shown if row.cell in titles]
    return Summary([row for row in rows if row.is_large_enough], small, len(few) - len(shown))


def rows_between(conditions: Collection[int], treatments: Collection[int]) -> dict[Cell, SummaryRow]:
    """Return the rows for these conditions and treatments (ids of topics), for a comparison."""
    cells = _select_rows(sa.and_(OutcomeCell.condition_id.in_(conditions), OutcomeCell.treatment_id.in_(treatments)))
    return {row.cell: row for row in _rows(cells)}


def all_rows(topic: Topic) -> list[SummaryRow]:
    """Return all rows of a topic, for the CSV file."""
    return _rows(_select_rows(sa.or_(OutcomeCell.condition_id == topic.id, OutcomeCell.treatment_id == topic.id)))


def _select_rows(chosen: sa.ColumnElement[bool]) -> list[SummaryRow]:
    """Select the cells with the names of their topics. One statement."""
    found = db.session.execute(_select_cells().where(chosen, OutcomeCell.stories > 0))
    return [SummaryRow(TopicLink(*row[2:5]), TopicLink(*row[5:8]), row[0], row[1]) for row in found]


@cache
def _select_cells() -> sa.Select[*tuple[Any, ...]]:
    # Building the statement takes longer than executing it.
    condition, treatment = aliased(Topic), aliased(Topic)
    cells = sa.select(OutcomeCell.stories, OutcomeCell.tally, *_topic_columns(condition), *_topic_columns(treatment))
    named = cells.join(condition, condition.id == OutcomeCell.condition_id)
    return named.join(treatment, treatment.id == OutcomeCell.treatment_id)


def _topic_columns(topic: type[Topic]) -> tuple[sa.SQLColumnExpression[object], ...]:
    return topic.id, topic.name, topic.slug


def _rows(cells: Sequence[SummaryRow]) -> list[SummaryRow]:
    names = _effect_names(cells)
    rows = [replace(row, effect_names=names) for row in cells]
    return sorted(rows, key=lambda row: (row.sort_key, row.treatment.name, row.condition.name))


def _effect_names(rows: Sequence[SummaryRow]) -> dict[int, str]:
    """Return the names of the side effects in these rows. One statement at most."""
    ids = {int(topic_id) for row in rows for topic_id in row.tally["side_effects"]}
    if not ids:
        return {}
    return {row[0]: row[1] for row in db.session.execute(sa.select(Topic.id, Topic.name).where(Topic.id.in_(ids)))}


def _titles(rows: Collection[SummaryRow]) -> dict[Cell, list[Story]]:
    """Return the stories of the rows that have too few for figures. One statement."""
    if not rows:
        return {}
    cells = {row.cell for row in rows}
    titles: dict[Cell, list[Story]] = defaultdict(list)
    stories = db.session.execute(
        sa.select(CountedStory.condition_id, CountedStory.treatment_id, Story)
        .join(Story, Story.id == CountedStory.story_id)
        .options(joinedload(Story.live))
        .where(
            # public() once more, so that even a wrong count could not show what is not public.
            Story.public(),
            CountedStory.condition_id.in_({cell[0] for cell in cells}),
            CountedStory.treatment_id.in_({cell[1] for cell in cells}),
        )
        .order_by(Story.published_at.desc(), Story.id.desc())
    )
    for condition_id, treatment_id, story in stories:
        if (condition_id, treatment_id) in cells:
            titles[condition_id, treatment_id].append(story)
    return titles
