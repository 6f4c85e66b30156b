"""What `index.engine.Engine` promises, asked of every engine there is."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from app.search.index.documents import Document
from app.search.index.engine import Clause, Engine, Facet, Hits, IndexFilters, IndexUnavailable, Query, Sort
from app.search.whoosh.engine import WhooshEngine
from tests.search.sample_documents import (
    KINDS,
    a_clause,
    a_document,
    asking,
    filterings,
    passes,
    plain_clauses,
    queries,
    quoted,
)

# Makes an engine for an index of its own. A further engine is one more line.
ENGINES: dict[str, Callable[[Path], Engine]] = {
    "whoosh": lambda folder: WhooshEngine(folder, KINDS),
}
EVERYTHING = 10_000
THEN = datetime(2024, 5, 1, tzinfo=UTC)
# An engine and the documents that are in it.
Filled = tuple[Engine, list[Document]]
PLAIN = Document("story", 1, "", (), (), "", (), (), (), (), THEN)


@pytest.fixture(scope="module", params=ENGINES)
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Filled:
    """An engine after a rebuild and several updates, and the documents that are in it."""
    chance = random.Random(20260314)
    engine = ENGINES[request.param](tmp_path_factory.mktemp("search"))
    first = [a_document(chance, number) for number in range(1, 100)]
    engine.rebuild(first)
    kept = {document.key: document for document in first}
    for start in (100, 130):
        new = [a_document(chance, number) for number in (*range(start, start + 30), *chance.sample(range(1, start), 9))]
        removed = chance.sample(sorted(kept), 5)
        # Whoever is new is not taken out.
        removed = [key for key in removed if key not in {document.key for document in new}]
        engine.update(new, removed)
        kept = {key: document for key, document in kept.items() if key not in removed}
        kept |= {document.key: document for document in new}
    return engine, list(kept.values())


@pytest.fixture(params=ENGINES)
def new(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Engine]:
    """An engine that has no index yet."""
    return ENGINES[request.param](tmp_path / "search")


def found(engine: Engine, query: Query, sort: Sort = Sort.RELEVANCE) -> list[int]:
    """The ids that a query finds, best first."""
    keys = engine.search(query, IndexFilters(), (), sort=sort, limit=EVERYTHING).keys
    return [int(key.partition(":")[2]) for key in keys]


def keys(hits: Hits) -> set[str]:
    return set(hits.keys)


# --- Matching ---


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        (asking("itch"), {1, 2, 4}),
        (asking("itch", "burn"), {1}),
        (Query(((a_clause("itch"), a_clause("peel")),)), {1, 2, 3, 4}),
        (Query(((a_clause("itch"),),), excluded=(a_clause("burn"),)), {2, 4}),
        (Query(((a_clause("not at all"),),)), {3}),
        (Query(((quoted("itches"),),)), {2}),
        (replace(asking("burn", "peel"), fill_to=9), {1, 2, 3}),
        (Query(((a_clause("wart", topics=(7,)),),)), {3}),
        (Query(((a_clause("wart", others=(("peel",),)),),)), {2, 3}),
        (Query(((a_clause("verruca"),),)), {4}),
        (Query(((a_clause("verruca", widened=False),),)), set()),
        (Query(), {1, 2, 3, 4}),
    ],
)
def test_what_matches(new: Engine, query: Query, ids: set[int]) -> None:
    new.rebuild(
        [
            replace(PLAIN, id=1, text="It itched, then burnt: an itch and a burn"),
            replace(PLAIN, id=2, title="It itches", text="peeling"),
            replace(PLAIN, id=3, text="peeling, but not at all bad", topics=(7,)),
            replace(PLAIN, id=4, text="itching", synonyms=("Verruca",)),
        ]
    )
    assert set(found(new, query)) == ids


def test_what_says_it_as_typed_goes_before_other_forms_and_those_before_synonyms(new: Engine) -> None:
    new.rebuild(
        [
            replace(PLAIN, id=1, text="quiet", synonyms=("itching",), helpful=900),
            replace(PLAIN, id=2, title="itches itched itches", text="itched itches " * 5),
            replace(PLAIN, id=3, text=f"itching {'calm ' * 50}"),
        ]
    )
    clause = Clause(exact=(("itch",),), typed=(("itching",),))
    assert found(new, Query(((clause,),))) == [3, 2, 1]


def test_the_page_of_a_topic_that_a_query_names_comes_first_among_equals(new: Engine) -> None:
    new.rebuild(
        [
            replace(PLAIN, id=1, title="warts warts", text="warts " * 9),
            replace(PLAIN, kind="topic", id=7, title="Warts", names=("Warts",), topics=(7,)),
        ]
    )
    assert found(new, Query(((a_clause("warts", topics=(7,), typed=(("warts",),)),),))) == [7, 1]


@settings(max_examples=40, deadline=None)
@given(query=queries, filters=filterings)
def test_filters_leave_what_passes_them(filled: Filled, query: Query, filters: IndexFilters) -> None:
    engine, documents = filled
    everything = keys(engine.search(query, IndexFilters(), (), limit=EVERYTHING))
    hits = engine.search(query, filters, (), limit=EVERYTHING)
    passing = {document.key for document in documents if passes(document, filters)}
    assert keys(hits) == everything & passing
    assert hits.total == len(hits.keys)


@settings(max_examples=40, deadline=None)
@given(query=queries, filters=filterings)
def test_a_count_is_what_choosing_that_value_alone_gives(filled: Filled, query: Query, filters: IndexFilters) -> None:
    engine, _documents = filled
    counts = engine.search(query, filters, ()).counts
    for facet, field in (
        (Facet.KIND, "kinds"),
        (Facet.CONDITION, "conditions"),
        (Facet.TREATMENT, "treatments"),
        (Facet.OUTCOME, "outcomes"),
        (Facet.SIDE_EFFECT, "side_effects"),
        (Facet.YEAR, "years"),
    ):
        for value, count in counts[facet].items():
            chosen = replace(filters, **{field: (value,)})
            assert engine.search(query, chosen, ()).total == count, (facet, value)


def test_treatments_and_outcomes_are_counted_as_pairs(filled: Filled) -> None:
    # A story of two treatments, of which one worked and one did not, is counted under neither other pair.
    engine, documents = filled
    pairs = sorted({pair for document in documents for pair in document.outcomes})
    mixed = [document for document in documents if len({how for _topic, how in document.outcomes}) > 1]
    assert mixed, "otherwise this proves nothing"
    for treatment, outcome in pairs:
        counts = engine.search(Query(), IndexFilters(treatments=(treatment,), outcomes=(outcome,)), ()).counts
        for other, how in pairs:
            of_treatment = IndexFilters(treatments=(treatment,), outcomes=(how,))
            with_outcome = IndexFilters(treatments=(other,), outcomes=(outcome,))
            assert counts[Facet.OUTCOME].get(how, 0) == sum(passes(each, of_treatment) for each in documents)
            assert counts[Facet.TREATMENT].get(other, 0) == sum(passes(each, with_outcome) for each in documents)


def test_every_value_is_counted(filled: Filled) -> None:
    engine, documents = filled
    counts = engine.search(Query(), IndexFilters(), ()).counts
    assert set(counts[Facet.KIND]) == {document.kind for document in documents}
    assert set(counts[Facet.CONDITION]) == {topic for document in documents for topic in document.conditions}
    assert set(counts[Facet.TREATMENT]) == {topic for document in documents for topic in document.treatments}
    assert set(counts[Facet.SIDE_EFFECT]) == {topic for document in documents for topic in document.side_effects}
    assert set(counts[Facet.OUTCOME]) == {how for document in documents for _topic, how in document.outcomes}
    assert set(counts[Facet.YEAR]) == {document.published_at.year for document in documents}


@settings(max_examples=40, deadline=None)
@given(first=plain_clauses, second=plain_clauses, filters=filterings, fill_to=st.integers(1, 120))
def test_what_matches_some_groups_fills_up_the_results(
    filled: Filled, first: Clause, second: Clause, filters: IndexFilters, fill_to: int
) -> None:
    engine, _documents = filled
    query = Query(((first,), (second,)))
    both = engine.search(query, filters, (), limit=EVERYTHING)
    either = engine.search(Query(((first, second),)), filters, (), limit=EVERYTHING)
    hits = engine.search(replace(query, fill_to=fill_to), filters, (), limit=EVERYTHING)
    assert both.complete == both.total == hits.complete
    assert hits.keys[: hits.complete] == both.keys
    assert keys(hits) <= keys(either)
    if both.total:
        assert hits.total == len(hits.keys) == max(both.total, min(fill_to, either.total))
        assert hits.counts == both.counts
    else:
        assert (keys(hits), hits.counts) == (keys(either), either.counts)


def test_what_a_query_names_comes_first_whatever_its_words(new: Engine) -> None:
    texts = {1: "itching", 2: "quiet", 3: "itch itch", 4: "quiet, but burning"}
    new.rebuild([replace(PLAIN, id=number, text=text) for number, text in texts.items()])
    query = replace(asking("itch"), first=("story:4", "story:2", "story:99"))
    assert found(new, query)[:2] == [4, 2]
    assert set(found(new, query)) == {1, 2, 3, 4}
    hits = new.search(query, IndexFilters(kinds=("topic",)), ())
    assert (hits.total, hits.keys) == (0, ())
    assert new.search(query, IndexFilters(), {"story:4"}).keys[0] == "story:2"
    assert 4 not in found(new, replace(query, excluded=(a_clause("burn"),)))
    assert new.search(query, IndexFilters(), ()).complete == 4


# --- Excluding, pages, order ---


@pytest.mark.parametrize("query", [asking("itch"), Query()])
def test_what_is_excluded_is_neither_found_nor_counted(filled: Filled, query: Query) -> None:
    engine, documents = filled
    before = engine.search(query, IndexFilters(), (), limit=EVERYTHING)
    excluded = set(before.keys[:7])
    after = engine.search(query, IndexFilters(), excluded, limit=EVERYTHING)
    within = {document.key for document in documents if excluded & set(document.within)}
    assert keys(after) == keys(before) - excluded - within
    assert after.total == len(after.keys)
    assert sum(after.counts[Facet.KIND].values()) == after.total


def test_what_is_within_something_excluded_is_excluded(new: Engine) -> None:
    new.rebuild([replace(PLAIN, id=1), replace(PLAIN, kind="comment", id=2, within=("story:1",))])
    assert new.search(Query(), IndexFilters(), {"story:1"}).keys == ()
    assert new.search(Query(), IndexFilters(), {"comment:2"}).keys == ("story:1",)


@pytest.mark.parametrize("sort", Sort)
def test_pages_neither_overlap_nor_skip(filled: Filled, sort: Sort) -> None:
    engine, _documents = filled
    query = Query(((a_clause("itch", topics=(1, 11)),),))
    everything = engine.search(query, IndexFilters(), (), sort=sort, limit=EVERYTHING).keys
    pages = [engine.search(query, IndexFilters(), (), sort=sort, offset=at, limit=7).keys for at in range(0, 200, 7)]
    assert [key for page in pages for key in page] == list(everything)


def test_orders(filled: Filled) -> None:
    engine, documents = filled
    by_key = {document.key: document for document in documents}

    def ordered(query: Query, sort: Sort) -> list[Document]:
        return [by_key[key] for key in engine.search(query, IndexFilters(), (), sort=sort, limit=EVERYTHING).keys]

    for query, sort in ((asking("itch"), Sort.NEWEST), (Query(), Sort.RELEVANCE)):
        times = [document.published_at for document in ordered(query, sort)]
        assert times == sorted(times, reverse=True)
    helpful = [(document.helpful, document.published_at) for document in ordered(asking("itch"), Sort.HELPFUL)]
    assert helpful == sorted(helpful, reverse=True)


def test_of_equal_documents_the_more_helpful_and_then_the_newer_comes_first(new: Engine) -> None:
    new.rebuild(
        [
            replace(PLAIN, id=1, text="itch"),
            replace(PLAIN, id=2, text="itch", published_at=THEN + timedelta(days=365)),
            replace(PLAIN, id=3, text="itch", helpful=50),
        ]
    )
    assert found(new, asking("itch")) == [3, 2, 1]


# --- Titles and prefixes ---


def test_titles(new: Engine) -> None:
    new.rebuild(
        [
            replace(PLAIN, id=1, title="My warts and freezing"),
            replace(PLAIN, id=2, title="Freezing my warts", published_at=THEN + timedelta(days=1)),
            replace(PLAIN, id=3, title="Frozen", text="freezing warts"),
            replace(PLAIN, kind="article", id=4, title="Warts, freezing and patience"),
        ]
    )
    assert list(new.titled(["wart"], "free", ["story"], (), 9)) == ["story:2", "story:1"]
    assert list(new.titled(["wart"], "free", ["story"], ("story:2",), 9)) == ["story:1"]
    assert list(new.titled([], "freezing", ["article", "story"], (), 1)) == ["story:2"]
    assert list(new.titled(["wart"], "free", ["comment"], (), 9)) == []
    assert list(new.titled(["calm"], "free", ["story"], (), 9)) == []


def test_tokens_with_a_prefix(new: Engine) -> None:
    new.rebuild([replace(PLAIN, title="Warts", names=("Warfarin",), text="warm", synonyms=("warble",))])
    assert set(new.words_with_prefix("war")) == {"wart", "warfarin", "warm"}


# --- Writing ---


def test_without_an_index_everything_but_exists_raises(new: Engine) -> None:
    assert not new.exists()
    for ask in (
        new.built_at,
        lambda: new.search(Query(), IndexFilters(), ()),
        lambda: new.titled([], "w", ["story"], (), 1),
        lambda: new.words_with_prefix("w"),
        lambda: list(new.fingerprints()),
        lambda: new.update([PLAIN], ()),
    ):
        with pytest.raises(IndexUnavailable):
            ask()


def test_an_update_replaces_adds_and_removes(new: Engine) -> None:
    before = datetime.now(UTC) - timedelta(seconds=5)
    new.rebuild(replace(PLAIN, id=number, text="itch") for number in (1, 2))
    assert new.exists()
    assert before <= new.built_at() <= datetime.now(UTC) + timedelta(seconds=5)
    changed = replace(PLAIN, id=1, text="burn")
    new.update([changed, replace(PLAIN, id=3, text="itch")], ["story:2", "story:99"])
    assert (found(new, asking("itch")), found(new, asking("burn"))) == ([3], [1])
    assert dict(new.fingerprints(["story:1", "story:2"])) == {"story:1": changed.fingerprint}
    assert {key for key, _fingerprint in new.fingerprints()} == {"story:1", "story:3"}
    new.rebuild([])
    assert found(new, Query()) == []


def test_a_rebuild_that_fails_leaves_the_old_index(new: Engine) -> None:
    def failing() -> Iterator[Document]:
        yield replace(PLAIN, id=2, text="itch")
        raise ValueError("unreadable")

    new.rebuild([replace(PLAIN, id=1, text="itch")])
    with pytest.raises(ValueError, match="unreadable"):
        new.rebuild(failing())
    assert found(new, asking("itch")) == [1]


def test_writers_wait_for_each_other_and_readers_for_nobody(new: Engine) -> None:
    new.rebuild([replace(PLAIN, id=1, text="itch")])
    other = threading.Thread(target=new.update, args=([replace(PLAIN, id=2, text="itch")], ()))
    with new.exclusive(), new.exclusive():
        other.start()
        other.join(0.3)
        assert other.is_alive()
        assert found(new, asking("itch")) == [1]
    other.join(10)
    assert set(found(new, asking("itch"))) == {1, 2}
