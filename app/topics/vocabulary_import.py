"""Importing a vocabulary from a tab-separated file: one topic per line, with synonyms and broader topics.

The columns are `id`, `name`, `definition`, `synonyms` and `parents`; synonyms and parents are separated by a bar, and
there is no quoting. The prefix of an id ('DOID' of 'DOID:8893') names the source of the topic. A topic keeps its id, so
importing the same file again changes nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from app.foundation.database import db, transaction
from app.foundation.errors import Refused
from app.foundation.text.text_lines import read_lines
from app.topics import vocabulary
from app.topics.models import NameKind, RelationKind, Topic, TopicKind, TopicName

COLUMNS = ("id", "name", "definition", "synonyms", "parents")
# A vocabulary is held in memory during the import. The whole Disease Ontology has 5 MB.
MAX_FILE_BYTES = 32 * 1024 * 1024
MAX_LINE_LENGTH = 256 * 1024
DEFINITION_MAX_LENGTH = 5_000
KEY_MAX_LENGTH = 80
# Rows in one transaction: it takes about a tenth of a second, and nobody else can write meanwhile.
BATCH_SIZE = 25

# Gets the number of a line and a message about it.
ReportRow = Callable[[int, str], None]


@dataclass(frozen=True)
class VocabularyRow:
    """One line of the file."""

    line: int
    id: str
    name: str
    definition: str
    synonyms: tuple[str, ...]
    parents: tuple[str, ...]


class ImportReport(Counter[str]):
    """What became of the rows: `rows` is the sum of `new`, `completed`, `unchanged` and `skipped`.

    `synonyms` counts the synonyms that were read and `new_synonyms` the names that they added to the vocabulary.
    """


def read(path: Path, report_row: ReportRow, report: ImportReport) -> list[VocabularyRow]:
    """The rows of a vocabulary file. A bad row is counted, reported and left out.

    Raises Refused if the file cannot be read (see `read_lines`), has other columns, or has no rows.
    """
    lines = read_lines(path, max_bytes=MAX_FILE_BYTES, max_length=MAX_LINE_LENGTH)
    header = next(lines).rstrip("\r\n").split("\t")
    if tuple(name.strip() for name in header) != COLUMNS:
        raise Refused(f"{path}: the first line must name the columns {', '.join(COLUMNS)}, separated by tabs")
    rows: dict[str, VocabularyRow] = {}
    for number, line in enumerate(lines, start=2):
        text = line.rstrip("\r\n")
        if not text.strip():
            continue
        report["rows"] += 1
        try:
            row = _row(number, text, rows)
        except Refused as error:
            report["skipped"] += 1
            report_row(number, error.message)
        else:
            rows[row.id] = row
    if not report["rows"]:
        raise Refused(f"{path}: there is no row below the names of the columns")
    return list(rows.values())


def _row(number: int, text: str, earlier: Mapping[str, VocabularyRow]) -> VocabularyRow:
    cells = [cell.strip() for cell in text.split("\t")]
    if len(cells) != len(COLUMNS):
        raise Refused(f"{len(cells)} columns instead of {len(COLUMNS)}")
    if not text.isprintable() and any(ord(char) < ord(" ") and char != "\t" for char in text):
        raise Refused("a control character in it")
    key, name, definition, synonyms, parents = cells
    if ":" not in key.strip(":") or len(key) > KEY_MAX_LENGTH:
        raise Refused(f"an id looks like DOID:8893 and has at most {KEY_MAX_LENGTH} characters: {key[:40]!r}")
    if key in earlier:
        raise Refused(f"{key} stood in line {earlier[key].line} already")
    if not name:
        raise Refused("no name in it")
    if len(definition) > DEFINITION_MAX_LENGTH:
        raise Refused(f"the definition has more than {DEFINITION_MAX_LENGTH:,} characters")
    too_long = [synonym for synonym in _list(synonyms) if len(synonym) > vocabulary.NAME_MAX_LENGTH]
    if too_long:
        raise Refused(f"a synonym has more than {vocabulary.NAME_MAX_LENGTH} characters: {too_long[0][:40]!r}")
    return VocabularyRow(number, key, name, definition, _list(synonyms), _list(parents))


def _list(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in cell.split("|"))))


def load(
    rows: list[VocabularyRow],
    about: TopicKind,
    report_row: ReportRow,
    report: ImportReport,
    progress: Callable[[int], None],
) -> None:
    """Add topics of this kind to the vocabulary, in transactions of `BATCH_SIZE` rows; `report` grows with each commit.

    Parents that are among the rows become broader topics. The import may be stopped and started again at any point.
    """
    topic_ids: dict[str, int] = {}
    for batch in _batches(rows):
        counts = ImportReport()
        with transaction():
            names = _count_names()
            newest = db.session.scalar(sa.select(sa.func.max(Topic.id))) or 0
            for row in batch:
                _add(row, about, newest, topic_ids, report_row, counts)
            counts["new_synonyms"] = _count_names() - names - counts["new"]
        report.update(counts)
        progress(len(batch))
    for batch in _batches(rows):
        with transaction():
            for row in batch:
                _relate(row, topic_ids)


def _batches(rows: list[VocabularyRow]) -> Iterator[list[VocabularyRow]]:
    yield from (rows[start : start + BATCH_SIZE] for start in range(0, len(rows), BATCH_SIZE))


def _add(
    row: VocabularyRow,
    about: TopicKind,
    newest: int,
    topic_ids: dict[str, int],
    report_row: ReportRow,
    counts: ImportReport,
) -> None:
    """Add the topic of a row, or complete the one that exists; `newest` is the highest id before this batch."""
    existing = vocabulary.find(row.name, about)
    entry = vocabulary.Entry(
        name=row.name,
        about=about,
        # Definitions in such files are old and put together by machine; they must not appear on a published page.
        definition="" if existing and existing.has_overview else row.definition,
        names=tuple((NameKind.SYNONYM, synonym) for synonym in row.synonyms),
        source=row.id.partition(":")[0],
        source_key=row.id,
    )
    try:
        topic, changed = vocabulary.add(entry)
    except Refused as error:
        counts["skipped"] += 1
        report_row(row.line, error.message)
        return
    topic_ids[row.id] = topic.id
    counts["synonyms"] += len(row.synonyms)
    if topic.id > newest:
        counts["new"] += 1
    elif changed:
        counts["completed"] += 1
    else:
        counts["unchanged"] += 1


def _relate(row: VocabularyRow, topic_ids: dict[str, int]) -> None:
    broader = {topic_ids[parent] for parent in row.parents if parent in topic_ids} - {topic_ids.get(row.id)}
    if row.id in topic_ids and broader:
        topic = db.session.get_one(Topic, topic_ids[row.id])
        for other in sorted(broader):
            vocabulary.relate(topic, RelationKind.BROADER, db.session.get_one(Topic, other))


def _count_names() -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(TopicName)) or 0
