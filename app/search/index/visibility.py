"""Hiding documents that are still in the index but not public any more.

The worker updates the index a moment after a change. Until then the change has a row in the outbox: what these rows
name, and is not public, is excluded from every search.
"""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from app.foundation.database import db
from app.foundation.outbox import OutboxRow
from app.search.index.documents import indexed_models, key_of

# The names of the handlers `indexing.sync` and `indexing.sync_names` in app/reactions.py.
REACTION = "search"
NAMES_REACTION = "search names"


def masked() -> set[str]:
    """The keys to exclude from a search, along with everything within them. One statement, two if any row waits.

    Call it *before* the engine is asked: the worker deletes its rows only after it has committed the index, so that
    what has no row any more is up to date in the index.
    """
    # Usually no row waits, which this finds out quickly.
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
        for kind, model in indexed_models().items()
    ]
    return sa.union(*waiting)
