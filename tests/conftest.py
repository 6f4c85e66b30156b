"""Fixtures every test may use: an application with a database of its own, on SQLite or on both databases."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from flask.ctx import AppContext
from jinja2.bccache import Bucket, BytecodeCache

from app.factory import create_app
from app.foundation import database
from config import Testing
from tests import servers
from tests.client import StrictClient


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


def make_app(data: Path, database_url: str | None = None) -> Flask:
    """An application on this folder, as the tests use it."""
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SALVE_DATA", str(data))
        environment.setenv("SALVE_SECRET_KEY", "for tests only")
        environment.delenv("SALVE_DATABASE_URL", raising=False)
        if database_url:
            environment.setenv("SALVE_DATABASE_URL", database_url)
        app = create_app(Testing())
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
