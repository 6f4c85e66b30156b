"""How long it takes: half and nine in ten of what was decided in the last thirty days."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import timedelta

import pytest
from flask import Flask

from app.accounts.models import Person
from app.foundation import clock
from app.foundation.contributions import publication
from app.foundation.contributions.publication import pending_of
from app.foundation.database import transaction
from app.foundation.web.formatting import rounded_up
from app.moderation.decisions import decisions
from app.moderation.reports import reports
from app.moderation.statistics import response_times
from tests.factories.comments import a_pending_comment
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story

HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def decided(author: Person, moderator: Person, hours: Sequence[float], ago: timedelta = DAY) -> None:
    """Stories that were decided `ago`, each after so many hours; approved, rejected and sent back in turn."""
    now = clock.now()
    for number, waited in enumerate(hours):
        with clock.at(now - ago - waited * HOUR):
            story = a_pending_story(author)
        with clock.at(now - ago):
            revision = pending_of(story)
            if number % 3 == 0:
                decisions.approve(moderator, revision)
            elif number % 3 == 1:
                decisions.reject(moderator, revision, "privacy")
            else:
                decisions.request_changes(moderator, revision, "privacy")


@pytest.mark.parametrize("count", [20, 21, 37])
def test_half_and_nine_in_ten_were_decided_within_what_is_said(either_app: Flask, count: int) -> None:
    hours = [(7 * number) % 50 + 0.5 for number in range(count)]
    with either_app.app_context(), transaction():
        decided(a_person(), a_moderator(), hours)

        times = response_times.recent()

    ordered = sorted(hours)
    assert times == response_times.ResponseTimes(
        HOUR * ordered[math.ceil(count / 2) - 1], HOUR * ordered[math.ceil(count * 0.9) - 1], count
    )


def test_nothing_is_said_of_too_few(app: Flask) -> None:
    with app.app_context(), transaction():
        decided(a_person(), a_moderator(), [1] * (response_times.MIN_DECISIONS - 1))

        assert response_times.recent() is None
        assert response_times.recent(min_decisions=5) is not None


def test_nothing_is_said_of_nothing(app: Flask) -> None:
    with app.app_context():
        assert response_times.recent() is None
        assert response_times.recent(min_decisions=0) is None


def test_what_was_decided_longer_ago_does_not_count(app: Flask) -> None:
    with app.app_context(), transaction():
        author, moderator = a_person(), a_moderator()
        decided(author, moderator, [100] * 30, ago=31 * DAY)
        decided(author, moderator, [2] * 20)

        times = response_times.recent()

    assert times == response_times.ResponseTimes(2 * HOUR, 2 * HOUR, 20)


def test_what_was_withdrawn_reported_or_still_waits_was_not_decided(app: Flask) -> None:
    with app.app_context(), transaction():
        author, moderator = a_person(), a_moderator()
        decided(author, moderator, [3] * 20)
        with clock.at(clock.now() - 5 * DAY):
            publication.withdraw(author, a_pending_story(author))
            a_pending_story(author)
        public = a_published_story(author, moderator)
        reports.report(a_person(), public, "privacy", "")
        decisions.hide(moderator, public, "privacy")

        times = response_times.recent()

    assert times is not None
    assert times.decisions == 21


def test_the_times_of_one_kind_are_its_own(app: Flask) -> None:
    with app.app_context(), transaction():
        author, moderator = a_person(), a_moderator()
        decided(author, moderator, [10] * 20)
        public = a_published_story(author, moderator)
        for _ in range(30):
            with clock.at(clock.now() - HOUR):
                comment = a_pending_comment(public, author)
            decisions.approve(moderator, pending_of(comment))

        assert response_times.recent("story").median == 10 * HOUR
        assert response_times.recent("comment").percentile_90 == HOUR
        assert response_times.recent().decisions == 51


@pytest.mark.parametrize(
    ("time", "words"),
    [
        (timedelta(0), "1 minute"),
        (timedelta(seconds=61), "2 minutes"),
        (timedelta(minutes=59, seconds=30), "1 hour"),
        (timedelta(hours=6), "6 hours"),
        (timedelta(hours=6, seconds=1), "7 hours"),
        (timedelta(hours=47, minutes=30), "2 days"),
        (timedelta(hours=48, seconds=1), "3 days"),
    ],
)
def test_within_is_rounded_up(app: Flask, time: timedelta, words: str) -> None:
    with app.test_request_context():
        assert rounded_up(time) == words


def test_how_long_it_takes_is_told_before_sending_and_while_waiting(app: Flask) -> None:
    with app.app_context(), transaction():
        author, moderator = a_person("quietfern"), a_moderator()
        decided(author, moderator, [4] * 17 + [50] * 3)
        a_pending_story(author)
    client = logged_in(app, "quietfern")
    words = "half of stories were read within 4 hours and 9 in 10 within 3 days"

    assert words in client.get_page("/stories/new").text
    assert words in client.get_page("/account/contributions").text


def test_where_half_and_nine_in_ten_are_the_same_it_is_told_once(app: Flask) -> None:
    with app.app_context(), transaction():
        decided(a_person("quietfern"), a_moderator(), [4] * 20)
    page = logged_in(app, "quietfern").get_page("/stories/new")

    assert "In the last 30 days, 9 in 10 stories were read within 4 hours." in page.text
    assert "half of" not in page.text


def test_nothing_is_told_of_too_few(app: Flask) -> None:
    with app.app_context(), transaction():
        author = a_person("quietfern")
        decided(author, a_moderator(), [4] * 5)
        a_pending_story(author)
    client = logged_in(app, "quietfern")

    assert "In the last 30 days" not in client.get_page("/stories/new").text
    assert "In the last 30 days" not in client.get_page("/account/contributions").text
