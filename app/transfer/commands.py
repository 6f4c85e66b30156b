"""`flask stories import`: stories from a CSV file."""

from __future__ import annotations

import shlex
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
from app.foundation.row_messages import RowMessages
from app.transfer import notes, story_import
from app.transfer.story_import import Import, ImportReport, Options, ProgressListener

stories_cli = AppGroup("stories", help="Load stories from a file.")

PENDING, PUBLISHED = "pending", "published"
HOW_TO_RESUME = "Starting the same command again goes on from here."


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
@click.option("--skip-repeated", is_flag=True, help="Leave out rows with the text of an earlier row.")
@click.option(
    "--unknown-topics",
    "unknown_path",
    type=click.Path(path_type=Path),
    help="Write the topics that are not in the vocabulary to this new file, which 'topics import' takes.",
)
def import_stories(
    file: Path, map_path: Path | None, state: str, dry_run: bool, skip_repeated: bool, unknown_path: Path | None
) -> None:
    """Import the rows of a CSV FILE as stories, each by an author of its own.

    Without a mapping the columns are named like the fields: title, body, condition, treatment, ... A row that is in
    already is left alone, so the command can be stopped and started again.
    """
    report = ImportReport()
    options = Options(state == PUBLISHED, not dry_run, skip_repeated, dry_run and unknown_path is not None)
    try:
        _check_new(unknown_path)
        this = story_import.prepare(file, map_path)
        if this.unused_columns:
            click.echo(f"Columns that are not used: {', '.join(this.unused_columns)}", err=True)
        stopped_by = _run(this, report, options)
        if unknown_path and report.unknown.rows:
            report.unknown.write(unknown_path, this.mapping.source)
    except (Refused, DBAPIError) as error:
        raise click.ClickException(_failure(error, report)) from None
    click.echo(_summary(report, state, write=not dry_run))
    for line in notes.at_the_end(report, options, unknown_path, _command(file, map_path, options)):
        click.echo(line, err=True)
    if stopped_by:
        click.echo(f"Stopped after {report.read} of {this.table.count} rows. {HOW_TO_RESUME}", err=True)
        sys.exit(128 + stopped_by)
    # To find out which topics are needed is a success.
    if report.skipped == report.read and not (unknown_path and report.unknown.rows):
        raise click.ClickException(f"{file}: no row could be used")


def _check_new(path: Path | None) -> None:
    """Raise Refused, before the work and not after it, if a file that is to be written is there already."""
    if path is None:
        return
    if path.exists():
        raise Refused(f"{path}: that file already exists; choose another name, or delete it first")
    if not path.absolute().parent.is_dir():
        raise Refused(f"{path}: there is no such folder")


def _command(file: Path, map_path: Path | None, options: Options) -> str:
    """The command that imports this file for good, as it is typed."""
    words = ["flask", "--app", "wsgi", "stories", "import", str(file)]
    words += ["--map", str(map_path)] if map_path else []
    words += ["--as", PUBLISHED] if options.published else []
    return shlex.join([*words, *(["--skip-repeated"] if options.skip_repeated else [])])


def _run(this: Import, report: ImportReport, options: Options) -> int:
    """Import with a progress bar. Returns the number of the signal that stopped the import, or 0."""
    with _stop_signals() as received, click.progressbar(length=this.table.count, label="Stories") as bar:
        messages = RowMessages()
        listener = ProgressListener(report=messages.add, progress=bar.update, should_stop=lambda: bool(received))
        try:
            story_import.run(this, listener, report, options)
        finally:
            messages.close()
    # A signal that arrived during the last batch stopped nothing.
    return received[0] if received and report.read < this.table.count else 0


@contextmanager
def _stop_signals() -> Iterator[list[int]]:
    """The signals received so far. The first Ctrl-C or SIGTERM is only recorded, so that the batch is finished.

    A second one raises KeyboardInterrupt, and the batch is rolled back.
    """
    received: list[int] = []

    def record(number: int, _frame: FrameType | None) -> None:
        if received:
            raise KeyboardInterrupt
        received.append(number)

    before = {number: signal.signal(number, record) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield received
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _summary(report: ImportReport, state: str, *, write: bool) -> str:
    where = "published" if state == PUBLISHED else "waiting for a moderator"
    titles = f" Titles cut: {report.titles_cut}." if report.titles_cut else ""
    return (
        f"{'' if write else 'Dry run, nothing was written. '}{report.read} rows: {report.imported} imported ({where}),"
        f" {report.present} already there, {report.skipped} skipped.{titles}"
    )


def _failure(error: Refused | DBAPIError, report: ImportReport) -> str:
    if isinstance(error, Refused):
        message = error.message
    elif isinstance(error, IntegrityError):
        message = "the database changed meanwhile: is another import running?"
    else:
        message = "the database did not answer as it should: is it there, and up to date (flask db upgrade)?"
    return f"{message} ({report.imported} rows were imported before. {HOW_TO_RESUME})" if report.read else message
