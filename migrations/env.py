"""Alembic's environment: the engine and metadata of the application, with one transaction for each migration."""

from __future__ import annotations

from alembic import context
from flask import current_app
from sqlalchemy import event

from app.foundation.database import UTCDateTime, db
from app.foundation.text.markup import RenderedHTML

config = context.config


def _skip_empty(_context: object, _revision: object, directives: list) -> None:
    """Keep `make migration` from writing a file when nothing has changed."""
    if getattr(config.cmd_opts, "autogenerate", False) and directives[0].upgrade_ops.is_empty():
        directives[:] = []


def _without_foreign_keys(connection: object, _record: object) -> None:
    # Batch mode on SQLite copies a table and drops the old one; with foreign keys on, that would delete child rows.
    connection.execute("PRAGMA foreign_keys=OFF")


def _plain_types(kind: str, item: object, _autogen: object) -> str | bool:
    """Write plain SQLAlchemy types into migrations: a migration must not change when the application's types do."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    if kind == "type" and isinstance(item, RenderedHTML):
        return "sa.Text()"
    return False


def run() -> None:
    """Run the migrations against the application's database."""
    engine = db.engine
    sqlite = engine.dialect.name == "sqlite"
    if sqlite:
        engine.dispose()
        event.listen(engine, "connect", _without_foreign_keys)
    try:
        with engine.connect() as connection:
            context.configure(
                connection=connection,
                target_metadata=db.metadata,
                process_revision_directives=_skip_empty,
                render_item=_plain_types,
                compare_type=True,
                render_as_batch=True,
                transaction_per_migration=True,
            )
            with context.begin_transaction():
                context.run_migrations()
    finally:
        if sqlite:
            event.remove(engine, "connect", _without_foreign_keys)
            engine.dispose()


if context.is_offline_mode():
    raise SystemExit("Migrations run against a database; print SQL with a copy of it.")
if not current_app:
    raise SystemExit("Run migrations with: flask --app wsgi db upgrade")
run()
