"""Importing stories: a table by a mapping, in batches, so that it can be stopped at any moment and started again.

What makes it resumable is the key of each row: a story remembers its source and its key, and a row whose key is in is
counted and left alone. Reading, rendering and writing overlap; only writing happens inside a transaction.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from app.foundation import clock, database
from app.foundation.database import db, transaction
from app.foundation.errors import Refused
from app.foundation.text.strings import slugify
from app.stories import limits
from app.transfer import bulk_insert, mapping_file
from app.transfer.bulk_insert import Landed
from app.transfer.csv_tables import BadRow, Row, Seen, Table, open_table
from app.transfer.mapping import StoryMapping, named_like_fields
from app.transfer.rendering import Sources, rendered
from app.transfer.rows import ReadRow, read
from app.transfer.topic_cache import Names

# Rows in one transaction: so long nobody else can write, and so many are done again after a crash.
BATCH = 100
# Stories after which the database looks at how its tables are filled, and again whenever they have doubled.
ANALYZE_FROM = 1_000


@dataclass
class Tally:
    """What became of the rows: `read` is the sum of the other three."""

    read: int = 0
    imported: int = 0
    present: int = 0
    skipped: int = 0
    titles_cut: int = 0


@dataclass(frozen=True)
class Watch:
    """Who looks on: is told of rows by their line, and of progress, and may ask to stop between batches."""

    report: Callable[[int, str], None]
    progress: Callable[[int], object]
    stop: Callable[[], bool] = lambda: False


@dataclass
class Batch:
    """Rows that go together: those to be written, and how many others there were among them."""

    rows: list[ReadRow] = field(default_factory=list)
    present: int = 0
    skipped: int = 0

    @property
    def sources(self) -> Sources:
        """The texts to render."""
        return [(row.content.body.source, row.content.advice.source) for row in self.rows]

    @property
    def read(self) -> int:
        """How many rows of the table it accounts for."""
        return len(self.rows) + self.present + self.skipped


@dataclass(frozen=True)
class Import:
    """A table and the mapping that fits it."""

    table: Table
    mapping: StoryMapping

    @property
    def unused(self) -> list[str]:
        """The columns that the mapping does not speak of."""
        used = self.mapping.columns()
        return [column for column in self.table.columns if column not in used]


def prepare(path: Path, map_path: Path | None) -> Import:
    """Read the mapping, and the table once through. Raises Refused, in one line, for what cannot be used."""
    if map_path is None:
        table = open_table(path)
        return Import(table, named_like_fields(table.columns, slugify(path.stem)))
    mapping = mapping_file.load(map_path)
    table = open_table(path, mapping.delimiter)
    for column, place in mapping.columns().items():
        if column not in table.columns:
            raise Refused(f"{map_path}: {place}: no column {column!r} in {path.name}")
    return Import(table, mapping)


def run(this: Import, watch: Watch, tally: Tally, *, published: bool, write: bool) -> None:
    """Import every row that is not in yet; `tally` grows with each batch that is committed. Without `write` it does
    everything but write.

    Raises Refused before anything is written if a topic is missing.
    """
    names = Names()
    names.prepare(this.mapping, write=write)
    with closing(Seen()) as seen, _seldom_collected():
        batches = _batches(this, names, seen, watch)
        looked_at = 0
        for batch, texts in rendered(batches, this.table.count):
            now = clock.now()
            ready = [
                Landed(row.key, row.moment or now, row.composed(*both))
                for row, both in zip(batch.rows, texts, strict=True)
            ]
            if write:
                with transaction():
                    bulk_insert.land(ready, this.mapping.source, published=published)
            _count(tally, batch, watch)
            if write and tally.imported >= 2 * looked_at + ANALYZE_FROM:
                database.analyze()
                looked_at = tally.imported


@contextmanager
def _seldom_collected() -> Iterator[None]:
    """Rows make many short-lived objects, and the garbage collector would go through all that was ever imported again
    and again for their sake: an eighth of the time. What is there already is set apart for so long.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(20_000, 20, 50)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()


def _batches(this: Import, names: Names, seen: Seen, watch: Watch) -> Iterator[Batch]:
    batch = Batch()
    for row in this.table.rows():
        _add(batch, row, this.mapping, names, seen, watch)
        if batch.read == BATCH:
            yield _without_present(batch, this.mapping.source)
            batch = Batch()
            if watch.stop():
                return
    if batch.read:
        yield _without_present(batch, this.mapping.source)


def _add(batch: Batch, row: Row, mapping: StoryMapping, names: Names, seen: Seen, watch: Watch) -> None:
    try:
        batch.rows.append(read(row, mapping, names, seen))
    except BadRow as error:
        batch.skipped += 1
        watch.report(row.line, f"{error} (skipped)")


def _without_present(batch: Batch, source: str) -> Batch:
    """Rows that are in already are taken out before their texts are rendered."""
    there = bulk_insert.present(source, [row.key for row in batch.rows])
    # The answer was read in a transaction of its own; holding it open would keep old pages of the database alive.
    db.session.rollback()
    return Batch([row for row in batch.rows if row.key not in there], len(there), batch.skipped)


def _count(tally: Tally, batch: Batch, watch: Watch) -> None:
    tally.read += batch.read
    tally.imported += len(batch.rows)
    tally.present += batch.present
    tally.skipped += batch.skipped
    for row in batch.rows:
        if row.title_was_cut:
            tally.titles_cut += 1
            watch.report(row.line, f"the title was cut to {limits.TITLE_LONGEST} characters")
    watch.progress(batch.read)
