"""Masking a passage: another version on record, told to its author, who may answer with one of their own."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import registration
from app.foundation.contributions import publication
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.publication import pending_of
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db, transaction
from app.foundation.errors import Conflict, NotAllowed, Refused
from app.moderation.decisions import decisions, redaction
from app.moderation.decisions.models import Action, Decision
from app.moderation.queue import filters
from app.moderation.queue.filters import QueueFilters
from app.notifications.models import Notice
from app.questionnaires.questions import fields_of
from app.stories import authoring
from app.stories.answers import Companion, Effect, Severity, StopReason
from app.stories.models import Story
from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories.comments import a_pending_comment
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story, a_story_content, a_treatment

NAMES = "Nurse Joan Whitfield showed me how to put it on.\n\nI thanked **Joan Whitfield** every week for half a year."
PASSAGE = "Joan Whitfield"


def test_the_masked_version_waits_in_place_of_the_other(either_app: Flask) -> None:
    with either_app.app_context(), transaction():
        story, later = a_pending_story(body=NAMES), a_pending_story()
        first = pending_of(story)

        decision = redaction.redact(a_moderator(), first, PASSAGE, "a nurse")

        masked = pending_of(story)
        assert masked.body_source == NAMES.replace(PASSAGE, "a nurse")
        assert PASSAGE not in masked.body_html
        assert (first.state, first.body_source) == (RevisionState.SUPERSEDED, NAMES)
        assert [item.story_id for item in filters.items_page(QueueFilters(), 5)] == [story.id, later.id]
        assert (decision.action, decision.revision.id, masked.editor_id) == (
            Action.REDACT,
            masked.id,
            decision.moderator_id,
        )


def test_every_answer_stays(app: Flask) -> None:
    with app.app_context(), transaction():
        answers = a_treatment(
            a_topic("Imiquimod", TopicKind.TREATMENT),
            effect=Effect.SLIGHTLY,
            side_effects={a_topic("Itching", TopicKind.EFFECT): Severity.MILD},
            stop_reasons=frozenset({StopReason.COST, StopReason.BOTHER}),
            companions=frozenset({Companion.MOISTURISER}),
        )
        story = a_pending_story(body=NAMES, treatments=[answers, answers], statistics=True, age_band=None)
        first = pending_of(story)

        redaction.redact(a_moderator(), first, PASSAGE, "a nurse")

        masked = pending_of(story)
        before, after = fields_of(first), fields_of(masked)
        assert before.pop("body") != after.pop("body")
        assert before == after
        assert masked.statistics_consent_at == first.statistics_consent_at
        assert masked.publish_consent_at == first.publish_consent_at


def test_what_is_public_is_masked_at_once(either_app: Flask) -> None:
    with either_app.app_context(), transaction():
        story = a_published_story(body=NAMES, title="What Joan Whitfield taught me")
        published_at = story.published_at

        redaction.redact(a_moderator(), story.live, PASSAGE, "a nurse")

        assert story.live.title == "What a nurse taught me"
        assert PASSAGE not in story.live.body_source
        assert (story.state, story.published_at) == (PublicationState.PUBLISHED, published_at)
        assert pending_of(story) is None


def test_an_edit_that_waits_goes_on_waiting_when_the_public_text_is_masked(app: Flask) -> None:
    with app.app_context(), transaction():
        story = a_published_story(body=NAMES)
        authoring.submit_edit(story.author, story, a_story_content(title="An edit"))

        redaction.redact(a_moderator(), story.live, PASSAGE, "a nurse")

        assert pending_of(story).title == "An edit"
        assert PASSAGE not in story.live.body_source


def test_a_comment_is_masked_too(app: Flask) -> None:
    with app.app_context(), transaction():
        comment = a_pending_comment(a_published_story(), body="Ask Joan Whitfield, she knows.")

        redaction.redact(a_moderator(), pending_of(comment), PASSAGE, "the nurse")

        assert pending_of(comment).body_source == "Ask the nurse, she knows."


def test_the_author_is_told(app: Flask) -> None:
    with app.app_context(), transaction():
        story = a_pending_story(body=NAMES)

        decision = redaction.redact(a_moderator(), pending_of(story), PASSAGE, "a nurse")

        assert db.session.scalars(sa.select(Notice.person_id)).one() == story.author_id
        assert "‘a nurse’" in decision.note.text
        assert PASSAGE not in decision.note.text


@pytest.mark.parametrize(
    ("passage", "replacement", "told"),
    [
        ("", "a nurse", "passage"),
        ("   ", "a nurse", "passage"),
        ("x" * 501, "a nurse", "passage"),
        ("joan whitfield", "a nurse", "aren’t in the text"),
        (PASSAGE, "", "replace it with"),
        (PASSAGE, "  ", "replace it with"),
        (PASSAGE, "x" * 101, "replace it with"),
        (PASSAGE, "nurse Joan Whitfield", "still contains"),
    ],
)
def test_what_cannot_be_masked_is_refused(app: Flask, passage: str, replacement: str, told: str) -> None:
    with app.app_context(), transaction():
        story, moderator = a_pending_story(body=NAMES), a_moderator()

        with pytest.raises(Refused, match=told):
            redaction.redact(moderator, pending_of(story), passage, replacement)


def test_it_is_for_moderators_and_not_on_their_own_words(app: Flask) -> None:
    with app.app_context(), transaction():
        moderator = a_moderator()
        mine, theirs = a_pending_story(moderator, body=NAMES), a_pending_story(body=NAMES)

        with pytest.raises(NotAllowed):
            redaction.redact(moderator, pending_of(mine), PASSAGE, "a nurse")
        with pytest.raises(NotAllowed):
            redaction.redact(a_person(), pending_of(theirs), PASSAGE, "a nurse")


def test_what_changed_meanwhile_is_not_masked(app: Flask) -> None:
    with app.app_context(), transaction():
        story, moderator = a_pending_story(body=NAMES), a_moderator()
        read = pending_of(story)
        authoring.submit_edit(story.author, story, a_story_content())
        db.session.refresh(read)

        with pytest.raises(Conflict):
            redaction.redact(moderator, read, PASSAGE, "a nurse")


def test_the_author_sees_what_was_replaced_also_once_it_is_approved(app: Flask) -> None:
    with app.app_context(), transaction():
        story, moderator = a_pending_story(a_person("quietfern"), body=NAMES), a_moderator()
        redaction.redact(moderator, pending_of(story), PASSAGE, "a nurse")
        decisions.approve(moderator, pending_of(story))
    author = logged_in(app, "quietfern")

    page = author.click(author.get_page("/account/contributions"), "See what was replaced: Half a year, week by week")

    assert "Joan" in " ".join(page.texts("del"))
    assert "nurse" in " ".join(page.texts("ins"))
    assert "send another version" in page.text
    assert "appeal" not in page.text.lower()
    author.click(page, "Edit")


def test_nobody_else_sees_what_was_replaced(app: Flask) -> None:
    with app.app_context(), transaction():
        story = a_pending_story(a_person("quietfern"), body=NAMES)
        decision = redaction.redact(a_moderator(), pending_of(story), PASSAGE, "a nurse").id

    for reader in (app.test_client(), logged_in(app, "harebell")):
        assert PASSAGE not in reader.get(f"/account/decisions/{decision}", follow_redirects=True).text
    assert logged_in(app, "harebell").get(f"/account/decisions/{decision}").status_code == 404


# --- At the desk ---


def test_at_the_desk_the_masked_text_is_there_to_be_decided_on(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        a_pending_story(a_person("quietfern"), body=NAMES, title="A story")
        a_pending_story(title="Another")
    page = moderator.click(moderator.get_page("/moderation"), "A story")
    assert PASSAGE in " ".join(page.texts(".words mark"))
    form = page.form("Hide this passage").fill("Passage", PASSAGE).fill("Replace it with", "a nurse")

    page = moderator.submit(form, "Hide this passage")

    assert page.h1 == "A story"
    assert "Passage hidden" in page.text
    assert PASSAGE not in " ".join(page.texts(".words"))
    moderator.submit(page.form("Approve"), "Approve")
    with app.app_context():
        assert db.session.scalars(sa.select(Story).where(Story.public())).one().live.body_source.count("a nurse") == 2
        assert [each.action for each in db.session.scalars(sa.select(Decision).order_by(Decision.id))] == [
            Action.REDACT,
            Action.APPROVE,
        ]


def test_what_is_not_in_the_text_is_told_and_nothing_is_lost(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        a_pending_story(body=NAMES, title="A story")
    page = moderator.click(moderator.get_page("/moderation"), "A story")
    form = page.form("Hide this passage").fill("Passage", "Joan Whitfeld").fill("Note to the author", "a note of mine")

    page = moderator.submit(form, "Hide this passage", status=422)

    assert "Copy them exactly" in page.text
    kept = dict(page.form("Hide this passage").pairs())
    assert (kept["passage"], kept["note"]) == ("Joan Whitfeld", "a note of mine")


def test_a_public_text_is_masked_on_its_page(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        number = a_published_story(a_person("quietfern"), body=NAMES).id
    page = moderator.get_page(f"/moderation/stories/{number}")
    form = page.form("Hide this passage").fill("Passage", PASSAGE).fill("Replace it with", "a nurse")

    moderator.submit(form, "Hide this passage")

    public = app.test_client().get(f"/stories/{number}/half-a-year-week-by-week")
    assert PASSAGE not in public.text
    with app.app_context():
        assert publication.is_public(db.session.get(Story, number))
        assert registration.find_by_username("quietfern") is not None
