"""What everybody may know of the moderation: sums, no person, no number small enough to point at anybody."""

from __future__ import annotations

from datetime import timedelta

import sqlalchemy as sa
from flask import Flask

from app.accounts import registration
from app.foundation import clock
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.moderation.appeals import appeals
from app.moderation.decisions import decisions
from app.moderation.decisions.models import Action, Decision
from app.moderation.rules import rules
from app.moderation.rules.rules import Rules
from tests.factories.comments import a_pending_comment
from tests.factories.people import a_moderator, a_person
from tests.factories.stories import a_published_story
from tests.statements import cost


def plant(app: Flask, approved: int, changed: int, rejected: int) -> None:
    with app.app_context(), transaction():
        moderator, author = a_moderator("marlow"), a_person("quietfern")
        with clock.at(clock.now() - timedelta(hours=2)):
            story = a_published_story(author, moderator)
            waiting = [
                pending_of(a_pending_comment(story, author, f"zzhiddenword {number}"))
                for number in range(approved + changed + rejected - 1)
            ]
        for revision in waiting[: approved - 1]:
            decisions.approve(moderator, revision)
        for revision in waiting[approved - 1 : approved - 1 + changed]:
            decisions.request_changes(moderator, revision, "privacy", "zznoteword")
        for revision in waiting[approved - 1 + changed :]:
            decisions.reject(moderator, revision, "disrespect", "zznoteword")


def test_nothing_is_told_of_a_few(app: Flask) -> None:
    plant(app, 5, 1, 2)

    page = app.test_client().get_page("/transparency")

    assert "There haven’t been enough decisions lately" in page.text
    assert "before anyone else can see it" in page.text
    assert all("fewer than 10" in row for row in page.texts("tbody tr"))
    assert "zz" not in page.text


def test_the_sums_are_those_of_the_decisions(either_app: Flask) -> None:
    plant(either_app, 60, 20, 20)

    page = either_app.test_client().get_page("/transparency")

    assert "Our moderators made decisions on 100 contributions and new versions." in page.text
    assert [" ".join(row.split()) for row in page.texts("tbody tr")][:3] == [
        "published as sent 60 60%",
        "sent back for changes 20 20%",
        "not published 20 20%",
    ]
    assert "Be kind 20" in [" ".join(row.split()) for row in page.texts("tbody tr")]
    assert "marlow" not in page.text
    assert "quietfern" not in page.text
    assert "zz" not in page.text


def test_a_small_part_is_not_told_by_what_is_left(app: Flask) -> None:
    # With the sum and two of the three anybody could work out the third.
    plant(app, 60, 20, 3)

    page = app.test_client().get_page("/transparency")

    assert "made decisions on 83 contributions" in page.text
    assert not any("published as sent" in row for row in page.texts("tbody tr"))
    assert "60" not in page.text


def answer_appeals(app: Flask, overturn_every: int | None = None) -> None:
    """Appeal against every rejection, and overturn every fourth one, or none."""
    with app.app_context(), transaction():
        other = a_moderator("linden")
        for decision in db.session.scalars(sa.select(Decision).where(Decision.action == Action.REJECT)).all():
            appeal = appeals.submit(decision.contribution.author, decision, "Please look again.")
            is_overturned = overturn_every is not None and decision.id % overturn_every == 0
            outcome = appeals.AppealState.OVERTURNED if is_overturned else appeals.AppealState.UPHELD
            appeals.answer(other, appeal, outcome, "We looked again.")


def test_appeals_and_the_fast_lane(app: Flask) -> None:
    plant(app, 2, 0, 12)
    answer_appeals(app, overturn_every=4)
    with app.app_context(), transaction():
        rules.save(registration.find_by_username("linden"), Rules(lane_approved=25, lane_percent=7), based_on=0)

    page = app.test_client().get_page("/transparency")

    assert "We answered 12 appeals in the past year" in page.text
    assert "In 25% of them we overturned the decision." in page.text
    assert "if we’ve approved at least 25 contributions from its author" in page.text
    assert "fewer than 7%" in page.text
    assert "comments appeared this way" not in page.text


def test_where_no_appeal_was_granted_it_says_none(app: Flask) -> None:
    plant(app, 2, 0, 10)
    answer_appeals(app)

    assert "In 0% of them we overturned the decision." in app.test_client().get_page("/transparency").text


def test_the_page_costs_few_statements_whatever_there_is(app: Flask) -> None:
    plant(app, 40, 12, 12)

    assert cost(app, app.test_client(), "/transparency") <= 6
