"""An import that is stopped half-way, by the real command in a process of its own, and started again."""

from __future__ import annotations

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.transfer.import_command import MAPPING, ROOT, a_row, as_csv, import_files


@pytest.fixture
def site(migrated_sqlite: Path, tmp_path: Path) -> Path:
    shutil.copyfile(migrated_sqlite, tmp_path / "salve.sqlite3")
    return tmp_path


def start(site: Path, args: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "stories", "import", *args],
        cwd=ROOT,
        env={**os.environ, "SALVE_DATA": str(site), "SALVE_ENV": "testing"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        # A group of its own, as at a terminal: Ctrl-C goes to all that are in it.
        start_new_session=True,
    )


def count(site: Path, table: str = "stories") -> int:
    with sqlite3.connect(site / "salve.sqlite3", timeout=20) as database:
        return int(database.execute(f"SELECT count(*) FROM {table}").fetchone()[0])


def begun(site: Path, process: subprocess.Popen[str]) -> None:
    """Wait until some rows are in."""
    deadline = time.monotonic() + 60
    while not count(site):
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline, "nothing was imported within a minute"
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("sent", "rows"),
    [
        # So many that a second process does the rendering.
        pytest.param(signal.SIGINT, 3_200, marks=pytest.mark.long),
        (signal.SIGTERM, 1_200),
        pytest.param(signal.SIGKILL, 4_000, marks=pytest.mark.long),
    ],
)
def test_stopped_and_started_again_it_ends_with_the_same_numbers(
    site: Path, tmp_path: Path, sent: signal.Signals, rows: int
) -> None:
    args = import_files(tmp_path, as_csv(*(a_row(str(number)) for number in range(rows))), MAPPING)

    first = start(site, args)
    begun(site, first)
    os.killpg(first.pid, sent)
    _, told = first.communicate(timeout=60)
    there = count(site)

    assert 0 < there < rows
    assert there == count(site, "story_revisions") == count(site, "treatments_tried") == count(site, "queue_items")
    if sent is not signal.SIGKILL:
        assert first.returncode == 128 + sent
        assert told == f"Stopped after {there} of {rows} rows. Starting the same command again goes on from here.\n"

    second = start(site, args)
    summary, told = second.communicate(timeout=120)

    assert (second.returncode, told) == (0, "")
    found = re.search(r"(\d+) rows: (\d+) imported \(.*\), (\d+) already there, (\d+) skipped", summary)
    assert found
    assert tuple(map(int, found.groups())) == (rows, rows - there, there, 0)
    for table in ("stories", "people", "story_revisions", "treatments_tried", "queue_items"):
        assert count(site, table) == rows


# --- Memory ---

FEW, MANY = 4_000, 12_000
MOST_GROWTH_MB = 15


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_a_file_three_times_as_long_needs_hardly_more_memory(site: Path, tmp_path: Path) -> None:
    texts = (f"{number}: it itched for a week, then the first hair came back. " * 8 for number in range(FEW + MANY))
    most = []
    for length in (FEW, MANY):
        rows = (a_row(f"{length}.{number}", body=next(texts)) for number in range(length))
        with start(site, import_files(tmp_path, as_csv(*rows), MAPPING)) as process:
            most.append(peak_mb(process))
        assert process.returncode == 0
    print(f"{FEW:,} and {MANY:,} rows: at most {most} MB")
    assert most[1] <= most[0] + MOST_GROWTH_MB


def peak_mb(process: subprocess.Popen[str]) -> int:
    """Wait for a process, and give the most memory that it used, in MB.

    It is asked while it runs: what the system tells of a process that has ended contains the size of its parent.
    """
    most = 0
    while process.poll() is None:
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text(encoding="ascii"))
        most = int(found[1]) // 1024 if found else most
        time.sleep(0.1)
    return most
