"""`flask seed`: where it refuses, what it merges with, and that it leaves nothing half-made."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from app.demonstration import content, loading
from app.foundation.database import db, transaction
from app.stories.models import Story
from app.topics import vocabulary
from app.topics.models import NameKind, TopicKind
from tests.factories.pages import a_topic, an_article
from tests.factories.people import a_person
from tests.factories.stories import a_pending_story


def seed(app: Flask) -> Result:
    return app.test_cli_runner().invoke(args=["seed"])


def count(what: type[object]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(what)) or 0


def everything(app: Flask) -> dict[str, int]:
    """How many rows each table has."""
    with app.app_context():
        tables = [table for table in db.metadata.sorted_tables if table.name != "alembic_version"]
        return {table.name: db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0 for table in tables}


# --- Sites that are not empty -------------------------------------------------------------------------------------


def test_it_refuses_the_second_time_and_changes_nothing(demonstration: Flask) -> None:
    before = everything(demonstration)

    result = seed(demonstration)

    assert result.exit_code != 0
    assert (
        result.output
        == "Error: This site has content already; the demonstration goes on an empty one. Nothing changed.\n"
    )
    assert everything(demonstration) == before


@pytest.mark.parametrize(
    "build",
    [
        a_pending_story,
        an_article,
        lambda: a_topic("Warts", page="About warts."),
    ],
    ids=["a story", "an article", "a topic with a page"],
)
def test_it_refuses_where_there_is_anything_to_read(app: Flask, build: Callable[[], object]) -> None:
    with app.app_context(), transaction():
        build()
    before = everything(app)

    result = seed(app)

    assert result.exit_code != 0
    assert everything(app) == before


def test_it_completes_an_imported_vocabulary(app: Flask) -> None:
    entry = vocabulary.Entry(
        "actinic keratosis",
        TopicKind.CONDITION,
        definition="As the import has it.",
        names=((NameKind.SYNONYM, "senile hyperkeratosis"),),
        source="doid",
        source_key="DOID:8866",
    )
    with app.app_context(), transaction():
        vocabulary.add(entry)

    assert seed(app).exit_code == 0

    with app.app_context():
        topic = vocabulary.by_slug("actinic-keratosis")
        assert topic is not None
        assert topic.has_overview
        assert topic.name == "Actinic keratosis"
        assert topic.definition.startswith("Rough, scaly patches")
        assert vocabulary.find("Senile hyperkeratosis") == vocabulary.find("AK") == topic


def test_it_refuses_where_somebody_real_has_one_of_the_names(app: Flask) -> None:
    with app.app_context(), transaction():
        a_person("QuietFern")
    before = everything(app)

    result = seed(app)

    assert result.exit_code != 0
    assert "quietfern" in result.output
    assert everything(app) == before


# --- When it goes wrong -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt])
def test_an_interrupted_seed_leaves_nothing(
    app: Flask, monkeypatch: pytest.MonkeyPatch, error: type[BaseException]
) -> None:
    def interrupt(*_: object) -> None:
        assert count(Story) > 20
        raise error

    monkeypatch.setattr(loading, "load_report", interrupt)

    result = seed(app)

    assert result.exit_code != 0
    assert set(everything(app).values()) == {0}


REFUSED = {
    "an answer too early": (
        "comments.toml",
        "date = 2025-10-26",
        "date = 2025-10-20",
        "comment cup-trick-thanks: it is earlier than what it answers",
    ),
    "a follow-up too early": (
        "follow_ups.toml",
        "date = 2025-12-18",
        "date = 2025-09-02",
        "follow_up hands-three-months: it is earlier than the story it follows",
    ),
    "a follow-up of another treatment": (
        "follow_ups.toml",
        'treatment = "diphencyprone"',
        'treatment = "imiquimod"',
        "follow_up hands-three-months: it speaks of a treatment that its story does not name",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_a_verb_refuses_is_told_with_its_place(
    app: Flask, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, name: str
) -> None:
    file, right, wrong, told = REFUSED[name]
    folder = shutil.copytree(content.FOLDER, tmp_path / "content")
    text = (folder / file).read_text(encoding="utf-8")
    assert right in text
    (folder / file).write_text(text.replace(right, wrong, 1), encoding="utf-8")
    monkeypatch.setattr(content, "FOLDER", folder)

    result = seed(app)

    assert result.exit_code != 0
    assert result.output.count("\n") == 1
    assert f"{file}: {told}" in result.output
    assert set(everything(app).values()) == {0}


def test_a_database_without_tables_is_one_clear_line(app: Flask) -> None:
    with app.app_context(), transaction():
        db.session.execute(sa.text("DROP TABLE reports"))
        db.session.execute(sa.text("ALTER TABLE stories RENAME TO gone"))

    result = seed(app)

    assert result.exit_code != 0
    assert result.output.count("\n") == 1
    assert "db upgrade" in result.output
