"""The same work done by others: SQLite FTS5, PostgreSQL and tantivy.

Each finds what says all of some words (or a phrase) in title, names or text, filed where asked; puts it in order by
its own measure; counts all of it, and by condition, treatment, outcome and year; and fetches title and text of the
first twenty, of which the caller cuts snippets. Names of topics are words of a story, as they are for us.
"""

from __future__ import annotations

import shutil
import sqlite3
import sys
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Protocol

from benchmarks import corpus

LIMIT = 20
BATCH = 5_000
FACETS = ("condition", "treatment", "outcome", "year")


@dataclass(frozen=True)
class Wanted:
    """What to look for: words, or a phrase, among what is filed under a condition and a treatment."""

    words: tuple[str, ...]
    is_phrase: bool = False
    condition: int | None = None
    treatment: int | None = None


@dataclass(frozen=True)
class Answer:
    """What was found: how many, the texts of the first twenty, and for each facet the counts of its values."""

    total: int
    texts: list[tuple[str, str]]
    counts: Mapping[str, Mapping[Any, int]]


class Yardstick(Protocol):
    """Something else that searches."""

    name: str

    def find(self, wanted: Wanted) -> Answer:
        """Do the work."""
        ...


def documents(stories: int) -> Iterator[dict[str, Any]]:
    """The stories as documents, with the names of their topics."""
    names = {row["id"]: row["name"] for row in corpus.topic_rows()}
    for row in corpus.story_rows(stories):
        topics = [row["condition"], *(topic for topic, _outcome in row["treatments"])]
        yield {**row, "names": "\n".join(names[topic] for topic in topics)}


def _batches(rows: Iterable[Any]) -> Iterator[list[Any]]:
    rest = iter(rows)
    while batch := list(islice(rest, BATCH)):
        yield batch


# --- SQLite -----------------------------------------------------------------------------------------------------


class FTS5:
    """SQLite's full-text search: hits into a temporary table, facets from joins with it."""

    name = "SQLite FTS5"

    def __init__(self, folder: Path, stories: int) -> None:
        file = folder / f"fts5-{stories}.sqlite"
        if not file.exists():
            new = file.with_suffix(".new")
            new.unlink(missing_ok=True)
            self._fill(new, stories)
            new.rename(file)
        self._connection = sqlite3.connect(file)
        self._connection.execute("PRAGMA temp_store = MEMORY")
        self._connection.execute("PRAGMA cache_size = -200000")

    def _fill(self, file: Path, stories: int) -> None:
        print("filling SQLite FTS5", file=sys.stderr)
        with sqlite3.connect(file) as to:
            to.execute("CREATE VIRTUAL TABLE words USING fts5 (title, names, text, tokenize = 'porter unicode61')")
            to.execute("CREATE TABLE doc (id INTEGER PRIMARY KEY, condition INTEGER, year INTEGER)")
            to.execute("CREATE TABLE tried (id INTEGER, treatment INTEGER, outcome TEXT)")
            for rows in _batches(documents(stories)):
                to.executemany(
                    "INSERT INTO words (rowid, title, names, text) VALUES (?, ?, ?, ?)",
                    [(row["id"], row["title"], row["names"], row["text"]) for row in rows],
                )
                to.executemany(
                    "INSERT INTO doc VALUES (?, ?, ?)", [(row["id"], row["condition"], row["at"].year) for row in rows]
                )
                tried = [(row["id"], *each) for row in rows for each in row["treatments"]]
                to.executemany("INSERT INTO tried VALUES (?, ?, ?)", tried)
            to.execute("INSERT INTO words (words) VALUES ('optimize')")
            to.execute("CREATE INDEX tried_id ON tried (id, treatment, outcome)")
            to.execute("CREATE INDEX doc_filed ON doc (id, condition, year)")
            to.execute("ANALYZE")

    def find(self, wanted: Wanted) -> Answer:
        """Do the work."""
        run = self._connection.execute
        run("DROP TABLE IF EXISTS temp.hit")
        if wanted.words:
            words = " ".join(wanted.words)
            match = f'"{words}"' if wanted.is_phrase else " AND ".join(f'"{word}"' for word in wanted.words)
            run(
                "CREATE TEMP TABLE hit AS"
                " SELECT rowid AS id, bm25(words, 4, 2, 1) AS score FROM words WHERE words MATCH ?",
                (match,),
            )
        else:
            run("CREATE TEMP TABLE hit AS SELECT id, -id AS score FROM doc")
        # Afterwards: a condition beside MATCH makes SQLite ask the index anew for every row.
        if wanted.condition is not None:
            run("DELETE FROM hit WHERE id NOT IN (SELECT id FROM doc WHERE condition = ?)", (wanted.condition,))
        if wanted.treatment is not None:
            run("DELETE FROM hit WHERE id NOT IN (SELECT id FROM tried WHERE treatment = ?)", (wanted.treatment,))
        texts = run(
            "SELECT title, text FROM (SELECT id, score FROM hit ORDER BY score LIMIT ?) AS best"
            " JOIN words ON words.rowid = best.id ORDER BY best.score",
            (LIMIT,),
        ).fetchall()
        counts = {
            "condition": "SELECT condition, count(*) FROM hit JOIN doc USING (id) GROUP BY condition",
            "treatment": "SELECT treatment, count(*) FROM hit JOIN tried USING (id) GROUP BY treatment",
            "outcome": "SELECT outcome, count(DISTINCT id) FROM hit JOIN tried USING (id) GROUP BY outcome",
            "year": "SELECT year, count(*) FROM hit JOIN doc USING (id) GROUP BY year",
        }
        total = run("SELECT count(*) FROM hit").fetchone()[0]
        return Answer(total, texts, {facet: dict(run(each).fetchall()) for facet, each in counts.items()})


# --- PostgreSQL -------------------------------------------------------------------------------------------------


class Postgres:
    """PostgreSQL's full text: a weighted tsvector with a GIN index, `ts_rank` for the order."""

    name = "PostgreSQL"

    def __init__(self, url: str, stories: int) -> None:
        import psycopg

        self._connection = psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)
        self._fill(stories)
        # What somebody who runs it for this would set.
        self._connection.execute("SET work_mem = '256MB'")
        self._connection.execute("SET jit = off")

    def _fill(self, stories: int) -> None:
        print("filling PostgreSQL", file=sys.stderr)
        run = self._connection.execute
        run("CREATE TABLE doc (id int PRIMARY KEY, title text, text text, condition int, year int, words tsvector)")
        run("CREATE TABLE tried (id int, treatment int, outcome text)")
        with self._connection.cursor() as cursor:
            for rows in _batches(documents(stories)):
                cursor.executemany(
                    "INSERT INTO doc VALUES (%s, %s, %s, %s, %s, setweight(to_tsvector('english', %s), 'A')"
                    " || setweight(to_tsvector('english', %s), 'B') || setweight(to_tsvector('english', %s), 'D'))",
                    [
                        (
                            *(row["id"], row["title"], row["text"], row["condition"], row["at"].year),
                            *(row["title"], row["names"], row["text"]),
                        )
                        for row in rows
                    ],
                )
                with cursor.copy("COPY tried FROM STDIN") as copy:
                    for row in rows:
                        for each in row["treatments"]:
                            copy.write_row((row["id"], *each))
        run("CREATE INDEX ON doc USING gin (words)")
        run("CREATE INDEX ON doc (condition)")
        run("CREATE INDEX ON tried (id, treatment, outcome)")
        run("CREATE INDEX ON tried (treatment, id)")
        run("VACUUM ANALYZE doc")
        run("VACUUM ANALYZE tried")

    def find(self, wanted: Wanted) -> Answer:
        """Do the work."""
        where = ["true"]
        score = "-id::float"
        if wanted.words:
            function = "phraseto_tsquery" if wanted.is_phrase else "plainto_tsquery"
            where.append(f"words @@ {function}('english', %(words)s)")
            score = f"ts_rank('{{0.1, 0.1, 0.2, 0.4}}', words, {function}('english', %(words)s))"
        if wanted.condition is not None:
            where.append("condition = %(condition)s")
        if wanted.treatment is not None:
            where.append("id IN (SELECT id FROM tried WHERE treatment = %(treatment)s)")
        given = {"words": " ".join(wanted.words), "condition": wanted.condition, "treatment": wanted.treatment}
        rows = self._connection.execute(
            f"""
            WITH hit AS MATERIALIZED (SELECT id, condition, year, {score} AS score FROM doc WHERE {" AND ".join(where)})
            SELECT 'total', NULL, count(*) FROM hit
            UNION ALL SELECT 'condition', condition::text, count(*) FROM hit GROUP BY condition
            UNION ALL SELECT 'year', year::text, count(*) FROM hit GROUP BY year
            UNION ALL SELECT 'treatment', treatment::text, count(*) FROM hit JOIN tried USING (id) GROUP BY treatment
            UNION ALL SELECT 'outcome', outcome, count(DISTINCT id) FROM hit JOIN tried USING (id) GROUP BY outcome
            UNION ALL SELECT 'best', NULL, id FROM (SELECT id FROM hit ORDER BY score DESC LIMIT {LIMIT}) AS best
            """,
            given,
        ).fetchall()
        best = [number for what, _value, number in rows if what == "best"]
        texts = self._connection.execute("SELECT title, text FROM doc WHERE id = ANY(%s)", (best,)).fetchall()
        counts: dict[str, dict[Any, int]] = {facet: {} for facet in FACETS}
        for what, value, number in rows:
            if what in counts:
                counts[what][value] = number
        return Answer(next(number for what, _value, number in rows if what == "total"), texts, counts)


# --- tantivy ----------------------------------------------------------------------------------------------------


class Tantivy:
    """tantivy, in Rust: its query parser with the same weights, its aggregations over fast fields."""

    name = "tantivy"

    def __init__(self, folder: Path, stories: int) -> None:
        import tantivy

        self._tantivy = tantivy
        builder = tantivy.SchemaBuilder()
        for field in ("title", "names", "text"):
            builder.add_text_field(field, stored=field != "names", tokenizer_name="en_stem")
        for field in ("condition", "treatment", "year"):
            builder.add_integer_field(field, indexed=True, fast=True)
        builder.add_text_field("outcome", fast=True, tokenizer_name="raw")
        schema = builder.build()
        place = folder / f"tantivy-{stories}"
        if not (place / "complete").exists():
            shutil.rmtree(place, ignore_errors=True)
            place.mkdir(parents=True)
            self._index = tantivy.Index(schema, path=str(place))
            self._fill(stories)
            (place / "complete").touch()
        else:
            self._index = tantivy.Index(schema, path=str(place))
        self._index.reload()
        self._searcher = self._index.searcher()

    def _fill(self, stories: int) -> None:
        print("filling tantivy", file=sys.stderr)
        writer = self._index.writer(heap_size=256_000_000, num_threads=1)
        for row in documents(stories):
            writer.add_document(
                self._tantivy.Document(
                    title=row["title"],
                    names=row["names"],
                    text=row["text"],
                    condition=row["condition"],
                    treatment=[topic for topic, _outcome in row["treatments"]],
                    outcome=list({outcome for _topic, outcome in row["treatments"]}),
                    year=row["at"].year,
                )
            )
        writer.commit()
        writer.wait_merging_threads()

    def find(self, wanted: Wanted) -> Answer:
        """Do the work."""
        words = " ".join(wanted.words)
        said = f'"{words}"' if wanted.is_phrase else " ".join(f"+{word}" for word in wanted.words)
        query = self._index.parse_query(
            said or "*", ["title", "names", "text"], field_boosts={"title": 4.0, "names": 2.0, "text": 1.0}
        )
        parts = [(self._tantivy.Occur.Must, query)]
        for field in ("condition", "treatment"):
            value = getattr(wanted, field)
            if value is not None:
                term = self._tantivy.Query.term_query(self._index.schema, field, value)
                parts.append((self._tantivy.Occur.Must, term))
        query = self._tantivy.Query.boolean_query(parts) if len(parts) > 1 else query
        found = self._searcher.search(query, LIMIT)
        counted = self._searcher.aggregate(
            query, {facet: {"terms": {"field": facet, "size": 1000}} for facet in FACETS}
        )
        texts = []
        for _score, address in found.hits:
            document = self._searcher.doc(address)
            texts.append((document["title"][0], document["text"][0]))
        counts = {
            facet: {bucket["key"]: bucket["doc_count"] for bucket in counted[facet]["buckets"]} for facet in FACETS
        }
        return Answer(found.count, texts, counts)
