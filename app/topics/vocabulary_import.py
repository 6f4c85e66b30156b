"""Loading a vocabulary: one topic per line, tab-separated, with synonyms and broader topics.

The columns are `id`, `name`, `definition`, `synonyms` and `parents`; synonyms and parents are separated by a bar, and
there is no quoting. The prefix of an id ('DOID' of 'DOID:8893') says where the topic comes from; with it, loading the
same file again changes nothing. `lines_of` is how the house reads a text file that somebody else made.
"""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from app.foundation.database import db, transaction
from app.foundation.errors import Refused
from app.topics import vocabulary
from app.topics.models import NameKind, RelationKind, Topic, TopicKind, TopicName

COLUMNS = ("id", "name", "definition", "synonyms", "parents")
# A vocabulary is held in memory while it is loaded. The whole Disease Ontology has 5 MB.
LARGEST_FILE = 32 * 1024 * 1024
LONGEST_LINE = 256 * 1024
DEFINITION_LONGEST = 5_000
KEY_LONGEST = 80
# Rows in one transaction: a tenth of a second or so, in which nobody else can write.
BATCH = 25

Report = Callable[[int, str], None]


@dataclass(frozen=True)
class VocabularyRow:
    """One line of the file."""

    line: int
    id: str
    name: str
    definition: str
    synonyms: tuple[str, ...]
    parents: tuple[str, ...]


@dataclass
class Tally:
    """What became of the rows: `rows` is the sum of the next four. Synonyms are counted as read and as new names."""

    rows: int = 0
    new: int = 0
    completed: int = 0
    unchanged: int = 0
    skipped: int = 0
    synonyms: int = 0
    new_synonyms: int = 0


def lines_of(path: Path, *, largest: int, longest: int) -> Iterator[str]:
    """The lines of a UTF-8 text file with their ends, one at a time; a byte order mark is left out.

    Raises Refused, in one line, for a file that cannot be read, is empty, has more than `largest` bytes or a line of
    more than `longest`, or is not UTF-8.
    """
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            raise Refused(f"{path}: not a file")
        if not status.st_size:
            raise Refused(f"{path}: the file is empty")
        if status.st_size > largest:
            raise Refused(f"{path}: larger than {largest // 1024**2} MB")
        file = path.open("rb")
    except OSError as error:
        raise Refused(f"{path}: {error.strerror}") from None
    offset = 0
    with file:
        # Read as bytes: a line is then cut off before it fills the memory, and the place of a wrong byte is known.
        for number, raw in enumerate(iter(lambda: file.readline(longest + 1), b""), start=1):
            if len(raw) > longest:
                raise Refused(f"{path}: line {number} has more than {longest:,} bytes")
            try:
                text = raw.decode("utf-8")
            except UnicodeDecodeError as error:
                raise Refused(f"{path}: not UTF-8 at byte {offset + error.start} (line {number})") from None
            offset += len(raw)
            yield text.removeprefix("\ufeff") if number == 1 else text


def read(path: Path, report: Report, tally: Tally) -> list[VocabularyRow]:
    """The rows of a vocabulary file. A bad row is reported with its line number and left out.

    Raises Refused when the file is unusable: as `lines_of` does, or because its columns are others.
    """
    lines = lines_of(path, largest=LARGEST_FILE, longest=LONGEST_LINE)
    header = next(lines).rstrip("\r\n").split("\t")
    if tuple(name.strip() for name in header) != COLUMNS:
        raise Refused(f"{path}: the first line must name the columns {', '.join(COLUMNS)}, separated by tabs")
    rows: dict[str, VocabularyRow] = {}
    for number, line in enumerate(lines, start=2):
        text = line.rstrip("\r\n")
        if not text.strip():
            continue
        tally.rows += 1
        try:
            row = _row(number, text, rows)
        except Refused as error:
            tally.skipped += 1
            report(number, error.message)
        else:
            rows[row.id] = row
    if not tally.rows:
        raise Refused(f"{path}: there is no row below the names of the columns")
    return list(rows.values())


def _row(number: int, text: str, earlier: Mapping[str, VocabularyRow]) -> VocabularyRow:
    cells = [cell.strip() for cell in text.split("\t")]
    if len(cells) != len(COLUMNS):
        raise Refused(f"{len(cells)} columns instead of {len(COLUMNS)}")
    if not text.isprintable() and any(ord(char) < ord(" ") and char != "\t" for char in text):
        raise Refused("a control character in it")
    key, name, definition, synonyms, parents = cells
    if ":" not in key.strip(":") or len(key) > KEY_LONGEST:
        raise Refused(f"an id looks like DOID:8893 and has at most {KEY_LONGEST} characters: {key[:40]!r}")
    if key in earlier:
        raise Refused(f"{key} stood in line {earlier[key].line} already")
    if not name:
        raise Refused("no name in it")
    if len(definition) > DEFINITION_LONGEST:
        raise Refused(f"the definition has more than {DEFINITION_LONGEST:,} characters")
    too_long = [synonym for synonym in _list(synonyms) if len(synonym) > vocabulary.NAME_LONGEST]
    if too_long:
        raise Refused(f"a synonym has more than {vocabulary.NAME_LONGEST} characters: {too_long[0][:40]!r}")
    return VocabularyRow(number, key, name, definition, _list(synonyms), _list(parents))


def _list(cell: str) -> tuple[str, ...]:
    return tuple(filter(None, (part.strip() for part in cell.split("|"))))


def load(
    rows: list[VocabularyRow], about: TopicKind, report: Report, tally: Tally, progress: Callable[[int], None]
) -> None:
    """Take rows into the vocabulary, in transactions of their own; `tally` grows with each that is committed.

    Parents that are among the rows become broader topics. May be stopped and started again at any point.
    """
    topics: dict[str, int] = {}
    for start in range(0, len(rows), BATCH):
        batch = rows[start : start + BATCH]
        done = Tally()
        with transaction():
            names = _count(TopicName)
            newest = db.session.scalar(sa.select(sa.func.max(Topic.id))) or 0
            for row in batch:
                _take(row, about, newest, topics, report, done)
            done.new_synonyms = _count(TopicName) - names - done.new
        _add_up(tally, done)
        progress(len(batch))
    for start in range(0, len(rows), BATCH):
        with transaction():
            for row in rows[start : start + BATCH]:
                _relate(row, topics)


def _take(
    row: VocabularyRow, about: TopicKind, newest: int, topics: dict[str, int], report: Report, done: Tally
) -> None:
    known = vocabulary.find(row.name, about)
    entry = vocabulary.Entry(
        name=row.name,
        about=about,
        # What has a page speaks for itself: words made by a machine years ago must not turn up there.
        definition="" if known and known.has_page else row.definition,
        names=tuple((NameKind.SYNONYM, synonym) for synonym in row.synonyms),
        source=row.id.partition(":")[0],
        source_key=row.id,
    )
    try:
        topic, changed = vocabulary.add(entry)
    except Refused as error:
        done.skipped += 1
        report(row.line, error.message)
        return
    topics[row.id] = topic.id
    done.synonyms += len(row.synonyms)
    if topic.id > newest:
        done.new += 1
    elif changed:
        done.completed += 1
    else:
        done.unchanged += 1


def _relate(row: VocabularyRow, topics: dict[str, int]) -> None:
    others = {topics[parent] for parent in row.parents if parent in topics} - {topics.get(row.id)}
    if row.id in topics and others:
        topic = db.session.get_one(Topic, topics[row.id])
        for other in sorted(others):
            vocabulary.relate(topic, RelationKind.BROADER, db.session.get_one(Topic, other))


def _count(table: type[TopicName]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


def _add_up(tally: Tally, done: Tally) -> None:
    for name in ("new", "completed", "unchanged", "skipped", "synonyms", "new_synonyms"):
        setattr(tally, name, getattr(tally, name) + getattr(done, name))
