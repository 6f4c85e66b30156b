"""Fixtures: the demonstration site, made once by `flask seed`, and a copy of it for each test that only reads it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask

from tests.conftest import SharedApp, close


@dataclass(frozen=True)
class Seeded:
    """The SQLite file of a demonstration site, and what `flask seed` printed when it was made."""

    file: Path
    output: str


@pytest.fixture(scope="session")
def seeded(sqlite_app: SharedApp, migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Seeded:
    """The demonstration site, made by `flask seed`."""
    app = sqlite_app.renew()
    made = sqlite_app.data / "salve.sqlite3"
    shutil.copyfile(migrated_sqlite, made)
    result = app.test_cli_runner().invoke(args=["seed"])
    assert result.exit_code == 0, result.output
    close(app)
    return Seeded(shutil.copyfile(made, tmp_path_factory.mktemp("demonstration") / made.name), result.output)


@pytest.fixture
def demonstration(app: Flask, sqlite_app: SharedApp, seeded: Seeded) -> Flask:
    """An application with the demonstration site, which the test may change."""
    shutil.copyfile(seeded.file, sqlite_app.data / "salve.sqlite3")
    return app
