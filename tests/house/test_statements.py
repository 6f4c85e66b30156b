"""How many statements a page costs: few, and not more when there is more on it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import event

from app.foundation import events
from app.foundation.database import db, transaction
from app.stories.content import TreatmentAnswers
from app.stories.experience import BackAgain, Effect, Severity, StopReason
from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories import a_published_comment, a_published_follow_up, a_published_story, a_topic, an_article

MOST = 12
PAGES = ["/", "/topics", "/topics/warts", "/topics/warts/stories", "/stories", "/articles"]
SEARCHES = ["/search?q=honestly", "/search?q=telling&kind=comment"]


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    statements: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_more: object) -> None:
        if not statement.startswith("BEGIN"):
            statements.append(statement)

    with app.app_context():
        engine = db.engine
    event.listen(engine, "before_cursor_execute", note)
    yield statements
    event.remove(engine, "before_cursor_execute", note)


def fill(app: Flask, number: int) -> str:
    """More of everything; answers the address of the last story."""
    with app.app_context():
        with transaction():
            a_topic("Warts", page="About warts.")
            for each in range(number):
                tried = [
                    TreatmentAnswers(
                        a_topic(f"Treatment {other}", TopicKind.TREATMENT, page="A treatment."),
                        effect=Effect.SLIGHTLY,
                        side_effects={a_topic(f"Effect {other}", TopicKind.EFFECT): Severity.MILD},
                        stop_reasons=frozenset([StopReason.COST]),
                    )
                    for other in range(each + 1)
                ]
                story = a_published_story(treatments=tried, statistics=True)
                for _later in range(each + 1):
                    a_published_follow_up(story, back_again=BackAgain.NO)
                article = an_article(f"article-{each}", title=f"Article {each}")
                for subject in (story, article):
                    first = a_published_comment(subject)
                    a_published_comment(subject, parent=first)
            story_id, slug = story.id, story.slug
        events.drain_all()
        return f"/stories/{story_id}/{slug}"


def cost(app: Flask, client: StrictClient, address: str) -> int:
    client.get(address)
    with counted(app) as statements:
        assert client.get(address).status_code == 200
    return len(statements)


@pytest.mark.parametrize("address", [*PAGES, *SEARCHES, "/articles/article-0", "a story"])
def test_a_page_costs_few_statements_however_much_is_on_it(app: Flask, client: StrictClient, address: str) -> None:
    # More than a handful from the beginning: a search that finds less asks whether something else was meant.
    story = fill(app, 4)
    little = cost(app, client, story if address == "a story" else address)
    story = fill(app, 8)
    much = cost(app, client, story if address == "a story" else address)
    assert (much, much <= MOST) == (little, True)
