"""Figures of the moderation: counted from what happened, and silent where there is too little of it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given
from hypothesis import strategies as st

from app.accounts.models import Person
from app.foundation import clock
from app.foundation.access import Role
from app.foundation.contributions.publication import pending_of
from app.foundation.database import transaction
from app.moderation.appeals import appeals
from app.moderation.appeals.models import AppealState
from app.moderation.decisions import decisions, undo
from app.moderation.statistics import statistics
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


@pytest.fixture
def frozen(either_app: Flask) -> Iterator[Flask]:
    with either_app.app_context(), clock.at(NOW):
        yield either_app


def decided(moderator: Person, author: Person, hours: list[float], *, reason: str | None = None) -> None:
    """One decision for each of these waits, all of them made at noon today."""
    for each in hours:
        with clock.at(NOW - timedelta(hours=each)):
            revision = pending_of(a_pending_story(author))
        if reason:
            decisions.reject(moderator, revision, reason)
        else:
            decisions.approve(moderator, revision)


def test_half_and_nine_in_ten_are_those_of_what_was_decided(frozen: Flask) -> None:
    with transaction():
        decided(a_moderator(), a_person(), list(range(1, 21)))

        figures = statistics.current()

        assert figures.all_times.number == 20
        assert figures.all_times.median == timedelta(hours=10)
        assert figures.all_times.percentile_90 == timedelta(hours=18)
        [today, *before] = figures.days
        assert (today[0], today[1].number) == (NOW.date(), 20)
        assert sum(times.number for _day, times in before) == 0


def test_too_few_say_nothing(frozen: Flask) -> None:
    with transaction():
        decided(a_moderator(), a_person(), [1.0] * (statistics.MIN_SAMPLE - 1), reason="privacy")

        figures = statistics.current()

        [privacy] = [rule for rule in figures.rules if rule.code == "privacy"]
        assert privacy.restrictions == statistics.MIN_SAMPLE - 1
        assert (figures.all_times.median, privacy.times.median, privacy.overturned.value) == (None, None, None)


def test_what_waits_is_counted_by_its_age(frozen: Flask) -> None:
    with transaction():
        for hours in (0.5, 2, 3, 12, 40, 80, 1000):
            with clock.at(NOW - timedelta(hours=hours)):
                a_pending_story()
        decided(a_moderator(), a_person(), [5])

        assert statistics.current().waiting == {"hour": 1, "quarter": 2, "day": 1, "days": 1, "longer": 2}


def test_what_was_undone_does_not_count(frozen: Flask) -> None:
    with transaction():
        moderator = a_moderator()
        undo.undo(moderator, decisions.reject(moderator, pending_of(a_pending_story()), "privacy"))

        figures = statistics.current()

        assert figures.all_times.number == 0
        assert sum(rule.restrictions for rule in figures.rules) == 0


def test_the_share_overturned_is_by_rule_and_of_all(frozen: Flask) -> None:
    with transaction():
        first, second, author = a_moderator(), a_moderator(), a_person()
        for number in range(12):
            decision = decisions.reject(
                first, pending_of(a_pending_story(author)), "privacy" if number < 10 else "off_topic"
            )
            outcome = AppealState.OVERTURNED if number < 4 else AppealState.UPHELD
            appeals.answer(second, appeals.submit(author, decision, "Please look."), outcome, "We looked.")

        figures = statistics.current()

        shares = {rule.code: rule.overturned for rule in figures.rules}
        assert (shares["privacy"].part, shares["privacy"].whole, shares["privacy"].value) == (4, 10, 0.4)
        assert (shares["off_topic"].whole, shares["off_topic"].value) == (2, None)
        assert (figures.overturned.part, figures.overturned.whole) == (4, 12)


@given(st.lists(st.floats(0, 1e6), min_size=statistics.MIN_SAMPLE, max_size=60))
def test_half_are_within_half_and_nine_in_ten_within_most(seconds: list[float]) -> None:
    times = statistics.percentiles(seconds)

    def within(limit: timedelta | None) -> float:
        assert limit is not None
        return sum(timedelta(seconds=each) <= limit for each in seconds) / len(seconds)

    assert within(times.median) >= 0.5
    assert within(times.percentile_90) >= 0.9


def test_the_page_names_rules_and_no_people(app: Flask) -> None:
    with app.app_context(), transaction():
        moderator = a_moderator("lanternhill")
        decided_story = a_published_story(a_person("quietfern"), moderator)
        decisions.hide(moderator, decided_story, "privacy")
    client = logged_in(app, "marlow", Role.MODERATOR)

    page = client.click(client.get_page("/moderation"), "Statistics")

    assert "Protect privacy" in page.text
    assert "too few to say" in page.text
    assert "lanternhill" not in page.html
    assert "quietfern" not in page.html
