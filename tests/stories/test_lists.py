"""Lists of stories: filters with their numbers, order, and pages that neither skip nor repeat while stories come in."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import quote

import pytest
from flask import Flask

from app.foundation import clock, events
from app.foundation.database import db, transaction
from app.foundation.web import keyset
from app.moderation.decisions import decisions
from app.stories.answers import Duration, Effect, Severity
from app.stories.models import Story
from app.topics.models import TopicKind
from tests.client import Page, StrictClient
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator, a_person
from tests.factories.stories import a_published_story, a_treatment

THEN = datetime(2024, 5, 1, tzinfo=UTC)


def publish(app: Flask, *titles: str, at: datetime = THEN) -> None:
    """Stories with these titles, one a minute later than the other."""
    with app.app_context(), transaction():
        author, moderator = a_person(), a_moderator()
        for number, title in enumerate(titles):
            with clock.at(at + timedelta(minutes=number)):
                a_published_story(author, moderator, title=title)


def titles(page: Page) -> list[str]:
    return page.texts("article.card .card__title")


def numbered(first: int, last: int) -> list[str]:
    return [f"Story {number}" for number in range(first, last + 1)]


def onward(client: StrictClient, page: Page) -> Page:
    return client.click(page, "Older stories", css=".pager__next")


# --- Pages ---


@pytest.mark.parametrize("address", ["/stories", "/topics/warts/stories"])
def test_pages_neither_skip_nor_repeat_when_stories_come_in(app: Flask, client: StrictClient, address: str) -> None:
    publish(app, *numbered(1, 45))
    first = client.get_page(address)
    publish(app, *numbered(46, 50), at=THEN + timedelta(days=1))
    second = onward(client, first)
    publish(app, *numbered(51, 51), at=THEN + timedelta(days=2))
    third = onward(client, second)
    assert titles(first) + titles(second) + titles(third) == numbered(1, 45)[::-1]
    assert not third.select(".pager__next")

    back = client.click(third, "Newer stories", css=".pager__previous")
    assert titles(back) == titles(second)
    newest = client.click(
        client.click(back, "Newer stories", css=".pager__previous"), "Newer stories", css=".pager__previous"
    )
    assert titles(newest) == numbered(32, 51)[::-1]
    assert not newest.select(".pager__previous")


def test_stories_of_the_same_moment_are_all_shown_once(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction(), clock.at(THEN):
        author, moderator = a_person(), a_moderator()
        for title in numbered(1, 41):
            a_published_story(author, moderator, title=title)
    page = client.get_page("/stories")
    seen = titles(page)
    while page.select(".pager__next"):
        page = onward(client, page)
        seen += titles(page)
    assert seen == numbered(1, 41)[::-1]


def test_a_story_that_goes_takes_no_other_with_it(app: Flask, client: StrictClient) -> None:
    publish(app, *numbered(1, 25))
    first = client.get_page("/stories")
    with app.app_context(), transaction():
        # The last one of the page, by which the next one is found.
        decisions.hide(a_moderator(), db.session.get(Story, 6), "privacy")
    assert titles(onward(client, first)) == numbered(1, 5)[::-1]


def test_addresses_with_a_number_go_on_working(app: Flask, client: StrictClient) -> None:
    publish(app, *numbered(1, 45))
    page = client.get_page("/stories?page=2")
    assert titles(page) == numbered(6, 25)[::-1]
    assert titles(onward(client, page)) == numbered(1, 5)[::-1]
    assert titles(client.click(page, "Newer stories", css=".pager__previous")) == numbered(26, 45)[::-1]
    assert titles(client.get_page("/stories?page=900")) == numbered(26, 45)[::-1]


def test_a_place_that_is_none_is_the_beginning(app: Flask, client: StrictClient) -> None:
    publish(app, *numbered(1, 3))
    places = ("", "x", "1", "1.2.3", "1.2.", ".", "²", "9" * 40 + ".1", "1." + "9" * 12, "-", "1.1'--", "1 .2")
    for place in (*places, "١.١", "0x1.1"):
        for name in ("after", "before"):
            address = f"/stories?{name}={quote(place)}"
            assert titles(client.get_page(address)) == numbered(1, 3)[::-1], address


def test_places_before_and_after_everything(app: Flask, client: StrictClient) -> None:
    publish(app, *numbered(1, 3))
    assert titles(client.get_page("/stories?after=1.1")) == []
    assert titles(client.get_page("/stories?before=1.1")) == numbered(1, 3)[::-1]


def test_pages_by_place_on_both_databases(either_app: Flask) -> None:
    publish(either_app, *numbered(1, 5))
    by = (Story.helpful, Story.published_at, Story.id)
    with either_app.app_context():
        chosen = db.select(Story).where(Story.public())
        with either_app.test_request_context("/stories"):
            first = keyset.page(chosen, by, 2)
        with either_app.test_request_context(first.next_url):
            second = keyset.page(chosen, by, 2)
        with either_app.test_request_context(second.previous_url):
            again = keyset.page(chosen, by, 2)
    assert (list(first.items), list(second.items), list(again.items)) == ([5, 4], [3, 2], [5, 4])


def test_most_helpful_first(app: Flask, client: StrictClient) -> None:
    publish(app, *numbered(1, 24))
    with app.app_context(), transaction():
        for number, helpful in ((3, 7), (10, 12), (5, 7)):
            db.session.get(Story, number).helpful = helpful
    page = client.get_page("/stories?sort=helpful")
    assert titles(page)[:5] == ["Story 10", "Story 5", "Story 3", "Story 24", "Story 23"]
    further = client.click(page, "More stories", css=".pager__next")
    assert titles(page) + titles(further) == [
        *("Story 10", "Story 5", "Story 3"),
        *[title for title in numbered(1, 24)[::-1] if title not in ("Story 10", "Story 5", "Story 3")],
    ]


# --- Filters ---


@pytest.fixture
def told(app: Flask) -> Flask:
    """A dozen stories of two conditions and two treatments."""
    with app.app_context():
        with transaction():
            author, moderator = a_person(), a_moderator()
            a_topic("Warts", page="About warts.")
            treatments = [a_topic(name, TopicKind.TREATMENT, page="A treatment.") for name in ("Imiquimod", "Freezing")]
            for number in range(12):
                answers = a_treatment(
                    treatments[number % 2],
                    effect=list(Effect)[number % 3],
                    side_effects_overall=list(Severity)[number % 4],
                    duration=list(Duration)[number % 2],
                )
                with clock.at(THEN + timedelta(days=200 * (number % 3), minutes=number)):
                    condition = "Warts" if number % 4 else "Eczema"
                    a_published_story(
                        author, moderator, title=f"Story {number}", treatments=[answers], condition=condition
                    )
        events.drain_all()
    return app


def choices(page: Page) -> dict[str, dict[str, str]]:
    """What the filters offer: value and words, by the name of the filter."""
    return {
        select.get("name", ""): {
            option.get("value", ""): " ".join((option.text or "").split()) for option in select.iter("option")
        }
        for select in page.select(".list-filters select")
    }


FILTERED = [
    *("/stories", "/stories?condition=warts", "/stories?treatment=imiquimod", "/stories?effect=slightly"),
    *("/stories?condition=warts&treatment=freezing", "/stories?year=2024&effect=not_at_all"),
    *("/topics/warts/stories", "/topics/imiquimod/stories", "/topics/warts/stories?treatment=imiquimod"),
]


def compare_numbers(client: StrictClient, address: str) -> int:
    """Compare each number beside a choice with the list it leads to; returns how many there were."""
    offered = choices(client.get_page(address))
    compared = 0
    base, _mark, query = address.partition("?")
    chosen = dict(pair.split("=") for pair in query.split("&") if pair)
    for name, values in offered.items():
        for value, words in values.items():
            if "(" not in words:
                continue
            asked = {**chosen, name: value}
            number = len(titles(client.get_page(f"{base}?{'&'.join(f'{key}={each}' for key, each in asked.items())}")))
            assert words.endswith(f"({number})"), (address, name, words, number)
            compared += 1
    return compared


def test_every_number_is_that_of_the_list_it_leads_to(told: Flask, client: StrictClient) -> None:
    for address in FILTERED:
        compared = compare_numbers(client, address)
        assert compared > 3, address


def test_the_form_asks_and_the_address_tells(told: Flask, client: StrictClient) -> None:
    form = client.get_page("/stories").form("Apply filters")
    form.choose("Condition", "Warts (9)").choose("Used for", "under 1 month").choose("Sort by", "Most helpful first")
    page = client.submit(form)
    assert "condition=warts" in page.url
    assert "duration=under_1_month" in page.url
    assert "3 stories." in page.text
    assert sorted(titles(page)) == ["Story 10", "Story 2", "Story 6"]
    kept = client.click(page, "Remove ‘Warts’")
    assert "duration=under_1_month&sort=helpful" in kept.url
    assert len(titles(kept)) == 6


def test_a_filter_that_is_not_counted_leaves_the_topics_that_are_told_of(told: Flask, client: StrictClient) -> None:
    with told.app_context(), transaction():
        a_topic("Acne", page="Nobody told of it.")
    offered = choices(client.get_page("/stories?duration=under_1_month"))
    assert offered["condition"] == {"": "any", "eczema": "Eczema", "warts": "Warts"}


def test_without_an_index_lists_and_filters_work_and_numbers_are_left_out(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_topic("Acne")
        a_published_story(treatments=[a_topic("Imiquimod", TopicKind.TREATMENT)])
    page = client.get_page("/stories")
    assert choices(page)["condition"] == {"": "any", "warts": "Warts"}
    assert "(" not in " ".join(words for values in choices(page).values() for words in values.values())
    page = client.submit(page.form("Apply filters").choose("Treatment", "Imiquimod"))
    assert "1 story." in page.text


def test_what_is_hidden_leaves_list_and_numbers_at_once(told: Flask, client: StrictClient) -> None:
    before = choices(client.get_page("/stories"))["condition"]["warts"]
    with told.app_context(), transaction():
        decisions.hide(a_moderator(), db.session.get(Story, 2), "privacy")
    after = choices(client.get_page("/stories"))["condition"]["warts"]
    assert (before, after) == ("Warts (9)", "Warts (8)")
