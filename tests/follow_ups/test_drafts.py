"""Drafts of follow-ups: kept like those of stories, by the button, while typing, and when something was wrong."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.accounts import registration
from app.follow_ups.models import BODY_MAX_LENGTH, FollowUp, FollowUpDraft, FollowUpRevision
from app.foundation.access import Role
from app.foundation.contributions import publication
from app.foundation.contributions.drafts import MAX_DRAFTS
from app.foundation.database import db, transaction
from app.moderation.decisions import decisions
from app.stories.models import Story
from tests.client import Form, Page, StrictClient
from tests.factories.follow_ups import a_published_follow_up
from tests.factories.people import a_moderator, logged_in
from tests.factories.stories import a_published_story

WORDS = "Half a year on, the skin is clear."
NEW = "/stories/1/follow-up"
DISCARD = "Delete draft ‘How it is now: Half a year, week by week’"


@pytest.fixture
def author(app: Flask) -> StrictClient:
    """The author of a public story (1) with a public follow-up (1)."""
    client = logged_in(app, "quietfern")
    with app.app_context(), transaction():
        a_published_follow_up(a_published_story(registration.find_by_username("quietfern")), "It was better in spring.")
    return client


def the_form(client: StrictClient, address: str = NEW) -> Form:
    return client.get_page(address).form("Send for review")


def written(client: StrictClient, address: str = NEW) -> str:
    return str(the_form(client, address).value("How is it now?"))


def drafts(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count(FollowUpDraft.id))) or 0


def pairs(form: Form) -> MultiDict[str, str]:
    return MultiDict(form.pairs())


def test_a_follow_up_is_kept_gone_on_with_and_sent(app: Flask, author: StrictClient) -> None:
    form = (
        the_form(author)
        .fill("How is it now?", WORDS)
        .check("it came back")
        .choose("Are you still using it?", "still using it")
    )

    page = author.submit(form, "Save draft")

    assert "Draft saved." in page.text
    page = author.get_page("/account/contributions")
    assert "How it is now: " in " ".join(page.texts("h3"))
    form = author.click(page, "How it is now: Half a year, week by week").form("Send for review")
    assert form.value("How is it now?") == WORDS
    assert form.value("it came back") is True
    author.submit(form, "Send for review")
    with app.app_context():
        assert (
            db.session.scalars(sa.select(FollowUpRevision).order_by(FollowUpRevision.id.desc())).first().body_source
            == WORDS
        )
    assert drafts(app) == 0
    assert written(author) == ""


def test_what_is_typed_is_kept_and_what_arrives_late_is_not(app: Flask, author: StrictClient) -> None:
    form = the_form(author).fill("How is it now?", WORDS)

    untouched = author.post(f"{NEW}/draft", data=pairs(the_form(author)))
    answer = author.post(f"{NEW}/draft", data=pairs(form))

    assert (untouched.status_code, answer.status_code, drafts(app)) == (204, 200, 1)
    assert answer.headers["Cache-Control"] == "no-store"
    assert written(author) == WORDS
    author.submit(form, "Send for review")
    assert author.post(f"{NEW}/draft", data=pairs(form)).status_code == 204
    assert drafts(app) == 0


def test_the_next_version_has_a_draft_of_its_own(app: Flask, author: StrictClient) -> None:
    form = the_form(author, "/follow-ups/1/edit")
    untouched = author.post("/follow-ups/1/draft", data=pairs(form))
    author.post("/follow-ups/1/draft", data=pairs(form.fill("How is it now?", "Changed words.")))
    author.post(f"{NEW}/draft", data=pairs(the_form(author).fill("How is it now?", WORDS)))

    assert untouched.status_code == 204
    assert (written(author, "/follow-ups/1/edit"), written(author)) == ("Changed words.", WORDS)
    author.submit(the_form(author, "/follow-ups/1/edit"), "Send for review")
    assert (drafts(app), written(author)) == (1, WORDS)


def test_what_is_refused_is_kept(app: Flask, author: StrictClient) -> None:
    long = "word " * (BODY_MAX_LENGTH // 5 + 1)

    author.submit(the_form(author).fill("How is it now?", long), "Send for review", status=422)

    assert written(author).split() == long.split()


def test_a_draft_is_discarded(app: Flask, author: StrictClient) -> None:
    author.submit(the_form(author).fill("How is it now?", WORDS), "Save draft")

    page = author.get_page("/account/contributions")
    page = author.submit(page.form(DISCARD))

    assert "Draft deleted." in page.text
    assert drafts(app) == 0


def test_words_outlive_the_public_story(app: Flask, author: StrictClient) -> None:
    form = the_form(author).fill("How is it now?", WORDS)
    with app.app_context(), transaction():
        decisions.hide(a_moderator(), db.session.get(Story, 1), "privacy")

    page = author.submit(form, "Send for review", status=409)

    assert "Your story isn’t public at the moment." in page.text
    assert written(author) == WORDS


def test_there_is_an_end_to_drafts_and_the_words_stay_on_the_page(app: Flask, author: StrictClient) -> None:
    with app.app_context(), transaction():
        person = registration.find_by_username("quietfern")
        for number in range(MAX_DRAFTS):
            story = a_published_story(person)
            db.session.add(FollowUpDraft(author_id=person.id, key=f"key-{number:06}", story=story, fields={}))

    page = author.submit(the_form(author).fill("How is it now?", WORDS), "Save draft", status=422)

    assert f"You already have {MAX_DRAFTS} drafts." in page.text
    assert page.form("Save draft").value("How is it now?") == WORDS
    assert author.post(f"{NEW}/draft", data=pairs(page.form("Save draft"))).status_code == 422


@pytest.mark.parametrize("name", ["tallowby", "marlow", "adair"])
def test_nobody_else_reads_writes_or_discards_it(app: Flask, author: StrictClient, name: str) -> None:
    author.submit(the_form(author).fill("How is it now?", WORDS), "Save draft")
    role = {"marlow": Role.MODERATOR, "adair": Role.ADMIN}.get(name, Role.MEMBER)
    other = logged_in(app, name, role)
    token = other.csrf_token()

    for address in (NEW, f"{NEW}/draft", f"{NEW}/discard", "/follow-ups/1/draft", "/follow-ups/1/discard"):
        assert other.post(address, data={"csrf_token": token, "body": "x", "save": "1"}).status_code == 404
    pages = [
        other.get_page(address, follow_redirects=True)
        for address in ("/account/contributions", "/stories/1", "/stories")
    ]

    assert drafts(app) == 1
    assert not any(WORDS in page.text for page in [*pages, author.get_page("/stories")])
    assert written(author) == WORDS


def test_a_session_that_ended_keeps_what_was_kept(app: Flask, author: StrictClient) -> None:
    form = the_form(author).fill("How is it now?", WORDS)
    author.post(f"{NEW}/draft", data=pairs(form))
    author.submit(author.get_page("/").form("Log out"))

    assert author.post(f"{NEW}/draft", data=pairs(form)).status_code in (400, 401)

    assert written(logged_in(app, "quietfern")) == WORDS


def test_the_draft_goes_with_its_author(app: Flask, author: StrictClient) -> None:
    # What erasing an account relies on: the key in the database takes drafts along.
    with app.app_context():
        keys = sa.inspect(db.engine).get_foreign_keys("follow_up_drafts")

    assert {key["referred_table"]: key["options"].get("ondelete") for key in keys} == {
        "people": "CASCADE",
        "stories": "CASCADE",
        "follow_ups": "CASCADE",
    }


def test_a_withdrawn_follow_up_leaves_its_draft_to_its_author(app: Flask, author: StrictClient) -> None:
    author.submit(the_form(author, "/follow-ups/1/edit").fill("How is it now?", WORDS), "Save draft")
    with app.app_context(), transaction():
        follow_up = db.session.get(FollowUp, 1)
        publication.withdraw(follow_up.author, follow_up)

    assert written(author, "/follow-ups/1/edit") == WORDS


# --- The privacy hints ---


def remarks(page: Page) -> list[str]:
    return page.texts(".privacy-hints q")


def test_what_names_somebody_is_looked_at_once_before_it_is_sent(app: Flask, author: StrictClient) -> None:
    page = author.submit(the_form(author).fill("How is it now?", "Dr Miller says I am done."), "Send for review")

    assert remarks(page) == ["Dr Miller"]
    assert "Check this before you send your follow-up" in page.text
    assert "1 detail in your follow-up might identify someone" in page.text
    assert "Nothing is sent yet" in page.text
    page = author.submit(page.form("Send for review"), "Write ‘The doctor’ instead of ‘Dr Miller’")
    form = page.form("Send for review")
    assert form.value("How is it now?") == "The doctor says I am done."
    assert "with our moderators" in author.submit(form, "Send for review").text


def test_help_comes_while_typing(author: StrictClient) -> None:
    form = the_form(author).fill("How is it now?", "Some nights I wanted to kill myself.")

    assert "116 123" in author.post(f"{NEW}/draft", data=pairs(form)).json["hints"]


# --- The preview ---


def test_the_preview_is_what_becomes_public(app: Flask, author: StrictClient) -> None:
    form = the_form(author).fill("How is it now?", "It is *gone*.").check("it has not come back")

    page = author.submit(form.choose("Are you still using it?", "not using it any more"), "Preview")

    [shown] = page.texts("#preview .later > li")
    for words in ("the same day", "it has not come back", "Imiquimod", "not using it any more", "It is gone."):
        assert words in shown
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(FollowUp.id))) == 1
    assert drafts(app) == 1
    author.submit(page.form("Send for review"), "Send for review")
    with app.app_context(), transaction():
        follow_up = db.session.get(FollowUp, 2)
        decisions.approve(a_moderator(), publication.pending_of(follow_up))
    public = author.get_page("/stories/1", follow_redirects=True)
    answers = "#preview .later__answers li"
    assert page.texts(answers) == public.texts("#follow-up-2 .later__answers li")
    assert page.texts("#preview .prose") == public.texts("#follow-up-2 .prose")


@pytest.mark.parametrize(
    ("words", "told"), [("", "Say how it is now"), ("x" * (BODY_MAX_LENGTH + 1), "up to 5,000 characters")]
)
def test_what_cannot_be_previewed_is_told_and_nothing_is_lost(author: StrictClient, words: str, told: str) -> None:
    page = author.submit(the_form(author).fill("How is it now?", words), "Preview", status=422)

    assert told in page.text
    assert page.select("#preview") == []
    assert page.form("Send for review").value("How is it now?") == words


def test_the_answers_of_then_stand_beside_the_questions(author: StrictClient) -> None:
    assert "In your story you said: moderately" in author.get_page(NEW).text
