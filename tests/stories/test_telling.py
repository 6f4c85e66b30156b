"""Around the form of a story: how it begins, what a moderator wrote, side effects to choose from, and the thank you."""

from __future__ import annotations

from flask import Flask

from app.accounts import registration
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.moderation.decisions import decisions
from app.stories.answers import Severity
from app.stories.models import Story
from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories.building import made
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story, a_treatment
from tests.stories.story_form import filled_form, listed_errors, set_field


def test_visitors_read_why_they_need_an_account_and_get_no_cookie(client: StrictClient) -> None:
    page = client.get_page("/stories/new")

    assert "You need an account first" in page.text
    targets = [link.address.partition("?")[2] for link in page.links_in("main a")]
    assert targets == ["next=/stories/new", "next=/stories/new"]
    assert "Set-Cookie" not in page.response.headers


def test_an_unsent_draft_is_offered_above_an_empty_form(writer: StrictClient) -> None:
    writer.submit(writer.get_page("/stories/new").form("Send for review").fill("Title", "A long summer"), "Save draft")

    page = writer.get_page("/stories/new")

    assert page.form("Send for review").value("Title") == ""
    again = writer.click(page, "Carry on with ‘A long summer’")
    assert again.form("Send for review").value("Title") == "A long summer"
    assert "Carry on with" not in again.text


def test_the_draft_of_a_next_version_is_not_offered_for_a_new_story(app: Flask, writer: StrictClient) -> None:
    writer.submit(filled_form(writer), "Send for review")
    writer.submit(writer.get_page("/stories/1/edit").form("Send for review").fill("Title", "Other words"), "Save draft")

    assert "Carry on with" not in writer.get_page("/stories/new").text


def test_what_the_moderator_wrote_stands_above_the_form(app: Flask) -> None:
    author = logged_in(app, "quietfern")
    with app.app_context(), transaction():
        story = a_pending_story(registration.find_by_username("quietfern"))
        decisions.request_changes(a_moderator(), pending_of(story), "privacy", "Leave out the name of the nurse.")

    page = author.get_page("/stories/1/edit")

    assert "Leave out the name of the nurse." in " ".join(page.texts(".story-form__before .notice"))
    sent = author.submit(page.form("Send for review"), "Send for review")
    assert "Leave out the name" not in sent.text
    assert "Leave out the name" not in author.get_page("/stories/1/edit").text


def test_after_sending_others_of_the_same_condition_are_offered(app: Flask, writer: StrictClient) -> None:
    def others() -> Story:
        a_published_story(title="Frozen off", condition="Warts")
        a_published_story(title="Hair that came back", condition="Alopecia areata")
        return a_pending_story(title="Not read yet", condition="Warts")

    made(app, others)

    page = writer.submit(filled_form(writer), "Send for review")

    assert page.h1 == "Thank you for sharing your story"
    assert page.texts("main article h3") == ["Frozen off"]


def test_the_thank_you_is_for_the_author_of_what_waits(app: Flask, writer: StrictClient) -> None:
    writer.submit(filled_form(writer), "Send for review")
    assert logged_in(app, "tallowby").get("/stories/1/sent", unchecked="an error page").status_code == 404
    with app.app_context(), transaction():
        decisions.approve(a_moderator(), pending_of(db.session.get(Story, 1)))

    assert writer.get("/stories/1/sent").location.startswith("/stories/1/")


def test_one_more_side_effect_keeps_everything_up_to_the_limit(writer: StrictClient) -> None:
    form = filled_form(writer)
    set_field(form, "treatments-0-side_effects-0-effect", "Itch")
    for lines in range(3, 13):
        page = writer.submit(form, "Add a side effect")
        form = page.form("Send for review")
        assert len(page.select("#treatment-1 .side-effect")) == min(lines, 10)
        assert form.value("Title") == "Eleven warts and then none"
        assert page.one("[id='treatments-0-side_effects-0-effect']").get("value") == "Itch"


def test_a_side_effect_is_added_to_its_own_treatment(writer: StrictClient) -> None:
    form = writer.submit(filled_form(writer), "Add another treatment").form("Send for review")

    page = writer.submit(form, "Add a side effect", within="Treatment 2")

    assert len(page.select("#treatment-1 .side-effect")) == 2
    assert len(page.select("#treatment-2 .side-effect")) == 3


def test_errors_say_which_treatment_they_are_about_where_there_are_several(writer: StrictClient) -> None:
    page = writer.submit(filled_form(writer).fill("Treatment", ""), "Send for review", status=422)
    assert listed_errors(page) == ["Enter a treatment"]

    form = writer.submit(page.form("Send for review"), "Add another treatment").form("Send for review")
    page = writer.submit(form.fill("Treatment", "DPCP", within="Treatment 1"), "Send for review", status=422)

    assert listed_errors(page) == ["Treatment 2: Enter a treatment"]
    assert page.title.startswith("Error: Share your story")


def test_the_commonest_side_effects_of_a_treatment_come_first(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        imiquimod, freezing = (a_topic(name, TopicKind.TREATMENT) for name in ("Imiquimod", "Cryotherapy"))
        itch, soreness, blistering = (a_topic(name, TopicKind.EFFECT) for name in ("Itch", "Soreness", "Blistering"))
        for number, named in enumerate(([itch, soreness], [soreness], [soreness])):
            tried = a_treatment(imiquimod, side_effects=dict.fromkeys(named, Severity.MILD))
            a_published_story(a_person(f"teller{number}"), statistics=True, treatments=[tried])
        cold = a_treatment(freezing, side_effects={blistering: Severity.SEVERE})
        a_published_story(a_person("icicle"), statistics=True, treatments=[cold])
        # Not counted: its author did not agree.
        a_published_story(a_person("hermit"), treatments=[a_treatment(freezing, side_effects={itch: Severity.MILD})])

    def offered(name: str) -> list[str]:
        return list(client.get(f"/side-effects?treatment={name}").json["side_effects"])

    assert offered("imiquimod") == ["Soreness", "Itch", "Blistering"]
    assert offered("Cryotherapy") == ["Blistering", "Soreness", "Itch"]
    assert offered("") == offered("nothing of the kind") == ["Soreness", "Itch", "Blistering"]
