"""The index follows the database: after changes, after a rebuild, whatever happens at the same time."""

from __future__ import annotations

import multiprocessing
import threading
from dataclasses import replace
from multiprocessing.synchronize import Event
from pathlib import Path

import pytest
from flask import Flask
from flask.ctx import AppContext

from app.foundation import events
from app.foundation.database import db, transaction
from app.foundation.events import NamesChanged, PublicChanged
from app.moderation.decisions import decisions
from app.search.index import indexing
from app.search.index.document_readers import public_documents
from app.search.index.documents import indexed_models
from app.search.index.registry import COMMENTS, INDEXES, engine
from app.stories.models import Story
from app.topics import vocabulary
from app.topics.models import NameKind, TopicKind
from tests.conftest import make_app
from tests.factories.comments import a_published_comment
from tests.factories.pages import a_topic, an_article
from tests.factories.people import a_moderator, a_person
from tests.factories.stories import a_published_story
from tests.search.searching import committed_and_indexed, found_titles, search_for

FILLER = "It was a long year and we tried one thing after the other until the summer came."


def fill() -> None:
    """Something of every kind, in the database and in the index."""
    with committed_and_indexed():
        warts = a_topic("Warts", page="Stubborn things.")
        story = a_published_story(title="Told", body=f"Patience. {FILLER}")
        an_article(topics=[warts])
        comment = a_published_comment(story, body="Thank you.")
        a_published_comment(warts, body="On the topic.")
        a_published_comment(story, body="You are welcome.", parent=comment)


def indexed() -> dict[str, str]:
    """Key and fingerprint of everything in any index."""
    return {key: fingerprint for index in INDEXES for key, fingerprint in engine(index).fingerprints()}


def test_after_any_change_the_index_equals_the_database(context: AppContext) -> None:
    fill()
    report = indexing.verify()
    assert (report.differing, report.waiting) == ([], 0)
    assert len(indexed()) == indexing.count_documents() == 6
    assert {key.partition(":")[0] for key, _ in engine().fingerprints()} == {"story", "topic", "article"}
    assert {key.partition(":")[0] for key, _ in engine(COMMENTS).fingerprints()} == {"comment"}


def test_syncing_twice_changes_nothing(context: AppContext) -> None:
    fill()
    before = indexed()
    changes = [PublicChanged(*key) for key in (("story", 1), ("story", 1), ("comment", 1), ("story", 99))]
    for _ in range(2):
        indexing.sync(changes)
        indexing.sync_names([NamesChanged(1), NamesChanged(1)])
    assert indexed() == before
    assert sum(len(list(engine(index).fingerprints())) for index in INDEXES) == indexing.count_documents()


def test_names_that_changed_reach_everything_filed_under_them(context: AppContext) -> None:
    with committed_and_indexed():
        treatment = a_topic("Topical corticosteroids", TopicKind.TREATMENT, page="A family of creams.")
        a_published_story(title="Filed", body=FILLER, treatments=[treatment])
        an_article(title="An article", topics=[treatment])
    with committed_and_indexed():
        vocabulary.add_names(treatment, [(NameKind.SYNONYM, "cortisone cream")])
    assert set(found_titles("cortisone")) == {"Topical corticosteroids", "Filed", "An article"}
    assert indexing.verify().differing == []


def test_a_rebuild_finds_the_same(context: AppContext) -> None:
    fill()
    before = indexed()
    counted: list[int] = []
    indexing.rebuild(counted.append)
    assert indexed() == before
    assert sum(counted) == 6
    assert found_titles("patience") == ["Told"]


@pytest.mark.parametrize(("limit", "most"), [("SEGMENT", 2), ("MAX_TOKENS", 5)])
def test_a_rebuild_of_several_parts_finds_the_same(
    context: AppContext, app: Flask, monkeypatch: pytest.MonkeyPatch, limit: str, most: int
) -> None:
    monkeypatch.setattr(f"app.search.whoosh.writing.{limit}", most)
    fill()
    before = indexed()
    indexing.rebuild()
    assert len(list(Path(app.config["SALVE_DATA"]).rglob("*.trm"))) > 2
    assert indexed() == before
    assert search_for("stubborn things").counts["topic"] == 1
    # A document in an older part is replaced, not doubled.
    indexing.sync([PublicChanged("topic", 1), PublicChanged("story", 1)])
    assert sorted(key for key, _ in engine().fingerprints()) == sorted(key for key in before if key[0] != "c")


def test_a_rebuild_leaves_one_folder(context: AppContext, app: Flask) -> None:
    fill()
    for _ in range(3):
        indexing.rebuild()
    for index in INDEXES:
        folder: Path = app.config["SALVE_DATA"] / index.folder
        assert [path.name for path in folder.iterdir() if path.is_dir()] == [(folder / "current").read_text()]


def test_a_rebuild_that_fails_leaves_the_old_index(
    context: AppContext, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill()

    def stopped(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        indexing.rebuild(stopped)
    assert found_titles("patience") == ["Told"]
    assert len([path for path in (app.config["SALVE_DATA"] / "search").iterdir() if path.is_dir()]) == 1
    with committed_and_indexed():
        a_published_story(title="Later", body=f"More patience. {FILLER}")
    assert set(found_titles("patience")) == {"Told", "Later"}


def test_documents_are_read_in_batches(context: AppContext, statements: list[str]) -> None:
    fill()
    for kind in indexed_models():
        del statements[:]
        documents = list(public_documents(kind))
        assert 1 <= len(statements) <= 8
        assert [document.key for document in documents] == sorted(document.key for document in documents)
        assert [document.fingerprint for document in public_documents(kind, [1, 2, 3, 4])] == [
            document.fingerprint for document in documents
        ]


# --- Verify -----------------------------------------------------------------------------------------------------


def test_verify_finds_what_differs_and_repairs_it(context: AppContext) -> None:
    fill()
    article, comment, story = (next(public_documents(kind)) for kind in ("article", "comment", "story"))
    engine().update([], [article.key])
    engine(COMMENTS).update([replace(comment, text="Another text.")], [])
    engine().update([replace(story, id=4711)], [])
    report = indexing.verify()
    assert (report.missing, report.stale, report.extra) == (["article:1"], ["comment:1"], ["story:4711"])
    repaired = indexing.verify(repair=True)
    assert sorted(repaired.differing) == sorted(report.differing)
    assert indexing.verify().differing == []


def test_verify_finds_a_document_that_is_there_twice(context: AppContext) -> None:
    fill()
    story = next(public_documents("story"))
    engine().update([story, story], [])
    assert indexing.verify(repair=True).stale == ["story:1"]
    assert indexing.verify().differing == []


def test_what_waits_for_the_worker_is_no_fault(context: AppContext) -> None:
    fill()
    with transaction():
        decisions.hide(a_moderator(), db.session.get_one(Story, 1), "privacy")
    report = indexing.verify()
    assert (report.differing, report.waiting) == ([], 3)
    events.drain_all()
    assert indexing.verify() == indexing.Report()


# --- At the same time -------------------------------------------------------------------------------------------


def keep_publishing(data: Path, started: Event, stop: Event) -> None:
    """The site goes on, in another process: stories are published, the worker works."""
    app = make_app(data)
    with app.app_context():
        number = 0
        while not stop.is_set() or number < 3:
            number += 1
            with transaction():
                # By name: this process counts its people from the beginning again.
                author, moderator = a_person(f"meanwhile{number}"), a_moderator(f"reading{number}")
                a_published_story(author, moderator, title=f"Meanwhile {number}", body=f"Meanwhile. {FILLER}")
            events.drain_all()
            started.set()


def test_a_rebuild_loses_nothing_that_is_written_meanwhile(context: AppContext, app: Flask) -> None:
    fill()
    processes = multiprocessing.get_context("spawn")
    started, stop = processes.Event(), processes.Event()
    site = processes.Process(target=keep_publishing, args=(app.config["SALVE_DATA"], started, stop))
    site.start()
    try:
        assert started.wait(60)
        for _ in range(5):
            indexing.rebuild()
            # Searching goes on as well.
            assert found_titles("patience") == ["Told"]
    finally:
        stop.set()
        site.join(60)
    assert site.exitcode == 0
    assert search_for("meanwhile").total >= 3
    assert indexing.verify().differing == []


def test_searching_goes_on_while_the_index_is_written(context: AppContext, app: Flask) -> None:
    fill()
    problems: list[BaseException] = []
    stop = threading.Event()

    def search_on() -> None:
        with app.app_context():
            try:
                while not stop.is_set():
                    assert search_for("patience", kind="story").total >= 1
            except BaseException as problem:  # noqa: BLE001 - told below
                problems.append(problem)

    readers = [threading.Thread(target=search_on) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(15):
        with committed_and_indexed():
            a_published_story(title=f"Another {number}", body=f"Patience. {FILLER}")
        if number % 5 == 0:
            indexing.rebuild()
    stop.set()
    for reader in readers:
        reader.join()
    assert problems == []
    assert search_for("patience", kind="story").total == 16
