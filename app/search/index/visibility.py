"""What must not be found although the index still has it.

The worker brings the index up to date a moment after a change. In between, the row in the outbox that tells it to says
what may be wrong: what such rows name and is not public any more is left out of hits and counts.
"""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from app.foundation.database import db
from app.foundation.outbox import OutboxRow
from app.search.index.documents import INDEXED_MODELS, key_of

# The names under which the reactions of `indexing` stand in app/reactions.py.
REACTION = "search"
NAMES_REACTION = "search names"


def masked() -> set[str]:
    """The keys of what is waiting to be taken out of the index. What is within them goes with them.

    To be read *before* the index is opened: the worker deletes its rows after it committed, so that a row which is gone
    means an index that is up to date.
    """
    # Mostly nothing waits, and to find that out is quick.
    if db.session.scalar(_waiting()) is None:
        return set()
    return {key_of(kind, number) for kind, number in db.session.execute(_hidden_but_indexed())}


@cache
def _waiting() -> sa.Select[int]:
    return sa.select(OutboxRow.id).where(OutboxRow.reaction == REACTION).limit(1)


@cache
def _hidden_but_indexed() -> sa.CompoundSelect[str, int]:
    named = OutboxRow.payload["id"].as_integer()
    waiting = [
        sa.select(sa.literal(kind), named)
        .where(OutboxRow.reaction == REACTION, OutboxRow.payload["kind"].as_string() == kind)
        .where(~sa.select(model.id).where(model.id == named, model.public()).correlate(OutboxRow).exists())
        for kind, model in INDEXED_MODELS.items()
    ]
    return sa.union(*waiting)
