"""Hiding documents that are still in the index but not public any more, or not in these words.

The worker updates the index a moment after a change. Until then the change has a row in the outbox. What these rows
name, and is not public, is excluded from every search; so is what was reworded, which words that an edit or a redaction
took out would find.
"""

from __future__ import annotations

from functools import cache

import sqlalchemy as sa

from app.foundation.database import db
from app.foundation.outbox import OutboxRow
from app.search.index.documents import indexed_models, key_of

# The names of the handlers `indexing.sync` and `indexing.sync_names` in app/reactions.py.
SEARCH_HANDLER = "search"
NAMES_HANDLER = "search names"


def hidden_keys() -> set[str]:
    """The keys to exclude from a search, along with everything within them. One statement, two if any row waits.

    Call it *before* the engine is asked: the worker deletes its rows only after it has committed the index, so that
    what has no row any more is up to date in the index.
    """
    # Usually no row waits, which this finds out quickly.
    if db.session.scalar(_select_outbox_row()) is None:
        return set()
    return {key_of(kind, number) for kind, number in db.session.execute(_select_hidden())}


@cache
def _select_outbox_row() -> sa.Select[int]:
    return sa.select(OutboxRow.id).where(OutboxRow.reaction == SEARCH_HANDLER).limit(1)


@cache
def _select_hidden() -> sa.CompoundSelect[str, int]:
    named = OutboxRow.payload["id"].as_integer()
    waiting = [
        sa.select(sa.literal(kind), named)
        .where(OutboxRow.reaction == SEARCH_HANDLER, OutboxRow.payload["kind"].as_string() == kind)
        .where(
            sa.or_(
                OutboxRow.payload["is_reworded"].as_boolean(),
                ~sa.select(model.id).where(model.id == named, model.public()).correlate(OutboxRow).exists(),
            )
        )
        for kind, model in indexed_models().items()
    ]
    return sa.union(*waiting)
