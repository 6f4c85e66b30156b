"""An index that is missing or damaged: pages work, search says so plainly, the worker builds it anew."""

from __future__ import annotations

import gc
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.ctx import AppContext

from app.foundation import events
from app.foundation.database import transaction
from app.search.index import indexing
from app.search.index.engine import IndexUnavailable
from app.search.index.registry import engine
from tests.client import StrictClient
from tests.factories.stories import a_published_story
from tests.search.searching import committed_and_indexed, search_for

FILLER = "It was a long year and we tried one thing after the other until the summer came."


def index_of(search: Path) -> Path:
    return search / (search / "current").read_text()


def nothing_there(search: Path) -> None:
    shutil.rmtree(search)


def no_pointer(search: Path) -> None:
    (search / "current").unlink()


def pointer_to_nothing(search: Path) -> None:
    (search / "current").write_text("1-000000000000")


def pointer_of_bytes(search: Path) -> None:
    (search / "current").write_bytes(b"\xff\x00\xfe")


def older_version(search: Path) -> None:
    index_of(search).rename(search / "0-older")
    (search / "current").write_text("0-older")


def no_contents(search: Path) -> None:
    shutil.rmtree(index_of(search))


def no_table_of_contents(search: Path) -> None:
    for file in index_of(search).glob("*.toc"):
        file.unlink()


def no_terms(search: Path) -> None:
    for file in index_of(search).glob("*.trm"):
        file.unlink()


def cut(pattern: str, keep: int) -> Callable[[Path], None]:
    def damage(search: Path) -> None:
        for file in index_of(search).glob(pattern):
            replace_by(file, file.read_bytes()[:keep])

    return damage


def overwritten(pattern: str) -> Callable[[Path], None]:
    def damage(search: Path) -> None:
        for file in index_of(search).glob(pattern):
            replace_by(file, b"\xa5" * file.stat().st_size)

    return damage


def replace_by(file: Path, content: bytes) -> None:
    # Not in place: what is open stays as it was.
    file.unlink()
    file.write_bytes(content)


DAMAGES = {
    "nothing there": nothing_there,
    "no pointer": no_pointer,
    "pointer to nothing": pointer_to_nothing,
    "pointer of bytes": pointer_of_bytes,
    "older version": older_version,
    "no contents": no_contents,
    "no table of contents": no_table_of_contents,
    "no terms": no_terms,
    "empty table of contents": cut("*.toc", 0),
    "cut table of contents": cut("*.toc", 200),
    "overwritten table of contents": overwritten("*.toc"),
    "empty terms": cut("*.trm", 0),
    "cut terms": cut("*.trm", 500),
    "overwritten terms": overwritten("*.trm"),
    "empty files": cut("MAIN_*", 0),
    "overwritten files": overwritten("MAIN_*"),
    "cut columns": cut("*.col", 1),
}


# Whoosh leaves files open when it cannot read them.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES.keys())
def test_search_says_so_and_the_worker_repairs_it(
    context: AppContext, app: Flask, client: StrictClient, damage: Callable[[Path], None]
) -> None:
    with committed_and_indexed():
        a_published_story(title="Told", body=f"Patience. {FILLER}")
    damage(app.config["SALVE_DATA"] / "search")
    # As a process finds it that starts now.
    app.extensions.pop("salve.search")
    page = client.get_page("/search?q=patience", status=503)
    assert "Search is being repaired" in page.text
    assert page.response.headers["Retry-After"] == "30"
    assert "Told" in client.get_page("/stories").text
    assert not engine().exists()
    with pytest.raises(IndexUnavailable):
        indexing.verify()
    assert_the_worker_repairs_it()


# These are opened without a word; only who reads them finds out.
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize("damage", [cut("*.pst", 0), cut("*.pst", 20), overwritten("*.pst")])
def test_damaged_postings_are_no_crash(
    context: AppContext,
    app: Flask,
    client: StrictClient,
    monkeypatch: pytest.MonkeyPatch,
    damage: Callable[[Path], None],
) -> None:
    monkeypatch.setattr("app.search.whoosh.engine.SUSPECT_AGE", 0)
    with committed_and_indexed():
        for number in range(3):
            a_published_story(title=f"Number {number}", body=f"Patience and patience. {FILLER}")
    damage(app.config["SALVE_DATA"] / "search")
    app.extensions.pop("salve.search")
    assert "Search is being repaired" in client.get_page("/search?q=patience", status=503).text
    assert_the_worker_repairs_it()


def assert_the_worker_repairs_it() -> None:
    events.run_periodic_tasks()
    assert indexing.verify().differing == []
    with committed_and_indexed():
        a_published_story(title="Later", body=f"Patience. {FILLER}")
    assert "Later" in {item.title for item in search_for("patience").items}
    assert search_for("patience").total == indexing.count_documents()
    assert indexing.verify().differing == []
    gc.collect()


def test_a_query_that_fails_on_a_sound_index_does_not_have_it_built_over_and_over(
    context: AppContext, app: Flask, client: StrictClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    with committed_and_indexed():
        a_published_story(title="Told", body=f"Patience. {FILLER}")
    built = index_of(app.config["SALVE_DATA"] / "search")
    with monkeypatch.context() as mistake:
        mistake.setattr("app.search.whoosh.order.Order.first", lambda *_query: 1 / 0)
        client.get_page("/search?q=patience", status=503)
    with committed_and_indexed():
        a_published_story(title="Later", body=f"Patience. {FILLER}")
    assert index_of(app.config["SALVE_DATA"] / "search") == built
    assert search_for("patience").total == 2


def test_the_field_alone_needs_no_index(client: StrictClient) -> None:
    assert client.get_page("/search").h1 == "Search"


def test_a_site_without_anything_can_be_searched_once_the_worker_has_looked(
    context: AppContext, client: StrictClient
) -> None:
    client.get_page("/search?q=patience", status=503)
    events.run_periodic_tasks()
    assert "No results" in client.get_page("/search?q=patience").text
    assert search_for("patience").total == 0
    with committed_and_indexed():
        a_published_story(title="Told", body=f"Patience. {FILLER}")
    assert search_for("patience").total == 1


def test_a_full_disk_is_no_damage(context: AppContext, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    with committed_and_indexed():
        a_published_story(title="Told", body=f"Patience. {FILLER}")

    def full(*_args: object, **_more: object) -> None:
        raise OSError(28, "No space left on device")

    with transaction():
        a_published_story(title="Later", body=f"Patience. {FILLER}")
    with monkeypatch.context() as disk:
        disk.setattr("whoosh.writing.SegmentWriter.add_document", full)
        events.drain_all()
    # Neither written nor thrown away: what was there is found, what is due stays in the outbox.
    assert [item.title for item in search_for("patience").items] == ["Told"]
    assert indexing.verify().waiting == 1
