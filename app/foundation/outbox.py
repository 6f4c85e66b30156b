"""The outbox: event handlers that are still to be run for changes that have been committed.

Use it for work that may happen a moment later and may run twice: the search index, e-mail. Do not use it for what the
person has to see in the response (write that in the transaction), nor for timers.

A row is written in the transaction of the change that causes it, so a crash loses nothing: either both are there or
neither. The worker takes a batch of rows, runs the handler, which reads the *current* state, and deletes the rows when
it succeeded. If the process dies in between, the handler runs again, so every handler must be safe to repeat.
"""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation import clock
from app.foundation.database import Model, UTCDateTime, db, transaction

log = logging.getLogger(__name__)

BATCH = 500
MAX_RETRY_DELAY = timedelta(hours=1)


class OutboxRow(Model):
    """One run of the handler named `reaction`. `failures` counts the attempts that raised, `due_at` is the next try."""

    __tablename__ = "outbox"
    __table_args__ = (sa.Index("ix_outbox_due", "due_at", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    reaction: Mapped[str] = mapped_column(sa.String(40))
    event: Mapped[str] = mapped_column(sa.String(40))
    payload: Mapped[dict[str, object]] = mapped_column(sa.JSON)
    created_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    due_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    failures: Mapped[int] = mapped_column(default=0)


def add(handler: str, event: str, payloads: Sequence[Mapping[str, object]]) -> None:
    """Add a row for each of these events for this handler, in the current transaction.

    `event` is the name of their class, `payloads` are their fields.
    """
    rows = [{"reaction": handler, "event": event, "payload": payload} for payload in payloads]
    db.session.execute(sa.insert(OutboxRow), rows)


Due = sa.Row[int, str, str, dict[str, object]]
"""The id, the handler, the name of the event and its payload."""

Run = Callable[[str, Sequence[Due]], None]


def drain(run: Run) -> int:
    """Process one batch of due rows by calling `run(handler, rows)` for each handler; for the worker.

    Returns how many rows were finished and deleted. Rows whose handler raised are tried again later, after a pause that
    doubles with each failure up to MAX_RETRY_DELAY.
    """
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
        if _handle(run, name, batch):
            finished += len(batch)
        elif len(batch) > 1:
            # One row that always fails must not hold up the others: process them one at a time.
            finished += sum(_handle(run, name, [row]) for row in batch)
    return finished


def _handle(run: Run, name: str, batch: list[Due]) -> bool:
    """Run a handler for these rows and delete them. Returns False if it raised; then they are postponed."""
    ids = [row.id for row in batch]
    try:
        run(name, batch)
    except Exception as error:  # noqa: BLE001 - an error in one handler must not stop the others
        # The message is not logged because it may quote what somebody wrote.
        where = "".join(traceback.format_tb(error.__traceback__))
        log.error("handler %s failed for %d rows: %s\n%s", name, len(ids), type(error).__name__, where)  # noqa: TRY400 - see above
        _postpone(ids)
        return False
    with transaction():
        db.session.execute(sa.delete(OutboxRow).where(OutboxRow.id.in_(ids)))
    return True


def _postpone(ids: list[int]) -> None:
    with transaction():
        for row in db.session.scalars(sa.select(OutboxRow).where(OutboxRow.id.in_(ids))):
            row.failures += 1
            row.due_at = clock.now() + min(MAX_RETRY_DELAY, timedelta(seconds=2 ** min(row.failures, 12)))
