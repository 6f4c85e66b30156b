"""`flask stories ...`: stories from a file."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError, IntegrityError

from app.foundation.errors import Refused
from app.transfer import story_import
from app.transfer.story_import import Import, Tally, Watch

stories_cli = AppGroup("stories", help="Load stories from a file.")

PENDING, PUBLISHED = "pending", "published"
GOES_ON = "Starting the same command again goes on from here."


@stories_cli.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--map", "map_path", type=click.Path(path_type=Path), help="Mapping of columns to fields (TOML).")
@click.option(
    "--as",
    "state",
    type=click.Choice([PENDING, PUBLISHED]),
    default=PENDING,
    show_default=True,
    help="Let them wait for a moderator, or publish them as they are.",
)
@click.option("--dry-run", is_flag=True, help="Do everything but write.")
def import_stories(file: Path, map_path: Path | None, state: str, dry_run: bool) -> None:
    """Import the rows of a CSV FILE as stories, each by an author of its own.

    Without a mapping the columns are named like the fields: title, body, condition, treatment, ... A row that is in
    already is left alone, so the command can be stopped and started again.
    """
    tally = Tally()
    try:
        this = story_import.prepare(file, map_path)
        if this.unused:
            click.echo(f"Columns that are not used: {', '.join(this.unused)}", err=True)
        stopped_by = _run(this, tally, published=state == PUBLISHED, write=not dry_run)
    except (Refused, DBAPIError) as error:
        raise click.ClickException(_failure(error, tally)) from None
    click.echo(_summary(tally, state, write=not dry_run))
    if stopped_by:
        click.echo(f"Stopped after {tally.read} of {this.table.count} rows. {GOES_ON}", err=True)
        sys.exit(128 + stopped_by)
    if tally.skipped == tally.read:
        raise click.ClickException(f"{file}: no row could be used")


def _run(this: Import, tally: Tally, *, published: bool, write: bool) -> int:
    """Import with a progress bar. Answers the signal that stopped it, or 0."""
    with _stopping() as received, click.progressbar(length=this.table.count, label="Stories") as bar:
        watch = Watch(report=_report, progress=bar.update, stop=lambda: bool(received))
        story_import.run(this, watch, tally, published=published, write=write)
    # Whoever asked when everything was done already was not needed.
    return received[0] if received and tally.read < this.table.count else 0


@contextmanager
def _stopping() -> Iterator[list[int]]:
    """Let Ctrl-C and SIGTERM ask to stop, once; a second one stops at once, and what is not committed is undone."""
    received: list[int] = []

    def ask(number: int, _frame: FrameType | None) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)

    before = {each: signal.signal(each, ask) for each in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for each, handler in before.items():
            signal.signal(each, handler)


def _report(line: int, told: str) -> None:
    # At a terminal the progress bar stands in this line; it is drawn again below.
    beginning = "\r\x1b[K" if sys.stderr.isatty() else ""
    click.echo(f"{beginning}line {line}: {told}", err=True)


def _summary(tally: Tally, state: str, *, write: bool) -> str:
    where = "published" if state == PUBLISHED else "waiting for a moderator"
    titles = f" Titles cut: {tally.titles_cut}." if tally.titles_cut else ""
    return (
        f"{'' if write else 'Dry run, nothing was written. '}{tally.read} rows: {tally.imported} imported ({where}),"
        f" {tally.present} already there, {tally.skipped} skipped.{titles}"
    )


def _failure(error: Refused | DBAPIError, tally: Tally) -> str:
    if isinstance(error, Refused):
        what = error.message
    elif isinstance(error, IntegrityError):
        what = "the database changed meanwhile: is another import running?"
    else:
        what = "the database did not answer as it should: is it there, and up to date (flask db upgrade)?"
    return f"{what} ({tally.imported} rows were imported before. {GOES_ON})" if tally.read else what
