"""The worker and the server, as commands in processes of their own."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app.foundation import events
from app.foundation.database import db, transaction
from tests.factories.stories import a_published_story

ROOT = Path(__file__).parents[2]


@pytest.fixture
def site(migrated_sqlite: Path, tmp_path: Path) -> Path:
    shutil.copyfile(migrated_sqlite, tmp_path / "salve.sqlite3")
    return tmp_path


@pytest.fixture
def worker(site: Path) -> Iterator[subprocess.Popen[str]]:
    process = start(site, "worker")
    yield process
    process.kill()
    process.communicate()


def start(site: Path, *arguments: str, **environment: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        cwd=ROOT,
        env={**os.environ, "SALVE_DATA": str(site), "SALVE_ENV": "testing", **environment},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def wait_for(there: Path, worker: subprocess.Popen[str]) -> None:
    deadline = time.monotonic() + 60
    while not there.exists():
        assert worker.poll() is None, worker.communicate()
        assert time.monotonic() < deadline, f"no {there.name} within a minute"
        time.sleep(0.02)


def test_the_worker_of_a_new_site_builds_its_search_index_and_ends_when_told(
    site: Path, worker: subprocess.Popen[str]
) -> None:
    wait_for(site / "search" / "current", worker)

    worker.send_signal(signal.SIGTERM)
    _, told = worker.communicate(timeout=30)

    assert (worker.returncode, "Traceback" in told) == (0, False), told


def test_an_index_that_goes_while_the_worker_runs_is_built_again(site: Path, worker: subprocess.Popen[str]) -> None:
    current = site / "search" / "current"
    wait_for(current, worker)

    shutil.rmtree(current.parent)

    wait_for(current, worker)


def test_the_worker_lets_the_database_look_at_how_its_tables_are_filled(either_app: Flask) -> None:
    with either_app.app_context():
        with transaction():
            a_published_story()
        events.run_periodic_tasks()
        if db.engine.dialect.name == "sqlite":
            looked_at = set(db.session.scalars(sa.text("SELECT tbl FROM sqlite_stat1")))
            assert {"stories", "story_revisions", "treatments_tried"} <= looked_at


def test_a_port_that_somebody_else_has_is_told_in_one_line(site: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]

        process = start(site, "serve", PORT=str(port), HOST="127.0.0.1")
        said, told = process.communicate(timeout=60)

    assert process.returncode == 1
    assert said == ""
    assert told.count("\n") == 1
    assert f"Cannot listen on 127.0.0.1:{port}" in told
