"""Deciding on several at once: what will happen is said first, and what changed meanwhile is left."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import registration
from app.foundation.contributions.publication import pending_of
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db, transaction
from app.foundation.errors import Refused
from app.moderation.decisions import bulk, decisions
from app.moderation.decisions.models import Decision
from app.moderation.queue import filters
from app.moderation.queue.filters import QueueFilters
from app.moderation.reports import reports
from app.stories import authoring
from app.stories.models import Story, StoryRevision
from tests.client import Page, StrictClient
from tests.factories.comments import a_pending_comment
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story, a_story_content

ADDRESS = "/moderation/several?author=goldendrop"


def flood(app: Flask) -> None:
    with app.app_context(), transaction():
        public = a_published_story(title="Public")
        spammer = a_person("goldendrop")
        for number in range(3):
            a_pending_story(spammer, title=f"Buy this {number}")
        a_pending_comment(public, spammer, "Buy that")
        a_pending_story(a_person("quietfern"), title="An honest one")


def ticked(page: Page, button: str, *labels: str, **more: str) -> object:
    form = page.form(button)
    for label in labels:
        form.check(label)
    if "reason" in more:
        form.choose("Reason", more["reason"])
    return form


def test_what_one_author_sent_is_rejected_together(app: Flask, moderator: StrictClient) -> None:
    flood(app)
    page = moderator.click(moderator.get_page("/moderation?author=goldendrop"), "Decide on several at once")
    assert "An honest one" not in page.text
    labels = ["Buy this 0", "Buy this 2", "Buy that"]

    sure = moderator.submit(ticked(page, "Reject them", *labels, reason="No advertising"), "Reject them")

    assert sure.h1 == "Reject 3 items?"
    assert "Buy this 1" not in sure.text
    assert "mentions a seller" in sure.text
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Decision.id))) == 1  # looking decides nothing

    done = moderator.submit(sure.form("Reject them"), "Reject them")

    assert "Decided on 3 items." in done.text
    assert done.texts(".queue a") == ["Buy this 1"]
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Decision.id))) == 4
        person = registration.find_by_username("goldendrop")
    told = logged_in(app, "goldendrop").get_page("/account/contributions").text
    assert told.count("mentions a seller") == 3
    assert person is not None


def test_what_changed_between_looking_and_deciding_is_left(app: Flask, moderator: StrictClient) -> None:
    flood(app)
    page = moderator.get_page(ADDRESS)
    sure = moderator.submit(ticked(page, "Approve them", "Buy this 0", "Buy this 1"), "Approve them")
    with app.app_context(), transaction():
        story = db.session.scalars(
            sa.select(Story)
            .join(StoryRevision, StoryRevision.story_id == Story.id)
            .where(StoryRevision.title == "Buy this 1")
        ).one()
        authoring.submit_edit(story.author, story, a_story_content(title="Quite other words"))

    done = moderator.submit(sure.form("Approve them"), "Approve them")

    assert "Decided on 1 item. 1 had changed" in done.text
    with app.app_context():
        public = db.session.scalars(sa.select(Story).where(Story.public())).all()
        assert sorted(story.live.title for story in public) == ["Buy this 0", "Public"]
        assert "Quite other words" in [
            item.revision.title for item in filters.items_page(QueueFilters(kind="story"), 9)
        ]


def test_a_reason_is_needed_and_ticks_are_kept(app: Flask, moderator: StrictClient) -> None:
    flood(app)

    page = moderator.submit(ticked(moderator.get_page(ADDRESS), "Reject them", "Buy this 1"), "Reject them", status=422)

    assert "Choose a reason" in page.text
    boxes = {box.get("id"): "checked" in box.attrib for box in page.select("input[name=items]")}
    assert list(boxes.values()).count(True) == 1


def test_nothing_ticked_is_said(app: Flask, moderator: StrictClient) -> None:
    flood(app)

    page = moderator.submit(moderator.get_page(ADDRESS).form("Approve them"), "Approve them", status=422)

    assert "Tick at least one" in page.text


def test_without_an_author_or_a_signal_nothing_is_offered(app: Flask, moderator: StrictClient) -> None:
    flood(app)

    page = moderator.get_page("/moderation/several?kind=story&older=1")

    assert "filter the queue by one author or one signal first" in page.text
    assert "Decide on several" not in moderator.get_page("/moderation").text


def test_by_a_signal(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        for number in range(2):
            a_pending_story(
                title=f"Mail {number}",
                body=f"Write to me at person{number}@example.org, I answer everybody who asks me.",
            )
        a_pending_story(
            title="Harmless", body="It itched for a week, and then it was better, and I was glad about that."
        )

    page = moderator.get_page("/moderation?signal=identifying")

    assert page.texts(".queue a") == ["Mail 0", "Mail 1"]
    assert page.texts(".tabs__count")[0] == "2"
    assert moderator.click(page, "Decide on several at once").texts(".several label") == ["Mail 0", "Mail 1"]


@pytest.mark.parametrize("items", [["story-x"], ["comment-99"], ["report-1"], [""], ["story-9999999999999"], ["\x00"]])
def test_ticks_that_mean_nothing_are_nothing(app: Flask, items: list[str]) -> None:
    with app.app_context():
        assert bulk.parse_selection(items) == []


def test_nobody_decides_on_their_own_among_several(app: Flask) -> None:
    with app.app_context(), transaction():
        moderator = a_moderator()
        mine, theirs = a_pending_story(moderator), a_pending_story()

        outcome = bulk.decide(moderator, [pending_of(mine), pending_of(theirs)], "approve", "")

        assert [decision.contribution.id for decision in outcome.decided] == [theirs.id]
        assert outcome.skipped[0].state is RevisionState.PENDING


def test_reports_are_not_among_them(app: Flask) -> None:
    with app.app_context(), transaction():
        story = a_published_story(a_person("goldendrop"))
        reports.report(a_person(), story, "privacy")
        a_pending_comment(story, story.author)

        offered = bulk.eligible_items(QueueFilters(author=story.author))

        assert [item.kind for item in offered] == ["comment"]


def test_an_unknown_verb_is_refused(app: Flask) -> None:
    with app.app_context(), transaction():
        moderator, story = a_moderator(), a_pending_story()

        with pytest.raises(Refused):
            bulk.decide(moderator, [pending_of(story)], "publish", "")
        decisions.approve(moderator, pending_of(story))
