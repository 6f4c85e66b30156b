"""The desk's page: what stands beside an item, choosing from the queue, undo, a second reader, presence."""

from __future__ import annotations

from datetime import timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import registration
from app.foundation import clock
from app.foundation.access import Role
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.moderation.decisions.models import Decision
from app.moderation.queue import queue
from app.moderation.queue.models import Presence
from app.stories import authoring
from app.stories.models import Story
from app.topics.models import TopicKind
from tests.client import Page, StrictClient
from tests.factories.comments import a_pending_comment
from tests.factories.pages import a_topic
from tests.factories.people import a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story, a_story_content


@pytest.fixture
def colleague(app: Flask) -> StrictClient:
    return logged_in(app, "tamsin", Role.MODERATOR)


def plant(app: Flask, *titles: str) -> None:
    """Stories that came an hour apart, the first first."""
    with app.app_context(), transaction():
        author = registration.find_by_username("quietfern") or a_person("quietfern")
        for hours, title in enumerate(reversed(titles)):
            with clock.at(clock.now() - timedelta(hours=hours)):
                a_pending_story(author, title=title)


def opened(moderator: StrictClient, title: str, address: str = "/moderation") -> Page:
    return moderator.click(moderator.get_page(address), title, css=".queue a")


def decide(moderator: StrictClient, page: Page, button: str, status: int = 200, **fields: str) -> Page:
    form = page.form(button)
    for label, value in fields.items():
        form.choose("Reason", value) if label == "reason" else form.fill(label, value)
    return moderator.submit(form, button, status=status)


# --- What stands beside an item ---


def test_the_queue_stands_beside_the_item(app: Flask, moderator: StrictClient) -> None:
    plant(app, "The first", "The second", "The third")

    page = opened(moderator, "The second")

    assert page.texts(".desk__queue .queue a") == ["The first", "The second", "The third"]
    assert page.texts(".desk__queue [aria-current=true]") == ["The second"]
    assert moderator.click(page, "Next").h1 == "The third"
    assert moderator.click(page, "Previous").h1 == "The first"


def test_of_a_long_queue_what_comes_next_stands_there(app: Flask, moderator: StrictClient) -> None:
    plant(app, *(f"Story {number:02}" for number in range(30)))

    page = opened(moderator, "Story 10")

    assert page.texts(".desk__queue .queue a") == [f"Story {number:02}" for number in range(8, 19)]


def test_what_is_urgent_is_read_first(app: Flask, moderator: StrictClient) -> None:
    plant(app, "The first", "The second")
    with app.app_context(), transaction():
        second = db.session.scalars(sa.select(Story).order_by(Story.id)).first()
        queue.make_urgent("story", pending_of(second).id)

    page = moderator.get_page("/moderation")

    assert page.texts(".queue a") == ["The second", "The first"]
    assert "urgent" in page.texts(".queue small")[0]


def test_after_the_last_of_the_queue_its_first_comes(app: Flask, moderator: StrictClient) -> None:
    plant(app, "The first", "The second")

    assert decide(moderator, opened(moderator, "The second"), "Approve").h1 == "The first"


# --- Choosing ---


def varied(app: Flask) -> None:
    with app.app_context(), transaction():
        fern, harebell = a_person("quietfern"), a_person("harebell")
        story = a_published_story(
            harebell, title="Public", condition="Eczema", treatments=[a_topic("Tacrolimus", TopicKind.TREATMENT)]
        )
        with clock.at(clock.now() - timedelta(hours=30)):
            a_pending_story(fern, title="Warts, long ago", condition="Warts")
        with clock.at(clock.now() - timedelta(hours=2)):
            a_pending_comment(story, fern, "About eczema")
        a_pending_story(harebell, title="Eczema, now", condition="Eczema")


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("?topic=Eczema", ["About eczema", "Eczema, now"]),
        ("?topic=warts", ["Warts, long ago"]),
        ("?topic=imiquimod", ["Warts, long ago", "Eczema, now"]),
        ("?topic=tacrolimus", ["About eczema"]),
        ("?author=QuietFern", ["Warts, long ago", "About eczema"]),
        ("?author=quietfern&kind=comment", ["About eczema"]),
        ("?older=1", ["Warts, long ago", "About eczema"]),
        ("?older=24", ["Warts, long ago"]),
        ("?second=1", []),
        ("?topic=eczema&author=quietfern&older=1", ["About eczema"]),
        ("?author=nobody", []),
        ("?topic=nothing-of-the-kind", []),
        ("?older=7&second=x&kind=y", ["Warts, long ago", "About eczema", "Eczema, now"]),
    ],
)
def test_the_counts_agree_with_the_list(app: Flask, moderator: StrictClient, address: str, expected: list[str]) -> None:
    varied(app)

    page = moderator.get_page(f"/moderation{address}")

    assert page.texts(".queue a") == expected
    kinds = dict(zip(page.texts(".tabs a"), page.texts(".tabs__count"), strict=True))
    current = page.texts(".tabs [aria-current]")[0]
    assert int(kinds[current]) == len(expected)
    # Each item belongs to one kind.
    first, *others = (int(count) for count in kinds.values())
    assert first == sum(others)


def test_an_empty_kind_does_not_say_that_nothing_waits(app: Flask, moderator: StrictClient) -> None:
    assert "Nothing is waiting. Thank you." in moderator.get_page("/moderation?kind=comment").text
    plant(app, "A story that waits")

    page = moderator.get_page("/moderation?kind=comment")

    assert "Nothing of this kind is waiting." in page.text
    assert "Thank you" not in page.text


def test_the_choice_stays_from_item_to_item(app: Flask, moderator: StrictClient) -> None:
    varied(app)

    page = opened(moderator, "Warts, long ago", "/moderation?author=quietfern")
    page = decide(moderator, page, "Approve")

    assert page.h1 == "About eczema"
    assert "author=quietfern" in page.url
    assert "Nothing in the queue matches" in decide(moderator, page, "Approve").text


@pytest.mark.parametrize("value", ["%00", "\u202e", "'; drop", "x" * 5000, "%f0%9f%98%80"])
def test_no_word_in_the_address_is_an_error(moderator: StrictClient, value: str) -> None:
    for name in ("topic", "author", "older", "kind"):
        moderator.get_page(f"/moderation?{name}={value}")


# --- Undo ---


def test_a_slip_is_undone_from_the_next_page(app: Flask, moderator: StrictClient) -> None:
    plant(app, "The first", "The second")
    page = decide(moderator, opened(moderator, "The first"), "Approve")
    assert (page.h1, "The first" in page.texts(".undo")[0]) == ("The second", True)

    page = moderator.submit(page.form("Undo"), "Undo")

    assert page.h1 == "The first"
    assert page.texts(".queue a") == ["The first", "The second"]
    assert "Undo" not in page.text.replace("Undone", "").replace("undo", "")
    with app.app_context():
        assert not db.session.scalars(sa.select(Story).where(Story.public())).all()


def test_nobody_is_offered_anothers_undo(app: Flask, moderator: StrictClient, colleague: StrictClient) -> None:
    plant(app, "The first", "The second")
    decide(moderator, opened(moderator, "The first"), "Approve")
    with app.app_context():
        decision = db.session.scalars(sa.select(Decision.id)).one()

    page = colleague.get_page("/moderation")

    assert not page.texts(".undo")
    token = {"csrf_token": token_of(page)}
    assert colleague.post(f"/moderation/decisions/{decision}/undo", data=token).status_code == 403


def token_of(page: Page) -> str:
    return dict(page.form("Log out").pairs())["csrf_token"]


# --- A second reader; removing ---


def test_a_second_reader_decides(app: Flask, moderator: StrictClient, colleague: StrictClient) -> None:
    plant(app, "A hard one", "Another")
    page = opened(moderator, "A hard one")
    decide(moderator, page, "Ask for a second opinion", **{"For the other moderator": "Is this the hospital?"})

    mine = opened(moderator, "A hard one", "/moderation?second=1")
    theirs = opened(colleague, "A hard one", "/moderation?second=1")

    assert "another moderator decides" in mine.text
    assert not [form for form in mine.select("form") if "decision" in (form.get("class") or "")]
    assert "marlow wants a second opinion" in theirs.text
    assert "Is this the hospital?" in theirs.text
    decide(colleague, theirs, "Approve")
    with app.app_context():
        assert db.session.scalars(sa.select(Story).where(Story.public())).one().live.title == "A hard one"


def test_what_the_second_reader_is_told_is_not_for_the_author(
    app: Flask, moderator: StrictClient, colleague: StrictClient
) -> None:
    plant(app, "A hard one")
    page = opened(moderator, "A hard one")
    decide(moderator, page, "Ask for a second opinion", **{"For the other moderator": "between us"})

    page = logged_in(app, "quietfern").get_page("/account/contributions")

    assert "between us" not in page.text
    assert "New" not in page.texts(".badge")


def test_where_nobody_else_is_there_is_no_second_reader(app: Flask, moderator: StrictClient) -> None:
    plant(app, "A hard one")

    page = decide(moderator, opened(moderator, "A hard one"), "Ask for a second opinion", status=422)

    assert "no other moderator" in page.text


def test_what_is_removed_says_so_and_is_gone(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        story = a_published_story(a_person("quietfern"), title="An advertisement")
        number = story.id

    page = moderator.get_page(f"/moderation/stories/{number}")
    page = decide(moderator, page, "Remove for good", reason="No advertising")

    assert "removed" in page.text
    assert (
        "Our moderators took this story down"
        in app.test_client().get_page(f"/stories/{number}/an-advertisement", status=410).text
    )
    assert "taken down by a moderator" in logged_in(app, "quietfern").get_page("/account/contributions").text


# --- Two people at once ---


def test_a_decision_on_a_replaced_text_shows_what_changed(app: Flask, moderator: StrictClient) -> None:
    plant(app, "A story")
    page = opened(moderator, "A story")
    with app.app_context(), transaction():
        story = db.session.scalars(sa.select(Story)).one()
        authoring.submit_edit(
            story.author,
            story,
            a_story_content(
                title="A story", body="Words nobody has read so far, and there are enough of them to be sent."
            ),
        )

    page = decide(moderator, page, "Approve", status=409)

    assert "newer version" in page.text
    assert "Words nobody has read so far" in " ".join(page.texts(".notice ins"))
    assert moderator.click(page, "Decide on the new version").texts(".words")[0].startswith("Words nobody")


def ping(client: StrictClient, page: Page, **more: str) -> dict[str, str]:
    address = page.select("[data-presence]")[0].get("data-presence")
    answer = client.post(address, data={"csrf_token": token_of(page), **more})
    return dict(answer.get_json()) if answer.status_code == 200 else {}


def test_who_else_has_it_open_is_shown(app: Flask, moderator: StrictClient, colleague: StrictClient) -> None:
    plant(app, "A story")
    mine = opened(moderator, "A story")
    assert ping(moderator, mine)["others"] == ""

    theirs = opened(colleague, "A story")

    assert "marlow has this open too." in theirs.text
    ping(colleague, theirs)
    assert ping(moderator, mine)["others"] == "tamsin has this open too."
    with clock.at(clock.now() + timedelta(minutes=1)):
        assert ping(moderator, mine)["others"] == ""
    ping(colleague, theirs)
    ping(moderator, mine, closing="1")
    assert ping(colleague, theirs)["others"] == ""


def test_who_reads_on_is_told_that_it_was_decided(app: Flask, moderator: StrictClient, colleague: StrictClient) -> None:
    plant(app, "A story")
    mine, theirs = opened(moderator, "A story"), opened(colleague, "A story")

    decide(colleague, theirs, "Approve")

    assert ping(moderator, mine)["gone"] == "tamsin has decided on this already."


def test_presence_is_not_kept(app: Flask, moderator: StrictClient) -> None:
    plant(app, "The first", "The second")
    ping(moderator, opened(moderator, "The first"))
    ping(moderator, opened(moderator, "The second"))

    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count()).select_from(Presence)) == 1
