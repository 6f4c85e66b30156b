"""The posts of PsyTAR, with the mapping that is written for them. Their text stays where it is."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.moderation.decisions import decisions
from app.stories.answers import AgeBand, Duration, Effect, Sex
from app.stories.models import Story, StoryRevision
from app.topics import vocabulary
from app.topics.models import NameKind
from tests.conftest import app_on_copy
from tests.factories.people import a_moderator
from tests.material import real
from tests.transfer.import_command import MAPS, NO_ROWS, import_stories, row_counts

WITHOUT_WORDS = (204, 468, 628, 643, 672)


def posts(*more: str) -> list[str]:
    return [str(real("psytar-posts.csv")), "--map", str(MAPS / "psytar.toml"), *more]


@pytest.fixture(scope="module")
def imported_once(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with the posts in it; every test gets a copy."""
    folder = tmp_path_factory.mktemp("imported")
    with app_on_copy(migrated_sqlite, folder) as app:
        assert import_stories(app, *posts()).exit_code == 0
    return folder / "salve.sqlite3"


@pytest.fixture
def imported(imported_once: Path, tmp_path: Path) -> Iterator[Flask]:
    with app_on_copy(imported_once, tmp_path) as app:
        yield app


def revision(key: str) -> StoryRevision:
    return db.session.scalars(
        sa.select(StoryRevision).join(StoryRevision.story).where(Story.source == "psytar", Story.source_key == key)
    ).one()


def test_every_row_is_accounted_for(app: Flask) -> None:
    result = import_stories(app, *posts())

    assert result.exit_code == 0
    assert "891 rows: 886 imported (waiting for a moderator), 0 already there, 5 skipped." in result.stdout
    skipped = [line for line in result.stderr.splitlines() if line.startswith("line ")]
    assert skipped == [f"line {line}: no words in side_effects, comment (skipped)" for line in WITHOUT_WORDS]
    assert row_counts(app) == NO_ROWS | {"people": 886, "stories": 886, "revisions": 886, "waiting": 886}


def test_a_second_time_nothing_is_imported(imported: Flask) -> None:
    before = row_counts(imported)

    result = import_stories(imported, *posts())

    assert "891 rows: 0 imported (waiting for a moderator), 886 already there, 5 skipped." in result.stdout
    assert row_counts(imported) == before


def test_a_dry_run_says_the_same_and_writes_nothing(app: Flask) -> None:
    result = import_stories(app, *posts("--dry-run"))

    assert "Dry run, nothing was written. 891 rows: 886 imported" in result.stdout
    assert "5 skipped." in result.stdout
    assert result.stderr.count("no words in") == len(WITHOUT_WORDS)
    assert row_counts(app) == NO_ROWS
    with app.app_context():
        assert vocabulary.find("Lexapro") is None


def test_published_stories_are_public_and_nothing_waits(app: Flask) -> None:
    result = import_stories(app, *posts("--as", "published"))

    assert "886 imported (published)" in result.stdout
    everything = dict.fromkeys(NO_ROWS, 886)
    assert row_counts(app) == everything | {"waiting": 0}


def test_a_moderator_can_approve_one_that_waits(imported: Flask) -> None:
    with imported.app_context(), transaction():
        story = revision("lexapro.1").story
        decisions.approve(a_moderator(), pending_of(story))
        assert story.state is PublicationState.PUBLISHED

    assert row_counts(imported)["waiting"] == 885
    assert row_counts(imported)["public"] == 1


def test_a_post_becomes_what_the_mapping_says(imported: Flask) -> None:
    with imported.app_context():
        first = revision("lexapro.1")
        (tried,) = first.treatments

        assert first.title == "Lexapro for depression and anxiety"
        assert first.condition.name == "Depression"
        assert first.body_source.startswith("## Side effects\n\n")
        assert "\n\n## Comment\n\n" in first.body_source
        assert first.body_html.count("<h2>") == 2
        assert (first.sex, first.age_band) == (Sex.FEMALE, AgeBand.AGE_30_39)
        assert (tried.topic.name, tried.effect) == ("Escitalopram", Effect.NOT_AT_ALL)
        assert tried.duration is Duration.OVER_12_MONTHS
        when = datetime(2011, 2, 21, 12, tzinfo=UTC)
        assert (first.story.created_at, first.created_at, first.publish_consent_at) == (when, when, when)
        assert first.statistics_consent_at == when
        assert first.follow_up_consent_at is None
        assert first.story.author.display_name == "imported"
        assert not first.story.author.is_active


def test_an_empty_column_leaves_no_heading(imported: Flask) -> None:
    with imported.app_context():
        sources = db.session.scalars(sa.select(StoryRevision.body_source)).all()

        headings = Counter(line for source in sources for line in source.split("\n") if line.startswith("## "))

    # 14 posts are without side effects and 123 without a comment; of five both are empty.
    assert headings == {"## Side effects": 891 - 14, "## Comment": 891 - 123}


def test_dates_of_both_forms_are_understood(imported: Flask) -> None:
    with imported.app_context():
        years = Counter(db.session.scalars(sa.select(sa.func.extract("year", Story.created_at))))

    assert sum(years.values()) == 886
    assert min(years) == 2001
    assert max(years) == 2016


def test_the_first_disorder_is_the_condition(imported: Flask) -> None:
    with imported.app_context():
        rows = db.session.scalars(sa.select(StoryRevision).options(sa.orm.joinedload(StoryRevision.condition)))
        found = {row.title.partition(" for ")[2]: row.condition.name for row in rows}

    assert found["anxiety, depression"] == "Anxiety"
    assert found["depression, anxiety"] == "Depression"
    assert found["social anxiety and depression"] == "Social anxiety"
    assert found["manic depression"] == "Bipolar disorder"
    assert found["OCD and depression"] == "Obsessive-compulsive disorder"
    assert found["PTSD depression"] == "Post-traumatic stress disorder"
    assert found["axiety / depression"] == "Anxiety"
    assert found["migraines, depression and anxiety"] == "Migraine"


def test_drugs_are_topics_with_their_brand_names(imported: Flask) -> None:
    with imported.app_context():
        effexor = vocabulary.find("Effexor XR")

        assert effexor is not None
        assert effexor.name == "Venlafaxine"
        assert {name.name: name.kind for name in effexor.names}["Effexor XR"] is NameKind.BRAND
        titles = db.session.scalars(sa.select(StoryRevision.title).where(StoryRevision.title.startswith("Effexor XR")))
        assert len(titles.all()) == 228
