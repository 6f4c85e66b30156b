"""What an import says about the rows of a file: a few rows with their lines, and the number of the others."""

from __future__ import annotations

import sys
from collections import Counter

import click

# The most rows that are named, of each message and of all together; and the most messages that are counted apart.
MAX_ROWS_NAMED = 5
MAX_ROWS = 20
MAX_MESSAGES = 20


class RowMessages:
    """Prints messages about rows to standard error: the first rows of each problem, and how many more there are."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._named: Counter[str] = Counter()
        self._not_shown = 0

    def add(self, line: int, message: str) -> None:
        """A message about the row that begins in this line of the file."""
        if message not in self._rows and len(self._rows) >= MAX_MESSAGES:
            self._not_shown += 1
            return
        self._rows[message] += 1
        if self._named[message] < MAX_ROWS_NAMED and self._named.total() < MAX_ROWS:
            self._named[message] += 1
            # At a terminal, erase the progress bar in this line; it is drawn again below.
            prefix = "\r\x1b[K" if sys.stderr.isatty() else ""
            click.echo(f"{prefix}line {line}: {message}", err=True)

    def close(self) -> None:
        """Say how many further rows there were, the most frequent problem first."""
        for message, rows in self._rows.most_common():
            more = rows - self._named[message]
            if more:
                click.echo(f"{more:,}{' more' if self._named[message] else ''} {_rows(more)}: {message}", err=True)
        if self._not_shown:
            click.echo(f"{self._not_shown:,} more {_rows(self._not_shown)} with other messages", err=True)


def _rows(number: int) -> str:
    return "row" if number == 1 else "rows"
