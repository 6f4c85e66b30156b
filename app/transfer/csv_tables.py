"""Reading a table: a CSV file as rows with the numbers of their lines, streamed and bounded.

What makes the whole file unusable (not UTF-8, a quotation mark that is never closed, too large) raises Refused, and
`open_table` goes through the file once to find it before anybody has written anything. What is wrong with one row is
told of that row.
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
from app.topics.vocabulary_import import lines_of

LARGEST_FILE = 512 * 1024 * 1024
LONGEST_LINE = 4 * 1024 * 1024
LONGEST_CELL = 100_000
MOST_COLUMNS = 200
MOST_ROWS = 1_000_000


class BadRow(Exception):
    """One row cannot be used; the message says why. The others can."""


@dataclass(frozen=True)
class Row:
    """One row: the line of the file where it begins, and its cells by column, or what is wrong with it."""

    line: int
    cells: Mapping[str, str] = field(default_factory=dict)
    trouble: str = ""


@dataclass(frozen=True)
class Table:
    """A file that was read through once."""

    path: Path
    delimiter: str
    columns: tuple[str, ...]
    count: int

    def rows(self) -> Iterator[Row]:
        """Every row in turn, bad ones included. Raises Refused if the file changed into an unusable one meanwhile."""
        records = _records(self.path, self.delimiter)
        next(records)
        for line, cells, trouble in records:
            if trouble or len(cells) != len(self.columns):
                yield Row(line, trouble=trouble or f"{len(cells)} columns instead of {len(self.columns)}")
            else:
                yield Row(line, dict(zip(self.columns, cells, strict=True)))


def open_table(path: Path, delimiter: str = ",") -> Table:
    """Read the file through once. Raises Refused, in one line, when it is unusable or has no rows."""
    records = _records(path, delimiter)
    line, header, trouble = next(records, (1, [], "there is nothing in it"))
    columns = tuple(name.strip() for name in header)
    if not trouble:
        trouble = _trouble_with(columns)
    if trouble:
        raise Refused(f"{path}: line {line} should name the columns: {trouble}")
    count = 0
    for count, _ in enumerate(records, start=1):
        if count > MOST_ROWS:
            raise Refused(f"{path}: more than {MOST_ROWS:,} rows; please split the file")
    if not count:
        raise Refused(f"{path}: there is no row below the names of the columns")
    return Table(path, delimiter, columns, count)


def _trouble_with(columns: tuple[str, ...]) -> str:
    if len(columns) > MOST_COLUMNS:
        return f"{len(columns)} columns, at most {MOST_COLUMNS} can be read"
    if "" in columns:
        return f"column {columns.index('') + 1} has no name"
    twice = [one for one, other in pairwise(sorted(columns)) if one == other]
    return f"{twice[0]!r} stands there twice" if twice else ""


def _records(path: Path, delimiter: str) -> Iterator[tuple[int, list[str], str]]:
    """The line, the cells and the trouble of each record; blank lines are none."""
    # The limit of the csv module is one for the whole process; nothing else here reads CSV.
    csv.field_size_limit(LONGEST_CELL)
    reader = csv.reader(lines_of(path, largest=LARGEST_FILE, longest=LONGEST_LINE), delimiter=delimiter, strict=True)
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield line, [], _told(path, line, str(error))
            continue
        if cells:
            yield line, cells, "a NUL byte in it" if any("\0" in cell for cell in cells) else ""


def _told(path: Path, line: int, error: str) -> str:
    """What is wrong with a record's quoting. Raises Refused where all that follows has been swallowed by it."""
    if error == "unexpected end of data":
        raise Refused(f"{path}: line {line}: a quotation mark is opened there and never closed")
    if error.startswith("field larger"):
        raise Refused(f"{path}: line {line}: a cell of more than {LONGEST_CELL:,} characters, or a quotation mark"
                      " that is never closed")  # fmt: skip
    return f"broken quoting ({error})"


class Seen:
    """The keys of the rows so far, on disk: a file with a key twice is told so, and a long file fills no memory."""

    def __init__(self) -> None:
        # An empty name is SQLite's own temporary file, gone when it is closed.
        self._keys = sqlite3.connect("", isolation_level=None)
        self._keys.execute("PRAGMA journal_mode=OFF")
        self._keys.execute("CREATE TABLE keys (key TEXT PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._keys.execute("BEGIN")

    def first(self, key: str, line: int) -> None:
        """Remember a key. Raises BadRow if an earlier line has it already."""
        if not self._keys.execute("INSERT OR IGNORE INTO keys VALUES (?, ?)", (key, line)).rowcount:
            (earlier,) = self._keys.execute("SELECT line FROM keys WHERE key = ?", (key,)).fetchone()
            raise BadRow(f"the same row, or one with the same key, stood in line {earlier} already")

    def close(self) -> None:
        """Done with."""
        self._keys.close()


def digest(row: Row) -> str:
    """A key for rows that bring none: the same cells, the same key."""
    text = "\x1f".join(f"{column}\x1e{cell}" for column, cell in sorted(row.cells.items()))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
