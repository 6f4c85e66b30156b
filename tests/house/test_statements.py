"""How many statements a page costs: few, and not more when there is more on it."""

from __future__ import annotations

import pytest
from flask import Flask

from app.foundation import events
from app.foundation.database import transaction
from app.stories.answers import BackAgain, Effect, Severity, StopReason
from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories import (
    a_published_comment,
    a_published_follow_up,
    a_published_story,
    a_topic,
    a_treatment,
    an_article,
)
from tests.statements import cost

MOST = 12
PAGES = ["/", "/topics", "/topics/warts", "/topics/warts/stories", "/stories", "/articles"]
SEARCHES = ["/search?q=honestly", "/search?q=telling&kind=comment"]


def fill(app: Flask, number: int) -> str:
    """More of everything; answers the address of the last story."""
    with app.app_context():
        with transaction():
            a_topic("Warts", page="About warts.")
            for each in range(number):
                tried = [
                    a_treatment(
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


@pytest.mark.parametrize("address", [*PAGES, *SEARCHES, "/articles/article-0", "a story"])
def test_a_page_costs_few_statements_however_much_is_on_it(app: Flask, client: StrictClient, address: str) -> None:
    # More than a handful from the beginning: a search that finds less asks whether something else was meant.
    story = fill(app, 4)
    little = cost(app, client, story if address == "a story" else address)
    story = fill(app, 8)
    much = cost(app, client, story if address == "a story" else address)
    assert (much, much <= MOST) == (little, True)
