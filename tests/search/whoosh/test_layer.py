"""The arrays over the index answer as Whoosh alone does, and go on doing so through commits and deletions."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.search.index.documents import Document
from app.search.index.engine import Clause, Facet, IndexFilters, Query, Sort
from app.search.query import analysis
from app.search.whoosh import postings
from app.search.whoosh.engine import WhooshEngine
from app.search.whoosh.facts import OUTCOME_BITS
from app.search.whoosh.postings import NOWHERE, Postings, PostingsCache
from tests.search.whoosh import plain_whoosh

WORDS = ["itch", "burns", "week", "burn", "red", "not", "at", "all", "peel", "rare", "weeks"]
OUTCOMES = list(OUTCOME_BITS)
KINDS = ["story", "story", "story", "article", "comment", "topic"]
EVERYTHING = 10_000


def a_document(chance: random.Random, number: int) -> Document:
    """Like a story, drawn by lot: topics 1 to 4 are conditions, 11 to 14 treatments, 21 to 23 side effects."""

    def words(most: int) -> str:
        return " ".join(chance.choices(WORDS, weights=range(len(WORDS), 0, -1), k=chance.randint(0, most)))

    conditions = tuple(chance.sample(range(1, 5), chance.randint(0, 1)))
    treatments = tuple(chance.sample(range(11, 15), chance.randint(0, 3)))
    effects = tuple(chance.sample(range(21, 24), chance.randint(0, 2)))
    # A treatment that was tried twice may have gone both ways.
    outcomes = [(topic, chance.choice(OUTCOMES)) for topic in treatments * 2 if chance.random() < 0.5]
    return Document(
        kind=chance.choice(KINDS),
        id=number,
        title=words(4),
        names=(words(2),),
        synonyms=(words(2),),
        text=words(60),
        topics=(*conditions, *treatments, *effects),
        conditions=conditions,
        treatments=treatments,
        within=(f"{chance.choice(KINDS)}:{chance.randint(1, 20)}",) if chance.random() < 0.1 else (),
        published_at=datetime(chance.randint(2018, 2025), 3, 14, 12, number % 60, tzinfo=UTC),
        side_effects=effects,
        outcomes=tuple(dict.fromkeys(outcomes)),
        helpful=chance.choice([0, 0, 0, 3, 12]),
    )


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WhooshEngine]:
    """An index of several segments with deletions in each, read from before and after."""
    chance = random.Random(20260314)
    engine = WhooshEngine(tmp_path_factory.mktemp("search"))
    engine.rebuild(a_document(chance, number) for number in range(1, 150))
    for start in (150, 180, 210):
        engine.search(Query(((_clause("itch"),),)), IndexFilters(), ())
        new = [a_document(chance, number) for number in range(start, start + 30)]
        again = [a_document(chance, number) for number in chance.sample(range(1, start), 10)]
        gone = [f"{kind}:{number}" for number in chance.sample(range(1, start), 5) for kind in set(KINDS)]
        engine.update([*new, *again], gone)
    yield engine
    engine._close()


def _clause(*words: str, **more: object) -> Clause:
    return Clause(exact=tuple(tuple(analysis.words(each)) for each in words), **more)


def _quoted(words: str) -> Clause:
    return Clause.quoted(tuple(analysis.words(words)), tuple(words.split()))


single = st.sampled_from(WORDS)
phrase = st.lists(single, min_size=1, max_size=3).map(" ".join)
quoted_clauses = st.lists(single, min_size=1, max_size=3).map(lambda words: _quoted(" ".join(words)))
plain_clauses = st.lists(phrase, min_size=1, max_size=2).map(lambda words: _clause(*words, widened=False))
wide_clauses = st.builds(
    lambda words, topics, others: _clause(
        *words, topics=tuple(topics), others=tuple(tuple(other.split()) for other in others)
    ),
    st.lists(phrase, min_size=1, max_size=2),
    st.lists(st.sampled_from([1, 2, 11, 12, 21]), max_size=2, unique=True),
    st.lists(phrase, max_size=2, unique=True),
)
clauses = plain_clauses | wide_clauses | quoted_clauses
queries = st.builds(
    Query,
    st.lists(st.lists(clauses, min_size=1, max_size=2).map(tuple), max_size=3).map(tuple),
    st.lists(plain_clauses | quoted_clauses, max_size=1).map(tuple),
)


def some(*values: object) -> st.SearchStrategy[tuple[object, ...]]:
    return st.just(()) | st.lists(st.sampled_from(values), max_size=2, unique=True).map(tuple)


filterings = st.builds(
    IndexFilters,
    kinds=some("story", "article", "comment"),
    conditions=some(1, 2, 3, 99),
    treatments=some(11, 12, 13, 99),
    outcomes=some(*OUTCOMES),
    side_effects=some(21, 22),
    years=some(2018, 2020, 2024, 1999),
)


@settings(max_examples=150, deadline=None)
@given(query=queries, filters=filterings)
def test_the_same_is_found_as_by_whoosh_alone(filled: WhooshEngine, query: Query, filters: IndexFilters) -> None:
    hits = filled.search(query, filters, (), limit=EVERYTHING)
    with filled._reader() as opened:
        expected = plain_whoosh.ranked(opened.searcher, query, filters)
    assert len(expected) == hits.total
    assert set(hits.keys) == set(expected)


@pytest.mark.parametrize("words", ["itch", "rare", "itch red", "not at all", "peel red rare", "burns week"])
def test_the_best_are_nearly_the_same_as_by_whoosh_alone(filled: WhooshEngine, words: str) -> None:
    for query in (
        Query(tuple((_clause(word),) for word in words.split())),
        Query(((_clause(words),),)),
        Query(((_clause(words, topics=(11, 1), others=(("burn",),)),),)),
        Query(((_quoted(words),),)),
    ):
        hits = filled.search(query, IndexFilters(), (), limit=10)
        with filled._reader() as opened:
            expected = plain_whoosh.ranked(opened.searcher, query, IndexFilters())[:10]
        assert len(set(hits.keys) & set(expected)) >= 0.9 * len(expected)
        assert hits.keys[:1] == tuple(expected[:1])


@settings(max_examples=60, deadline=None)
@given(query=queries, filters=filterings)
def test_a_count_says_what_one_more_click_gives(filled: WhooshEngine, query: Query, filters: IndexFilters) -> None:
    counts = filled.search(query, filters, ()).counts
    for facet, field in (
        (Facet.KIND, "kinds"),
        (Facet.CONDITION, "conditions"),
        (Facet.TREATMENT, "treatments"),
        (Facet.OUTCOME, "outcomes"),
        (Facet.SIDE_EFFECT, "side_effects"),
        (Facet.YEAR, "years"),
    ):
        for value, count in counts[facet].items():
            clicked = replace(filters, **{field: (value,)})
            assert filled.search(query, clicked, ()).total == count, (facet, value)


@settings(max_examples=40, deadline=None)
@given(groups=st.lists(plain_clauses.map(lambda clause: (clause,)), min_size=2, max_size=4), least=st.integers(1, 4))
def test_some_of_the_groups_will_do(filled: WhooshEngine, groups: list[tuple[Clause, ...]], least: int) -> None:
    def found(query: Query) -> set[str]:
        return set(filled.search(query, IndexFilters(), (), limit=EVERYTHING).keys)

    each = [found(Query((group,))) for group in groups]
    expected = {key for key in set().union(*each) if sum(key in keys for keys in each) >= least}
    assert found(Query(tuple(groups), at_least=least)) == expected


def test_what_is_masked_is_neither_found_nor_counted(filled: WhooshEngine) -> None:
    query = Query(((_clause("itch"),),))
    before = filled.search(query, IndexFilters(), (), limit=EVERYTHING)
    masked = set(before.keys[:7])
    after = filled.search(query, IndexFilters(), masked, limit=EVERYTHING)
    assert not masked & set(after.keys)
    assert after.total == len(after.keys) < before.total
    assert sum(after.counts[Facet.KIND].values()) == after.total


def test_pages_fit_together(filled: WhooshEngine) -> None:
    query = Query(((_clause("itch", topics=(1, 11)),),))
    for sort in Sort:
        everything = filled.search(query, IndexFilters(), (), sort=sort, limit=EVERYTHING).keys
        pages = [
            filled.search(query, IndexFilters(), (), sort=sort, offset=at, limit=7).keys for at in range(0, 300, 7)
        ]
        assert [key for page in pages for key in page] == list(everything)


def test_newest_first_is_by_publication(filled: WhooshEngine) -> None:
    query = Query(((_clause("itch"),),))
    keys = filled.search(query, IndexFilters(), (), sort=Sort.NEWEST, limit=EVERYTHING).keys
    with filled._reader() as opened:
        by_key = {
            opened.searcher.stored_fields(number)["key"]: int(when)
            for number, when in enumerate(opened._columns.published)
            if opened._columns.live[number]
        }
    moments = [by_key[key] for key in keys]
    assert moments == sorted(moments, reverse=True)


def test_a_commit_reads_only_what_is_new(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    chance = random.Random(1)
    engine = WhooshEngine(tmp_path)
    engine.rebuild(a_document(chance, number) for number in range(1, 500))
    query = Query(((_clause("itch"),),))
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


def test_memory_for_postings_is_bounded() -> None:
    cache = PostingsCache(most_bytes=100_000)
    big = Postings(NOWHERE.numbers.repeat(0), NOWHERE.weights)
    for number in range(1000):
        cache.get("segment", "text", (f"word{number}",), lambda: big)
    assert cache.size <= 100_000
    kept = cache.get("segment", "text", ("word999",), lambda: pytest.fail("the last one was dropped"))
    assert kept is big
    cache.keep_only({"another"})
    assert cache.size == 0
