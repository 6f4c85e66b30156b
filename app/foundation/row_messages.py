"""What an import says about the rows of a file: each problem once with the number of its rows, and not without end."""

from __future__ import annotations

import sys
from collections import Counter

import click

MAX_MESSAGES = 20


class RowMessages:
    """Prints messages about rows to standard error: the first row of each problem, and of the rest their number."""

    def __init__(self) -> None:
        self._rows: Counter[str] = Counter()
        self._not_shown = 0

    def add(self, line: int, message: str) -> None:
        """A message about the row that begins in this line of the file."""
        if message in self._rows:
            self._rows[message] += 1
        elif len(self._rows) < MAX_MESSAGES:
            self._rows[message] = 1
            # At a terminal, erase the progress bar in this line; it is drawn again below.
            prefix = "\r\x1b[K" if sys.stderr.isatty() else ""
            click.echo(f"{prefix}line {line}: {message}", err=True)
        else:
            self._not_shown += 1

    def close(self) -> None:
        """Say how many further rows there were, the most frequent problem first."""
        for message, rows in self._rows.most_common():
            if rows > 1:
                click.echo(f"{rows - 1:,} more {_rows(rows - 1)}: {message}", err=True)
        if self._not_shown:
            click.echo(f"{self._not_shown:,} more {_rows(self._not_shown)} with other messages", err=True)


def _rows(number: int) -> str:
    return "row" if number == 1 else "rows"
