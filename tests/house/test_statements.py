"""The number of SQL statements for each page: small, and independent of how much is on the page."""

from __future__ import annotations

from flask import Flask

from app.foundation import events
from app.foundation.database import transaction
from app.stories.answers import BackAgain, Effect, Severity, StopReason
from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories.comments import a_published_comment
from tests.factories.follow_ups import a_published_follow_up
from tests.factories.pages import a_topic, an_article
from tests.factories.stories import a_published_story, a_treatment
from tests.statements import cost

MOST = 12
PAGES = (
    *("/", "/topics", "/topics/warts", "/topics/warts/stories", "/stories", "/articles"),
    # Without an overview.
    *("/topics/effect-0", "/topics/effect-0/stories"),
    *("/search?q=honestly", "/search?q=telling&kind=comment"),
    *("/articles/article-0", "{last_story}"),
)


def fill(app: Flask, number: int) -> str:
    """Publish this many stories, articles, comments and follow-ups more; returns the address of the last story."""
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


def costs(app: Flask, client: StrictClient, last_story: str) -> dict[str, int]:
    """How many statements each page costs by now."""
    return {address: cost(app, client, address.format(last_story=last_story)) for address in PAGES}


def test_a_page_costs_few_statements_however_much_is_on_it(app: Flask, client: StrictClient) -> None:
    # More than a few from the start: a search with few results makes further statements to suggest spellings.
    little = costs(app, client, fill(app, 4))
    much = costs(app, client, fill(app, 8))

    assert much == little
    assert {address: number for address, number in much.items() if number > MOST} == {}
