"""Figures for the public transparency page: how many decisions were made, their outcomes, times and appeals.

They are sums, without anything about a person. A number below MIN_SAMPLE is withheld, and so is any number from which
it could be calculated.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa

from app.foundation import clock
from app.foundation.database import db
from app.moderation.appeals.models import Appeal, AppealState
from app.moderation.decisions.models import Action, Decision
from app.moderation.post_moderation import reading
from app.moderation.post_moderation.models import RulePublication
from app.moderation.post_moderation.reading import Reading
from app.moderation.reasons import REASONS
from app.moderation.statistics import response_times
from app.moderation.statistics.response_times import ResponseTimes
from app.moderation.statistics.statistics import APPEAL_DAYS, RESTRICTIONS, REVISION_ACTIONS

DAYS = 30
MIN_SAMPLE = 10
# The highest number of decisions that are counted; if there are more, the newest.
MAX_DECISIONS = 10_000


@dataclass(frozen=True)
class Outcome:
    """The number of decisions with one action, and their share of all decisions, from 0 to 1."""

    action: Action
    number: int
    share: float


@dataclass(frozen=True)
class Transparency:
    """All figures of the page. A figure is None or empty if it rests on too small a number."""

    decided: int | None
    outcomes: Sequence[Outcome]
    by_rule: Mapping[str, int | None]
    times: ResponseTimes | None
    appeals: int | None
    overturned: float | None
    reading: Reading
    fast_lane_published: int | None


def current() -> Transparency:
    """The figures at present. They may be shown to anybody. A fixed number of statements."""
    counted, by_rule = _decisions()
    appeals = _appeals()
    answered = sum(appeals.values())
    decided = sum(counted.values())
    read = reading.current()
    return Transparency(
        decided=_withhold_small(decided),
        outcomes=_outcomes(counted, decided),
        by_rule={code: _withhold_small(by_rule.get(code, 0)) for code in REASONS},
        times=response_times.recent(days=DAYS),
        appeals=_withhold_small(answered),
        overturned=appeals.get(AppealState.OVERTURNED, 0) / answered if answered >= MIN_SAMPLE else None,
        reading=read,
        fast_lane_published=_withhold_small(_count_fast_lane()) if read.rules.has_fast_lane else None,
    )


def _withhold_small(number: int) -> int | None:
    return number if number >= MIN_SAMPLE else None


def _outcomes(counted: Mapping[Action, int], decided: int) -> Sequence[Outcome]:
    """The outcomes; none if any of them is too small, since it could be calculated from the others and the sum."""
    if any(counted.get(action, 0) < MIN_SAMPLE for action in REVISION_ACTIONS):
        return ()
    return [Outcome(action, counted[action], counted[action] / decided) for action in REVISION_ACTIONS]


def _decisions() -> tuple[dict[Action, int], dict[str, int]]:
    """The numbers of recent decisions by action, and of recent restrictions by guideline. One statement."""
    undone = sa.select(Decision.undoes_id).where(Decision.undoes_id.is_not(None))
    newest = (
        sa.select(Decision.action, Decision.reason)
        .where(
            Decision.created_at >= clock.now() - timedelta(days=DAYS),
            Decision.action.in_({*REVISION_ACTIONS, *RESTRICTIONS}),
            Decision.id.not_in(undone),
        )
        .order_by(Decision.created_at.desc())
        .limit(MAX_DECISIONS)
        .subquery()
    )
    rows = db.session.execute(
        sa.select(newest.c.action, newest.c.reason, sa.func.count()).group_by(newest.c.action, newest.c.reason)
    )
    counted: dict[Action, int] = {}
    by_rule: dict[str, int] = {}
    for action, reason, number in rows:
        if action in REVISION_ACTIONS:
            counted[action] = counted.get(action, 0) + number
        if reason and action in RESTRICTIONS:
            by_rule[reason] = by_rule.get(reason, 0) + number
    return counted, by_rule


def _appeals() -> dict[AppealState, int]:
    """The numbers of appeals answered within the last APPEAL_DAYS, by answer."""
    rows = db.session.execute(
        sa.select(Appeal.state, sa.func.count())
        .where(Appeal.answered_at >= clock.now() - timedelta(days=APPEAL_DAYS))
        .group_by(Appeal.state)
    )
    return {state: number for state, number in rows}  # noqa: C416 - rows are not tuples to a type checker


def _count_fast_lane() -> int:
    since = clock.now() - timedelta(days=DAYS)
    return (
        db.session.scalar(
            sa.select(sa.func.count()).select_from(RulePublication).where(RulePublication.created_at >= since)
        )
        or 0
    )
