"""What is made of a text when it is sent: signals for the moderators, a polite refusal, the place in the queue."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from app.accounts.models import Person
from app.foundation import clock, events
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.foundation.errors import Refused
from app.foundation.outbox import OutboxRow
from app.moderation.decisions import decisions
from app.moderation.queue import filters
from app.moderation.queue.models import QueueItem
from app.moderation.rules import rules
from app.moderation.rules.rules import Rules
from app.moderation.screening import screening, signals
from app.moderation.screening.models import SignalRow, TextBand
from app.moderation.screening.signals import Signal
from app.stories import authoring
from tests.factories.comments import a_pending_comment
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator, a_person
from tests.factories.stories import a_pending_story, a_published_story, a_story_content

LONG = " ".join(f"On the {n}th evening I put it on and it {what}." for n, what in enumerate(["stung", "itched"] * 20))


def save_rules(**changes: object) -> None:
    rules.save(a_moderator(), Rules(**changes), based_on=rules.newest_id())  # type: ignore[arg-type]


def signals_of(thing: object) -> list[Signal]:
    return list(signals.signals_about(pending_of(thing)))


def codes_of(thing: object) -> set[str]:
    return {signal.code for signal in signals_of(thing)}


@pytest.fixture
def author(app: Flask) -> Person:
    """Somebody of whom something was published, so that being new is no signal."""
    with transaction():
        person = a_person()
        a_published_story(
            person, body="Frozen thrice, then left in peace, and one spring morning it simply was not there."
        )
    return person


@pytest.fixture(autouse=True)
def _context(app: Flask):
    with app.app_context():
        yield


def test_signals_say_where_and_why(author: Person) -> None:
    with transaction():
        story = a_pending_story(
            author,
            title="What Dr Patel did",
            body="He froze it and it hurt for a week, then it was gone. Take 50 mg twice a day and it will go.",
            advice="Write to anna@example.org if you like.",
        )

    assert [(each.field, each.kind, each.code, each.passage) for each in signals_of(story)] == [
        ("title", "identifying", "name", "Dr Patel"),
        ("body", "instruction", "instruction", "Take 50 mg"),
        ("advice", "identifying", "email", "anna@example.org"),
    ]
    assert all(each.why for each in signals_of(story))


def test_a_harmless_text_of_somebody_known_has_no_signals(author: Person) -> None:
    with transaction():
        story = a_pending_story(author)

    assert signals_of(story) == []


def test_no_words_are_copied_into_the_signals(author: Person) -> None:
    with transaction():
        a_pending_story(author, body="I saw Dr Patel, who said: take 50 mg. Then I wanted to die. BUY NOW at bit.ly/x1")

    kept = [[str(value) for value in row] for row in db.session.execute(sa.select(SignalRow.__table__))]
    assert kept
    assert not any(word in value for row in kept for value in row for word in ("Patel", "50", "die", "bit.ly", "BUY"))


def test_who_may_be_in_danger_comes_first(author: Person) -> None:
    with transaction():
        a_pending_story(author, title="First come")
        urgent = a_pending_story(author, body="It has been two years of this and some nights I just want to die.")

    first = filters.items_page(filters.QueueFilters(), limit=1, offset=0)[0]
    assert first.story_id == urgent.id
    assert first.is_urgent
    assert "crisis" in codes_of(urgent)


def test_a_suspect_word_is_a_signal_and_holds_nothing_up(author: Person) -> None:
    with transaction():
        save_rules(suspect=("miracle",))
        story = a_pending_story(author, body="It was no MIRÁCLE, only patience and eight weeks of crusts and itching.")

    assert [each.passage for each in signals_of(story) if each.code == "suspect_word"] == ["MIRÁCLE"]


def test_a_refused_word_is_named_and_nothing_is_kept_of_the_attempt(author: Person) -> None:
    with transaction():
        save_rules(blocked=("fuck",))

    with pytest.raises(Refused) as refused, transaction():
        a_pending_story(author, body="What the Fuck is this cream supposed to do, it burns like nothing did.")

    assert "‘Fuck’" in refused.value.message
    assert refused.value.field == "body"
    assert (
        db.session.scalar(sa.select(sa.func.count()).select_from(QueueItem).where(QueueItem.closed_at.is_(None))) == 0
    )


def test_links_are_counted_and_shorteners_told(author: Person) -> None:
    with transaction():
        story = a_pending_story(
            author,
            body="See https://example.org/a and www.example.org/b and bit.ly/x1, all my pictures.",
        )

    assert codes_of(story) == {"link", "shortener", "many_links", "first_link"}


def test_the_first_link_is_told_once(author: Person) -> None:
    with transaction():
        decisions.approve(a_moderator(), pending_of(a_pending_story(author, body="See https://example.org/a " * 3)))
        story = a_pending_story(author, body="See https://example.org/b for the pictures, I took one every single day.")

    assert codes_of(story) == {"link"}


def test_a_new_author_is_told(author: Person) -> None:
    with transaction():
        story = a_pending_story(a_person())

    assert codes_of(story) == {"new_author"}


def test_an_author_who_is_often_rejected_is_told(author: Person) -> None:
    with transaction():
        moderator = a_moderator()
        for body in ("Nothing of it is of any use to anybody. " * 2, "x " * 30, "Nonsense, all of it. " * 5):
            decisions.reject(moderator, pending_of(a_pending_story(author, body=body)), "too_little")
        story = a_pending_story(author)

    [signal] = signals_of(story)
    assert signal.code == "often_rejected"
    assert "75%" in signal.why


def test_names_of_topics_are_no_people(author: Person) -> None:
    with transaction():
        a_topic("Lexapro")
        story = a_pending_story(author, body="I went back to my old friend Lexapro and to my old friend Bernard too.")

    assert [each.passage for each in signals_of(story)] == ["friend Bernard"]


def test_a_copy_is_told_with_the_text_it_copies(app: Flask, author: Person) -> None:
    with transaction():
        first = a_pending_story(author, body=LONG)
        copy = a_pending_story(author, body=LONG + " And so on, I think.")

    [signal] = signals_of(copy)
    assert signal.code == "near_duplicate"
    with app.test_request_context():
        assert signal.other == f"/moderation/stories/{first.id}"
    assert signals_of(first) == []


def test_the_next_version_of_a_text_is_no_copy(author: Person) -> None:
    with transaction():
        story = a_pending_story(author, body=LONG)
        authoring.submit_edit(author, story, a_story_content(body=LONG + " One more line."))

    assert signals_of(story) == []


def test_copies_are_forgotten_after_ninety_days(author: Person) -> None:
    with time_machine.travel(clock.now() - timedelta(days=91), tick=False), transaction():
        a_pending_story(author, body=LONG)
    with transaction():
        copy = a_pending_story(author, body=LONG)

    screening.delete_old_fingerprints()

    assert signals_of(copy) == []
    kept = db.session.scalars(sa.select(TextBand.created_at))
    assert all(moment > clock.now() - screening.FINGERPRINTS_KEPT for moment in kept)


def test_a_comment_is_screened_too(author: Person) -> None:
    with transaction():
        story = a_published_story(author)
        comment = a_pending_comment(story, author, "Ring me: 020 7946 0018")

    assert codes_of(comment) == {"phone"}


def test_the_worker_screens_what_came_in_bulk(author: Person, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screening, "MAX_SYNCHRONOUS", 0)
    with transaction():
        story = a_pending_story(author, body="My daughter Emily had it too, and some nights I just want to die of it.")
    assert signals_of(story) == []

    events.drain_all()
    once = signals_of(story)
    # The worker was killed before it could say so, and does it again.
    with transaction():
        pending = pending_of(story)
        payload = {"kind": "story", "id": story.id, "revision_id": pending.id}
        db.session.add(OutboxRow(reaction="screening", event="RevisionSubmitted", payload=payload))
    events.drain_all()

    assert {each.code for each in once} == {"name", "crisis"}
    assert signals_of(story) == once
