"""How many statements the desk costs: few, and not more when there is more around an item."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import registration
from app.accounts.models import Person
from app.comments import authoring as comment_authoring
from app.follow_ups import authoring as follow_ups_authoring
from app.foundation import clock
from app.foundation.access import Role
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import render_text
from app.moderation.decisions import decisions
from app.moderation.people import notes
from app.moderation.queue import filters, presence
from app.moderation.queue.filters import QueueFilters
from app.moderation.queue.models import QueueItem, Task
from app.moderation.reports import reports
from app.stories import authoring
from app.stories.answers import BackAgain, Companion, Effect, Severity, StopReason
from app.stories.models import Story
from app.topics import vocabulary
from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories.comments import a_pending_comment, a_published_comment
from tests.factories.follow_ups import a_follow_up_content, a_published_follow_up
from tests.factories.pages import a_topic
from tests.factories.people import a_person
from tests.factories.stories import a_pending_story, a_published_story, a_story_content, a_treatment
from tests.statements import counted

MOST = 15
SIGNALS = "Write to me, quietfern@example.org, I was there on 3 May 2024, at https://example.org/ with the others."


def plenty(tried: int = 8) -> dict[str, object]:
    """A story with everything there is to say of so many treatments, and something to look at."""
    return {
        "body": f"{SIGNALS} It went on for weeks.",
        "advice": "Be patient.",
        "treatments": [
            a_treatment(
                a_topic(f"Treatment {number}", TopicKind.TREATMENT),
                effect=Effect.SLIGHTLY,
                side_effects={a_topic(f"Effect {each}", TopicKind.EFFECT): Severity.MILD for each in range(3)},
                stop_reasons=frozenset([StopReason.COST, StopReason.BOTHER]),
                companions=frozenset(Companion),
            )
            for number in range(tried)
        ],
    }


def a_story(author: Person, judge: Person) -> Story:
    """It names a condition and a treatment that nobody knows."""
    content = plenty()
    unknown = a_treatment(vocabulary.unlisted_topic("Luck", TopicKind.TREATMENT))
    content["treatments"] = [*content["treatments"][:7], unknown]  # type: ignore[index]
    return a_pending_story(author, **content, condition=vocabulary.unlisted_topic("Lurgy", TopicKind.CONDITION))


def a_new_version(author: Person, judge: Person) -> Story:
    story = a_published_story(author, judge, **plenty())
    authoring.submit_edit(author, story, a_story_content(**{**plenty(7), "title": "Another title"}))
    return story


def a_reported_story(author: Person, judge: Person) -> Story:
    story = a_published_story(author, judge, **plenty())
    for each in range(5):
        reports.report(a_person(f"reader{each}"), story, "privacy", "a name")
    return story


def a_comment(author: Person, judge: Person) -> object:
    story = a_published_story(a_person("mossywood"), judge)
    parent = None
    for number in range(5):
        parent = a_published_comment(story, a_person(), f"Words {number}.", parent, moderator=judge)
    return a_pending_comment(story, author, SIGNALS, parent)


def a_reported_comment(author: Person, judge: Person) -> object:
    comment = a_comment(author, judge)
    decisions.approve(judge, pending_of(comment))
    comment_authoring.submit_edit(author, comment, render_text("Other words.", Profile.COMMENT))  # type: ignore[arg-type]
    decisions.approve(judge, pending_of(comment))
    for each in range(5):
        reports.report(a_person(f"reader{each}"), comment, "privacy", "a name")  # type: ignore[arg-type]
    return comment


def a_follow_up(author: Person, judge: Person) -> object:
    story = a_published_story(author, judge, **plenty())
    follow_up = a_published_follow_up(story, moderator=judge, effect=Effect.SLIGHTLY, back_again=BackAgain.NO)
    follow_ups_authoring.submit_edit(
        author, follow_up, a_follow_up_content(SIGNALS, Effect.VERY_WELL, back_again=BackAgain.YES)
    )
    return follow_up


def approve_a_story() -> None:
    decisions.approve(
        registration.find_by_username("marlow"), pending_of(a_pending_story(title="Approved a moment ago"))
    )


def approve_a_follow_up() -> None:
    a_published_follow_up(a_published_story(), moderator=registration.find_by_username("marlow"))


@pytest.mark.parametrize("before", [approve_a_story, approve_a_follow_up])
@pytest.mark.parametrize("what", [a_story, a_new_version, a_reported_story, a_comment, a_reported_comment, a_follow_up])
def test_an_item_costs_few_statements_whatever_stands_on_its_page(
    app: Flask, moderator: StrictClient, what: Callable[[Person, Person], QueueItem], before: Callable[[], None]
) -> None:
    with app.app_context(), transaction():
        author, judge = a_person("quietfern"), a_person("lanternhill", Role.MODERATOR)
        for number in range(4):
            decisions.reject(judge, pending_of(a_pending_story(author, title=f"Rejected {number}")), "privacy")
            a_pending_story(title=f"Waits as well {number}")
        thing = what(author, judge)
        for each in range(3):
            notes.add(judge, thing, f"note number {each}")
        db.session.flush()
        column = getattr(QueueItem, f"{thing.kind}_id")
        item = db.session.scalars(sa.select(QueueItem).where(column == thing.id, QueueItem.closed_at.is_(None))).one()
        for each in range(2):
            presence.mark_present(a_person(f"colleague{each}", Role.MODERATOR), item)
        before()
        address, is_report = f"/moderation/{item.id}", item.task is Task.REPORT

    with counted(app) as statements:
        page = moderator.get_page(address)

    assert len(statements) <= MOST, "\n".join(statements)
    # All of it is there.
    assert [page.text.count(words) for words in ("note number", "have this open too", "Undo")] >= [3, 1, 1]
    assert page.text.count("(reader") == (5 if is_report else 0)
    assert "Latest decisions about this author" in page.text


def test_the_queue_and_a_decision_cost_few_statements(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        author = a_person("quietfern")
        for hours in range(30):
            with clock.at(clock.now() - timedelta(hours=hours)):
                a_pending_story(author, title=f"Story {hours}")
    with app.app_context():
        item = filters.items_page(QueueFilters(), 1)[0].id
    form = moderator.get_page(f"/moderation/{item}").form("Approve")

    with counted(app) as of_the_queue:
        moderator.get_page("/moderation")
    with counted(app) as of_deciding:
        answer = moderator.post(f"/moderation/{item}", data={**dict(form.pairs()), "decision": "approve"})

    assert answer.status_code == 302
    assert len(of_the_queue) <= 8, "\n".join(of_the_queue)
    assert len(of_deciding) <= MOST, "\n".join(of_deciding)


def test_what_was_decided_before_costs_no_statement_more(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        author, other = a_person("quietfern"), a_person("lanternhill", Role.MODERATOR)
        story = a_published_story(author, other)
        for number in range(9):
            decisions.reject(other, pending_of(a_pending_comment(story, author, f"Words {number}.")), "disrespect")
            decisions.hide(other, story, "privacy", f"a note {number}")
            decisions.restore(other, story)
        authoring.submit_edit(author, story, a_story_content(title="Another title"))
    with app.app_context():
        item = db.session.scalars(sa.select(QueueItem.id).where(QueueItem.closed_at.is_(None))).one()

    with counted(app) as statements:
        page = moderator.get_page(f"/moderation/{item}")

    assert page.text.count("a note") == 9
    assert len(statements) <= MOST, "\n".join(statements)
