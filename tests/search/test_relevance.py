"""Sixty questions as readers ask them, on the demonstration site: brand names, abbreviations, everyday words,
misspellings, phrases, exclusions, filters.

What each should find was written down from the texts of the stories, before the first of them was asked and before
anything was tuned by them. A question is answered well if everything expected is among the first ten results, something
expected is among the first three, and nothing unwanted is found. For a misspelled one the results of what is offered
as 'did you mean' or the nearest topics count.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest
from flask import Flask

from app.foundation import events
from app.search.query import questions
from app.search.query.parsing import parse
from app.search.query.understanding import understand
from tests.search.searching import search_for

WELL_ANSWERED = 0.95

ELEVEN = "Eleven warts on my hands, and then none"
HEEL = "Blisters on my heel, but the warts did go"
PEACE = "I stopped, and I am at peace with that"
FREEZING = "The long way round, back to freezing"
SON = "My son hid his hands in his sleeves"
SIX_WEEKS = "Six weeks in and nothing to report"
HALF = "Half of them gone, and a rash I did not expect"
VERRUCA = "One verruca, one winter, one pumice stone"
LODGER = "Two treatments and the verruca is still my lodger"
HAT = "The month I wore a hat indoors"
FLU = "I felt as if I had flu, and stopped"
MIRRORS = "Efudix: three weeks away from mirrors"
LIGHT = "Light treatment first, cream later"
FEARED = "Better than I had feared"
CANCER = "A small cancer on my back, and a cream"
OUT = "I wanted it out, and it is out"
PATCHES = "A year of patches"
NO_HAIR = "Eight months of SADBE and no new hair"
EYELIDS = "My eyelids, after twenty years of eczema"
GIRL = "Our little girl sleeps through, mostly"
ELIDEL = "Elidel: a little better, not more"
STUNG = "It stung too much for me"
FOLDS = "Psoriasis in a place nobody talks about"
COLOUR = "Vitiligo: waiting for colour"
SIXTEEN = "I gave up on day sixteen"
FOUR_MONTHS = "Aldara on my fingers: four months for very little"
COMPARED = "Compare imiquimod with other treatments"


class Question(NamedTuple):
    """What somebody types, and what they hope to find."""

    typed: str
    expected: set[str]
    unwanted: frozenset[str] = frozenset()


QUESTIONS = [
    # Brand names
    Question("Efudix", {MIRRORS, LIGHT, "Fluorouracil"}),
    Question("Efudex", {MIRRORS, LIGHT, "Fluorouracil"}),
    Question("Aldara", {HAT, FEARED, FLU, CANCER, "Imiquimod"}),
    Question("Zyclara", {"Imiquimod", HAT}),
    Question("Protopic", {STUNG, EYELIDS, GIRL, FOLDS, COLOUR, "Tacrolimus"}),
    Question("Elidel face", {ELIDEL}),
    Question("protopic eyelids", {EYELIDS}),
    Question("aldara forehead crusts", {FEARED}),
    # Abbreviations
    Question("DPCP", {ELEVEN, FREEZING, "Diphencyprone"}),
    Question("dcp warts", {HEEL, "Diphencyprone"}),
    Question("SADBE", {NO_HAIR, "Squaric acid dibutyl ester"}),
    Question("5-FU", {MIRRORS, LIGHT, "Fluorouracil"}),
    Question("5fu", {MIRRORS, LIGHT}),
    Question("5 FU hairline", {MIRRORS}),
    Question("PDT", {LIGHT, "Photodynamic therapy"}),
    Question("PDT painful lamp", {LIGHT}),
    Question("BCC", {"Basal cell carcinoma"}),
    Question("sBCC", {CANCER}),
    Question("nbcc", {OUT}),
    Question("AK scalp", {HAT, SIXTEEN}),
    # Names of several words, and names nobody says in a text
    Question("diphenylcyclopropenone", {PEACE, "Diphencyprone"}),
    Question("squaric acid dibutyl ester hair", {NO_HAIR}),
    Question("solar keratosis cream", {HAT, LIGHT}),
    Question("patchy hair loss", {PATCHES, NO_HAIR, "Alopecia areata"}),
    Question("freezing verruca", {LODGER, "Cryotherapy"}),
    Question("freezing knuckles", {FREEZING}),
    Question("cryotherapy thirteen", {SON}),
    Question("surgery ear", {OUT}),
    Question("steroid cream eyelids", {EYELIDS}),
    Question("atopic eczema child", {GIRL}),
    Question("pruritus alopecia", {PATCHES, NO_HAIR}),
    # Everyday words
    Question("postman", {HEEL}),
    Question("stinging ointment", {STUNG, EYELIDS}),
    Question("swollen glands in my neck", {PATCHES}),
    Question("shivery and tired from cream", {FLU}),
    Question("flu symptoms imiquimod", {FLU}),
    Question("hide my hands at meetings", {ELEVEN}),
    Question("psoriasis in the folds", {FOLDS}),
    Question("how long until dpcp works", {SIX_WEEKS, ELEVEN, "Diphencyprone"}),
    Question("daughter cried spicy", {GIRL}),
    Question("white patches round my mouth", {COLOUR}),
    Question("pumice stone", {VERRUCA}),
    Question("scar in front of the ear", {OUT}),
    Question("rash where nothing was put on", {HALF}),
    Question("blistered fingers could not type", {PEACE}),
    Question("bald patch hairdresser", {PATCHES}),
    Question("mascara", {EYELIDS}),
    Question("limping after freezing", {LODGER}),
    # Misspellings
    Question("difencyprone", {"Diphencyprone"}),
    Question("imiquimodd", {"Imiquimod", HAT}),
    Question("psoriassis", {FOLDS}),
    Question("vitilago", {COLOUR}),
    Question("verucca", {VERRUCA, LODGER}),
    # Phrases
    Question('"partial response"', {HALF}),
    Question('"salicylic acid" kettle', {VERRUCA}),
    Question('"like nettles"', {STUNG}),
    # Exclusions, alternatives and filters
    Question("actinic keratoses -imiquimod", {MIRRORS, LIGHT}, frozenset({HAT, FLU, FEARED})),
    Question(
        'warts -"diphencyprone" -dpcp', {VERRUCA, LODGER, FOUR_MONTHS}, frozenset({ELEVEN, HEEL, FREEZING, SIX_WEEKS})
    ),
    Question("hairdresser OR nettles", {PATCHES, STUNG}),
    Question("treatment:dpcp outcome:failed", {FREEZING}, frozenset({ELEVEN, HEEL})),
]


@pytest.fixture(scope="module")
def demonstration(tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The demonstration site with its index."""
    from app.factory import create_app
    from config import Testing

    configuration = Testing()
    configuration.SALVE_DATA = tmp_path_factory.mktemp("demonstration")
    configuration.SQLALCHEMY_DATABASE_URI = f"sqlite:///{configuration.SALVE_DATA / 'salve.sqlite3'}"
    app = create_app(configuration)
    runner = app.test_cli_runner()
    assert runner.invoke(args=["db", "upgrade"]).exit_code == 0
    assert runner.invoke(args=["seed"]).exit_code == 0
    with app.app_context():
        events.drain_all()
    return app


def is_answered_well(question: Question) -> bool:
    result = search_for(question.typed)
    if result.correction and not result.items:
        result = search_for(result.correction.text)
    found = [item.title for item in result.items] or [topic.name for topic in result.nearest_topics]
    everything = question.expected <= set(found[:10])
    return everything and bool(question.expected & set(found[:3])) and not question.unwanted & set(found)


def test_readers_find_what_they_mean(demonstration: Flask) -> None:
    assert len(QUESTIONS) == 60
    with demonstration.test_request_context():
        badly = [question.typed for question in QUESTIONS if not is_answered_well(question)]
    assert len(badly) <= (1 - WELL_ANSWERED) * len(QUESTIONS), badly


class Asked(NamedTuple):
    """A question about topics, the page that answers it, and the section of it that does."""

    typed: str
    page: str
    section: str | None = None


@pytest.mark.parametrize(
    "asked",
    [
        Asked("side effects of aldara", "Imiquimod", "Side effects on the skin and in the body"),
        Asked("Is Protopic safe?", "Tacrolimus"),
        Asked("which is better aldara or efudix", COMPARED),
        Asked("imiquimod vs surgery", COMPARED),
        Asked("alternatives to aldara", COMPARED),
        Asked("best treatment for warts", "Warts", "Treatments people use"),
        Asked("How long does DPCP take to work?", "Diphencyprone"),
        Asked("what is sadbe", "Squaric acid dibutyl ester"),
        Asked("does efudix work", "Fluorouracil"),
    ],
    ids=lambda asked: asked.typed,
)
def test_the_page_that_answers_a_question_comes_first(demonstration: Flask, asked: Asked) -> None:
    with demonstration.test_request_context():
        first = search_for(asked.typed).items[0]
        assert first.title == asked.page
        if asked.section:
            assert first.section == asked.section
            assert first.url.partition("#")[2].startswith("s-")


@pytest.mark.parametrize(
    "typed",
    [
        "aldara for the red crust on my nose that never healed",
        '"side effects" of aldara',
        "side effects",
        "aldara or cream",
    ],
)
def test_what_asks_for_more_or_for_nothing_has_its_own_order(demonstration: Flask, typed: str) -> None:
    with demonstration.test_request_context():
        parsed = parse(typed)
        assert questions.answer(parsed, understand(parsed)[0]).keys == ()


def test_an_answer_obeys_filters_and_a_minus(demonstration: Flask) -> None:
    with demonstration.test_request_context():
        assert "Imiquimod" not in [item.title for item in search_for("side effects of aldara", kind="story").items]
        assert "Imiquimod" not in [item.title for item in search_for("side effects of aldara -redness").items]


def test_every_expected_title_is_one_of_the_site() -> None:
    content = Path(__file__).parents[2] / "app" / "demonstration" / "content"
    texts = "\n".join(file.read_text(encoding="utf-8") for file in content.rglob("*") if file.is_file())
    assert [title for question in QUESTIONS for title in question.expected if f'"{title}"' not in texts] == []
