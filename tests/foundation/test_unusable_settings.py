"""Folders, keys and databases that cannot be used are named in one line, and nothing starts."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def started(**settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "flask", "--app", "wsgi", "db", "upgrade"],
        cwd=ROOT,
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("a file/below it", "Not a directory"),
        ("with an empty key", "does not contain a usable key"),
        ("with a short key", "does not contain a usable key"),
    ],
)
def test_a_data_folder_that_cannot_be_used(tmp_path: Path, data: str, told: str) -> None:
    (tmp_path / "a file").write_text("something else")
    for name, key in (("with an empty key", ""), ("with a short key", "abc")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "secret_key").write_text(key)

    ended = started(SALVE_DATA=str(tmp_path / data))

    assert ended.returncode == 1
    assert ended.stderr.count("\n") == 1
    assert told in ended.stderr


def test_a_database_that_is_not_there(tmp_path: Path) -> None:
    ended = started(SALVE_DATA=str(tmp_path), SALVE_DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:1/nothing")

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "salve: the database cannot be used: " in ended.stderr.splitlines()[-1]
