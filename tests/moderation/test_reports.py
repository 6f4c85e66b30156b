"""Reports: anybody's word that something should be looked at."""

from __future__ import annotations

from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import registration
from app.accounts.models import Person
from app.comments.models import Comment
from app.foundation.access import Role
from app.foundation.contributions import publication
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.foundation.errors import Conflict, Missing, Refused
from app.moderation.decisions import decisions, undo
from app.moderation.queue.models import QueueItem, Task
from app.moderation.reasons import REASONS
from app.moderation.reports import reports
from app.moderation.reports.models import Report
from app.notifications.models import Notice
from app.stories import authoring
from app.stories.models import Story
from tests.client import Page, StrictClient
from tests.factories.comments import a_pending_comment, a_published_comment
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story, a_story_content

TITLE = "Half a year, week by week"
STORY, COMMENT = "/stories/1/report", "/comments/1/report"


@pytest.fixture(autouse=True)
def site(app: Flask) -> None:
    """A public story (1) with a public comment (1), by quietfern."""
    with app.app_context(), transaction():
        author = a_person("quietfern")
        a_published_comment(a_published_story(author), author)


def report(client: StrictClient, address: str = STORY, category: str = "It’s unkind", words: str = "") -> Page:
    form = client.get_page(address).form("Send report").check(category).fill("In your words", words)
    return client.submit(form)


def reported(page: Page) -> list[str]:
    """What the page of an item says under 'Reports'; the signals below are another list."""
    [first, *_signals] = page.select(".signals")
    return [" ".join("".join(line.itertext()).split()) for line in first if line.tag == "li"]


def written(app: Flask) -> list[tuple[str, str, str | None]]:
    with app.app_context():
        rows = db.session.scalars(sa.select(Report).order_by(Report.id))
        return [(row.category, row.words, row.reporter.username if row.reporter else None) for row in rows]


def open_items(app: Flask) -> int:
    with app.app_context():
        waiting = sa.select(sa.func.count(QueueItem.id)).where(
            QueueItem.task == Task.REPORT, QueueItem.closed_at.is_(None)
        )
        return db.session.scalar(waiting) or 0


@pytest.mark.parametrize("address", [STORY, COMMENT])
def test_a_reader_without_an_account_reports_and_is_thanked_where_they_were(
    app: Flask, client: StrictClient, address: str
) -> None:
    page = report(client, address, words="It names a town.")

    assert "A moderator will look at it." in page.text
    assert page.url.endswith("/stories/1/half-a-year-week-by-week")
    assert written(app) == [("disrespect", "It names a town.", None)]


@pytest.mark.parametrize("address", [STORY, COMMENT])
def test_one_finds_the_form_where_the_text_stands(client: StrictClient, address: str) -> None:
    page = client.get_page("/stories/1", follow_redirects=True)

    assert f"http://localhost{address}" in {link.address for link in page.links}
    assert client.get_page(address).h1 == ("Report a story" if address == STORY else "Report a comment")


@pytest.mark.parametrize("category", [str(words) for words in reports.CATEGORIES.values()])
def test_every_reason_can_be_given(app: Flask, client: StrictClient, category: str) -> None:
    report(client, category=category, words="Please look.")

    assert len(written(app)) == 1


def test_readers_choose_in_their_words_and_the_codes_are_those_of_the_guidelines() -> None:
    assert set(reports.CATEGORIES) == {*REASONS, reports.OTHER_CATEGORY}


@pytest.mark.parametrize(
    ("fields", "field", "words"),
    [
        pytest.param({}, "category", "what’s wrong", id="nothing"),
        pytest.param({"category": "nonsense"}, "category", "choice", id="no category"),
        pytest.param({"category": "other"}, "words", "in a few words", id="other without words"),
        pytest.param({"category": "other", "words": " \n"}, "words", "in a few words", id="other with spaces"),
        pytest.param({"category": "privacy", "words": "x" * 1_001}, "words", "1,000", id="too many words"),
    ],
)
def test_a_report_that_cannot_be_read_comes_back(
    app: Flask, client: StrictClient, fields: dict[str, str], field: str, words: str
) -> None:
    token = client.get_page(STORY).one("input[name=csrf_token]").get("value")

    response = client.post(STORY, data={"csrf_token": token, **fields})

    assert response.status_code == 422
    page = Page(response)
    assert [anchor.get("href") for anchor in page.select(".error-summary a")] == [f"#{field}"]
    assert words in " ".join(page.texts(".error-summary li"))
    assert page.form("Send report").value("In your words") == fields.get("words", "").strip()
    assert written(app) == []


def test_reports_of_many_share_one_item_that_waits_since_the_first(app: Flask, client: StrictClient) -> None:
    for reporter, words in ((client, "one"), (app.test_client(), "two"), (logged_in(app, "tallowby"), "three")):
        report(reporter, words=words)

    assert [words for _category, words, _name in written(app)] == ["one", "two", "three"]
    assert open_items(app) == 1


def test_the_story_and_a_comment_on_it_are_two_items(app: Flask, client: StrictClient) -> None:
    report(client, STORY)
    report(client, COMMENT)

    assert open_items(app) == 2


def test_one_person_reports_a_thing_once_while_it_waits(app: Flask) -> None:
    member = logged_in(app, "tallowby")

    for words in ("one", "two"):
        assert "A moderator will look at it." in report(member, words=words).text

    assert written(app) == [("disrespect", "one", "tallowby")]


def test_once_it_was_answered_the_same_person_may_report_it_again(app: Flask) -> None:
    member, moderator = logged_in(app, "tallowby"), logged_in(app, "marlow", Role.MODERATOR)
    report(member, words="one")
    page = moderator.click(moderator.get_page("/moderation?kind=report"), "Half a year, week by week")
    moderator.submit(page.form("Keep as it is"), "Keep as it is")

    report(member, words="two")

    assert [words for _category, words, _name in written(app)] == ["one", "two"]
    page = moderator.click(moderator.get_page("/moderation?kind=report"), "Half a year, week by week")
    assert "two" in reported(page)[0]
    assert len(reported(page)) == 1
    assert "kept after a report" in page.text


def test_the_moderator_reads_the_words_as_words_and_sees_who_said_them(app: Flask, client: StrictClient) -> None:
    report(client, words="<b>bold</b> & [x](javascript:alert(1))")
    report(logged_in(app, "tallowby"), words="me too")
    moderator = logged_in(app, "marlow", Role.MODERATOR)

    page = moderator.click(moderator.get_page("/moderation"), "Half a year, week by week")

    first, second = reported(page)
    assert first.startswith("It’s unkind: <b>bold</b> & [x](javascript:alert(1)) (a reader,")
    assert "(tallowby," in second


def test_nobody_but_moderators_learns_of_a_report(app: Flask, client: StrictClient) -> None:
    report(logged_in(app, "tallowby"), words="zzreportword")
    author, other = logged_in(app, "quietfern"), logged_in(app, "emory", Role.EDITOR)

    for reader in (client, author, other):
        for address in ("/stories/1", "/account/contributions", STORY, "/moderation"):
            assert "zzreportword" not in reader.get(address, follow_redirects=True).text


def hidden(thing: Any) -> None:
    decisions.hide(a_moderator(), thing, "privacy")


def withdrawn(thing: Any) -> None:
    publication.withdraw(registration.find_by_username("quietfern"), thing)


@pytest.mark.parametrize("what", [hidden, withdrawn])
@pytest.mark.parametrize("model", [Story, Comment])
def test_what_is_not_public_cannot_be_reported(app: Flask, client: StrictClient, model: type[Any], what: Any) -> None:
    address = STORY if model is Story else COMMENT
    form = client.get_page(address).form("Send report").check("It’s unkind")
    with app.app_context(), transaction():
        what(db.session.get(model, 1))

    client.get_page(address, status=404)
    client.submit(form, status=404)

    assert written(app) == []
    if model is Story:
        client.get_page(COMMENT, status=404)


def test_what_waits_or_is_not_there_cannot_be_reported(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        a_pending_comment(db.session.get(Story, 1))
        a_pending_story()

    for address in ("/stories/2/report", "/comments/2/report", "/stories/99/report", "/comments/99/report"):
        client.get_page(address, status=404)


def test_hiding_answers_the_reports(app: Flask, client: StrictClient) -> None:
    report(client)
    moderator = logged_in(app, "marlow", Role.MODERATOR)
    page = moderator.click(moderator.get_page("/moderation"), "Half a year, week by week")

    page = moderator.submit(page.form("Hide").choose("Reason", "Be kind"), "Hide")

    assert "Nothing is waiting" in page.text
    client.get_page("/stories/1", status=404)
    assert open_items(app) == 0


def test_hiding_from_the_page_of_the_story_answers_them_too(app: Flask, client: StrictClient) -> None:
    report(client)
    moderator = logged_in(app, "marlow", Role.MODERATOR)

    form = moderator.get_page("/moderation/stories/1").form("Hide").choose("Reason", "Be kind")
    moderator.submit(form, "Hide")

    assert open_items(app) == 0


def test_reports_that_were_answered_meanwhile_cannot_be_answered_again(app: Flask, client: StrictClient) -> None:
    report(client)
    moderator = logged_in(app, "marlow", Role.MODERATOR)
    form = moderator.click(moderator.get_page("/moderation"), "Half a year, week by week").form("Keep as it is")
    with app.app_context(), transaction():
        decisions.keep(a_moderator("lanternhill"), db.session.get(Story, 1))

    page = moderator.submit(form, "Keep as it is", status=409)

    assert "already answered these reports" in page.text
    assert "kept after a report by lanternhill" in page.text


def test_a_report_keeps_the_version_that_was_read(app: Flask, client: StrictClient) -> None:
    report(client)
    with app.app_context(), transaction():
        story = db.session.get(Story, 1)
        authoring.submit_edit(story.author, story, a_story_content(title="Other words"))
        decisions.approve(a_moderator(), pending_of(story))

    with app.app_context():
        row = db.session.scalars(sa.select(Report)).one()
        assert row.revision.number == 1
        assert row.story.live.number == 2
    moderator = logged_in(app, "marlow", Role.MODERATOR)
    assert "version 1" in moderator.get_page("/moderation/3").text


def test_the_verbs_refuse_what_the_form_would_not_send(app: Flask) -> None:
    with app.app_context(), transaction():
        story, reader = db.session.get(Story, 1), a_person()
        for category, words in (("nonsense", ""), ("other", " "), ("privacy", "x" * 1_001)):
            with pytest.raises(Refused):
                reports.report(reader, story, category, words)
        with pytest.raises(Conflict):
            decisions.keep(a_moderator(), story)
        hidden(story)
        with pytest.raises(Missing):
            reports.report(reader, story, "privacy")


# --- What became of it ---


def answer(app: Flask, action: str) -> None:
    with app.app_context(), transaction():
        story, moderator = db.session.get(Story, 1), registration.find_by_username("marlow") or a_moderator("marlow")
        if action == "keep":
            decisions.keep(moderator, story)
        elif action == "remove":
            decisions.remove(moderator, story, "privacy", "words for the author alone")
        else:
            decisions.hide(moderator, story, "privacy", "words for the author alone")


@pytest.mark.parametrize(
    ("action", "told"), [("keep", "It stays public."), ("hide", "no longer public"), ("remove", "no longer public")]
)
def test_a_reporter_with_an_account_is_told_what_everybody_can_see(app: Flask, action: str, told: str) -> None:
    member, other = logged_in(app, "tallowby"), logged_in(app, "emory")
    report(member, words="my words")
    assert "Messages from our moderators" not in member.get_page("/account/contributions").text

    answer(app, action)

    page = member.get_page("/account/contributions")
    assert told in page.text
    assert "1 unread notice" in page.text
    assert "words for the author alone" not in page.text
    assert "marlow" not in page.html
    assert (TITLE in page.text) == (action == "keep")
    assert "Messages from our moderators" not in other.get_page("/account/contributions").text
    page = member.submit(page.form("Mark as read"))
    assert "unread" not in page.text


def test_each_reporter_is_told_once_of_each_report(app: Flask, client: StrictClient) -> None:
    report(client)
    for name in ("tallowby", "emory"):
        report(logged_in(app, name))
    answer(app, "keep")
    report(logged_in(app, "tallowby"), words="again")
    answer(app, "keep")

    with app.app_context():
        rows = db.session.scalars(sa.select(Notice).where(Notice.report_id.is_not(None)).order_by(Notice.id)).all()
        names = [db.session.get(Person, row.person_id).username for row in rows]
    assert names == ["tallowby", "emory", "tallowby"]


def test_a_decision_that_was_undone_is_no_answer(app: Flask) -> None:
    report(logged_in(app, "tallowby"))
    with app.app_context(), transaction():
        moderator = a_moderator()
        undo.undo(moderator, decisions.hide(moderator, db.session.get(Story, 1), "privacy"))

        assert db.session.scalar(sa.select(sa.func.count()).where(Notice.report_id.is_not(None))) == 0


def test_the_desk_shows_the_text_that_was_reported_where_it_is_another_by_now(app: Flask) -> None:
    report(logged_in(app, "tallowby"))
    with app.app_context(), transaction():
        story = db.session.get(Story, 1)
        authoring.submit_edit(story.author, story, a_story_content(title="Other words", body="Other words. " * 10))
        decisions.approve(a_moderator(), pending_of(story))

    page = logged_in(app, "marlow", Role.MODERATOR).get_page("/moderation/stories/1")

    assert "version 1" in page.texts(".signals details summary")[0]
    assert "week by week, honestly told" in page.texts(".signals details")[0]
