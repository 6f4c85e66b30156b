"""Statistics for moderators: waiting times, decisions by guideline, and the share overturned on appeal.

They describe the work, never individual moderators. Figures based on too few decisions are left out.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import sqlalchemy as sa

from app.foundation import clock
from app.foundation.database import db
from app.moderation.appeals.models import Appeal, AppealState
from app.moderation.decisions.models import Action, Decision
from app.moderation.queue.models import QueueItem, Task
from app.moderation.queue.queue import IS_OPEN
from app.moderation.reasons import REASONS
from app.moderation.sanctions.models import Sanction

DAYS = 30
# A figure based on fewer decisions is left out.
MIN_SAMPLE = 10
# The highest number of decisions that are counted; if there are more, the newest.
MAX_DECISIONS = 50_000
APPEAL_DAYS = 365

REVISION_ACTIONS = (Action.APPROVE, Action.REQUEST_CHANGES, Action.REJECT)
RESTRICTIONS = (Action.REQUEST_CHANGES, Action.REJECT, Action.HIDE, Action.REMOVE)

# Ranges of waiting times by their upper limits; the last has none.
AGES: Mapping[str, timedelta | None] = {
    "hour": timedelta(hours=1),
    "quarter": timedelta(hours=6),
    "day": timedelta(hours=24),
    "days": timedelta(hours=72),
    "longer": None,
}


@dataclass(frozen=True)
class Percentiles:
    """The number of decisions, and the times within which half and nine in ten were made; None if too few."""

    number: int
    median: timedelta | None
    percentile_90: timedelta | None


@dataclass(frozen=True)
class Share:
    """A part of a whole, as numbers of cases."""

    part: int
    whole: int

    @property
    def value(self) -> float | None:
        """The share, from 0 to 1; None if the whole is smaller than MIN_SAMPLE."""
        return self.part / self.whole if self.whole >= MIN_SAMPLE else None


@dataclass(frozen=True)
class Rule:
    """The figures of a guideline: the restrictions based on it, their times, and the share overturned on appeal."""

    code: str
    restrictions: int
    times: Percentiles
    overturned: Share


@dataclass(frozen=True)
class Statistics:
    """All figures of the page: `waiting` by range of waiting time, `days` the last DAYS days, newest first."""

    waiting: Mapping[str, int]
    all_times: Percentiles
    outcomes: Counter[Action]
    days: Sequence[tuple[date, Percentiles]]
    rules: Sequence[Rule]
    overturned: Share


def current() -> Statistics:
    """The figures at present, for moderators. Four statements."""
    decided = _decided()
    by_day: dict[date, list[float]] = defaultdict(list)
    by_rule: dict[str, list[float]] = defaultdict(list)
    for _action, reason, moment, seconds in decided:
        by_day[moment].append(seconds)
        if reason:
            by_rule[reason].append(seconds)
    appealed = _appealed()
    restricted = _restricted()
    today = clock.now().date()
    return Statistics(
        waiting=_waiting(),
        all_times=percentiles([seconds for *_rest, seconds in decided]),
        outcomes=Counter(action for action, *_rest in decided),
        days=[(day, percentiles(by_day[day])) for day in (today - timedelta(days=back) for back in range(DAYS))],
        rules=[Rule(code, restricted[code], percentiles(by_rule[code]), _share(appealed, code)) for code in REASONS],
        overturned=_share(appealed),
    )


def percentiles(seconds: Iterable[float]) -> Percentiles:
    """The 50th and the 90th percentile of times in seconds, by the nearest rank."""
    ordered = sorted(seconds)
    number = len(ordered)
    if number < MIN_SAMPLE:
        return Percentiles(number, None, None)
    median, percentile_90 = (ordered[-(-number * tenths // 10) - 1] for tenths in (5, 9))
    return Percentiles(number, timedelta(seconds=median), timedelta(seconds=percentile_90))


def _waiting() -> dict[str, int]:
    """The numbers of open items by range of waiting time, the keys of AGES."""
    moment, counted, newest = clock.now(), [], None
    for name, age in AGES.items():
        bounds = [QueueItem.waiting_since > moment - age] if age else []
        bounds += [QueueItem.waiting_since <= newest] if newest is not None else []
        counted.append(sa.func.count().filter(sa.and_(*bounds)).label(name))
        newest = moment - age if age else None
    row = db.session.execute(sa.select(*counted).select_from(QueueItem).where(IS_OPEN)).one()
    return {name: int(getattr(row, name)) for name in AGES}


def _decided() -> list[tuple[Action, str | None, date, float]]:
    """Recent decisions on revisions: action, guideline, day, and the seconds since the revision was submitted."""
    rows = db.session.execute(
        sa.select(Decision.action, Decision.reason, Decision.created_at, QueueItem.waiting_since)
        .join(QueueItem, QueueItem.id == Decision.item_id)
        .where(
            Decision.created_at >= clock.now() - timedelta(days=DAYS),
            Decision.action.in_(REVISION_ACTIONS),
            QueueItem.task == Task.REVISION,
            _not_undone(),
        )
        .order_by(Decision.id.desc())
        .limit(MAX_DECISIONS)
    )
    return [
        (action, reason, moment.date(), max((moment - since).total_seconds(), 0.0))
        for action, reason, moment, since in rows
    ]


def _restricted() -> Counter[str]:
    """The numbers of recent restrictions by guideline, including sanctions."""
    since = clock.now() - timedelta(days=DAYS)
    on_texts = sa.select(Decision.reason).where(
        Decision.created_at >= since, Decision.action.in_(RESTRICTIONS), _not_undone()
    )
    on_people = sa.select(Sanction.reason).where(Sanction.created_at >= since)
    both = sa.union_all(on_texts, on_people).subquery()
    rows = db.session.execute(sa.select(both.c.reason, sa.func.count()).group_by(both.c.reason))
    return Counter({reason: number for reason, number in rows if reason})


def _appealed() -> Counter[tuple[str | None, AppealState]]:
    """The numbers of appeals answered within the last APPEAL_DAYS, by guideline and answer."""
    reason = sa.func.coalesce(Decision.reason, Sanction.reason)
    rows = db.session.execute(
        sa.select(reason, Appeal.state, sa.func.count())
        .outerjoin(Appeal.decision)
        .outerjoin(Appeal.sanction)
        .where(Appeal.answered_at >= clock.now() - timedelta(days=APPEAL_DAYS))
        .group_by(reason, Appeal.state)
    )
    return Counter({(code, state): number for code, state, number in rows})


def _share(appealed: Counter[tuple[str | None, AppealState]], code: str | None = None) -> Share:
    counted = {key: number for key, number in appealed.items() if code in (None, key[0])}
    part = sum(number for (_code, state), number in counted.items() if state is AppealState.OVERTURNED)
    return Share(part, sum(counted.values()))


def _not_undone() -> sa.ColumnElement[bool]:
    return Decision.id.not_in(sa.select(Decision.undoes_id).where(Decision.undoes_id.is_not(None)))
