"""The outbox: what is still to be done because of what was committed.

Use it for work that may come a moment later and may run twice: the search index, mail. Do not use it for what the
person must see in the very answer (write that in the transaction), nor for timers.

Rows are written with the change they follow from, so a crash loses nothing: either both are there or neither. The
worker takes a batch, lets the reaction read the *current* state, and deletes the rows when it succeeded. If the
process dies in between, the reaction runs again, which is why every reaction must be harmless to repeat.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation import clock
from app.foundation.database import Model, UTCDateTime, db, transaction

log = logging.getLogger(__name__)

BATCH = 500
LONGEST_PAUSE = timedelta(hours=1)


class OutboxRow(Model):
    """One reaction that is due. `failures` counts attempts that raised; `due_at` is when to try next."""

    __tablename__ = "outbox"
    __table_args__ = (sa.Index("ix_outbox_due", "due_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reaction: Mapped[str] = mapped_column(sa.String(40))
    event: Mapped[str] = mapped_column(sa.String(40))
    payload: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    failures: Mapped[int] = mapped_column(default=0)


def add(reaction: str, event: str, payload: Mapping[str, Any]) -> None:
    """Write a row in the running transaction."""
    db.session.add(OutboxRow(reaction=reaction, event=event, payload=dict(payload)))


Run = Callable[[str, Sequence[Any]], None]


def drain(run: Run) -> int:
    """Work off one batch of due rows with `run(reaction, rows)`; answers how many were finished."""
    due = (
        sa.select(OutboxRow.id, OutboxRow.reaction, OutboxRow.event, OutboxRow.payload)
        .where(OutboxRow.due_at <= clock.now())
        .order_by(OutboxRow.id)
        .limit(BATCH)
    )
    rows = db.session.execute(due).all()
    db.session.rollback()
    finished = 0
    for name, group in groupby(sorted(rows, key=lambda row: (row.reaction, row.id)), key=lambda row: str(row.reaction)):
        batch = list(group)
        if _react(run, name, batch):
            finished += len(batch)
        elif len(batch) > 1:
            # One poisoned row must not hold up the others: go through them one by one.
            finished += sum(_react(run, name, [row]) for row in batch)
    return finished


def _react(run: Run, name: str, batch: list[Any]) -> bool:
    ids = [row.id for row in batch]
    try:
        run(name, batch)
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the others
        # Not the message: it may quote what somebody wrote.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("reaction %s failed for %d rows: %s\n%s", name, len(ids), type(error).__name__, where)  # noqa: TRY400 - see above
        _postpone(ids)
        return False
    with transaction():
        db.session.execute(sa.delete(OutboxRow).where(OutboxRow.id.in_(ids)))
    return True


def _postpone(ids: list[int]) -> None:
    with transaction():
        for row in db.session.scalars(sa.select(OutboxRow).where(OutboxRow.id.in_(ids))):
            row.failures += 1
            row.due_at = clock.now() + min(LONGEST_PAUSE, timedelta(seconds=2 ** min(row.failures, 12)))
