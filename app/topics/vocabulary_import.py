"""Importing a vocabulary from a tab-separated file: one topic per line, with synonyms and broader topics.

The columns are `id`, `name`, `definition`, `synonyms` and `parents`; synonyms and parents are separated by a bar, and
there is no quoting. The prefix of an id ('DOID' of 'DOID:8893') names the source of the topic. A topic keeps its id, so
importing the same file again changes nothing. The columns `kind` and `rows` may follow, as in files that `stories
import` writes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from app.foundation.database import db, transaction
from app.foundation.errors import Refused
from app.foundation.text.strings import hidden_character, name_key
from app.foundation.text.text_lines import read_lines
from app.topics import vocabulary
from app.topics.models import NameKind, RelationKind, Topic, TopicKind, TopicName

COLUMNS = ("id", "name", "definition", "synonyms", "parents")
# May follow the others. `rows` says in how many rows of a table a name stands, for whoever reviews the file.
KIND, ROWS = "kind", "rows"
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
    # What the column `kind` says, if there is one.
    kind: TopicKind | None = None


class ImportReport(Counter[str]):
    """What became of the rows: `rows` is the sum of `new`, `completed`, `unchanged` and `skipped`.

    `synonyms` counts the synonyms of the rows that were used, and `new_synonyms` the names that these synonyms added to
    the vocabulary.
    """


def read(path: Path, report_row: ReportRow, report: ImportReport) -> list[VocabularyRow]:
    """The rows of a vocabulary file. A bad row is counted, reported and left out.

    Raises Refused if the file cannot be read (see `read_lines`), has other columns, or has no rows.
    """
    lines = read_lines(path, max_bytes=MAX_FILE_BYTES, max_length=MAX_LINE_LENGTH)
    header = tuple(name.strip() for name in next(lines).rstrip("\r\n").split("\t"))
    if header[: len(COLUMNS)] != COLUMNS or not {KIND, ROWS}.issuperset(header[len(COLUMNS) :]):
        raise Refused(f"{path}: the first line must name the columns {', '.join(COLUMNS)}, separated by tabs")
    rows: dict[str, VocabularyRow] = {}
    for number, line in enumerate(lines, start=2):
        text = line.rstrip("\r\n")
        if not text.strip():
            continue
        report["rows"] += 1
        try:
            row = _row(number, text, header, rows)
        except Refused as error:
            report["skipped"] += 1
            report_row(number, error.message)
        else:
            rows[row.id] = row
    if not report["rows"]:
        raise Refused(f"{path}: there is no row below the names of the columns")
    return list(rows.values())


def _row(number: int, text: str, header: Sequence[str], earlier: Mapping[str, VocabularyRow]) -> VocabularyRow:
    cells = [cell.strip() for cell in text.split("\t")]
    if len(cells) != len(header):
        raise Refused(f"{len(cells)} columns instead of {len(header)}")
    strange = hidden_character(text.replace("\t", " "))
    if strange:
        raise Refused(f"the invisible character {strange} in it: please take it out")
    key, name, definition, synonyms, parents, *more = cells
    if ":" not in key.strip(":") or len(key) > KEY_MAX_LENGTH:
        raise Refused(f"an id looks like DOID:8893 and has at most {KEY_MAX_LENGTH} characters: {key[:40]!r}")
    if key in earlier:
        raise Refused(f"{key} is already in line {earlier[key].line}")
    if not name:
        raise Refused("no name in it")
    if len(definition) > DEFINITION_MAX_LENGTH:
        raise Refused(f"the definition has more than {DEFINITION_MAX_LENGTH:,} characters")
    too_long = [synonym for synonym in _list(synonyms) if len(synonym) > vocabulary.NAME_MAX_LENGTH]
    if too_long:
        raise Refused(f"a synonym has more than {vocabulary.NAME_MAX_LENGTH} characters: {too_long[0][:40]!r}")
    kind = _kind(dict(zip(header[len(COLUMNS) :], more, strict=True)).get(KIND, ""))
    return VocabularyRow(number, key, name, definition, _list(synonyms), _list(parents), kind)


def _kind(code: str) -> TopicKind | None:
    try:
        return TopicKind(code) if code else None
    except ValueError:
        raise Refused(f"the kind is one of {', '.join(TopicKind)}: {code[:40]!r}") from None


def _list(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in cell.split("|"))))


def load(
    rows: list[VocabularyRow],
    about: TopicKind,
    report_row: ReportRow,
    report: ImportReport,
    progress: Callable[[int], None],
) -> None:
    """Add topics to the vocabulary, in transactions of `BATCH_SIZE` rows; `report` grows with each commit.

    `about` is the kind of those whose row does not say it. Parents that are among the rows become broader topics. The
    import may be stopped and started again at any point.
    """
    topic_ids: dict[str, int] = {}
    for batch in _batches(rows):
        counts = ImportReport()
        with transaction():
            for row in batch:
                try:
                    topic_ids[row.id] = _add(row, row.kind or about, counts)
                except Refused as error:
                    counts["skipped"] += 1
                    report_row(row.line, error.message)
        report.update(counts)
        progress(len(batch))
    for batch in _batches(rows):
        with transaction():
            for row in batch:
                _relate(row, topic_ids)


def _batches(rows: list[VocabularyRow]) -> Iterator[list[VocabularyRow]]:
    yield from (rows[start : start + BATCH_SIZE] for start in range(0, len(rows), BATCH_SIZE))


def _add(row: VocabularyRow, about: TopicKind, counts: ImportReport) -> int:
    """Add the topic of a row, or complete the one that exists. Returns its id. Raises Refused for an unusable name."""
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
    # A row may complete what an earlier one of the same file began, and add its name to it as a further one.
    before = db.session.execute(
        sa.select(sa.func.max(Topic.id), sa.select(sa.func.max(TopicName.id)).scalar_subquery())
    )
    newest_topic, newest_name = (number or 0 for number in before.one())
    topic, changed = vocabulary.add(entry)
    new_names = {name.key for name in topic.names if name.id > newest_name} - {name_key(row.name)}
    counts["synonyms"] += len(row.synonyms)
    counts["new_synonyms"] += len(new_names & {name_key(synonym) for synonym in row.synonyms})
    outcome = "new" if topic.id > newest_topic else "completed" if changed else "unchanged"
    counts[outcome] += 1
    return topic.id


def _relate(row: VocabularyRow, topic_ids: dict[str, int]) -> None:
    broader = {topic_ids[parent] for parent in row.parents if parent in topic_ids} - {topic_ids.get(row.id)}
    if row.id in topic_ids and broader:
        topic = db.session.get_one(Topic, topic_ids[row.id])
        for other in sorted(broader):
            vocabulary.relate(topic, RelationKind.BROADER, db.session.get_one(Topic, other))
