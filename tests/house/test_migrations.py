"""The migrations create exactly the tables of the models, on both databases, and work down and up with content."""

from __future__ import annotations

import flask_migrate
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask

from app.accounts.models import Person
from app.articles.models import ComparisonCell
from app.articles.publishing import Cell, Comparison
from app.foundation.contributions import erasure
from app.foundation.database import db, transaction
from app.moderation.post_moderation.models import RulePublication
from app.moderation.reports import reports
from app.moderation.rules import rules
from app.moderation.rules.rules import Rules
from app.topics import requests
from app.topics.models import TopicKind
from tests.factories.comments import a_published_comment
from tests.factories.follow_ups import a_published_follow_up
from tests.factories.pages import a_topic, an_article
from tests.factories.people import a_moderator, a_person
from tests.factories.stories import a_published_story


def test_migrations_equal_the_models(either_app: Flask) -> None:
    with either_app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, db.metadata) == []


def test_down_and_up_again_with_content(either_app: Flask) -> None:
    with either_app.app_context():
        with transaction():
            story = a_published_story()
            comment = a_published_comment(story)
            version = rules.save(a_moderator(), Rules(lane_approved=1), based_on=0)
            db.session.add(
                RulePublication(comment_id=comment.id, comment_revision_id=comment.live.id, rules_id=version.id)
            )
            reports.report(story.author, a_published_follow_up(story), "privacy")
            erasure.request(comment.author, comment)
            an_article()
            requests.submit("A topic that is not there")
        db.session.remove()
        flask_migrate.downgrade(revision="base")
        assert sa.inspect(db.engine).get_table_names() == ["alembic_version"]
        flask_migrate.upgrade()
        assert "stories" in sa.inspect(db.engine).get_table_names()


def test_of_names_that_look_alike_already_the_older_one_is_compared_with(either_app: Flask) -> None:
    with either_app.app_context():
        with transaction():
            for name in ("quillan", "quillan_", "marlow"):
                a_person(name).username_skeleton = None
                db.session.flush()
        db.session.remove()
        flask_migrate.downgrade(revision="20261120_page_indexes")
        flask_migrate.upgrade()

        rows = db.session.execute(sa.select(Person.username, Person.username_skeleton).order_by(Person.id)).all()
        assert [tuple(row) for row in rows] == [("quillan", "qulllan"), ("quillan_", None), ("marlow", "rnarlow")]


def test_of_several_findings_the_first_is_kept_where_only_one_has_room(either_app: Flask) -> None:
    with either_app.app_context():
        with transaction():
            warts, tape = a_topic("Warts"), a_topic("Tape", TopicKind.TREATMENT)
            cells = [Cell(warts, tape, "How often", text) for text in ("85% of all", "16% of children", "none")]
            cells.append(Cell(warts, tape, "How long", "two months"))
            criteria = [("How often", ""), ("How long", "")]
            an_article(comparison=Comparison([tape], criteria, [warts], cells))
        db.session.remove()
        flask_migrate.downgrade(revision="20261121_about")
        flask_migrate.upgrade()

        rows = db.session.execute(sa.select(ComparisonCell.text, ComparisonCell.position).order_by(ComparisonCell.id))
        assert [tuple(row) for row in rows] == [("85% of all", 0), ("two months", 0)]
