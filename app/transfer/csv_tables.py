"""CSV files as rows with line numbers, read as a stream and within limits.

An error that makes the whole file unusable (not UTF-8, a quotation mark that is never closed, too large) raises
Refused. `open_table` reads the file through once to find such errors before anything is written. An error in one row is
reported with that row.
"""

from __future__ import annotations

import csv
import hashlib
import sqlite3
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

from app.foundation.errors import Refused
from app.foundation.text.text_lines import read_lines

LARGEST_FILE = 512 * 1024 * 1024
LONGEST_LINE = 4 * 1024 * 1024
LONGEST_CELL = 100_000
MOST_COLUMNS = 200
MOST_ROWS = 1_000_000
# What a first column without a name is called: the name that pandas gives it when it reads the file.
INDEX = "Unnamed: 0"


class BadRow(Exception):
    """One row cannot be imported; the message says why. The import goes on with the next row."""


@dataclass(frozen=True)
class Row:
    """A row: the line of the file where it begins, and its cells by column name, or the problem with it."""

    line: int
    cells: Mapping[str, str] = field(default_factory=dict)
    problem: str = ""


@dataclass(frozen=True)
class Table:
    """A CSV file that was read through once and found usable; `count` is the number of its rows."""

    path: Path
    delimiter: str
    columns: tuple[str, ...]
    count: int

    def rows(self) -> Iterator[Row]:
        """Every row in order, including bad ones. Raises Refused if the file has become unusable in the meantime."""
        records = _records(self.path, self.delimiter)
        next(records)
        for line, cells, problem in records:
            if problem or len(cells) != len(self.columns):
                yield Row(line, problem=problem or f"{len(cells)} columns instead of {len(self.columns)}")
            else:
                yield Row(line, dict(zip(self.columns, cells, strict=True)))


def open_table(path: Path, delimiter: str = ",") -> Table:
    """The table in a CSV file, after reading it through once. Raises Refused, in one line, if it cannot be used."""
    records = _records(path, delimiter)
    line, header, problem = next(records, (1, [], "there is nothing in it"))
    columns = _named(header)
    if not problem:
        problem = _problem_with_header(columns)
    if problem:
        raise Refused(f"{path}: line {line} should name the columns: {problem}")
    count = 0
    for count, _ in enumerate(records, start=1):
        if count > MOST_ROWS:
            raise Refused(f"{path}: more than {MOST_ROWS:,} rows; please split the file")
    if not count:
        raise Refused(f"{path}: there is no row below the names of the columns")
    return Table(path, delimiter, columns, count)


def _named(header: list[str]) -> tuple[str, ...]:
    """The names of the columns. Only the first may be without one: pandas writes the numbers of rows like that."""
    names = [name.strip() for name in header]
    if names[:1] == [""] and len(names) > 1 and INDEX not in names:
        names[0] = INDEX
    return tuple(names)


def _problem_with_header(columns: tuple[str, ...]) -> str:
    if len(columns) > MOST_COLUMNS:
        return f"{len(columns)} columns, at most {MOST_COLUMNS} can be read"
    if "" in columns:
        return f"column {columns.index('') + 1} has no name"
    repeated = [name for name, following in pairwise(sorted(columns)) if name == following]
    return f"{repeated[0]!r} stands there twice" if repeated else ""


def _records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    """Each record as its line number, its cells, and the problem with it or ''. Blank lines are left out."""
    # The csv module has one limit for the whole process; nothing else in this application reads CSV.
    csv.field_size_limit(LONGEST_CELL)
    lines = read_lines(path, max_bytes=LARGEST_FILE, max_length=LONGEST_LINE)
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, [], _quoting_problem(path, line, str(error))
            continue
        if cells:
            yield line, cells, "a NUL byte in it" if any("\0" in cell for cell in cells) else ""


def _quoting_problem(path: Path, line: int, error: str) -> str:
    """What is wrong with the quoting of a record. Raises Refused if the rest of the file was read as part of it."""
    if error == "unexpected end of data":
        raise Refused(f"{path}: line {line}: a quotation mark is opened there and never closed")
    if error.startswith("field larger"):
        raise Refused(f"{path}: line {line}: a cell of more than {LONGEST_CELL:,} characters, or a quotation mark"
                      " that is never closed")  # fmt: skip
    return f"broken quoting ({error})"


class DuplicateKeyIndex:
    """The keys of the rows read so far, to find a key that is in the file twice.

    It is kept on disk, so a file with a million rows does not fill the memory. Call `close` when done.
    """

    def __init__(self) -> None:
        # With an empty name SQLite makes a temporary file that is deleted when the connection is closed.
        self._keys = sqlite3.connect("", isolation_level=None)
        self._keys.execute("PRAGMA journal_mode=OFF")
        self._keys.execute("CREATE TABLE keys (key TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._keys.execute("BEGIN")

    def add(self, key: str, line: int) -> None:
        """Record the key of the row in this line. Raises BadRow if an earlier row has the same key."""
        if not self._keys.execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (key, line)).rowcount:
            (earlier,) = self._keys.execute("SELECT line FROM keys WHERE key = ?", (key,)).fetchone()
            raise BadRow(f"the same row, or one with the same key, stood in line {earlier} already")

    def close(self) -> None:
        """Close the connection, which deletes the file."""
        self._keys.close()


def key_from_cells(row: Row) -> str:
    """A key for a row of a table without a key column: rows with the same cells have the same key.

    A column of numbers without a name is not part of it: these numbers change whenever the file is written anew.
    """
    cells = sorted((column, cell) for column, cell in row.cells.items() if column != INDEX)
    text = "\x1f".join(f"{column}\x1e{cell}" for column, cell in cells)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
