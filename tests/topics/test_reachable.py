"""Topics that have public stories or articles but no overview: their pages, and that these go with the last story."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask

from app.foundation import events
from app.foundation.contributions import erasure, publication
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.moderation.decisions import decisions
from app.stories import authoring
from app.stories.answers import Severity
from app.stories.models import Story
from app.topics import vocabulary
from app.topics.models import UNLISTED, NameKind, RelationKind, Topic, TopicKind
from tests.client import StrictClient
from tests.client import _text as words
from tests.factories.pages import a_topic, an_article
from tests.factories.people import a_moderator, logged_in
from tests.factories.stories import a_pending_story, a_published_story, a_story_content, a_treatment

MACHINE_MADE = "A skin disease that has_material_basis_in sebum."
ABOUT_NO_OVERVIEW = "We haven’t written an introduction"


def imported(name: str = "acne", about: TopicKind = TopicKind.CONDITION) -> Topic:
    """A topic as it comes with an imported vocabulary."""
    names = ((NameKind.SYNONYM, f"{name} simplex"),)
    entry = vocabulary.Entry(name, about, None, MACHINE_MADE, names, "DOID", f"DOID:{name}")
    topic, _changed = vocabulary.add(entry)
    return topic


def story_about(topic: Topic, **content: object) -> Story:
    """A public story that is counted."""
    return a_published_story(condition=topic, statistics=True, **content)


@pytest.fixture
def acne(app: Flask) -> Flask:
    """A site with a public story about a topic that was imported."""
    with app.app_context(), transaction():
        story_about(imported(), title="A year with acne")
    return app


@pytest.mark.usefixtures("acne")
def test_a_topic_with_a_story_has_a_page_without_an_overview(client: StrictClient) -> None:
    page = client.get_page("/topics/acne")
    assert page.h1 == "acne"
    assert "acne simplex" in page.text
    assert page.texts("article.card .card__title") == ["A year with acne"]
    assert "Too few to summarise" in words(page.one("#outcomes"))
    assert ABOUT_NO_OVERVIEW in page.text
    # The definition is a machine's, and there is nothing by the editors to comment on.
    assert MACHINE_MADE not in client.get("/topics/acne").text + client.get("/topics").text
    assert not page.select("#comments")

    form = client.click(page, "Ask our editors to write one").form(button="Send request")
    assert form.value("Topic") == "acne"


@pytest.mark.usefixtures("acne")
def test_its_story_and_its_list_lead_to_it(client: StrictClient) -> None:
    story = client.click(client.get_page("/stories"), "A year with acne")
    assert client.click(story, "acne").h1 == "acne"
    listed = client.get_page("/topics/acne/stories")
    assert client.click(listed, "acne", css=".kicker a").h1 == "acne"
    assert "no page about this" not in listed.text


def test_the_front_page_leads_to_it_while_no_topic_has_an_overview(acne: Flask, client: StrictClient) -> None:
    with acne.app_context():
        events.drain_all()
    assert client.get_page("/").texts(".topic-group a") == ["acne", "Imiquimod"]
    with acne.app_context(), transaction():
        a_topic("Warts", page="About warts.")
    assert client.get_page("/").texts(".topic-group a") == ["acne", "Warts", "Imiquimod"]


def as_condition(topic: Topic) -> None:
    story_about(topic)


def as_treatment(topic: Topic) -> None:
    a_published_story(treatments=[a_treatment(topic)])


def as_side_effect(topic: Topic) -> None:
    imiquimod = a_topic("Imiquimod", TopicKind.TREATMENT)
    a_published_story(treatments=[a_treatment(imiquimod, side_effects={topic: Severity.MILD})])


def in_an_article(topic: Topic) -> None:
    an_article(topics=[topic])


@pytest.mark.parametrize(
    ("about", "file"),
    [
        (TopicKind.CONDITION, as_condition),
        (TopicKind.TREATMENT, as_treatment),
        (TopicKind.EFFECT, as_side_effect),
        (TopicKind.CONCEPT, in_an_article),
    ],
)
def test_whatever_is_filed_under_a_topic_makes_it_reachable(
    either_app: Flask, about: TopicKind, file: Callable[[Topic], None]
) -> None:
    client = either_app.test_client()
    with either_app.app_context(), transaction():
        topic = imported("retinol", about)
        assert not vocabulary.is_reachable(topic)
        file(topic)
        assert vocabulary.is_reachable(topic)
    assert client.get_page("/topics/retinol").h1 == "retinol"
    assert "retinol" in client.get_page("/topics").texts(".topic-list a")


# --- What is not public ---


def is_gone(client: StrictClient) -> bool:
    """Whether nothing leads to the page of acne any more: as for any name in the vocabulary."""
    answer = client.get("/topics/acne")
    listed = "acne" in client.get_page("/topics").texts(".topic-list a")
    suggested = client.get("/search/suggest?q=acn").get_json()["suggestions"]
    linked = client.get_page("/topics/acne/stories").select(".kicker a")
    return (
        answer.status_code == 302 and answer.location == "/topics/acne/stories" and not (listed or suggested or linked)
    )


def test_it_is_there_from_the_approval_on(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        number = a_pending_story(condition=imported()).id
    assert is_gone(client)
    with app.app_context(), transaction():
        decisions.approve(a_moderator(), pending_of(db.session.get_one(Story, number)))
    assert not is_gone(client)


def hide(story: Story) -> None:
    decisions.hide(a_moderator(), story, "privacy")


def remove(story: Story) -> None:
    decisions.remove(a_moderator(), story, "privacy")


def withdraw(story: Story) -> None:
    publication.withdraw(story.author, story)


def erase(story: Story) -> None:
    erasure.request(story.author, story)


@pytest.mark.parametrize("take_away", [hide, remove, withdraw, erase])
def test_it_goes_with_its_last_story(acne: Flask, client: StrictClient, take_away: Callable[[Story], None]) -> None:
    with acne.app_context(), transaction():
        other = story_about(imported()).id
    for number in (1, other):
        assert not is_gone(client)
        with acne.app_context(), transaction():
            take_away(db.session.get_one(Story, number))
    assert is_gone(client)


def test_an_earlier_version_of_a_story_makes_nothing_reachable(acne: Flask, client: StrictClient) -> None:
    with acne.app_context(), transaction():
        story = db.session.get_one(Story, 1)
        authoring.submit_edit(story.author, story, a_story_content(condition="Rosacea"))
        decisions.approve(a_moderator(), pending_of(story))
    assert is_gone(client)
    assert client.get_page("/topics/rosacea").h1 == "Rosacea"


@pytest.mark.parametrize(
    "values",
    [
        {"state": PublicationState.HIDDEN},
        {"state": PublicationState.WITHDRAWN},
        {"state": PublicationState.REMOVED},
    ],
    ids=lambda values: str(next(iter(values.values()))),
)
def test_a_topic_that_was_taken_away_stays_away(acne: Flask, client: StrictClient, values: dict[str, object]) -> None:
    with acne.app_context(), transaction():
        db.session.execute(sa.update(Topic).where(Topic.slug == "acne").values(**values))
    assert is_gone(client)


def test_a_stand_in_has_no_page(acne: Flask, client: StrictClient) -> None:
    with acne.app_context(), transaction():
        db.session.execute(sa.update(Topic).where(Topic.slug == "acne").values(source=UNLISTED))
    assert client.get("/topics/acne").status_code == 404
    assert "acne" not in client.get_page("/topics").text


def test_nobody_comments_on_a_page_without_an_overview(acne: Flask) -> None:
    with acne.app_context():
        number = db.session.scalar(sa.select(Topic.id).where(Topic.slug == "acne"))
    assert logged_in(acne, "tallowby").get(f"/comments/new/topic/{number}").status_code == 404


# --- Crawlers, and topics around it ---


def test_it_is_for_crawlers_once_it_has_figures(acne: Flask, client: StrictClient) -> None:
    assert [each.get("content") for each in client.get_page("/topics/acne").select("meta[name=robots]")] == ["noindex"]
    with acne.app_context(), transaction():
        for _each in range(4):
            story_about(imported())
    assert not client.get_page("/topics/acne").select("meta[name=robots]")


def test_of_many_narrower_topics_the_first_are_shown_and_the_others_folded(acne: Flask, client: StrictClient) -> None:
    with acne.app_context(), transaction():
        broader = imported()
        for number in range(15):
            narrower = imported(f"acne {number:02}")
            vocabulary.relate(narrower, RelationKind.BROADER, broader)
            a_published_story(condition=narrower)
    page = client.get_page("/topics/acne")
    assert page.texts(".aside details summary") == ["and 3 more (Types)"]
    assert page.texts(".aside details a") == ["acne 12", "acne 13", "acne 14"]


def test_it_leads_to_narrower_topics_with_content_only(acne: Flask, client: StrictClient) -> None:
    with acne.app_context(), transaction():
        broader = imported()
        for name in ("acne keloid", "acne conglobata"):
            vocabulary.relate(imported(name), RelationKind.BROADER, broader)
        story_about(imported("acne keloid"))
    page = client.get_page("/topics/acne")
    assert page.texts(".aside a")[-1:] == ["acne keloid"]
    assert "acne conglobata" not in page.text
    assert client.click(page, "acne keloid", css=".aside a").texts(".aside li a")[-1] == "acne"
