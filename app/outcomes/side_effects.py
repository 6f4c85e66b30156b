"""The commonest side effects of a treatment, to be offered while somebody writes about it. Names only, no numbers."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import sqlalchemy as sa

from app.foundation.database import db
from app.outcomes.models import OutcomeCell, Tally
from app.topics.models import Topic

MOST = 8
# With few stories about a treatment, the commonest side effects in the largest cells of all are offered after its own.
_LARGEST_CELLS = 20


def commonest(treatment: Topic | None) -> list[str]:
    """The names of up to MOST side effects, first those told most often of this treatment. At most three statements."""
    own = sa.select(OutcomeCell.tally).where(OutcomeCell.treatment_id == treatment.id) if treatment else None
    ids = _most_often(db.session.scalars(own).all()) if own is not None else []
    if len(ids) < MOST:
        largest = sa.select(OutcomeCell.tally).order_by(OutcomeCell.stories.desc()).limit(_LARGEST_CELLS)
        ids = list(dict.fromkeys([*ids, *_most_often(db.session.scalars(largest).all())]))
    ids = ids[:MOST]
    names = {topic.id: topic.name for topic in db.session.scalars(sa.select(Topic).where(Topic.id.in_(ids)))}
    return [names[each] for each in ids if each in names]


def _most_often(tallies: Sequence[Tally]) -> list[int]:
    told: Counter[int] = Counter()
    for tally in tallies:
        for topic_id, by_severity in tally.get("side_effects", {}).items():
            told[int(topic_id)] += sum(by_severity.values())
    # Equally often: in the order in which they came into the vocabulary, so that the order stays the same.
    return sorted(told, key=lambda topic_id: (-told[topic_id], topic_id))
