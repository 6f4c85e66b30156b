"""'Did you mean': offered, never imposed, and never one drug's name for another's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from flask import Flask
from flask.ctx import AppContext

from app.foundation.contributions import publication
from app.foundation.database import transaction
from app.moderation.decisions import decisions
from app.search.query import spelling
from app.search.query.name_words import name_words
from app.stories.models import Story
from app.topics.models import UNLISTED, TopicKind
from tests.client import StrictClient
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator
from tests.factories.stories import a_pending_story, a_published_story
from tests.screening.labelled import lines_of
from tests.search.searching import FILLER, committed_and_indexed, publish_stories, search_for


def meant(text: str, **filters: str) -> str | None:
    """What a reader is asked whether they meant it."""
    correction = search_for(text, **filters).correction
    return correction.text if correction else None


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("iching", "itching"),
        ("itchiness", None),
        ("terible", "terrible"),
        ("patiense", "patience"),
        # Another spelling of the same word, which is found as it is.
        ("moisturizing", None),
        ("sumer itching", "summer itching"),
        ("moysturising", "moisturising"),
        ('"itchng"', None),
        ("-itchng", None),
        ("itch", None),
        ("ithc", None),
        ("zzzzz", None),
        ("9999", None),
    ],
)
def test_what_is_offered(context: AppContext, typed: str, offered: str | None) -> None:
    with committed_and_indexed():
        for number in range(5):
            a_published_story(title=f"{number}", body=f"Terrible itching, and patience with moisturising. {FILLER}")
    assert meant(typed) == offered


def test_with_results_enough_only_a_name_with_many_more_is_offered(context: AppContext) -> None:
    with committed_and_indexed():
        drug = a_topic("Wellbutrin", TopicKind.TREATMENT)
        for number in range(spelling.FEW_RESULTS):
            a_published_story(title=f"{number}", body=f"Terible welbutrin. {FILLER}")
        for number in range(20):
            a_published_story(title=f"Other {number}", body=f"Terrible. {FILLER}")
    assert meant("terible") is None
    assert search_for("terible").total == spelling.FEW_RESULTS
    assert meant("welbutrin") is None
    with committed_and_indexed():
        for number in range(11 * spelling.FEW_RESULTS):
            a_published_story(title=f"Filed {number}", body=FILLER, treatments=[drug])
    assert meant("welbutrin") == "wellbutrin"


def test_a_name_goes_before_the_misspelling_of_another_patient(context: AppContext) -> None:
    with committed_and_indexed():
        drug = a_topic("Prozac", TopicKind.TREATMENT)
        a_published_story(title="1", body=f"Prosac, I think. {FILLER}")
        a_published_story(title="2", body=f"My prosac. {FILLER}", treatments=[drug])
    assert meant("prozak") == "prozac"


def test_a_word_as_close_to_two_drugs_leads_to_neither(context: AppContext) -> None:
    with committed_and_indexed():
        drugs = [a_topic(name, TopicKind.TREATMENT) for name in ("Tramadol", "Tranadol")]
        a_published_story(title="1", body=FILLER, treatments=drugs)
    assert meant("trafadol") is None
    assert meant("tramadal") == "tramadol"


def test_words_of_names_are_those_of_the_vocabulary_as_it_is(context: AppContext) -> None:
    with transaction():
        a_topic("Basal cell carcinoma", TopicKind.CONDITION, "BCC")
    assert set(name_words().topics) == {"basal", "cell", "carcinoma", "bcc"}
    with transaction():
        a_topic("Not in the vocabulary").source = UNLISTED
        number = a_topic("Rodent ulcer").id
    assert set(name_words().topics) == {"basal", "cell", "carcinoma", "bcc", "rodent", "ulcer"}
    assert name_words().topics["rodent"] == {number}


@pytest.mark.parametrize("typed", ["difencyprone", "dyphencyprone", "diphencyprome", "Diphencyporne"])
def test_a_misspelled_name_leads_to_the_name(context: AppContext, typed: str) -> None:
    with committed_and_indexed():
        drug = a_topic("Diphencyprone", TopicKind.TREATMENT)
        a_published_story(title="Filed", body=FILLER, treatments=[drug])
    assert meant(typed) == "diphencyprone"


@pytest.mark.parametrize(
    ("typed", "other"),
    [
        ("prednisone", "prednisolone"),
        ("clobetasol", "clobetasone"),
        ("tacrolimus", "pimecrolimus"),
        ("fluocinonide", "fluocinolone"),
        ("tretinoin", "isotretinoin"),
        ("cimetidine", "cetirizine"),
        ("psoriasis", "psoriasin"),
    ],
)
def test_never_from_one_drug_or_condition_to_another(context: AppContext, typed: str, other: str) -> None:
    with committed_and_indexed():
        about = a_topic(other.capitalize(), TopicKind.TREATMENT)
        # That there is no story yet makes it no misspelling.
        a_topic(typed.capitalize(), TopicKind.TREATMENT)
        for number in range(3):
            a_published_story(title=f"{number}", body=f"They gave me {other}. {FILLER}", treatments=[about])
    assert meant(typed) is None


@pytest.mark.parametrize(("typed", "other"), [("prednisone", "prednisolone"), ("clobetasol", "clobetasone")])
def test_not_even_from_a_drug_nobody_here_has_heard_of(context: AppContext, typed: str, other: str) -> None:
    with committed_and_indexed():
        a_published_story(title="Told", body=FILLER, treatments=[a_topic(other.capitalize(), TopicKind.TREATMENT)])
    assert meant(typed) is None


def hide(story: Story) -> None:
    decisions.hide(a_moderator(), story, "privacy")


def withdraw(story: Story) -> None:
    publication.withdraw(story.author, story)


@pytest.mark.parametrize("take_away", [hide, withdraw])
def test_words_of_what_was_hidden_are_offered_no_more(context: AppContext, take_away: Callable[[Story], None]) -> None:
    with committed_and_indexed():
        story = a_published_story(title="Told", body=f"Gooseberries. {FILLER}")
        a_pending_story(title="Waits", body=f"Procrastination. {FILLER}")
    assert meant("goosberries") == "gooseberries"
    assert meant("procrastinaton") is None
    with transaction():
        take_away(story)
    assert meant("goosberries") is None


def test_what_is_offered_finds_more_among_the_same(context: AppContext) -> None:
    with committed_and_indexed():
        a_published_story(title="Told", body=f"Gooseberries. {FILLER}")
        a_topic("Eczema")
    assert meant("goosberries", condition="warts") == "gooseberries"
    assert meant("goosberries", condition="eczema") is None


def test_it_is_a_link_on_the_page(app: Flask, client: StrictClient) -> None:
    with app.app_context():
        publish_stories({"Told": "Gooseberries."})
    page = client.get_page("/search?q=summer+goosberries&kind=story")
    assert page.h1 == "Search for “summer goosberries”"
    assert "No results match all your words. 1 matches some of them." in page.text
    page = client.click(page, "summer gooseberries")
    assert page.texts(".result__title") == ["Told"]
    assert page.form("Search").value("Stories")


CLOSE = lines_of("""
    prozak prozac
    zolof zoloft
    tramadal tramadol
    verucca verruca
    difencyprone diphencyprone
    imiquimodd imiquimod
""")
TOO_FAR = lines_of("""
    prednisone prednisolone
    fluoxetine duloxetine
    citalopram escitalopram
    qaetapine ketamine
    celexa celebrex
    hydroxyzine hydralazine
    clonidine clozapine
    lamictal lamisil
""")


@pytest.mark.parametrize("pair", [*CLOSE, *TOO_FAR])
def test_what_is_close_enough_to_be_meant(pair: str) -> None:
    one, other = pair.split()
    distances = {spelling._distance(one, other), spelling._distance(other, one)}
    assert (None not in distances) is (pair in CLOSE)
    assert len(distances) == 1
