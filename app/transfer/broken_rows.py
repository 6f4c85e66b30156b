"""Finding rows that were broken: cells with several lines whose lines became rows of their own.

Spreadsheets do this when they are told that texts have no quotation marks, and so do programs that read line by line.
The first line may still pass for a row, and would become a story without its text. What gives the pieces away is where
rows begin: with a key that looks like the other keys, or, if no column is the key, with a number or a date.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

PIECE = "a piece of a row that was broken at a line break"
BROKEN_OFF = "broken off: what it says goes on in the next row"
NOTHING = "nothing in it"
# The smallest share of rows that begin like the first one, for its beginning to mean anything.
SMALLEST_SHARE = 0.05


@dataclass(frozen=True, slots=True)
class Record:
    """A record of a CSV file: the line where it begins, its cells, and the problem with it or ''."""

    line: int
    cells: list[str]
    problem: str = ""


class Beginnings:
    """How the rows of a table begin. `at` is the number of the column to look at, `is_key` whether it is the key."""

    def __init__(self, width: int, at: int, *, is_key: bool) -> None:
        self._width, self._at = width, at
        self._is_key = is_key
        self._read = self._alike = 0
        self._need_digits = False
        self._shape = ""

    def add(self, record: Record) -> None:
        """Take account of a record, in the order of the file. The first one does begin a row."""
        if record.problem or len(record.cells) != self._width:
            return
        cell = record.cells[self._at]
        if not self._read:
            self._shape = _shape(cell)
            self._need_digits = _has_digit(cell) or not self._is_key
        self._read += 1
        self._alike += self._begins(cell)

    @property
    def are_known(self) -> bool:
        """Whether enough rows begin like the first one. If not, only the number of cells gives pieces away."""
        return self._alike > self._read * SMALLEST_SHARE

    def _begins(self, cell: str) -> bool:
        """Whether a cell looks like that of the first row: one word, and with a digit if that one has any."""
        return len(cell.split(None, 2)) == 1 and (not self._need_digits or _has_digit(cell))

    def fits(self, record: Record) -> bool:
        """Whether a record has as many cells as there are columns."""
        return len(record.cells) == self._width

    def is_piece(self, record: Record, before: Record | None, after: Record | None, *, after_piece: bool) -> bool:
        """Whether a record goes on what stands before it, which is a piece itself if `after_piece`."""
        if record.problem:
            return False
        if not self.are_known:
            return len(record.cells) < self._width
        cell = record.cells[self._at] if self._at < len(record.cells) else ""
        is_alone = _count_filled(record.cells) < 2
        # A number alone may be a line of a text: '7' in a table whose keys are like 'post.7'.
        if self._begins(cell) and not (is_alone and _shape(cell) != self._shape):
            return False
        follows = after_piece or (before is not None and not before.problem and not self.fits(before))
        if not self.fits(record) or follows:
            return True
        # A cell that looks different may be a key all the same: something else has to be odd about the row.
        if len(cell.split(None, 2)) < 2:
            return is_alone or (before is not None and _opens_text(before.cells))
        leads = after is not None and not after.problem and not self.fits(after)
        return leads or not record.cells[-1].strip() or any(each.count('"') % 2 for each in record.cells)


def _has_digit(cell: str) -> bool:
    return any(map(str.isdigit, cell))


def _shape(cell: str) -> str:
    """A cell with 'a' for letters and '9' for digits that follow each other."""
    return re.sub(r"[^\W\d_]+", "a", re.sub(r"\d+", "9", cell.strip()))


def _opens_text(cells: list[str]) -> bool:
    """Whether the last cell that has anything in it begins with a quotation mark that has no partner."""
    last = next((cell.strip() for cell in reversed(cells) if cell.strip()), "")
    return last.startswith('"') and last.count('"') % 2 == 1


def _count_filled(cells: list[str]) -> int:
    return sum(1 for cell in cells if cell.strip())


def marked(records: Iterable[Record], beginnings: Beginnings) -> Iterator[Record]:
    """The same records; pieces, rows that go on in a piece, and empty ones have that as their problem."""
    before: Record | None = None
    was_piece = False
    for record, after, later in _with_following(records):
        if not record.problem and not _count_filled(record.cells):
            yield replace(record, problem=NOTHING)
            continue
        is_piece = beginnings.is_piece(record, before, after, after_piece=was_piece)
        goes_on = after is not None and beginnings.is_piece(after, record, later, after_piece=is_piece)
        goes_on = goes_on or (not record.problem and not record.cells[-1].strip() and _opens_text(record.cells))
        if record.problem or not (is_piece or goes_on) or not (beginnings.are_known or beginnings.fits(record)):
            yield record
        else:
            yield replace(record, problem=PIECE if is_piece else BROKEN_OFF)
        before, was_piece = record, is_piece


def _with_following(records: Iterable[Record]) -> Iterator[tuple[Record, Record | None, Record | None]]:
    """Each record with the next two that are not empty."""
    held: deque[Record] = deque()
    for record in records:
        if not record.problem and not _count_filled(record.cells):
            yield record, None, None
            continue
        held.append(record)
        if len(held) > 2:
            yield held[0], held[1], held[2]
            held.popleft()
    if len(held) > 1:
        yield held[0], held[1], None
    if held:
        yield held[-1], None, None
