"""How good the order of results is, on a collection of medical abstracts with questions and judgements (MED).

    python -m benchmarks.relevance [--folder ../shared/data/medline1033]

Thirty questions in whole sentences, each cut to the 200 characters that our field takes, asked of plain Whoosh (its own
stemming and BM25F, any of the words), of ours as a reader gets it, and of PostgreSQL (`ts_rank` over any of the words).
nDCG@10 says how good the first page is, MAP the
whole order, recall@100 how much of what was judged relevant is among the first hundred.
"""

from __future__ import annotations

import argparse
import math
import os
import re
import statistics
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import corpus

ROOT = Path(__file__).parents[1]
COLLECTION = ROOT.parent / "shared" / "data" / "medline1033"
DEPTH = 1000

Search = Callable[[str], Sequence[int]]


def read(file: Path) -> dict[int, str]:
    """The texts of a file by their numbers: '.I number', '.W', then the text; or 'number text' on one line."""
    whole = file.read_text(encoding="latin-1")
    if not whole.startswith(".I"):
        return {int(number): text for number, text in re.findall(r"^\s*(\d+)\s+(.+)$", whole, flags=re.MULTILINE)}
    parts = re.split(r"^\.I\s+(\d+)\s*$", whole, flags=re.MULTILINE)[1:]
    texts = (text.replace(".W", "", 1).strip() for text in parts[1::2])
    return dict(zip(map(int, parts[::2]), texts, strict=True))


def shortened(question: str) -> str:
    """What our field reads of a question."""
    from app.search.query.parsing import MAX_QUERY_LENGTH

    return question if len(question) <= MAX_QUERY_LENGTH else question[:MAX_QUERY_LENGTH].rpartition(" ")[0]


def judged(file: Path) -> dict[int, set[int]]:
    """Which documents answer which question."""
    relevant: dict[int, set[int]] = defaultdict(set)
    for line in file.read_text(encoding="latin-1").splitlines():
        question, *documents = map(int, line.split())
        relevant[question].update(documents)
    return relevant


def plain_whoosh(texts: Mapping[int, str], folder: Path) -> Search:
    """Whoosh as its manual shows it."""
    from whoosh import fields, index, qparser
    from whoosh.analysis import StemmingAnalyzer

    schema = fields.Schema(number=fields.STORED, text=fields.TEXT(analyzer=StemmingAnalyzer()))
    made: Any = index.create_in(str(folder), schema)
    with made.writer() as writer:
        for number, text in texts.items():
            writer.add_document(number=number, text=text)
    searcher = made.searcher()
    parser = qparser.QueryParser("text", schema, group=qparser.OrGroup)

    def search(question: str) -> list[int]:
        words = " ".join(re.findall(r"\w+", question))
        return [hit["number"] for hit in searcher.search(parser.parse(words), limit=DEPTH)]

    return search


def ours(texts: Mapping[int, str], folder: Path) -> Search:
    """Our search, from what is typed to the order of the keys, on a site that has no topics."""
    corpus.flask(folder, "db", "upgrade")
    os.environ.update(corpus.environment(folder))
    from app.factory import create_app
    from app.search.index.documents import Document, split_key
    from app.search.index.engine import IndexFilters
    from app.search.index.registry import engine
    from app.search.query import spelling, understanding
    from app.search.query.parsing import parse

    app = create_app()
    now = datetime(2026, 3, 14, tzinfo=UTC)
    with app.app_context():
        engine().rebuild(
            Document("story", number, "", (), (), text, (), (), (), (), now) for number, text in texts.items()
        )

    def search(question: str) -> list[int]:
        with app.app_context():
            query, _told = understanding.understand(parse(question))
            hits = engine().search(query, IndexFilters(), (), limit=DEPTH)
            some_of = understanding.relax(query) if hits.total < spelling.FEW_RESULTS else None
            if some_of is not None:
                hits = engine().search(some_of, IndexFilters(), (), limit=DEPTH)
            return [split_key(key)[1] for key in hits.keys]

    return search


def postgres(texts: Mapping[int, str], url: str) -> Search:
    """PostgreSQL's full text, any of the words."""
    import psycopg

    connection = psycopg.connect(url.replace("postgresql+psycopg", "postgresql"), autocommit=True)
    connection.execute("CREATE TABLE doc (id int PRIMARY KEY, words tsvector)")
    with connection.cursor() as cursor:
        cursor.executemany("INSERT INTO doc VALUES (%s, to_tsvector('english', %s))", list(texts.items()))
    # The words of plainto_tsquery with 'or' between them; 1: divided by the logarithm of the length.
    statement = """
        WITH asked AS (SELECT replace(plainto_tsquery('english', %s)::text, '&', '|')::tsquery AS query)
        SELECT id FROM doc, asked WHERE words @@ query ORDER BY ts_rank(words, query, 1) DESC, id LIMIT %s
    """

    def search(question: str) -> list[int]:
        return [row[0] for row in connection.execute(statement, (question, DEPTH)).fetchall()]

    return search


# --- Measures ---------------------------------------------------------------------------------------------------


def ndcg(found: Sequence[int], relevant: set[int], most: int = 10) -> float:
    """How much of what is relevant stands how far up, between 0 and 1."""
    gained = sum(1 / math.log2(place + 2) for place, number in enumerate(found[:most]) if number in relevant)
    best = sum(1 / math.log2(place + 2) for place in range(min(most, len(relevant))))
    return gained / best


def average_precision(found: Sequence[int], relevant: set[int]) -> float:
    """The mean of the precision at every relevant document."""
    seen, total = 0, 0.0
    for place, number in enumerate(found, start=1):
        if number in relevant:
            seen += 1
            total += seen / place
    return total / len(relevant)


def recall(found: Sequence[int], relevant: set[int], most: int = 100) -> float:
    """How much of what is relevant is among the first hundred."""
    return len(set(found[:most]) & relevant) / len(relevant)


def main() -> None:
    """Ask everybody, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--folder", type=Path, default=COLLECTION)
    given = parser.parse_args()
    if not (given.folder / "MED.ALL").is_file():
        print(f"skipped: {given.folder} is not on this machine")
        return
    texts = read(given.folder / "MED.ALL")
    questions = {number: shortened(text) for number, text in read(given.folder / "medline.query").items()}
    relevant = judged(given.folder / "medline.rel")
    with ExitStack() as stack:
        first, second = (Path(stack.enter_context(tempfile.TemporaryDirectory())) for _ in range(2))
        asked: dict[str, Search] = {"plain Whoosh": plain_whoosh(texts, first), "ours": ours(texts, second)}
        from tests import servers

        reason = servers.why_no_postgres()
        if reason:
            print(f"PostgreSQL left out: {reason}")
        else:
            asked["PostgreSQL"] = postgres(texts, stack.enter_context(servers.database()))
        print(f"{len(texts):,} abstracts, {len(questions)} questions, {sum(map(len, relevant.values()))} judgements")
        print(f"{'':<14}{'nDCG@10':>9}{'MAP':>8}{'recall@100':>12}")
        for name, search in asked.items():
            found = {number: search(question) for number, question in questions.items()}
            measures = [
                statistics.mean(measure(found[number], relevant[number]) for number in questions)
                for measure in (ndcg, average_precision, recall)
            ]
            print(f"{name:<14}{measures[0]:9.3f}{measures[1]:8.3f}{measures[2]:12.3f}")


if __name__ == "__main__":
    main()
