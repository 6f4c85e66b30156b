"""Measure the speed of an import of stories, and whether it needs more memory for a file four times as long.

The rows of a real file, with columns like those of PsyTAR, are repeated with texts of their own and imported into a new
site from the command line. For comparison, the same texts are written to SQLite alone, in large transactions.

    python -m benchmarks.importing FILE [--rows 10000]
"""

from __future__ import annotations

import argparse
import csv
import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import time
from itertools import cycle, islice
from pathlib import Path

ROOT = Path(__file__).parents[1]
MAP = ROOT / "app" / "transfer" / "maps" / "psytar.toml"
IN_ONE_TRANSACTION = 500


def longer(file: Path, rows: int, to: Path) -> list[list[str]]:
    """Write a file with this many rows, repeated from another file: each with a key and a text of its own."""
    with file.open(encoding="utf-8", newline="") as source:
        names, *given = csv.reader(source)
    comment = names.index("comment")
    made = [list(row) for row in islice(cycle(given), rows)]
    for number, row in enumerate(made):
        row[0] = f"{number}.{row[0]}"
        row[comment] += f" This is what I wrote on page {number} of my diary."
    with to.open("w", encoding="utf-8", newline="") as target:
        csv.writer(target).writerows([names, *made])
    return made


def flask(data: Path, *arguments: str) -> tuple[float, float]:
    """Run a command on its own site. Returns the seconds it took and the most memory it used, in MB."""
    environment = {**os.environ, "SALVE_DATA": str(data), "SALVE_ENV": "development"}
    start = time.perf_counter()
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", *arguments],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    most = 0
    while process.poll() is None:
        # Not from `os.wait4`, which counts the size of this process in.
        found = re.search(r"VmHWM:\s+(\d+)", Path(f"/proc/{process.pid}/status").read_text(encoding="ascii"))
        most = int(found[1]) if found else most
        time.sleep(0.05)
    taken = time.perf_counter() - start
    if process.returncode:
        sys.exit(f"flask {' '.join(arguments)} failed")
    return taken, most / 1024


def plain_sqlite(folder: Path, rows: list[list[str]]) -> float:
    """The seconds it takes to write the same cells with SQLite alone."""
    connection = sqlite3.connect(folder / "plain.sqlite")
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    columns = ", ".join(f"c{number} TEXT" for number in range(len(rows[0])))
    connection.execute(f"CREATE TABLE plain ({columns})")
    marks = ", ".join("?" * len(rows[0]))
    start = time.perf_counter()
    for first in range(0, len(rows), IN_ONE_TRANSACTION):
        with connection:
            batch = rows[first : first + IN_ONE_TRANSACTION]
            connection.executemany(f"INSERT INTO plain VALUES ({marks})", batch)
    connection.close()
    return time.perf_counter() - start


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("file", type=Path)
    parser.add_argument("--rows", type=int, default=10_000)
    given = parser.parse_args()
    print(f"{'rows':>8} {'as':<10} {'rows/s':>8} {'MB':>6} {'plain SQLite rows/s':>20} {'ratio':>6}")
    for rows in (given.rows, 4 * given.rows):
        for state in ("pending", "published"):
            with tempfile.TemporaryDirectory() as name:
                folder = Path(name)
                made = longer(given.file, rows, folder / "rows.csv")
                flask(folder, "db", "upgrade")
                command = ("stories", "import", str(folder / "rows.csv"), "--map", str(MAP), "--as", state)
                taken, memory = flask(folder, *command)
                plain = rows / plain_sqlite(folder, made)
            speed = rows / taken
            print(f"{rows:>8} {state:<10} {speed:>8.0f} {memory:>6.0f} {plain:>20.0f} {speed / plain:>6.3f}")


if __name__ == "__main__":
    main()
