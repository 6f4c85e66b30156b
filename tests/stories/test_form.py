"""The story form: what it refuses, what it keeps, what becomes of the answers."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

import pytest
import sqlalchemy as sa
from flask import Flask
from lxml import etree

from app.foundation.contributions.publication import pending_of
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db, transaction
from app.moderation.decisions import decisions
from app.stories import questions as limits
from app.stories.answers import About, Again, AgeBand, Companion, Duration, Effect, FirstEffect, Severity, Sex
from app.stories.answers import Status as Standing
from app.stories.models import Story, StoryDraft, StoryRevision
from tests.client import Form, StrictClient
from tests.client import _text as read
from tests.factories.people import a_moderator, logged_in
from tests.stories.story_form import (
    BODY,
    DPCP,
    TITLE,
    complete_form,
    field_error,
    filled_form,
    listed_errors,
    set_field,
    typed_values,
)


def stories(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(Story)) or 0


def the_revision(app: Flask) -> StoryRevision:
    """The only version there is. Within an application context."""
    return db.session.scalars(sa.select(StoryRevision)).one()


def with_side_effect(effect: str, severity: str, line: int = 0) -> Callable[[Form], None]:
    def fill(form: Form) -> None:
        set_field(form, f"treatments-0-side_effects-{line}-effect", effect)
        set_field(form, f"treatments-0-side_effects-{line}-severity", severity)

    return fill


def same_side_effect_twice(form: Form) -> None:
    with_side_effect("Itch", "mild")(form)
    with_side_effect("Itch (Pruritus)", "severe", 1)(form)


# What is wrong, the field it stands at, words of the message.
WRONG: dict[str, tuple[Callable[[Form], object], str, str]] = {
    "no title": (lambda form: form.fill("Title", ""), "title", "Enter a title"),
    "a title of spaces": (lambda form: form.fill("Title", "   "), "title", "title"),
    "a title that nobody sees": (lambda form: form.fill("Title", "\u200b\u3164"), "title", "title"),
    "a long title": (lambda form: form.fill("Title", "x" * 121), "title", "120"),
    "no story": (lambda form: form.fill("Your story", ""), "body", "Write your story"),
    "a story of spaces": (lambda form: form.fill("Your story", " \n" * 100), "body", "yours has 0"),
    "a short story": (lambda form: form.fill("Your story", "x" * 49), "body", "50 characters and yours has 49"),
    "a story without words": (lambda form: form.fill("Your story", "\n\n".join(["---"] * 20)), "body", "in words"),
    "a long story": (lambda form: form.fill("Your story", "x" * 20_001), "body", "characters and yours has 20,001"),
    "a long advice": (lambda form: form.fill("Advice", "x" * 2_001), "advice", "2,000"),
    "a long place": (lambda form: form.fill("Place", "x" * 61), "body_place", "60"),
    "no condition": (lambda form: form.fill("Condition", ""), "condition", "Enter a condition"),
    "a condition of spaces": (lambda form: form.fill("Condition", "   "), "condition", "Enter a condition"),
    "an unknown condition": (lambda form: form.fill("Condition", "Lurgy"), "condition", "don’t have ‘Lurgy’"),
    "a treatment as condition": (lambda form: form.fill("Condition", "Imiquimod"), "condition", "don’t have"),
    "no treatment": (lambda form: form.fill("Treatment", ""), "treatments-0-treatment", "Enter a treatment"),
    "a treatment of spaces": (lambda form: form.fill("Treatment", "  "), "treatments-0-treatment", "Enter a treatment"),
    "an unknown treatment": (lambda form: form.fill("Treatment", "Luck"), "treatments-0-treatment", "don’t have"),
    "a side effect without severity": (
        with_side_effect("Itch", ""), "treatments-0-side_effects-0-severity", "how bad"),
    "an unknown side effect": (
        with_side_effect("Ennui", "mild"), "treatments-0-side_effects-0-effect", "don’t have"),
    "the same side effect twice": (same_side_effect_twice, "treatments-0-side_effects", "same side effect twice"),
    "no consent": (lambda form: form.uncheck("Publish my story"), "publish", "Tick ‘Publish my story’"),
}  # fmt: skip


@pytest.mark.parametrize("wrong", WRONG)
def test_what_is_wrong_is_said_at_the_top_and_at_the_field_and_nothing_is_lost(
    app: Flask, writer: StrictClient, wrong: str
) -> None:
    spoil, field, words = WRONG[wrong]
    form = filled_form(writer)
    spoil(form)
    before = {name: values for name, values in typed_values(form).items() if "".join(values).strip()}

    page = writer.submit(form, "Send for review", status=422)

    assert any(words in error for error in listed_errors(page)), listed_errors(page)
    assert words in (field_error(page, field) or " ".join(page.texts(f"[id='{field}']")))
    assert f"#{field}" in {anchor.get("href") for anchor in page.select(".error-summary a")}
    after = typed_values(page.form("Send for review"))
    assert {name: after.get(name) for name in before} == before
    assert stories(app) == 0


@pytest.mark.parametrize(
    ("field", "length"),
    [("Title", limits.TITLE_MAX_LENGTH), ("Your story", limits.BODY_MIN_LENGTH), ("Your story", limits.BODY_MAX_LENGTH),
     ("Advice", limits.ADVICE_MAX_LENGTH), ("Place", limits.PLACE_MAX_LENGTH)],
)  # fmt: skip
def test_the_limits_themselves_are_allowed(app: Flask, writer: StrictClient, field: str, length: int) -> None:
    # Line ends travel as two characters and count as one.
    text = ("é\n" * length)[:length] if field in ("Your story", "Advice") else "é" * length
    text = text.rstrip("\n").ljust(length, "x")

    page = writer.submit(filled_form(writer).fill(field, text), "Send for review")

    assert "waiting to be read" in page.text
    with app.app_context():
        revision = the_revision(app)
        kept = {"Title": revision.title, "Your story": revision.body_source, "Advice": revision.advice_source}
        assert kept.get(field, revision.body_place) == text


def test_a_long_story_in_decomposed_letters_is_kept_to_its_end(app: Flask, writer: StrictClient) -> None:
    text = "ậ" * (limits.BODY_MAX_LENGTH - 4) + "end."

    writer.submit(filled_form(writer).fill("Your story", unicodedata.normalize("NFD", text)), "Send for review")

    with app.app_context():
        assert the_revision(app).body_source == text


def test_every_error_is_shown_at_once_in_the_order_of_the_form(writer: StrictClient) -> None:
    page = writer.submit(writer.get_page("/stories/new").form("Send for review"), "Send for review", status=422)

    fields = [anchor.get("href") for anchor in page.select(".error-summary a")]
    assert fields == ["#title", "#body", "#condition", "#treatments-0-treatment", "#publish"]


def test_everything_one_answered_comes_back_when_something_is_missing(writer: StrictClient) -> None:
    form = complete_form(writer).fill("Title", "")
    before = typed_values(form)
    assert len(before) > 25

    page = writer.submit(form, "Send for review", status=422)

    assert typed_values(page.form("Send for review")) == before


def test_every_answer_is_kept_with_the_story(app: Flask, writer: StrictClient) -> None:
    writer.submit(complete_form(writer), "Send for review")

    with app.app_context():
        revision = the_revision(app)
        assert revision.state is RevisionState.PENDING
        assert (revision.condition.name, revision.about, revision.body_source) == (
            "Warts",
            About.SOMEONE_I_CARE_FOR,
            BODY,
        )
        assert revision.advice_source == "Be patient.\n\nTake photographs."
        assert (revision.age_band, revision.sex, revision.body_place) == (AgeBand.AGE_40_49, Sex.OTHER, "left hand")
        assert revision.confirmed_by_clinician
        assert all((revision.publish_consent_at, revision.statistics_consent_at, revision.follow_up_consent_at))
        first, second = revision.treatments
        assert (first.topic.name, second.topic.name) == ("Diphencyprone", "Cryotherapy")
        assert (first.effect, second.effect) == (Effect.VERY_WELL, Effect.NOT_AT_ALL)
        assert (first.duration, second.duration) == (Duration.MONTHS_3_6, Duration.UNDER_1_MONTH)
        assert (first.status, second.status) == (Standing.FINISHED, Standing.STOPPED)
        assert (first.first_effect, second.first_effect) == (FirstEffect.WEEKS_2_4, FirstEffect.NEVER)
        assert (first.side_effects_overall, second.side_effects_overall) == (Severity.MODERATE, Severity.SEVERE)
        assert (first.again, second.again) == (Again.YES, Again.NO)
        assert [(each.topic.name, each.severity) for each in first.side_effects] == [
            ("Itch", Severity.MILD),
            ("Blistering", Severity.SEVERE),
        ]
        assert {each.companion for each in first.companions} == {Companion.MOISTURISER, Companion.LIGHT_THERAPY}
        assert {str(each.reason) for each in second.stop_reasons} == {"cost", "did_not_work"}
        assert first.stop_reasons == second.companions == second.side_effects == []


def test_every_answer_is_read_by_the_moderator(app: Flask, writer: StrictClient) -> None:
    writer.submit(complete_form(writer), "Send for review")
    from app.foundation.access import Role

    moderator = logged_in(app, "marlow", Role.MODERATOR)

    page = moderator.click(moderator.get_page("/moderation"), "Eleven warts and then none")

    for words in (
        "Warts", "someone I care for", "40 to 49", "left hand", "Diphencyprone", "very well", "3 to 6 months",
        "finished the course", "2 to 4 weeks", "moderate side effects: itch, blistering", "moisturiser",
        "Cryotherapy", "not at all", "stopped early", "cost", "would not choose it again", "Take photographs.", BODY,
    ):  # fmt: skip
        assert words in page.text, words


def test_consents_that_were_not_given_are_not_kept(app: Flask, writer: StrictClient) -> None:
    writer.submit(filled_form(writer), "Send for review")

    with app.app_context():
        revision = the_revision(app)
        assert revision.publish_consent_at is not None
        assert revision.statistics_consent_at is None
        assert revision.follow_up_consent_at is None


def test_reasons_for_stopping_count_only_if_one_stopped(app: Flask, writer: StrictClient) -> None:
    form = (
        filled_form(writer)
        .choose("Are you still using it?", "still using it")
        .check("cost", within="Why did you stop early?")
    )

    writer.submit(form, "Send for review")

    with app.app_context():
        assert the_revision(app).treatments[0].stop_reasons == []


def test_when_an_effect_was_noticed_counts_only_if_it_is_not_too_early(app: Flask, writer: StrictClient) -> None:
    form = (
        filled_form(writer)
        .choose("How well did it work?", "too early to tell")
        .choose("When did you first notice a change?", "later")
    )

    writer.submit(form, "Send for review")

    with app.app_context():
        assert the_revision(app).treatments[0].first_effect is None


def test_side_effects_count_only_if_there_were_any(app: Flask, writer: StrictClient) -> None:
    form = filled_form(writer).choose("How bad were the side effects?", "none")
    with_side_effect("Itch", "mild")(form)

    writer.submit(form, "Send for review")

    with app.app_context():
        tried = the_revision(app).treatments[0]
        assert (tried.side_effects_overall, tried.side_effects) == (Severity.NONE, [])


def test_any_name_of_a_topic_is_understood(app: Flask, writer: StrictClient) -> None:
    form = filled_form(writer).fill("Condition", " VERRÚCA ").fill("Treatment", "dpcp")

    writer.submit(form, "Send for review")

    with app.app_context():
        revision = the_revision(app)
        assert revision.condition.name == "Warts"
        assert [tried.topic.name for tried in revision.treatments] == ["Diphencyprone"]


def test_a_name_is_shown_back_with_the_topic_it_was_understood_as(writer: StrictClient) -> None:
    form = filled_form(writer).fill("Condition", " VERRÚCA ").fill("Treatment", "dpcp")

    page = writer.submit(form, "Preview")

    form = page.form("Send for review")
    assert (form.value("Condition"), form.value("Treatment")) == ("Warts (Verruca)", "Diphencyprone (DPCP)")


def test_words_that_look_like_markup_are_words(app: Flask, writer: StrictClient) -> None:
    hostile = "<script>alert(1)</script> & \"quotes\" 'too' ]]> <b>"

    page = writer.submit(filled_form(writer).fill("Title", hostile).fill("Place", hostile), "Send for review")

    assert hostile in page.text
    page = writer.get_page("/stories/1/story")
    assert page.h1 == hostile
    assert all("alert" not in (script.text or "") for script in page.select("script"))


def test_the_form_says_what_a_story_is_not(writer: StrictClient) -> None:
    assert "not medical advice" in writer.get_page("/stories/new").text


def test_enter_in_a_field_keeps_a_draft_instead_of_sending(writer: StrictClient, app: Flask) -> None:
    # The browser presses the first button of the form.
    page = writer.submit(filled_form(writer), filled_form(writer).buttons[0])

    assert "Draft saved" in page.text
    assert stories(app) == 0


# --- Treatments, without JavaScript ---


def treatments(form: Form) -> list[str]:
    held = typed_values(form)
    return [values[0] for name, values in held.items() if name.endswith("-treatment")]


def test_a_treatment_is_added_at_the_end_and_everything_else_stays(writer: StrictClient) -> None:
    form = complete_form(writer)
    before = typed_values(form)

    form = writer.submit(form, "Add another treatment").form("Send for review")

    assert typed_values(form) == before
    assert form.field("Treatment", within="Treatment 3") is not None


def test_a_treatment_is_taken_out_and_the_others_move_up_in_their_order(writer: StrictClient) -> None:
    form = writer.submit(complete_form(writer), "Add another treatment").form("Send for review")
    form.fill("Treatment", "Imiquimod", within="Treatment 3").choose(
        "How long did you use it?", "over 12 months", within="Treatment 3"
    )
    before = typed_values(form)

    form = writer.submit(form, "Remove treatment 2").form("Send for review")

    assert treatments(form) == [DPCP, "Imiquimod"]
    assert form.value("over 12 months", within="Treatment 2") is True
    without = {name: value for name, value in before.items() if not name.startswith(("treatments-1", "treatments-2"))}
    assert {name: typed_values(form)[name] for name in without} == without


def test_the_first_treatment_can_be_taken_out_too(writer: StrictClient) -> None:
    form = writer.submit(complete_form(writer), "Remove treatment 1").form("Send for review")

    assert treatments(form) == ["Cryotherapy"]
    assert form.value("cost") is True
    assert form.value("moisturiser") is False


@pytest.mark.parametrize("button", ["Move treatment 2 up", "Move treatment 1 down"])
def test_two_treatments_change_places_with_all_their_answers(writer: StrictClient, button: str) -> None:
    form = writer.submit(complete_form(writer), "Add another treatment").form("Send for review")
    form.fill("Treatment", "Imiquimod", within="Treatment 3")
    before = typed_values(form)

    form = writer.submit(form, button).form("Send for review")

    assert treatments(form) == ["Cryotherapy", DPCP, "Imiquimod"]
    swapped = {"treatments-0": "treatments-1", "treatments-1": "treatments-0"}
    assert typed_values(form) == {
        swapped.get(name[:12], name[:12]) + name[12:]: values for name, values in before.items()
    }


def test_what_cannot_move_has_no_button_for_it(writer: StrictClient) -> None:
    form = complete_form(writer)

    moves = [button for button in form.buttons if button.startswith("Move")]

    assert moves == ["Move treatment 1 down", "Move treatment 2 up"]


@pytest.mark.parametrize(("button", "number"), [("up", "0"), ("down", "1"), ("up", "7"), ("down", "99"), ("up", "²")])
def test_a_move_that_leads_nowhere_changes_nothing(writer: StrictClient, button: str, number: str) -> None:
    form = complete_form(writer)
    etree.SubElement(form.element, "input", name=button, value=number)
    before = typed_values(form)
    before.pop(button)

    form = writer.submit(form, "Preview").form("Send for review")

    assert typed_values(form) == before


def test_adding_and_taking_out_keeps_a_draft_and_sends_nothing(app: Flask, writer: StrictClient) -> None:
    form = writer.submit(filled_form(writer), "Add another treatment").form("Send for review")
    writer.submit(form, "Remove treatment 2")

    with app.app_context():
        assert len(db.session.scalars(sa.select(StoryDraft)).all()) == 1
        assert db.session.scalars(sa.select(Story)).all() == []


def test_a_single_treatment_cannot_be_taken_out(writer: StrictClient) -> None:
    assert not any("Remove" in button for button in filled_form(writer).buttons)


def test_there_is_room_for_eight_treatments_and_all_are_kept_in_order(app: Flask, writer: StrictClient) -> None:
    names = ["Imiquimod", "Cryotherapy", "Salicylic acid", "dpcp", "Imiquimod", "Cryotherapy", "Salicylic acid", "dpcp"]
    form = filled_form(writer)
    for number, name in enumerate(names, start=1):
        form.fill("Treatment", name, within=f"Treatment {number}")
        if number < len(names):
            form = writer.submit(form, "Add another treatment").form("Send for review")
    assert "Add another treatment" not in form.buttons

    writer.submit(form, "Send for review")

    with app.app_context():
        kept = [tried.topic.name for tried in the_revision(app).treatments]
        assert kept == [{"dpcp": "Diphencyprone"}.get(name, name) for name in names]


def test_a_ninth_treatment_is_not_taken(app: Flask, writer: StrictClient) -> None:
    form = filled_form(writer)
    more = etree.SubElement(form.element, "input", name="treatments-1-treatment", value="Imiquimod")
    for number in range(2, 9):
        etree.SubElement(form.element, "input", name=f"treatments-{number}-treatment", value="Imiquimod")
    assert more is not None

    page = writer.submit(form, "Add another treatment")

    assert len(treatments(page.form("Send for review"))) == limits.TREATMENTS_MOST


# --- Sending twice ---


def test_a_form_sent_twice_makes_one_story(app: Flask, writer: StrictClient) -> None:
    form = filled_form(writer)

    writer.submit(form, "Send for review")
    page = writer.submit(form, "Send for review")

    assert "Your story is with our moderators." in page.text
    with app.app_context():
        assert the_revision(app).state is RevisionState.PENDING
        assert stories(app) == 1


def test_words_changed_after_going_back_are_not_lost(app: Flask, writer: StrictClient) -> None:
    form = filled_form(writer)
    writer.submit(form, "Send for review")

    writer.submit(form.fill("Your story", f"{BODY} And then they were gone."), "Send for review")

    with app.app_context():
        revisions = db.session.scalars(sa.select(StoryRevision).order_by(StoryRevision.number)).all()
        assert stories(app) == 1
        assert [revision.state for revision in revisions] == [RevisionState.SUPERSEDED, RevisionState.PENDING]
        assert revisions[-1].body_source.endswith("And then they were gone.")


@pytest.mark.parametrize("key", ["", "short", "x" * 41, "spaces in it", "é" * 10, "'; DROP TABLE", "../../../etc"])
def test_a_key_that_we_did_not_make_is_replaced(app: Flask, writer: StrictClient, key: str) -> None:
    form = filled_form(writer)
    set_field(form, "key", key)

    writer.submit(form, "Send for review")

    with app.app_context():
        sent = db.session.scalars(sa.select(Story.submission_key)).one()
        assert sent != key
        assert len(sent) >= 16


def test_the_key_of_one_person_is_nothing_to_another(app: Flask, writer: StrictClient) -> None:
    other = logged_in(app, "tallowby")
    for client in (writer, other):
        form = filled_form(client)
        set_field(form, "key", "the-same-key")
        client.submit(form, "Send for review")

    assert stories(app) == 2


# --- Preview ---


def test_the_preview_is_the_page_that_becomes_public(app: Flask, writer: StrictClient) -> None:
    form = complete_form(writer)

    page = writer.submit(form, "Preview")
    shown = page.one("#preview")
    writer.submit(page.form("Send for review"), "Send for review")
    moderate(app)
    public = app.test_client().get_page("/stories/1", follow_redirects=True)

    assert read(shown.find("./ol[@class='journey']")) == read(public.one("main .journey"))
    assert read(shown.find("./div[@class='prose story-words']")) == read(public.one(".story-words"))
    assert read(shown.find("./section[@class='advice']")) == read(public.one(".advice"))
    assert public.h1 == read(shown.find("./h2"))


def test_the_preview_needs_no_consent_and_gives_none(app: Flask, writer: StrictClient) -> None:
    form = filled_form(writer).uncheck("Publish my story")

    page = writer.submit(form, "Preview")

    assert page.select("#preview")
    assert "publish" not in dict(page.form("Send for review").pairs())
    with app.app_context():
        assert db.session.scalars(sa.select(Story)).all() == []
        assert len(db.session.scalars(sa.select(StoryDraft)).all()) == 1


def test_what_cannot_be_previewed_is_told_and_nothing_is_lost(writer: StrictClient) -> None:
    page = writer.submit(filled_form(writer).fill("Condition", "nothing of the kind"), "Preview", status=422)

    assert page.select("#preview") == []
    assert listed_errors(page)
    assert page.form("Preview").value("Your story") == BODY


def test_the_preview_of_a_new_version_leaves_the_public_one_alone(app: Flask, writer: StrictClient) -> None:
    writer.submit(filled_form(writer), "Send for review")
    moderate(app)

    page = writer.submit(writer.get_page("/stories/1/edit").form("Preview").fill("Title", "Other words"), "Preview")

    assert read(page.one("#preview").find("./h2")) == "Other words"
    assert app.test_client().get_page("/stories/1", follow_redirects=True).h1 == TITLE


def moderate(app: Flask) -> None:
    with app.app_context(), transaction():
        decisions.approve(a_moderator(), pending_of(db.session.scalars(sa.select(Story)).one()))
