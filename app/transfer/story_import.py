"""Importing stories from a table, in batches, so that an import can be stopped at any moment and resumed.

A story keeps the source and the key of its row. A row whose story exists already is counted and otherwise left alone.
Reading, rendering and writing overlap; only writing happens inside a transaction.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.foundation import database
from app.foundation.database import db, transaction
from app.foundation.errors import Refused
from app.foundation.text.strings import slugify
from app.stories.questions import TITLE_MAX_LENGTH
from app.transfer import bulk_insert
from app.transfer.broken_rows import BROKEN_OFF, PIECE
from app.transfer.bulk_insert import PreparedRow
from app.transfer.csv_tables import BadRow, Row, SeenRows, Table, open_table
from app.transfer.mapping import StoryMapping, named_like_fields
from app.transfer.rendering import Sources, rendered
from app.transfer.rows import ReadRow, read
from app.transfer.topic_cache import TopicCache, UnknownTally, UnknownTopics

# Rows in one transaction. While it runs nobody else can write, and after a crash these rows are read again.
BATCH_SIZE = 400
# Update the database's statistics after this many new stories, and again each time their number has doubled.
ANALYZE_FROM = 1_000
# Of rows with the text of an earlier row, this many are listed.
REPEATS_LISTED = 20


@dataclass(frozen=True)
class Options:
    """How to import.

    With `published` the stories are public at once, otherwise they wait for a moderator. Without `write` everything is
    done but writing. `skip_repeated` leaves out rows with the text of an earlier row. With `collect_unknown`, topics
    that the mapping names and that do not exist do not end the import, but are counted like those that rows name.
    """

    published: bool = False
    write: bool = True
    skip_repeated: bool = False
    collect_unknown: bool = False


@dataclass
class ImportReport:
    """How many rows were read, and what became of them: `read` is the sum of the next three."""

    read: int = 0
    imported: int = 0
    present: int = 0
    skipped: int = 0
    titles_cut: int = 0
    # Pieces of rows and rows that were broken off, which are among those skipped; and what was skipped for its topics.
    broken: int = 0
    unknown: UnknownTally = field(default_factory=UnknownTally)
    # How many rows have the text of an earlier one, and of the first of them their lines, with those of the earlier.
    repeated: int = 0
    repeated_lines: list[tuple[int, int]] = field(default_factory=list)

    def add_repeated(self, line: int, earlier: int) -> None:
        """Count a row that has the text of the row in an earlier line."""
        self.repeated += 1
        if len(self.repeated_lines) < REPEATS_LISTED:
            self.repeated_lines.append((line, earlier))


@dataclass(frozen=True)
class ProgressListener:
    """Callbacks of whoever runs an import.

    `report` gets a line number and a message about that row; `progress` gets the number of rows just dealt with;
    `should_stop` is asked after each batch.
    """

    report: Callable[[int, str], None]
    progress: Callable[[int], object]
    should_stop: Callable[[], bool] = lambda: False


@dataclass
class Batch:
    """Rows that are written in one transaction, and how many of the rows read with them are not to be written."""

    rows: list[ReadRow] = field(default_factory=list)
    present: int = 0
    skipped: int = 0

    @property
    def sources(self) -> Sources:
        """The texts to render, as (body, advice) for each row."""
        return [(row.revision.body_source, row.revision.advice_source) for row in self.rows]

    @property
    def read(self) -> int:
        """The number of rows of the table that this batch accounts for."""
        return len(self.rows) + self.present + self.skipped


@dataclass(frozen=True)
class Import:
    """A table and a mapping whose columns are all in it."""

    table: Table
    mapping: StoryMapping

    @property
    def unused_columns(self) -> list[str]:
        """The columns of the table that the mapping does not use."""
        used = self.mapping.columns()
        return [column for column in self.table.columns if column not in used]


def prepare(path: Path, map_path: Path | None) -> Import:
    """Read the mapping file, if there is one, and check the table. Raises Refused, in one line, if one is unusable."""
    if map_path is None:
        table = open_table(path)
        return Import(table, named_like_fields(table.columns, slugify(path.stem)))
    # Imported here because every process of the site imports this module, and only reading a mapping needs msgspec.
    from app.transfer import mapping_file

    mapping = mapping_file.load(map_path)
    table = open_table(path, mapping.delimiter, mapping.key)
    for column, place in mapping.columns().items():
        if column not in table.columns:
            raise Refused(f"{map_path}: {place}: no column {column!r} in {path.name}")
    return Import(table, mapping)


def run(this: Import, listener: ProgressListener, report: ImportReport, options: Options) -> None:
    """Import every row whose story does not exist yet, in transactions of `BATCH_SIZE` rows.

    `report` is brought up to date after each commit. Raises Refused, before anything is written, if the mapping names
    a topic that is missing.
    """
    topics = TopicCache()
    topics.prepare(this.mapping, write=options.write, collect_unknown=options.collect_unknown)
    with closing(SeenRows()) as seen, _garbage_collected_rarely():
        batches = _batches(_Reader(this, topics, seen, listener, report, options))
        analyzed_at = 0
        for batch, texts in rendered(batches, this.table.count):
            prepared = [
                PreparedRow(row.key, row.moment, row.rendered(body, advice))
                for row, (body, advice) in zip(batch.rows, texts, strict=True)
            ]
            if options.write:
                with transaction():
                    bulk_insert.insert_rows(prepared, this.mapping.source, published=options.published)
            _count(report, batch, listener)
            gc.collect()
            if options.write and report.imported >= 2 * analyzed_at + ANALYZE_FROM:
                database.analyze()
                analyzed_at = report.imported


@contextmanager
def _garbage_collected_rarely() -> Iterator[None]:
    """Within this context the garbage collector runs only when it is called, and not over the objects that exist.

    Rows make many short-lived objects; collecting at the usual rate takes an eighth of the time of an import. Whoever
    is within it has to call `gc.collect` now and then: every row leaves some 5 kB of cycles behind.
    """
    gc.collect()
    gc.freeze()
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.unfreeze()


@dataclass(frozen=True)
class _Reader:
    """What it takes to read the rows of an import one after the other."""

    this: Import
    topics: TopicCache
    seen: SeenRows
    listener: ProgressListener
    report: ImportReport
    options: Options

    def read_into(self, batch: Batch, row: Row) -> None:
        """Add a row to a batch, or say why it is skipped."""
        try:
            batch.rows.append(self._read(row))
        except UnknownTopics as error:
            batch.skipped += 1
            self.report.unknown.add(error.names, row.line)
        except BadRow as error:
            batch.skipped += 1
            self.report.broken += row.problem in {PIECE, BROKEN_OFF}
            self.listener.report(row.line, f"{error} (skipped)")

    def _read(self, row: Row) -> ReadRow:
        story = read(row, self.this.mapping, self.topics, self.seen)
        if story.same_text_as is not None:
            self.report.add_repeated(row.line, story.same_text_as)
            if self.options.skip_repeated:
                raise BadRow("an earlier row has the same text")
        return story


def _batches(reader: _Reader) -> Iterator[Batch]:
    batch = Batch()
    for row in reader.this.table.rows():
        reader.read_into(batch, row)
        if batch.read == BATCH_SIZE:
            yield _without_present(batch, reader.this.mapping.source)
            batch = Batch()
            if reader.listener.should_stop():
                return
    if batch.read:
        yield _without_present(batch, reader.this.mapping.source)


def _without_present(batch: Batch, source: str) -> Batch:
    """The batch without the rows whose stories exist already, so that their texts are not rendered."""
    present = bulk_insert.present(source, [row.key for row in batch.rows])
    # End the transaction of this query: while it is open, the database keeps old pages for it.
    db.session.rollback()
    return Batch([row for row in batch.rows if row.key not in present], len(present), batch.skipped)


def _count(report: ImportReport, batch: Batch, listener: ProgressListener) -> None:
    report.read += batch.read
    report.imported += len(batch.rows)
    report.present += batch.present
    report.skipped += batch.skipped
    for row in batch.rows:
        if row.title_was_cut:
            report.titles_cut += 1
            listener.report(row.line, f"the title was cut to {TITLE_MAX_LENGTH} characters")
    listener.progress(batch.read)
