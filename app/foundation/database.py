"""The database: engine settings, types, and the only place that commits.

A request is a transaction. Domain functions change objects and never commit; `end_request` commits once if the
response is a success and rolls back otherwise. Commands and the worker use `with transaction():`.

On SQLite a transaction that is going to write begins with BEGIN IMMEDIATE. A deferred transaction that reads first and
writes later fails at once with 'database is locked' if somebody else wrote in between, whatever the timeout, because
its snapshot is stale. Taking the write lock first means waiting for the previous writer (milliseconds), but then no
domain function ever fails half-way. Slow work (hashing, rendering) is therefore done before: see `access.prepare`.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import Enum
from typing import TYPE_CHECKING, cast

import sqlalchemy as sa
from flask import Flask, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase, Session

# Seconds between two runs of ANALYZE.
ANALYZE_EVERY = 600

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}


class _Base(DeclarativeBase):
    metadata = sa.MetaData(naming_convention=NAMING)


db = SQLAlchemy(model_class=_Base, disable_autonaming=True)
migrate = Migrate(directory="migrations", compare_type=True, render_as_batch=True)

if TYPE_CHECKING:

    class Model(DeclarativeBase):
        """For type checking only: Flask-SQLAlchemy creates its Model at run time, which mypy cannot follow."""
else:
    Model = db.Model


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """Column type for a timezone-aware datetime, stored in UTC. Rejects naive values instead of guessing their zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Convert a value to the UTC datetime that is stored. Raises ValueError for a naive datetime."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a datetime without a time zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """Convert a stored value to a timezone-aware datetime in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_column(enum: type[Enum]) -> sa.Enum:
    """Column type for an enumeration: its values are stored as text, with a CHECK constraint on both databases."""
    return sa.Enum(
        enum,
        values_callable=lambda members: [member.value for member in members],
        native_enum=False,
        create_constraint=True,
        length=32,
        name=enum.__name__.lower(),
    )


_writing: ContextVar[bool] = ContextVar("writing", default=False)


def begin_writing() -> None:
    """Make the current request a writing one: its next statement takes the write lock. Rolls back what was read."""
    db.session.rollback()
    _writing.set(True)


def end_request(*, success: bool) -> None:
    """Commit the request if it was a success, roll it back otherwise. Called once, when the response is complete."""
    try:
        if success and _writing.get():
            db.session.commit()
        else:
            db.session.rollback()
    finally:
        _writing.set(False)


@contextmanager
def transaction() -> Iterator[None]:
    """Context manager for a separate transaction: commits at the end of the block, rolls back if it raises.

    For commands, the worker, and what has to survive a refused request. Uncommitted changes in the session are rolled
    back first, so the caller must not need them any more.
    """
    db.session.rollback()
    token = _writing.set(True)
    try:
        yield
        db.session.commit()
    except BaseException:
        db.session.rollback()
        raise
    finally:
        _writing.reset(token)


def rows_changed(statement: sa.Update | sa.Delete, *, synchronize: str | bool = False) -> int:
    """Execute an UPDATE or DELETE and return how many rows it changed.

    With a condition on the state that was read this settles races: of two people who change the same row at once, the
    second finds it changed and gets 0. Objects in the session are refreshed only if `synchronize` is "fetch".
    """
    result = db.session.execute(statement.execution_options(synchronize_session=synchronize))
    return cast("sa.CursorResult[object]", result).rowcount


def analyze() -> None:
    """Let SQLite collect statistics about its tables. Takes a few milliseconds, however much data there is.

    Without statistics SQLite considers every index equally good: filtering 40,000 stories by two conditions took four
    seconds. PostgreSQL collects its statistics by itself.
    """
    if db.engine.dialect.name == "sqlite":
        with transaction():
            db.session.execute(sa.text("ANALYZE"))


def analyze_when_due() -> None:
    """Periodic task: run `analyze` if it last ran more than ANALYZE_EVERY seconds ago in this process."""
    last_run = current_app.extensions.get("salve.analyzed_at")
    if last_run is None or time.monotonic() - last_run > ANALYZE_EVERY:
        analyze()
        current_app.extensions["salve.analyzed_at"] = time.monotonic()


def truncate_wal() -> bool:
    """Remove overwritten and deleted data from SQLite's write-ahead log, where it would remain for some time.

    `secure_delete` does the same for the database file itself. Returns False if the log could not be emptied because
    another connection was reading; the caller tries again later. Returns True at once on PostgreSQL.
    """
    if db.engine.dialect.name != "sqlite":
        return True
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        # While this waits for readers, writers wait for it: so it must not wait for long.
        cursor.execute("PRAGMA busy_timeout=200")
        try:
            busy, *_pages = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            cursor.execute("PRAGMA busy_timeout=10000")
        return not busy
    finally:
        connection.close()


class WriteOutsideTransaction(RuntimeError):
    """An object was changed where nothing may be written: in a GET request, or outside any transaction block."""


def _only_inside_a_writing_transaction(session: Session, _context: object, _instances: object) -> None:
    if not _writing.get() and (session.new or session.dirty or session.deleted):
        changed = [*session.new, *session.dirty, *session.deleted]
        if any(session.is_modified(item) or item in session.new or item in session.deleted for item in changed):
            raise WriteOutsideTransaction(f"{changed[0]!r} changed outside a writing transaction")


def _set_up_sqlite(connection: sqlite3.Connection) -> None:
    # None keeps the driver from beginning transactions by itself; `_begin` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=10000",
        "foreign_keys=ON",
        "secure_delete=ON",
        "cache_size=-16000",
        # The number of entries of each index that ANALYZE examines.
        "analysis_limit=1000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def _stop_writing(_error: BaseException | None) -> None:
    _writing.set(False)


def init_app(app: Flask) -> None:
    """Bind the database and its migrations to the application."""
    app.config["SALVE_DATA"].mkdir(parents=True, exist_ok=True)
    # hide_parameters: the message of an exception must not carry what somebody wrote into a log file.
    # pool_recycle: SQLite reads the statistics of ANALYZE when a connection is opened.
    options = {"hide_parameters": True, "pool_pre_ping": True, "pool_recycle": ANALYZE_EVERY}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    migrate.init_app(app, db)
    # Threads are reused: whatever happened in one request, the next one must not begin as a writer.
    app.teardown_request(_stop_writing)
    with app.app_context():
        engine = db.engine
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", lambda connection, record: _set_up_sqlite(connection))
            event.listen(engine, "begin", _begin)
    if not event.contains(db.session, "before_flush", _only_inside_a_writing_transaction):
        event.listen(db.session, "before_flush", _only_inside_a_writing_transaction)


def check_writable() -> None:
    """Raise SQLAlchemyError if nothing can be committed: the database is gone or read-only, or the disk is full.

    Writes one row and takes it back, in a transaction of its own.
    """
    with transaction():
        # A table of Alembic's: one row, the same on both databases. Pages are written, so a full disk is noticed.
        db.session.execute(sa.text("UPDATE alembic_version SET version_num = version_num"))


def roll_back() -> None:
    """Roll back the current request and release the write lock, before the page of a refusal is rendered."""
    db.session.rollback()
    _writing.set(False)
