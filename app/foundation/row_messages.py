"""What an import says about the rows of a file: the first rows of each problem and the number of the others."""

from __future__ import annotations

import sys
from collections import Counter

import click

MAX_MESSAGES = 20
# Of each message, how many rows are named.
MAX_ROWS_NAMED = 5


class RowMessages:
    """Prints messages about rows to standard error: the first rows of each problem, and how many more there are."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._not_shown = 0

    def add(self, line: int, message: str) -> None:
        """A message about the row that begins in this line of the file."""
        if message not in self._rows and len(self._rows) >= MAX_MESSAGES:
            self._not_shown += 1
            return
        self._rows[message] += 1
        if self._rows[message] <= MAX_ROWS_NAMED:
            # At a terminal, erase the progress bar in this line; it is drawn again below.
            prefix = "\r\x1b[K" if sys.stderr.isatty() else ""
            click.echo(f"{prefix}line {line}: {message}", err=True)

    def close(self) -> None:
        """Say how many further rows there were, the most frequent problem first."""
        for message, rows in self._rows.most_common():
            more = rows - MAX_ROWS_NAMED
            if more > 0:
                click.echo(f"{more:,} more {_rows(more)}: {message}", err=True)
        if self._not_shown:
            click.echo(f"{self._not_shown:,} more {_rows(self._not_shown)} with other messages", err=True)


def _rows(number: int) -> str:
    return "row" if number == 1 else "rows"
