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
from app.transfer.broken_rows import Beginnings, Record, marked

LARGEST_FILE = 512 * 1024 * 1024
LONGEST_LINE = 4 * 1024 * 1024
LONGEST_CELL = 100_000
MOST_COLUMNS = 200
MOST_ROWS = 1_000_000
# Texts with fewer characters may well be the same by chance.
SHORTEST_TEXT = 100
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
    beginnings: Beginnings

    def rows(self) -> Iterator[Row]:
        """Every row in order, including bad ones. Raises Refused if the file has become unusable in the meantime."""
        records = _records(self.path, self.delimiter)
        next(records)
        width = len(self.columns)
        for record in marked(records, self.beginnings):
            if record.problem or len(record.cells) != width:
                yield Row(record.line, problem=record.problem or f"{len(record.cells)} columns instead of {width}")
            else:
                yield Row(record.line, dict(zip(self.columns, record.cells, strict=True)))


def open_table(path: Path, delimiter: str = ",", key: str = "key") -> Table:
    """The table in a CSV file, after reading it through once. Raises Refused, in one line, if it cannot be used.

    `key` is the column that identifies a row, if there is one of that name; it tells where rows begin.
    """
    records = _records(path, delimiter)
    first = next(records, Record(1, [], "there is nothing in it"))
    columns = _named(first.cells)
    problem = first.problem or _problem_with_header(columns)
    if problem:
        raise Refused(f"{path}: line {first.line} should name the columns: {problem}")
    is_key = key in columns
    beginnings = Beginnings(len(columns), columns.index(key) if is_key else 0, is_key=is_key)
    count = 0
    for count, record in enumerate(records, start=1):
        if count > MOST_ROWS:
            raise Refused(f"{path}: more than {MOST_ROWS:,} rows; please split the file")
        beginnings.add(record)
    if not count:
        raise Refused(f"{path}: there is no row below the names of the columns")
    return Table(path, delimiter, columns, count, beginnings)


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


def _records(path: Path, delimiter: str) -> Iterator[Record]:
    """Each record of the file. Blank lines are left out."""
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
            yield Record(line, [], _quoting_problem(path, line, str(error)))
            continue
        if cells:
            yield Record(line, cells, "a NUL byte in it" if any("\0" in cell for cell in cells) else "")


def _quoting_problem(path: Path, line: int, error: str) -> str:
    """What is wrong with the quoting of a record. Raises Refused if the rest of the file was read as part of it."""
    if error == "unexpected end of data":
        raise Refused(f"{path}: line {line}: a quotation mark is opened there and never closed")
    if error.startswith("field larger"):
        raise Refused(f"{path}: line {line}: a cell of more than {LONGEST_CELL:,} characters, or a quotation mark"
                      " that is never closed")  # fmt: skip
    return f"broken quoting ({error})"


class RowIndex:
    """The lines of rows by one value of each.

    It is kept on disk, so a file with a million rows does not fill the memory. Call `close` when done.
    """

    def __init__(self) -> None:
        # With an empty name SQLite makes a temporary file that is deleted when the connection is closed.
        self._rows = sqlite3.connect("", isolation_level=None)
        self._rows.execute("PRAGMA journal_mode=OFF")
        self._rows.execute("CREATE TABLE rows (value PRIMARY KEY, line INTEGER) WITHOUT ROWID")
        self._rows.execute("BEGIN")

    def add(self, value: str | bytes, line: int) -> int | None:
        """Record the value of the row in this line. Returns the line of an earlier row with the same value, or None."""
        if self._rows.execute("INSERT OR IGNORE INTO rows VALUES (?, ?)", (value, line)).rowcount:
            return None
        (earlier,) = self._rows.execute("SELECT line FROM rows WHERE value = ?", (value,)).fetchone()
        return int(earlier)

    def close(self) -> None:
        """Close the connection, which deletes the file."""
        self._rows.close()


class SeenRows:
    """The keys and the texts of the rows read so far. Call `close` when done."""

    def __init__(self) -> None:
        self.keys = RowIndex()
        self._texts = RowIndex()

    def add_text(self, text: str, line: int) -> int | None:
        """Record the text of a row. Returns the line of an earlier row with the same words, or None.

        Short texts are not compared: many people write 'It worked well.'
        """
        words = " ".join(text.casefold().split())
        if len(words) < SHORTEST_TEXT:
            return None
        return self._texts.add(hashlib.blake2b(words.encode("utf-8", "replace"), digest_size=16).digest(), line)

    def close(self) -> None:
        """Delete both."""
        self.keys.close()
        self._texts.close()


def key_from_cells(row: Row) -> str:
    """A key for a row of a table without a key column: rows with the same cells have the same key.

    A column of numbers without a name is not part of it: these numbers change whenever the file is written anew.
    """
    cells = sorted((column, cell) for column, cell in row.cells.items() if column != INDEX)
    text = "\x1f".join(f"{column}\x1e{cell}" for column, cell in cells)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:40]
