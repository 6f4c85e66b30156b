"""How good the order of results is, on three collections with questions and judgements.

    python -m benchmarks.relevance [--collection med] [--choose]

Each question, cut to the 200 characters that our field takes, is asked of plain Whoosh, SQLite FTS5, tantivy (each with
its own stemming and BM25, any of the words) and PostgreSQL (`ts_rank`, any of the words), and of ours as a reader gets
it. nDCG@10 says how good the first page is, recall@100 how much of what was judged an answer is among the first
hundred. p is the chance to see at least such a difference from ours in nDCG@10 if there were none (two-sided paired
randomisation test over the questions).

With `--choose` the weights of ranking are chosen on two collections and measured on the third, each in turn: that shows
whether choosing them holds on a collection that nobody looked at. Takes some minutes.
"""

from __future__ import annotations

import argparse
import math
import os
import random
import re
import sqlite3
import statistics
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any

from benchmarks import corpus, text_collections
from benchmarks.text_collections import COLLECTIONS, Text

LIMIT = 100
FIRST_PAGE = 10
RANDOMISATIONS = 10_000

Search = Callable[[str], Sequence[int]]
Texts = Mapping[int, Text]


# --- Engines ----------------------------------------------------------------------------------------------------


def plain_whoosh(texts: Texts, folder: Path) -> Search:
    """Whoosh as its manual shows it."""
    from whoosh import fields, index, qparser
    from whoosh.analysis import StemmingAnalyzer

    schema = fields.Schema(number=fields.STORED, text=fields.TEXT(analyzer=StemmingAnalyzer()))
    made: Any = index.create_in(str(folder), schema)
    with made.writer() as writer:
        for number, text in texts.items():
            writer.add_document(number=number, text=text.whole)
    searcher = made.searcher()
    parser = qparser.QueryParser("text", schema, group=qparser.OrGroup)

    def search(question: str) -> list[int]:
        words = " ".join(_words(question))
        return [hit["number"] for hit in searcher.search(parser.parse(words), limit=LIMIT)]

    return search


def fts5(texts: Texts, _folder: Path) -> Search:
    """SQLite's full-text search, in memory."""
    connection = sqlite3.connect(":memory:")
    connection.execute("CREATE VIRTUAL TABLE words USING fts5 (text, tokenize = 'porter unicode61')")
    rows = [(number, text.whole) for number, text in texts.items()]
    connection.executemany("INSERT INTO words (rowid, text) VALUES (?, ?)", rows)
    statement = "SELECT rowid FROM words WHERE words MATCH ? ORDER BY bm25(words) LIMIT ?"

    def search(question: str) -> list[int]:
        words = " OR ".join(f'"{word}"' for word in dict.fromkeys(_words(question)))
        return [row[0] for row in connection.execute(statement, (words, LIMIT))]

    return search


def tantivy(texts: Texts, _folder: Path) -> Search:
    """tantivy, in memory."""
    import tantivy

    builder = tantivy.SchemaBuilder()
    builder.add_integer_field("number", stored=True)
    builder.add_text_field("text", tokenizer_name="en_stem")
    index = tantivy.Index(builder.build())
    writer = index.writer(heap_size=50_000_000, num_threads=1)
    for number, text in texts.items():
        writer.add_document(tantivy.Document(number=number, text=text.whole))
    writer.commit()
    writer.wait_merging_threads()
    index.reload()
    searcher = index.searcher()

    def search(question: str) -> list[int]:
        query = index.parse_query(" ".join(_words(question)), ["text"])
        return [searcher.doc(address)["number"][0] for _score, address in searcher.search(query, LIMIT).hits]

    return search


def postgres(url: str, texts: Texts, _folder: Path) -> Search:
    """PostgreSQL's full text, any of the words."""
    import psycopg

    connection = psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)
    connection.execute("DROP TABLE IF EXISTS doc")
    connection.execute("CREATE TABLE doc (id int PRIMARY KEY, words tsvector)")
    with connection.cursor() as cursor:
        rows = [(number, text.whole) for number, text in texts.items()]
        cursor.executemany("INSERT INTO doc VALUES (%s, to_tsvector('english', %s))", rows)
    # The words of plainto_tsquery with 'or' between them; 1: divided by the logarithm of the length.
    statement = """
        WITH asked AS (SELECT replace(plainto_tsquery('english', %s)::text, '&', '|')::tsquery AS query)
        SELECT id FROM doc, asked WHERE words @@ query ORDER BY ts_rank(words, query, 1) DESC, id LIMIT %s
    """

    def search(question: str) -> list[int]:
        return [row[0] for row in connection.execute(statement, (question, LIMIT)).fetchall()]

    return search


def _words(question: str) -> list[str]:
    return re.findall(r"\w+", question.lower())


class Ours:
    """Our search, from what is typed to the order of the keys, on a site that has no topics."""

    def __init__(self, texts: Texts, folder: Path) -> None:
        from app.search.index.documents import Document
        from app.search.index.registry import MAIN
        from app.search.whoosh.engine import WhooshEngine

        self._folder, self._kinds = folder, MAIN.kinds
        now = datetime(2026, 3, 14, tzinfo=UTC)
        WhooshEngine(folder, self._kinds).rebuild(
            Document("story", number, text.title, (), (), text.body, (), (), (), (), now)
            for number, text in texts.items()
        )

    def search(self, weights: Any = None) -> Search:
        """A search with these weights, or with the site's."""
        from app.search.index.documents import split_key
        from app.search.index.engine import IndexFilters
        from app.search.index.weights import DEFAULT_WEIGHTS
        from app.search.query.parsing import parse
        from app.search.query.understanding import accept_some_words, understand
        from app.search.results.search import FILL_TO
        from app.search.whoosh.engine import WhooshEngine

        engine = WhooshEngine(self._folder, self._kinds, weights=weights or DEFAULT_WEIGHTS)

        def search(question: str) -> list[int]:
            query, _recognised = understand(parse(question))
            hits = engine.search(accept_some_words(query, FILL_TO), IndexFilters(), (), limit=LIMIT)
            return [split_key(key)[1] for key in hits.keys]

        return search


@contextmanager
def our_site(folder: Path) -> Iterator[None]:
    """The context of an application with an empty database."""
    corpus.flask(folder, "db", "upgrade")
    os.environ.update(corpus.environment(folder))
    from app.factory import create_app

    with create_app().app_context():
        yield


# --- Measures ---------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Measured:
    """nDCG@10 and recall@100 of each question, in their order."""

    ndcg: Sequence[float]
    recall: Sequence[float]


def measured(search: Search, collection: text_collections.Collection) -> Measured:
    """Ask every question that has an answer."""
    found = [(search(_shortened(text)), collection.answers[at]) for at, text in _answered(collection)]
    return Measured([ndcg(*each) for each in found], [recall(*each) for each in found])


def _answered(collection: text_collections.Collection) -> list[tuple[int, str]]:
    return [(number, text) for number, text in collection.questions.items() if collection.answers[number]]


def _shortened(question: str) -> str:
    """What our field reads of a question."""
    from app.search.query.parsing import MAX_QUERY_LENGTH

    return question if len(question) <= MAX_QUERY_LENGTH else question[:MAX_QUERY_LENGTH].rpartition(" ")[0]


def ndcg(found: Sequence[int], answers: Collection[int]) -> float:
    """How much of what answers a question stands how far up, between 0 and 1."""
    gained = sum(1 / math.log2(place + 2) for place, number in enumerate(found[:FIRST_PAGE]) if number in answers)
    return gained / sum(1 / math.log2(place + 2) for place in range(min(FIRST_PAGE, len(answers))))


def recall(found: Sequence[int], answers: Collection[int]) -> float:
    """How much of what answers a question is among the first LIMIT."""
    return len({*found[:LIMIT]} & {*answers}) / len(answers)


def p_value(some: Sequence[float], others: Sequence[float]) -> float:
    """The two-sided paired randomisation test: how often a difference as great comes about by swapping at random."""
    chance = random.Random(20261121)
    differences = [one - other for one, other in zip(some, others, strict=True)]
    observed = abs(sum(differences)) - 1e-12
    signs = (1, -1)
    at_least = sum(
        abs(sum(chance.choice(signs) * each for each in differences)) >= observed for _ in range(RANDOMISATIONS)
    )
    return at_least / RANDOMISATIONS


# --- Choosing weights -------------------------------------------------------------------------------------------

CHOICES: Mapping[str, Sequence[float]] = {
    "k1": (1.2, 1.6, 2.0, 2.4),
    "b": (0.6, 0.7, 0.8),
    "title": (1.0, 2.0, 3.0, 4.0),
    "proximity": (0.0, 0.3, 0.5, 0.8),
}
ROUNDS = 2


def choose(on: Sequence[tuple[Ours, text_collections.Collection]]) -> Any:
    """The weights with the highest nDCG@10 on these collections, relative to plain ones: one weight after the other."""
    from app.search.index.weights import DEFAULT_WEIGHTS

    plain = replace(DEFAULT_WEIGHTS, fields=dict.fromkeys(DEFAULT_WEIGHTS.fields, 1.0), k1=1.2, b=0.75, proximity=0.0)
    before = [statistics.mean(measured(ours.search(plain), each).ndcg) for ours, each in on]

    def gain(weights: Any) -> float:
        now = [statistics.mean(measured(ours.search(weights), each).ndcg) for ours, each in on]
        return sum(after / earlier for after, earlier in zip(now, before, strict=True))

    best = plain
    for _round in range(ROUNDS):
        for name, values in CHOICES.items():
            best = max((_with(best, name, value) for value in values), key=gain)
    return best


def _with(weights: Any, name: str, value: float) -> Any:
    if name in weights.fields:
        return replace(weights, fields={**weights.fields, name: value})
    return replace(weights, **{name: value})


# --- Printing ---------------------------------------------------------------------------------------------------


def compare(collection: text_collections.Collection, others: Mapping[str, Search], ours: Search) -> None:
    """Print the table of a collection."""
    judgements = sum(map(len, collection.answers.values()))
    asked = len(_answered(collection))
    print(f"\n{collection.name}: {len(collection.documents):,} texts, {asked} questions, {judgements:,} answers")
    print(f"{'':<14}{'nDCG@10':>9}{'recall@100':>12}{'p':>8}")
    own = measured(ours, collection)
    print(f"{'ours':<14}{statistics.mean(own.ndcg):9.3f}{statistics.mean(own.recall):12.3f}")
    for name, search in others.items():
        each = measured(search, collection)
        p = p_value(own.ndcg, each.ndcg)
        print(f"{name:<14}{statistics.mean(each.ndcg):9.3f}{statistics.mean(each.recall):12.3f}{p:8.3f}")


def cross_validate(sites: Mapping[str, tuple[Ours, text_collections.Collection]]) -> None:
    """Print for each collection what the weights chosen on the others give."""
    print("\nWeights chosen on the two other collections")
    for name, (ours, collection) in sites.items():
        weights = choose([site for other, site in sites.items() if other != name])
        own = measured(ours.search(weights), collection)
        chosen = f"k1 {weights.k1}, b {weights.b}, title {weights.fields['title']}, proximity {weights.proximity}"
        print(f"{collection.name:<14}{statistics.mean(own.ndcg):9.3f}{statistics.mean(own.recall):12.3f}   {chosen}")


@contextmanager
def other_engines() -> Iterator[dict[str, Callable[[Texts, Path], Search]]]:
    """What makes a search of each of the others, by name; without PostgreSQL where there is none."""
    from tests import servers

    engines: dict[str, Callable[[Texts, Path], Search]] = {
        "plain Whoosh": plain_whoosh,
        "FTS5": fts5,
        "tantivy": tantivy,
    }
    reason = servers.why_no_postgres()
    if reason:
        print(f"PostgreSQL left out: {reason}")
        yield engines
        return
    with servers.database() as url:
        yield {**engines, "PostgreSQL": partial(postgres, url)}


def main() -> None:
    """Ask everybody, and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--collection", choices=COLLECTIONS, action="append")
    parser.add_argument("--choose", action="store_true", help="also choose weights on two and measure on the third")
    given = parser.parse_args()
    with ExitStack() as stack:

        def a_folder() -> Path:
            return Path(stack.enter_context(tempfile.TemporaryDirectory()))

        stack.enter_context(our_site(a_folder()))
        engines = stack.enter_context(other_engines())
        sites = {}
        for name in given.collection or COLLECTIONS:
            try:
                collection = COLLECTIONS[name]()
            except FileNotFoundError as missing:
                print(f"{name} left out: {missing.filename} is not on this machine")
                continue
            sites[name] = Ours(collection.documents, a_folder()), collection
            others = {name: make(collection.documents, a_folder()) for name, make in engines.items()}
            compare(collection, others, sites[name][0].search())
        if given.choose:
            cross_validate(sites)


if __name__ == "__main__":
    main()
