"""Follow-ups as their authors, moderators and readers meet them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import registration
from app.follow_ups import authoring as follow_ups_authoring
from app.follow_ups import queries
from app.follow_ups.models import BODY_MAX_LENGTH, FollowUp, FollowUpRevision, time_later
from app.foundation import clock
from app.foundation.access import Role
from app.foundation.contributions import publication
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.publication import latest_of, pending_of
from app.foundation.database import db, transaction
from app.foundation.errors import Conflict, Missing, NotAllowed, Refused
from app.moderation.decisions import decisions
from app.moderation.reports import reports
from app.stories import authoring
from app.stories.answers import BackAgain, Effect, StillUsing
from app.stories.models import Story
from app.topics.models import TopicKind
from tests.client import Page, StrictClient
from tests.factories.comments import a_published_comment
from tests.factories.follow_ups import a_follow_up_content, a_pending_follow_up, a_published_follow_up, a_treatment_now
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_published_story, a_story_content

THEN = datetime(2025, 1, 20, 12, tzinfo=UTC)
WORDS = "Half a year on, the skin is *clear*."


@pytest.fixture
def author(app: Flask) -> StrictClient:
    """The author of a public story (1)."""
    client = logged_in(app, "quietfern")
    with app.app_context(), transaction():
        a_published_story(registration.find_by_username("quietfern"))
    return client


def the_form(client: StrictClient, address: str = "/stories/1/follow-up") -> Page:
    return client.get_page(address)


def built(app: Flask, build: Callable[[Story], FollowUp]) -> int:
    with app.app_context(), transaction():
        follow_up = build(db.session.get(Story, 1))
        db.session.flush()
        return follow_up.id


def public_words(client: StrictClient) -> str:
    return client.get_page("/stories/1", follow_redirects=True).text


# --- Telling ---


def test_an_author_tells_a_moderator_approves_and_everybody_reads(
    app: Flask, author: StrictClient, client: StrictClient
) -> None:
    form = (
        the_form(author)
        .form("Send for review")
        .fill("How is it now?", WORDS)
        .choose("Are you still using it?", "not using it any more")
    )
    form.choose("How well did it work, looking back?", "very well")
    page = author.submit(form.check("it has not come back"))
    assert "Your follow-up is with our moderators." in page.text
    assert "waiting to be read" in page.text
    assert "Half a year on" not in public_words(client)

    moderator = logged_in(app, "marlow", Role.MODERATOR)
    item = moderator.click(moderator.get_page("/moderation?kind=follow_up"), "the same day: Half a year, week by week")
    assert "Half a year on" in item.text
    assert "very well · not using it any more" in item.text
    moderator.submit(item.form("Approve"))

    shown = client.get_page("/stories/1", follow_redirects=True)
    [told] = shown.texts(".later > li")
    for words in ("the same day", "Half a year on", "it has not come back", "very well", "not using it any more"):
        assert words in told
    assert client.get("/follow-ups/1").location.endswith("/stories/1/half-a-year-week-by-week#follow-up-1")
    assert "New" in author.get_page("/account/contributions").text


def test_an_answer_alone_is_enough_and_nothing_at_all_is_not(app: Flask, author: StrictClient) -> None:
    page = author.submit(the_form(author).form("Send for review"), status=422)
    assert "Say how it is now" in page.text
    author.submit(page.form("Send for review").check("it came back a little"))
    with app.app_context():
        assert db.session.scalars(sa.select(FollowUpRevision.back_again)).one() is BackAgain.A_LITTLE


def test_what_is_too_long_comes_back_with_everything_in_it(app: Flask, author: StrictClient) -> None:
    longest = "x" * BODY_MAX_LENGTH
    form = the_form(author).form("Send for review").fill("How is it now?", longest + "y")
    page = author.submit(form.choose("Are you still using it?", "still using it"), status=422)
    again = page.form("Send for review")
    assert again.value("How is it now?") == longest + "y"
    assert again.value("still using it") is True
    author.submit(again.fill("How is it now?", longest))
    with app.app_context():
        assert db.session.scalars(sa.select(FollowUpRevision.body_source)).one() == longest


def test_the_same_form_sent_twice_is_one_follow_up_and_other_words_are_its_next_version(
    app: Flask, author: StrictClient
) -> None:
    form = the_form(author).form("Send for review").fill("How is it now?", WORDS)
    author.submit(form)
    author.submit(form)
    author.submit(form.fill("How is it now?", "What I really meant."))
    with app.app_context():
        follow_up = db.session.scalars(sa.select(FollowUp)).one()
        assert [each.body_source for each in follow_up.revisions] == [WORDS, "What I really meant."]


def test_a_change_waits_while_the_version_before_stays_public(
    app: Flask, author: StrictClient, client: StrictClient
) -> None:
    number = built(app, lambda story: a_published_follow_up(story, WORDS, effect=Effect.SLIGHTLY))
    form = the_form(author, f"/follow-ups/{number}/edit").form("Send for review")
    assert form.value("How is it now?") == WORDS
    assert form.value("slightly") is True
    author.submit(form.fill("How is it now?", "It came back after all."))
    assert "Half a year on" in public_words(client)
    assert "came back after all" not in public_words(client)
    with app.app_context(), transaction():
        decisions.approve(a_moderator(), pending_of(db.session.get(FollowUp, number)))
    assert "came back after all" in public_words(client)


def test_withdrawing_takes_it_out_and_says_so(app: Flask, author: StrictClient, client: StrictClient) -> None:
    number = built(app, lambda story: a_published_follow_up(story, WORDS))
    author.submit(author.get_page(f"/follow-ups/{number}/withdraw").form("Withdraw follow-up"))
    assert "Half a year on" not in public_words(client)
    assert client.get(f"/follow-ups/{number}").status_code == 410


def test_a_reader_reports_and_a_moderator_hides(app: Flask, author: StrictClient, client: StrictClient) -> None:
    number = built(app, lambda story: a_published_follow_up(story, WORDS))
    form = client.get_page(f"/follow-ups/{number}/report").form("Send report")
    client.submit(form.check("It names someone, or shows who they are"))
    moderator = logged_in(app, "marlow", Role.MODERATOR)
    item = moderator.click(moderator.get_page("/moderation?kind=report"), "the same day: Half a year, week by week")
    moderator.submit(item.form("Hide").choose("Reason", "Protect privacy"))
    assert "Half a year on" not in public_words(client)
    assert "hidden by a moderator" in author.get_page("/account/contributions").text


@pytest.mark.parametrize("state", ["pending", "hidden", "withdrawn"])
def test_only_a_public_story_is_followed_up(app: Flask, state: str) -> None:
    with app.app_context(), transaction():
        story = a_published_story()
        story.state = {
            "pending": PublicationState.UNPUBLISHED,
            "hidden": PublicationState.HIDDEN,
            "withdrawn": PublicationState.WITHDRAWN,
        }[state]
        db.session.flush()
        with pytest.raises(Conflict):
            a_pending_follow_up(story)


def test_nobody_but_the_author_follows_a_story_up(app: Flask) -> None:
    with app.app_context(), transaction():
        story = a_published_story()
        with pytest.raises(NotAllowed):
            follow_ups_authoring.submit(a_moderator(), story, a_follow_up_content(), "key-of-somebody")


def test_there_is_an_end_to_follow_ups(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(follow_ups_authoring, "MAX_FOLLOW_UPS", 2)
    with app.app_context(), transaction():
        story = a_published_story()
        for _ in range(2):
            a_pending_follow_up(story)
        with pytest.raises(Refused, match="up to 2"):
            a_pending_follow_up(story)


@pytest.mark.parametrize("words", ["", "\u200b", "---"])
def test_words_that_say_nothing_are_refused_by_the_verb(words: str) -> None:
    with pytest.raises(Refused):
        follow_ups_authoring.check_not_blank(a_follow_up_content(words))
    follow_ups_authoring.check_not_blank(a_follow_up_content("", back_again=BackAgain.NO))


# --- Reading ---


def test_only_what_is_seeded_is_called_invented(app: Flask) -> None:
    with app.app_context(), transaction():
        story = a_published_story()
        follow_up, comment = a_published_follow_up(story), a_published_comment(story)
        db.session.flush()

        assert [each.is_invented for each in (story, follow_up, comment)] == [False] * 3


def test_follow_ups_stand_in_the_order_they_were_told(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        with clock.at(THEN):
            story = a_published_story()
        with clock.at(THEN + timedelta(days=800)):
            a_published_follow_up(story, "third")
        with clock.at(THEN + timedelta(days=10)):
            a_published_follow_up(story, "first")
        with clock.at(THEN + timedelta(days=190)):
            a_published_follow_up(story, "second")
    page = client.get_page("/stories/1", follow_redirects=True)
    assert page.texts(".later h3") == ["10 days later", "6 months later", "2 years later"]
    assert page.texts(".later .prose") == ["first", "second", "third"]


@pytest.mark.parametrize(
    ("then", "words"),
    [
        (THEN, "the same day"),
        (THEN - timedelta(days=3), "the same day"),
        (THEN + timedelta(days=1), "1 day later"),
        (datetime(2025, 2, 19, tzinfo=UTC), "29 days later"),
        (datetime(2025, 2, 20, tzinfo=UTC), "1 month later"),
        (datetime(2026, 1, 19, tzinfo=UTC), "11 months later"),
        (datetime(2026, 1, 20, tzinfo=UTC), "12 months later"),
        (datetime(2027, 1, 20, tzinfo=UTC), "2 years later"),
    ],
)
def test_how_much_later(app: Flask, then: datetime, words: str) -> None:
    with app.test_request_context():
        assert time_later(THEN, then) == words


def test_hiding_the_story_hides_what_followed(app: Flask, author: StrictClient, client: StrictClient) -> None:
    number = built(app, lambda story: a_published_follow_up(story, WORDS))
    with app.app_context(), transaction():
        decisions.hide(a_moderator(), db.session.get(Story, 1), "privacy")
    assert client.get(f"/follow-ups/{number}").status_code == 404
    with app.app_context():
        assert not publication.is_public(db.session.get(FollowUp, number))
        with transaction(), pytest.raises(Missing):
            reports.report(a_person(), db.session.get(FollowUp, number), "privacy")


# --- Asking ---


def asked(app: Flask, days: int) -> list[int]:
    with app.app_context(), clock.at(THEN + timedelta(days=days)):
        return [due.months for due in queries.due_follow_ups(registration.find_by_username("quietfern"))]


def tell_after(app: Flask, days: int) -> None:
    with app.app_context(), transaction(), clock.at(THEN + timedelta(days=days)):
        a_pending_follow_up(db.session.get(Story, 1))


def test_who_agreed_is_asked_after_three_and_twelve_months(app: Flask) -> None:
    with app.app_context(), transaction(), clock.at(THEN):
        a_published_story(a_person("quietfern"), follow_up=True)
    assert [asked(app, days) for days in (0, 85, 95, 300, 370, 900)] == [[], [], [3], [3], [12], [12]]
    tell_after(app, 100)
    assert [asked(app, days) for days in (110, 300, 370)] == [[], [], [12]]
    tell_after(app, 380)
    assert asked(app, 900) == []


def test_the_question_says_how_long_it_has_been(app: Flask) -> None:
    with app.app_context(), transaction(), clock.at(THEN):
        a_published_story(a_person("quietfern"), follow_up=True)
    with app.app_context(), clock.at(THEN + timedelta(days=250)):
        assert [due.months_passed for due in queries.due_follow_ups(registration.find_by_username("quietfern"))] == [8]


def test_who_did_not_agree_or_whose_story_is_gone_is_not_asked(app: Flask) -> None:
    with app.app_context(), transaction(), clock.at(THEN):
        author = a_person("quietfern")
        a_published_story(author)
        hidden = a_published_story(author, follow_up=True)
        decisions.hide(a_moderator(), hidden, "privacy")
    assert asked(app, 400) == []


def test_the_question_stands_among_the_contributions(app: Flask) -> None:
    author = logged_in(app, "quietfern")
    with app.app_context(), transaction(), clock.at(THEN):
        a_published_story(registration.find_by_username("quietfern"), follow_up=True)
    page = author.get_page("/account/contributions")
    assert "months on" in page.text
    form = author.click(page, "Follow up ‘Half a year, week by week’").form("Send for review")
    assert "months on" not in author.submit(form.fill("How is it now?", WORDS)).text


def test_a_treatment_that_left_the_story_is_left_in_what_was_told(app: Flask, author: StrictClient) -> None:
    number = built(
        app,
        lambda story: a_published_follow_up(
            story,
            treatments=[a_treatment_now(a_topic("Imiquimod", TopicKind.TREATMENT), None, StillUsing.YES)],
        ),
    )
    with app.app_context(), transaction():
        story = db.session.get(Story, 1)
        freezing = a_topic("Freezing", TopicKind.TREATMENT)
        authoring.submit_edit(story.author, story, a_story_content(treatments=[freezing]))
        decisions.approve(a_moderator(), pending_of(story))
    page = author.get_page(f"/follow-ups/{number}/edit")
    assert "Freezing" in page.text
    with app.app_context():
        assert [each.topic.name for each in latest_of(db.session.get(FollowUp, number)).treatments] == ["Imiquimod"]
