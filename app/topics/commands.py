"""`flask topics ...`: importing a vocabulary."""

from __future__ import annotations

from pathlib import Path

import click
from flask.cli import AppGroup
from sqlalchemy.exc import DBAPIError

from app.foundation.errors import Refused
from app.foundation.row_messages import RowMessages
from app.topics import vocabulary_import
from app.topics.models import TopicKind
from app.topics.vocabulary_import import ImportReport

topics_cli = AppGroup("topics", help="Load the vocabulary of conditions and treatments.")


@topics_cli.command("import")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in TopicKind]),
    default=TopicKind.CONDITION.value,
    show_default=True,
    help="What the topics of the file are.",
)
def import_topics(file: Path, kind: str) -> None:
    """Load names, synonyms, definitions and broader topics from a tab-separated FILE. Can be repeated safely."""
    report, messages = ImportReport(), RowMessages()

    def report_row(line: int, reason: str) -> None:
        messages.add(line, f"{reason} (skipped)")

    try:
        rows = vocabulary_import.read(file, report_row, report)
        with click.progressbar(length=len(rows), label="Topics") as bar:
            vocabulary_import.load(rows, TopicKind(kind), report_row, report, bar.update)
    except Refused as error:
        raise click.ClickException(error.message) from None
    except DBAPIError:
        raise click.ClickException(
            "the database did not answer as it should: is it there, and up to date (flask db upgrade)?"
            f" ({_summary(report)} Starting the same command again goes on.)"
        ) from None
    finally:
        messages.close()
    click.echo(_summary(report))
    if report["skipped"] == report["rows"]:
        raise click.ClickException(f"{file}: no row could be used")


def _summary(report: ImportReport) -> str:
    rows = (
        f"{report['rows']} rows: {report['new']} new, {report['completed']} completed, {report['unchanged']} unchanged,"
        f" {report['skipped']} skipped."
    )
    # Two spellings that differ only by case, accents or hyphens are one name.
    synonyms = f"{report['synonyms']} synonyms, {report['new_synonyms']} of them new names."
    nothing = " Nothing new." if not (report["new"] or report["completed"]) else ""
    return f"{rows} {synonyms}{nothing}"
