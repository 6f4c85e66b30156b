"""The database: engine settings, types, and the only place that commits.

A request is a transaction. Domain verbs change objects and never commit; `end_request` commits once when the
answer is a success and rolls back otherwise. Commands and the worker say `with transaction():`.

On SQLite a transaction that means to write begins with BEGIN IMMEDIATE. A deferred transaction that reads first and
writes later fails at once with 'database is locked' when somebody else wrote in between, whatever the timeout, because
its snapshot is stale. Taking the write lock first costs waiting for the writer before us (milliseconds), and buys that
no verb ever fails half-way. Slow things (hashing, rendering) therefore happen before it: see `access.prepare`.
"""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

import sqlalchemy as sa
from flask import Flask, current_app
from flask_migrate import Migrate
from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import event
from sqlalchemy.orm import DeclarativeBase

# Seconds between two looks at how the tables are filled.
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
        """Typing shim: Flask-SQLAlchemy makes its Model at run time, which mypy cannot follow."""
else:
    Model = db.Model


class UTCDateTime(sa.types.TypeDecorator[datetime]):
    """An aware moment, stored in UTC. Refuses naive values instead of guessing their zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """What is stored."""
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a moment without a time zone: {value!r}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        """What is loaded."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def enum_column(enum: type[Any]) -> sa.Enum:
    """A column type for an enumeration: its values as text, kept by a CHECK on both databases."""
    return sa.Enum(
        enum,
        values_callable=lambda kind: [member.value for member in kind],
        native_enum=False,
        create_constraint=True,
        length=32,
        name=enum.__name__.lower(),
    )


_writing: ContextVar[bool] = ContextVar("writing", default=False)


def begin_writing() -> None:
    """From here on this request takes the write lock with its first statement."""
    db.session.rollback()
    _writing.set(True)


def end_request(*, success: bool) -> None:
    """The request boundary: one commit for a success, one roll-back for everything else."""
    try:
        if success and _writing.get():
            db.session.commit()
        else:
            db.session.rollback()
    finally:
        _writing.set(False)


@contextmanager
def transaction() -> Iterator[None]:
    """A transaction of its own, for commands, the worker, and what must outlive a refused request.

    Whatever the session held uncommitted is rolled back first: the caller has finished with it.
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
    """Let SQLite look at how its tables are filled. Takes some milliseconds, however much there is.

    Without that it takes any index for a good one: of 40,000 stories, those that meet two filters took four seconds.
    PostgreSQL looks by itself.
    """
    if db.engine.dialect.name == "sqlite":
        with transaction():
            db.session.execute(sa.text("ANALYZE"))


def analyze_when_due() -> None:
    """For the worker: look at how the tables are filled every now and then."""
    looked = current_app.extensions.get("salve.analyzed_at")
    if looked is None or time.monotonic() - looked > ANALYZE_EVERY:
        analyze()
        current_app.extensions["salve.analyzed_at"] = time.monotonic()


def truncate_wal() -> bool:
    """Take what was overwritten or deleted out of SQLite's log of writes too: it would stand there for some time.

    `secure_delete` sees to the database file itself. Answers whether it is done: while somebody reads it is not.
    """
    if db.engine.dialect.name != "sqlite":
        return True
    connection = db.engine.raw_connection()
    try:
        cursor = connection.cursor()
        # It keeps writers waiting while it waits for readers: not for long.
        cursor.execute("PRAGMA busy_timeout=200")
        try:
            busy, *_pages = cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        finally:
            cursor.execute("PRAGMA busy_timeout=10000")
        return not busy
    finally:
        connection.close()


class WriteOutsideTransaction(RuntimeError):
    """Somebody changed an object where nothing may be written (a GET request, a bare read)."""


def _only_inside_a_writing_transaction(session: Any, _context: Any, _instances: Any) -> None:
    if not _writing.get() and (session.new or session.dirty or session.deleted):
        changed = [*session.new, *session.dirty, *session.deleted]
        if any(session.is_modified(item) or item in session.new or item in session.deleted for item in changed):
            raise WriteOutsideTransaction(f"{changed[0]!r} changed outside a writing transaction")


def _set_up_sqlite(connection: sqlite3.Connection) -> None:
    # None: the driver must not begin transactions by itself; `_begin` does.
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "busy_timeout=10000",
        "foreign_keys=ON",
        "secure_delete=ON",
        "cache_size=-16000",
        # Entries of each index that ANALYZE looks at.
        "analysis_limit=1000",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: sa.Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writing.get() else "BEGIN")


def _read_again(_error: BaseException | None) -> None:
    _writing.set(False)


def init_app(app: Flask) -> None:
    """Bind the database and its migrations to the application."""
    app.config["SALVE_DATA"].mkdir(parents=True, exist_ok=True)
    # hide_parameters: an exception's message must not carry what somebody wrote into a log.
    # pool_recycle: SQLite reads what ANALYZE found when a connection begins.
    options = {"hide_parameters": True, "pool_pre_ping": True, "pool_recycle": ANALYZE_EVERY}
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    db.init_app(app)
    migrate.init_app(app, db)
    # Threads are used again: whatever happened to a request, the next one begins as a reader.
    app.teardown_request(_read_again)
    with app.app_context():
        engine = db.engine
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", lambda connection, record: _set_up_sqlite(connection))
            event.listen(engine, "begin", _begin)
    if not event.contains(db.session, "before_flush", _only_inside_a_writing_transaction):
        event.listen(db.session, "before_flush", _only_inside_a_writing_transaction)


def roll_back() -> None:
    """Give up what this request changed, before an answer that refuses is drawn: the lock is not held while drawing."""
    db.session.rollback()
    _writing.set(False)
