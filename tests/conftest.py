"""Fixtures every test may use: an application with a database of its own, on SQLite or on both databases."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import flask_migrate
import pytest
import sqlalchemy as sa
from flask import Flask
from flask.ctx import AppContext
from jinja2.bccache import Bucket, BytecodeCache
from sqlalchemy.util import LRUCache
from werkzeug.routing import Rule

from app.factory import Salve, create_app
from app.foundation import database
from config import Testing
from tests import servers
from tests.client import StrictClient


def pytest_collection_finish() -> None:
    """Let garbage collection leave out modules and tests, which stay, and come less often: a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 20)


class InMemory(BytecodeCache):
    """Templates as they were compiled for the first application; compiling them for each took a quarter of the time."""

    def __init__(self) -> None:
        self._kept: dict[str, bytes] = {}

    def load_bytecode(self, bucket: Bucket) -> None:
        if bucket.key in self._kept:
            bucket.bytecode_from_string(self._kept[bucket.key])

    def dump_bytecode(self, bucket: Bucket) -> None:
        self._kept[bucket.key] = bucket.bytecode_to_string()


COMPILED = InMemory()
DIALECTS: dict[str, sa.Dialect] = {}
STATEMENTS: LRUCache[Any, Any] = LRUCache(5_000)


def _keep_statements(engine: sa.Engine) -> None:
    """Let this engine use the statements compiled for others: compiling them anew was a fifth of all the time.

    They are kept by dialect, and every engine has one of its own, so one of each kind is shared as well.
    """
    if engine.dialect.name not in DIALECTS:
        # A dialect learns what its server can do when an engine of its own connects.
        first = sa.create_engine("sqlite://" if engine.dialect.name == "sqlite" else engine.url)
        first.connect().close()
        first.dispose()
        DIALECTS[engine.dialect.name] = first.dialect
    engine.dialect = DIALECTS[engine.dialect.name]
    engine._compiled_cache = STATEMENTS


class KeptRule(Rule):
    """A route that builds its addresses by functions compiled for the first application: a tenth of all the time."""

    _builders: ClassVar[dict[Any, Any]] = {}

    def _compile_builder(self, append_unknown: bool = True) -> Any:
        key = (append_unknown, tuple(self._trace), tuple((self.defaults or {}).items()))
        if key not in self._builders:
            self._builders[key] = super()._compile_builder(append_unknown)
        return self._builders[key]


def make_app(data: Path, database_url: str | None = None) -> Flask:
    """An application on this folder, as the tests use it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SALVE_DATA", str(data))
        environment.setenv("SALVE_SECRET_KEY", "for tests only")
        environment.delenv("SALVE_DATABASE_URL", raising=False)
        if database_url:
            environment.setenv("SALVE_DATABASE_URL", database_url)
        environment.setattr(Salve, "url_rule_class", KeptRule)
        app = create_app(Testing())
    with app.app_context():
        _keep_statements(database.db.engine)
    app.test_client_class = StrictClient
    app.jinja_env.bytecode_cache = COMPILED
    return app


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that the migrations made; every test gets a copy."""
    data = tmp_path_factory.mktemp("migrated")
    app = make_app(data)
    with app.app_context():
        flask_migrate.upgrade()
        database.db.engine.dispose()
    return data / "salve.sqlite3"


@pytest.fixture(scope="session")
def migrated_postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URL of a PostgreSQL database that the migrations made; tests get copies."""
    reason = servers.why_no_postgres()
    if reason:
        pytest.skip(reason)
    with servers.database() as url:
        app = make_app(tmp_path_factory.mktemp("postgres"), url)
        with app.app_context():
            flask_migrate.upgrade()
            database.db.engine.dispose()
        yield url


def _close(app: Flask) -> None:
    with app.app_context():
        database.db.session.remove()
        database.db.engine.dispose()


@pytest.fixture
def app(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Flask]:
    """An application with an empty SQLite database."""
    shutil.copyfile(migrated_sqlite, tmp_path / "salve.sqlite3")
    app = make_app(tmp_path)
    yield app
    _close(app)


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either_app(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """An application with an empty database, once on SQLite and once on PostgreSQL."""
    if request.param == "sqlite":
        yield request.getfixturevalue("app")
        return
    template = request.getfixturevalue("migrated_postgres")
    with servers.database(template) as url:
        app = make_app(tmp_path, url)
        yield app
        _close(app)


@pytest.fixture
def client(app: Flask) -> StrictClient:
    """A browser without a cookie."""
    return app.test_client()


@pytest.fixture
def context(app: Flask) -> Iterator[AppContext]:
    """The application's context, for tests that call verbs and queries directly."""
    with app.app_context() as pushed:
        yield pushed
