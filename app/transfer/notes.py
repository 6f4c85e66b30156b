"""What an import says at its end of rows that need a decision by whoever runs it."""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from pathlib import Path

from app.transfer.story_import import ImportReport, Options
from app.transfer.topic_cache import UnknownTally

MOST_LISTED = 20
# The name of the file in the advice.
NEW_TOPICS = "new-topics.tsv"


def at_the_end(report: ImportReport, options: Options, path: Path | None, command: str) -> Iterator[str]:
    """All of it. `command` is the one that imports the table for good; `path` is where the topics were written."""
    yield from _repeated(report, options)
    yield from _broken(report)
    yield from _unknown_topics(report.unknown, path, command)


def _repeated(report: ImportReport, options: Options) -> Iterator[str]:
    """Which rows have the text of an earlier row: reviews that a site shows under a brand and a generic name."""
    if not report.repeated:
        return
    skipped = "skipped" if options.skip_repeated else "imported all the same; --skip-repeated leaves them out"
    yield f"Texts that stand in an earlier row already: {report.repeated:,} ({skipped})"
    yield from (f"  line {line}: the text of line {earlier}" for line, earlier in report.repeated_lines)
    yield from _rest(report.repeated - len(report.repeated_lines))


def _broken(report: ImportReport) -> Iterator[str]:
    """What to do about rows that were broken at their line breaks."""
    if report.broken:
        yield (
            f"Rows that are broken, or pieces of them: {report.broken:,}. A spreadsheet, or a program that reads line"
            " by line, has taken texts with several lines apart. Please export the table again from where it comes,"
            " with quotation marks around the texts, and import that file."
        )


def _unknown_topics(unknown: UnknownTally, path: Path | None, command: str) -> Iterator[str]:
    """Which topics are not in the vocabulary, each once, and what to type next. `path` is a file that lists them."""
    topics = unknown.topics()
    if not topics:
        if path:
            yield f"Every topic is in the vocabulary: {path} was not written."
        return
    further = (
        f", and more than can be counted: {unknown.not_counted:,} further names in rows" if unknown.not_counted else ""
    )
    yield f"Not in the vocabulary: {len(topics):,} {'topic' if len(topics) == 1 else 'topics'}{further}."
    for each in topics[:MOST_LISTED]:
        rows = "1 row" if each.rows == 1 else f"{each.rows:,} rows"
        yield f"  {each.kind} {each.name[:60]!r}: {rows}, first in line {each.line}"
    yield from _rest(len(topics) - MOST_LISTED)
    if path is None:
        yield "To write them to a file that can be looked through and imported, type:"
        yield f"  {command} --dry-run --unknown-topics {NEW_TOPICS}"
        return
    yield f"{path} lists them. Please delete what is no topic, put other spellings among the synonyms, then type:"
    yield f"  flask --app wsgi topics import {shlex.quote(str(path))}"
    yield f"  {command}"


def _rest(number: int) -> Iterator[str]:
    if number > 0:
        yield f"  and {number:,} more"
