"""Fixtures every test may use: an application with an empty database, on SQLite or on both databases.

Making an application, compiling its templates, routes and statements costs more than most tests do, so each process
makes one for each database and gives it to one test after another: `app` and `either_app`. Before each test the
database, the data folder, the configuration and what the application has cached are as they were at the beginning.
A test that changes the application itself (its routes, its engine) asks for `new_app`.
"""

from __future__ import annotations

import gc
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import flask_migrate
import pytest
from flask import Flask
from flask.ctx import AppContext

from app.factory import create_app
from app.foundation import database
from config import Testing
from tests import servers
from tests.client import StrictClient

MEMORY = Path("/dev/shm")
# What the databases, indexes and downloads of two processes need, with room to spare.
MEMORY_NEEDED = 2 * 1024**3


def pytest_configure(config: pytest.Config) -> None:
    """Put temporary folders into memory where there is enough: a commit on a disk waits for it, many times a test."""
    usable = MEMORY.is_dir() and os.access(MEMORY, os.W_OK) and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED
    if usable and "PYTEST_DEBUG_TEMPROOT" not in os.environ:
        os.environ["PYTEST_DEBUG_TEMPROOT"] = str(MEMORY)


TESTS_BETWEEN_COLLECTIONS = 200
_finished = count(1)


def pytest_collection_finish() -> None:
    """Exempt modules and tests from garbage collection and collect rarely: it took a tenth of the time of all tests."""
    gc.set_threshold(50_000, 20, 1_000)
    _collect_and_freeze()


def pytest_runtest_teardown() -> None:
    """Exempt caches that have grown since as well. Repeated because an import of stories ends with `gc.unfreeze()`."""
    if next(_finished) % TESTS_BETWEEN_COLLECTIONS == 0:
        _collect_and_freeze()


def _collect_and_freeze() -> None:
    gc.collect()
    gc.freeze()


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
    return app


def close(app: Flask) -> None:
    """Close every connection of this application to its database."""
    with app.app_context():
        database.db.session.remove()
        database.db.engine.dispose()


@contextmanager
def app_on_copy(database_file: Path, folder: Path) -> Iterator[Flask]:
    """An application on a copy of a SQLite database, made in this folder."""
    shutil.copyfile(database_file, folder / "salve.sqlite3")
    app = make_app(folder)
    try:
        yield app
    finally:
        close(app)


class SharedApp:
    """An application that is used by many tests, and remembers what it was like when it was new."""

    def __init__(self, data: Path, database_url: str | None = None) -> None:
        self.app = make_app(data, database_url)
        self.data = data
        self._config = dict(self.app.config)
        self._extensions = dict(self.app.extensions)
        with self.app.app_context():
            # The tests send more different statements than one site does: keep all of them compiled.
            database.db.engine.update_execution_options(compiled_cache={})

    def renew(self) -> Flask:
        """Empty the data folder and forget what the last test configured or the application has cached since."""
        close(self.app)
        shutil.rmtree(self.data)
        self.data.mkdir()
        for current, original in ((self.app.config, self._config), (self.app.extensions, self._extensions)):
            current.clear()
            current.update(original)
        return self.app


@pytest.fixture(scope="session")
def migrated_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that the migrations made; every test gets a copy."""
    data = tmp_path_factory.mktemp("migrated")
    app = make_app(data)
    with app.app_context():
        flask_migrate.upgrade()
    close(app)
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
        close(app)
        yield url


@pytest.fixture(scope="session")
def sqlite_app(tmp_path_factory: pytest.TempPathFactory) -> SharedApp:
    """The application of this process on SQLite."""
    return SharedApp(tmp_path_factory.mktemp("sqlite-app"))


@pytest.fixture(scope="session")
def postgres_app(migrated_postgres: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[SharedApp]:
    """The application of this process on PostgreSQL."""
    with servers.database() as url:
        shared = SharedApp(tmp_path_factory.mktemp("postgres-app"), url)
        yield shared
        close(shared.app)


@pytest.fixture
def app(sqlite_app: SharedApp, migrated_sqlite: Path) -> Flask:
    """An application with an empty SQLite database."""
    app = sqlite_app.renew()
    shutil.copyfile(migrated_sqlite, sqlite_app.data / "salve.sqlite3")
    return app


@pytest.fixture
def new_app(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Flask]:
    """An application of the test's own with an empty SQLite database: for what a shared one must not suffer."""
    with app_on_copy(migrated_sqlite, tmp_path) as app:
        yield app


@pytest.fixture
def app_on_postgres(postgres_app: SharedApp, migrated_postgres: str) -> Flask:
    """An application with an empty PostgreSQL database; the test is marked `postgres`."""
    app = postgres_app.renew()
    servers.renew_database(app.config["SQLALCHEMY_DATABASE_URI"], migrated_postgres)
    return app


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def either_app(request: pytest.FixtureRequest) -> Flask:
    """An application with an empty database, once on SQLite and once on PostgreSQL."""
    app: Flask = request.getfixturevalue("app" if request.param == "sqlite" else "app_on_postgres")
    return app


@pytest.fixture
def client(app: Flask) -> StrictClient:
    """A browser without a cookie."""
    return app.test_client()


@pytest.fixture
def context(app: Flask) -> Iterator[AppContext]:
    """The application's context, for tests that call domain functions and queries directly."""
    with app.app_context() as pushed:
        yield pushed
