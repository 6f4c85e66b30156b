"""Drafts: what is still being written, finished or not."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.accounts import registration
from app.foundation.access import Role
from app.foundation.contributions.drafts import MAX_DRAFTS, MAX_LENGTH
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.moderation.decisions import decisions
from app.stories.drafts import save
from app.stories.models import Story, StoryDraft
from tests.client import Form, StrictClient
from tests.factories.building import made
from tests.factories.people import a_moderator, logged_in
from tests.factories.stories import a_pending_story
from tests.stories.story_form import BODY, TITLE, complete_form, filled_form, listed_errors, set_field, typed_values


def drafts(app: Flask) -> list[int]:
    with app.app_context():
        return list(db.session.scalars(sa.select(StoryDraft.id).order_by(StoryDraft.id)))


def a_story_of(app: Flask, name: str) -> int:
    return made(app, lambda: a_pending_story(registration.find_by_username(name)))


def test_a_draft_keeps_everything_as_it_stands(app: Flask, writer: StrictClient) -> None:
    form = complete_form(writer)
    before = typed_values(form)

    page = writer.submit(form, "Save draft")

    assert "Draft saved." in page.text
    assert typed_values(page.form("Send for review")) == before
    assert typed_values(writer.get_page(f"/stories/drafts/{drafts(app)[0]}").form("Send for review")) == before


def test_a_draft_need_not_be_finished_nor_make_sense(app: Flask, writer: StrictClient) -> None:
    form = writer.get_page("/stories/new").form("Save draft").fill("Condition", "Something odd").fill("Treatment", "x")

    page = writer.submit(form, "Save draft")

    assert page.form("Save draft").value("Condition") == "Something odd"
    assert listed_errors(page) == []


def test_a_draft_is_found_among_ones_contributions_and_gone_on_with(app: Flask, writer: StrictClient) -> None:
    writer.submit(filled_form(writer), "Save draft")

    page = writer.click(writer.get_page("/account/contributions"), TITLE)
    page = writer.submit(page.form("Send for review"), "Send for review")

    assert "waiting to be read" in page.text
    assert drafts(app) == []
    with app.app_context():
        assert db.session.scalars(sa.select(Story)).one().revisions[0].body_source == BODY


def test_a_draft_saved_again_is_the_same_draft(app: Flask, writer: StrictClient) -> None:
    page = writer.submit(filled_form(writer), "Save draft")

    page = writer.submit(page.form("Save draft").fill("Title", "Another title"), "Save draft")

    assert len(drafts(app)) == 1
    assert page.form("Save draft").value("Title") == "Another title"


def test_one_can_have_several_drafts(app: Flask, writer: StrictClient) -> None:
    for title in ("The hand", "The foot", ""):
        writer.submit(filled_form(writer).fill("Title", title), "Save draft")

    page = writer.get_page("/account/contributions")

    assert len(drafts(app)) == 3
    assert {"The hand", "The foot", "No title yet"} <= set(page.texts("h3"))


def test_discarding_a_draft_leaves_the_others(app: Flask, writer: StrictClient) -> None:
    for title in ("The hand", "The foot"):
        writer.submit(filled_form(writer).fill("Title", title), "Save draft")

    page = writer.get_page("/account/contributions")
    page = writer.submit(page.form("Delete draft ‘The hand’"))

    assert "Draft deleted." in page.text
    assert "The hand" not in page.text
    assert "The foot" in page.text


def test_a_story_that_is_refused_is_kept_as_a_draft(app: Flask, writer: StrictClient) -> None:
    form = complete_form(writer).uncheck("Publish my story")
    before = typed_values(form)

    writer.submit(form, "Send for review", status=422)

    [draft] = drafts(app)
    assert typed_values(writer.get_page(f"/stories/drafts/{draft}").form("Send for review")) == before


def test_a_story_refused_twice_is_one_draft_and_none_once_it_is_sent(app: Flask, writer: StrictClient) -> None:
    page = writer.submit(filled_form(writer).fill("Title", ""), "Send for review", status=422)
    page = writer.submit(page.form("Send for review").fill("Condition", "Lurgy"), "Send for review", status=422)
    assert len(drafts(app)) == 1

    form = page.form("Send for review").fill("Title", TITLE).fill("Condition", "Warts")
    writer.submit(form, "Send for review")

    assert drafts(app) == []


def test_a_refused_edit_is_kept_as_the_draft_of_the_next_version(app: Flask, writer: StrictClient) -> None:
    story = a_story_of(app, "quietfern")
    form = writer.get_page(f"/stories/{story}/edit").form("Send for review").fill("Your story", "Too short now.")

    writer.submit(form, "Send for review", status=422)

    page = writer.get_page(f"/stories/{story}/edit")
    assert page.form("Send for review").value("Your story") == "Too short now."
    assert "the next version of a story" in writer.get_page("/account/contributions").text


def test_a_sent_edit_ends_the_draft_of_it(app: Flask, writer: StrictClient) -> None:
    story = a_story_of(app, "quietfern")
    page = writer.submit(writer.get_page(f"/stories/{story}/edit").form("Save draft"), "Save draft")

    writer.submit(page.form("Send for review").fill("Title", "The second title"), "Send for review")

    assert drafts(app) == []


def test_asking_for_changes_leaves_the_author_a_draft_to_begin_from(app: Flask, writer: StrictClient) -> None:
    writer.submit(complete_form(writer), "Send for review")
    with app.app_context(), transaction():
        decisions.request_changes(a_moderator(), pending_of(db.session.get(Story, 1)), "privacy")

    page = writer.click(writer.get_page("/account/contributions"), TITLE, css="h2 + ul a[href*=drafts]")

    form = page.form("Send for review")
    assert form.value("Title") == TITLE
    assert form.value("Treatment", within="Treatment 2") == "Cryotherapy"
    assert form.value("cost", within="Treatment 2") is True


def test_changes_asked_for_do_not_overwrite_what_the_author_began(app: Flask, writer: StrictClient) -> None:
    story = a_story_of(app, "quietfern")
    form = writer.get_page(f"/stories/{story}/edit").form("Save draft").fill("Title", "My own next version")
    writer.submit(form, "Save draft")

    with app.app_context(), transaction():
        decisions.request_changes(a_moderator(), pending_of(db.session.get(Story, story)), "privacy")

    form = writer.get_page(f"/stories/{story}/edit").form("Save draft")
    assert form.value("Title") == "My own next version"


def test_no_key_of_a_form_stands_in_the_way_of_asking_for_changes(app: Flask, writer: StrictClient) -> None:
    story = a_story_of(app, "quietfern")
    form = filled_form(writer)
    set_field(form, "key", f"story-{story}-1")
    writer.submit(form, "Save draft")

    with app.app_context(), transaction():
        decisions.request_changes(a_moderator(), pending_of(db.session.get(Story, story)), "privacy")

    assert len(drafts(app)) == 2


def test_the_key_of_one_draft_can_come_with_the_form_of_another_story(app: Flask, writer: StrictClient) -> None:
    story = a_story_of(app, "quietfern")
    for address in ("/stories/new", f"/stories/{story}/edit"):
        form = writer.get_page(address).form("Save draft")
        set_field(form, "key", "the-same-key")
        writer.submit(form, "Save draft")

    assert len(drafts(app)) == 2


def test_there_is_an_end_to_drafts_and_the_words_stay_on_the_page(app: Flask, writer: StrictClient) -> None:
    with app.app_context(), transaction():
        for number in range(MAX_DRAFTS):
            save(registration.find_by_username("quietfern"), f"key-number-{number}", {})

    page = writer.submit(filled_form(writer), "Save draft", status=422)

    assert "already have 20 drafts" in listed_errors(page)[0]
    assert typed_values(page.form("Send for review"))["body"] == [BODY]
    page = writer.submit(page.form("Send for review").fill("Title", ""), "Send for review", status=422)
    assert typed_values(page.form("Send for review"))["body"] == [BODY]
    writer.submit(page.form("Send for review").fill("Title", TITLE), "Send for review")
    assert len(drafts(app)) == MAX_DRAFTS


def test_what_is_too_long_for_a_draft_stays_on_the_page(app: Flask, writer: StrictClient) -> None:
    words = "word " * 22_000

    page = writer.submit(filled_form(writer).fill("Your story", words), "Save draft", status=422)

    assert "too long to save as a draft" in listed_errors(page)[0]
    assert page.form("Send for review").value("Your story").split() == words.split()
    assert drafts(app) == []


@pytest.mark.parametrize("name", ["tallowby", "marlow", "adair"])
def test_the_drafts_of_others_do_not_exist(app: Flask, writer: StrictClient, name: str) -> None:
    writer.submit(filled_form(writer), "Save draft")
    role = {"marlow": Role.MODERATOR, "adair": Role.ADMIN}.get(name, Role.MEMBER)
    other = logged_in(app, name, role)
    token = other.csrf_token()

    other.get_page("/stories/drafts/1", status=404)
    refused = other.post("/stories/drafts/1/discard", data={"csrf_token": token})

    assert refused.status_code == 404
    assert drafts(app) == [1]
    assert TITLE not in other.get_page("/account/contributions").text


def test_a_draft_is_not_written_into_the_story_of_another(app: Flask, writer: StrictClient) -> None:
    story = a_story_of(app, "quietfern")
    other = logged_in(app, "tallowby")
    token = other.csrf_token()

    for button in ("save", "send", "add"):
        data = {"csrf_token": token, "title": TITLE, "body": BODY, button: "1"}
        assert other.post(f"/stories/{story}/edit", data=data).status_code == 404

    assert drafts(app) == []


def test_an_empty_form_leaves_no_draft(app: Flask) -> None:
    author = logged_in(app, "quietfern")

    author.submit(author.get_page("/stories/new").form("Send for review"), "Send for review", status=422)

    assert "No title yet" not in author.get_page("/account/contributions").text


# --- While typing ---


def pairs(form: Form) -> MultiDict[str, str]:
    return MultiDict(form.pairs())


def test_what_is_typed_is_kept_and_answers_with_its_address(app: Flask, writer: StrictClient) -> None:
    form = filled_form(writer)

    answer = writer.post("/stories/drafts", data=pairs(form))
    again = writer.post("/stories/drafts", data=pairs(form.fill("Title", "Another title")))

    [draft] = drafts(app)
    assert answer.json["url"] == again.json["url"] == f"/stories/drafts/{draft}"
    assert answer.headers["Cache-Control"] == "no-store"
    assert writer.get_page(f"/stories/drafts/{draft}").form("Save draft").value("Title") == "Another title"


def test_drafts_of_one_evening_are_told_apart(app: Flask, writer: StrictClient) -> None:
    for hour in (21, 23):
        evening = datetime(2026, 11, 20, hour, 5, tzinfo=UTC)
        with time_machine.travel(evening, tick=False), app.app_context(), transaction():
            save(registration.find_by_username("quietfern"), f"key-of-{hour}", {"title": ["Two years with my hands"]})

    listed = " ".join(writer.get_page("/account/contributions").text.split())

    assert "last saved 20 November 2026, 23:05" in listed
    assert "last saved 20 November 2026, 21:05" in listed


def test_an_empty_form_is_no_draft(app: Flask, writer: StrictClient) -> None:
    answer = writer.post("/stories/drafts", data=pairs(writer.get_page("/stories/new").form("Save draft")))

    assert (answer.status_code, answer.data, drafts(app)) == (204, b"", [])


def test_what_arrives_after_it_was_sent_does_not_come_back_as_a_draft(app: Flask, writer: StrictClient) -> None:
    form = filled_form(writer, title=TITLE)
    late = pairs(form)
    writer.submit(form, "Send for review")

    answer = writer.post("/stories/drafts", data=late)

    assert (answer.status_code, drafts(app)) == (204, [])


def test_other_words_after_going_back_are_kept(app: Flask, writer: StrictClient) -> None:
    form = filled_form(writer)
    writer.submit(form, "Send for review")

    answer = writer.post("/stories/drafts", data=pairs(form.fill("Title", "On second thoughts")))

    assert answer.status_code == 200
    assert len(drafts(app)) == 1


def test_the_next_version_is_kept_while_it_is_typed(app: Flask, writer: StrictClient) -> None:
    story = a_story_of(app, "quietfern")
    form = writer.get_page(f"/stories/{story}/edit").form("Send for review")

    untouched = writer.post(f"/stories/{story}/draft", data=pairs(form))
    typed_on = writer.post(f"/stories/{story}/draft", data=pairs(form.fill("Title", "Other words")))

    assert untouched.status_code == 204
    assert typed_on.json["url"] == f"/stories/{story}/edit"
    assert writer.get_page(f"/stories/{story}/edit").form("Save draft").value("Title") == "Other words"


def test_why_it_cannot_be_kept_is_told(app: Flask, writer: StrictClient) -> None:
    form = filled_form(writer)
    for number in range(MAX_DRAFTS):
        with app.app_context(), transaction():
            save(registration.find_by_username("quietfern"), f"key-of-draft-{number}", {"title": ["a"]})

    full = writer.post("/stories/drafts", data=pairs(form))
    long = writer.post("/stories/drafts", data={**pairs(form), "body": "word " * MAX_LENGTH})

    assert full.status_code == 422
    assert f"You already have {MAX_DRAFTS} drafts." in full.json["message"]
    assert long.status_code in (413, 422)


def test_nobody_keeps_a_draft_of_the_story_of_another(app: Flask, writer: StrictClient) -> None:
    story = a_story_of(app, "quietfern")
    form = filled_form(writer)
    other = logged_in(app, "mossywood")
    token = other.csrf_token()

    answer = other.post(f"/stories/{story}/draft", data={**pairs(form), "csrf_token": token})

    assert answer.status_code == 404
    assert drafts(app) == []
