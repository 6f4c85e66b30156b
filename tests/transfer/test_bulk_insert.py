"""Bulk insertion writes the same rows, column by column, as the domain functions do; on both databases."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts.models import Origin, Person
from app.foundation import clock
from app.foundation.contributions import publication
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import Model, db, transaction
from app.foundation.outbox import OutboxRow
from app.moderation.queue import filters, queue
from app.moderation.queue.filters import QueueFilters
from app.stories.answers import About, Again, AgeBand, Companion, Duration, Effect, Severity, Sex, Status, StopReason
from app.stories.models import Story, StoryRevision
from app.topics.models import TopicKind
from app.transfer import bulk_insert
from app.transfer.bulk_insert import PreparedRow
from tests.factories.pages import a_topic
from tests.factories.stories import a_story_content, a_treatment

WHEN = datetime(2012, 3, 4, 12, tzinfo=UTC)


def full_answers() -> dict[str, Any]:
    """What a story says that answers every question."""
    first = a_treatment(
        a_topic("Imiquimod", TopicKind.TREATMENT),
        status=Status.STOPPED,
        duration=Duration.MONTHS_1_3,
        effect=Effect.SLIGHTLY,
        side_effects_overall=Severity.MODERATE,
        side_effects={
            a_topic("Itching", TopicKind.EFFECT): Severity.MILD,
            a_topic("Redness", TopicKind.EFFECT): Severity.SEVERE,
        },
        stop_reasons=frozenset({StopReason.COST, StopReason.BOTHER}),
        companions=frozenset({Companion.MOISTURISER}),
        again=Again.NO,
    )
    return {
        "advice": "Take your time.",
        "treatments": [first, a_treatment(a_topic("Cryotherapy", TopicKind.TREATMENT))],
        "about": About.SOMEONE_I_CARE_FOR,
        "confirmed_by_clinician": True,
        "age_band": AgeBand.AGE_40_49,
        "sex": Sex.OTHER,
        "body_place": "left foot",
        "statistics": True,
        "follow_up": True,
    }


def one_by_one(revision: StoryRevision, key: str, *, published: bool) -> None:
    with clock.at(WHEN):
        story = Story(author=Person(origin=Origin.IMPORTED), source="made", source_key=key)
        db.session.add(story)
        publication.add_revision(story, revision)
        if published:
            publication.transition(revision, RevisionState.APPROVED, message="")
            # Nobody decided on what is imported as public.
            revision.decided_at = None
            queue.close_revision("story", revision.id)
            publication.make_live(story, revision)


def told_then(answers: dict[str, Any]) -> StoryRevision:
    """A version with these answers whose author agreed at that time."""
    with clock.at(WHEN):
        return a_story_content(**answers)


def everything_of(key: str) -> list[dict[str, Any]]:
    """Every row that a story consists of, without what numbers it."""
    story = db.session.scalars(sa.select(Story).where(Story.source_key == key)).one()
    (revision,) = story.revisions
    assert story.live in {None, revision}
    things: list[Any] = [story.author, story, revision]
    for tried in revision.treatments:
        stopped = sorted(tried.stop_reasons, key=lambda each: each.reason)
        things += [tried, *tried.side_effects, *stopped, *tried.companions]
    return [_columns(thing) for thing in things]


def _columns(thing: Model) -> dict[str, Any]:
    own = {"id", "author_id", "story_id", "revision_id", "tried_id", "live_revision_id", "source_key"}
    names = [attribute.key for attribute in sa.inspect(type(thing)).column_attrs]
    return {"of": type(thing).__name__} | {name: getattr(thing, name) for name in names if name not in own}


@pytest.mark.parametrize("published", [False, True], ids=["pending", "published"])
def test_a_landed_story_is_like_one_that_was_sent(either_app: Flask, published: bool) -> None:
    with either_app.app_context():
        with transaction():
            full = full_answers()
            plain = {**full, "treatments": full["treatments"][1:], "advice": ""}
            one_by_one(told_then(full), "single full", published=published)
            one_by_one(told_then(plain), "single plain", published=published)
            events = reactions()
            bulk_insert.insert_rows(
                [PreparedRow("bulk full", WHEN, told_then(full)), PreparedRow("bulk plain", WHEN, told_then(plain))],
                "made",
                published=published,
            )
            landed = reactions()[len(events) :]

        assert everything_of("bulk full") == everything_of("single full")
        assert everything_of("bulk plain") == everything_of("single plain")
        assert [event for event, _ in landed] == [event for event, _ in events if event == "search"]
        assert filters.counts(QueueFilters())["story"] == (0 if published else 4)
        public = db.session.scalars(sa.select(Story.source_key).where(Story.public())).all()
        assert len(public) == (4 if published else 0)


def reactions() -> list[tuple[str, Any]]:
    rows = db.session.scalars(sa.select(OutboxRow).order_by(OutboxRow.id))
    return [(row.reaction, row.payload) for row in rows if row.event == "PublicChanged"]


def test_each_of_many_gets_its_own(either_app: Flask) -> None:
    with either_app.app_context():
        with transaction():
            rows = [
                PreparedRow(f"key {number}", WHEN, a_story_content(title=f"Title {number}")) for number in range(120)
            ]
            bulk_insert.insert_rows(rows, "made", published=True)

        stories = db.session.scalars(sa.select(Story).options(sa.orm.joinedload(Story.live))).all()
        assert {story.source_key: story.live.title for story in stories if story.live} == {
            f"key {number}": f"Title {number}" for number in range(120)
        }
        assert len({story.author_id for story in stories}) == 120
        assert {len(story.revisions[0].treatments) for story in stories} == {1}


def test_what_is_present_is_known(context: None) -> None:
    with transaction():
        bulk_insert.insert_rows([PreparedRow("one", WHEN, a_story_content())], "made", published=False)

    assert bulk_insert.present("made", ["one", "two"]) == {"one"}
    assert bulk_insert.present("other", ["one", "two"]) == set()
