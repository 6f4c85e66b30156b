"""Whoosh's arrays: they match as Whoosh alone does, through commits and deletions, and are read once."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings

from app.search.index.documents import Document
from app.search.index.engine import IndexFilters, Query
from app.search.whoosh import postings
from app.search.whoosh.engine import WhooshEngine
from app.search.whoosh.postings import NO_POSTINGS, Postings, PostingsCache
from tests.search.sample_documents import KINDS, a_clause, a_document, asking, filterings, passes, queries, quoted
from tests.search.whoosh import plain_ranking, plain_whoosh

EVERYTHING = 10_000


class Filled:
    """An engine whose index has several segments with deletions in each, and the documents in it by key."""

    def __init__(self, folder: Path) -> None:
        chance = random.Random(20260314)
        self.engine = WhooshEngine(folder, KINDS)
        self.documents: dict[str, Document] = {}
        first = [a_document(chance, number) for number in range(1, 150)]
        self.engine.rebuild(first)
        self.note(first, [])
        for start in (150, 180, 210):
            self.engine.search(asking("itch"), IndexFilters(), ())
            new = [a_document(chance, number) for number in range(start, start + 30)]
            again = [a_document(chance, number) for number in chance.sample(range(1, start), 10)]
            removed = [f"{kind}:{number}" for number in chance.sample(range(1, start), 5) for kind in KINDS]
            self.engine.update([*new, *again], removed)
            self.note([*new, *again], removed)

    def note(self, documents: list[Document], removed: list[str]) -> None:
        for key in removed:
            self.documents.pop(key, None)
        self.documents |= {document.key: document for document in documents}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Filled]:
    filled = Filled(tmp_path_factory.mktemp("search"))
    yield filled
    filled.engine._close()


@settings(max_examples=40, deadline=None)
@given(query=queries, filters=filterings)
def test_the_same_is_found_as_by_whoosh_alone(filled: Filled, query: Query, filters: IndexFilters) -> None:
    expect_the_same(filled, query, filters)


@pytest.mark.long
@settings(max_examples=400, deadline=None)
@given(query=queries, filters=filterings)
def test_the_same_is_found_as_by_whoosh_alone_many_times(filled: Filled, query: Query, filters: IndexFilters) -> None:
    expect_the_same(filled, query, filters)


def expect_the_same(filled: Filled, query: Query, filters: IndexFilters) -> None:
    hits = filled.engine.search(query, filters, (), limit=EVERYTHING)
    with filled.engine._reader() as opened:
        matching = plain_whoosh.matching(opened.searcher, query)
    expected = [key for key in matching if passes(filled.documents[key], filters)]
    assert len(expected) == hits.total
    assert set(hits.keys) == set(expected)


@pytest.mark.parametrize("words", ["itch", "rare", "itch red", "peel red rare", "burns week", "red at all peel"])
def test_scores_are_those_of_the_book(tmp_path: Path, words: str) -> None:
    chance = random.Random(words)
    documents = [a_document(chance, number) for number in range(1, 200)]
    documents = list({document.key: document for document in documents}.values())
    engine = WhooshEngine(tmp_path, KINDS)
    # In two segments.
    engine.rebuild(documents[:150])
    engine.update(documents[150:], [])
    # Without synonyms, which have scores of their own.
    query = Query(tuple((a_clause(word, widened=False),) for word in words.split()), fill_to=EVERYTHING)
    with engine._reader() as opened:
        found = opened._ranking.rank(query).scores
        keys = [opened._key(number) for number in range(len(found))]
    assert dict(zip(keys, found.tolist(), strict=True)) == pytest.approx(
        plain_ranking.scores(documents, words.split()), rel=1e-4
    )
    engine._close()


def test_a_commit_reads_only_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(1)
    engine = WhooshEngine(tmp_path, KINDS)
    engine.rebuild(a_document(chance, number) for number in range(1, 500))
    query = asking("itch")
    engine.search(query, IndexFilters(), ())
    read: list[int] = []
    real = postings.read_word
    monkeypatch.setattr(
        "app.search.whoosh.ranking.read_word",
        lambda reader, *word: read.append(reader.doc_count_all()) or real(reader, *word),
    )
    engine.search(query, IndexFilters(), ())
    assert read == []
    engine.update([a_document(chance, 1000)], [])
    engine.search(query, IndexFilters(), ())
    assert set(read) == {1}
    engine._close()


def test_words_that_are_in_no_text_do_not_fill_the_memory(filled: Filled, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(postings, "MAX_ABSENT", 100)
    filled.engine.search(asking("itch", "red"), IndexFilters(), ())
    cache = filled.engine._memory.postings
    before = len(cache._entries), cache.size
    for number in range(50):
        words = [f"nowhere{number}", "itch", f"unheard{number} of"]
        query = Query(((quoted(f"never {number}"),), *asking(*words).groups), fill_to=100)
        filled.engine.search(query, IndexFilters(), ())
        assert len(cache._absent) <= 100
    assert (len(cache._entries), cache.size) == before


def test_memory_for_postings_is_bounded() -> None:
    cache = PostingsCache(max_bytes=100_000)
    big = Postings(NO_POSTINGS.numbers.repeat(0), NO_POSTINGS.weights)
    for number in range(1000):
        cache.get("segment", "text", (f"word{number}",), lambda: big)
    assert cache.size <= 100_000
    kept = cache.get("segment", "text", ("word999",), lambda: pytest.fail("the last one was dropped"))
    assert kept is big
    cache.keep_only({"another"})
    assert cache.size == 0
