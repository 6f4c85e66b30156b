"""Picking a topic by any of its names."""

from __future__ import annotations

import pytest
from flask import Flask

from app.foundation.database import transaction
from app.topics import lookup, vocabulary
from app.topics.models import NameKind, TopicKind
from tests.factories.pages import a_topic

TREATMENT = TopicKind.TREATMENT


@pytest.fixture(autouse=True)
def names(app: Flask) -> None:
    with app.app_context(), transaction():
        imiquimod = a_topic("Imiquimod", TREATMENT, "R-837")
        vocabulary.add_names(imiquimod, [(NameKind.BRAND, "Aldara"), (NameKind.BRAND, "Zyclara")])
        a_topic("Imipramine", TREATMENT)
        a_topic("Diphencyprone", TREATMENT, "DPCP", "diphenylcyclopropenone")
        a_topic("Light therapy", TREATMENT, "UVB phototherapy")
        a_topic("Aldosterone excess", TopicKind.CONDITION)


def suggestions(app: Flask, typed: str, about: str = "treatment") -> list[str]:
    answer = app.test_client().get("/vocabulary", query_string={"about": about, "q": typed})
    assert answer.status_code == 200
    return [each["title"] for each in answer.json["suggestions"]]


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("Aldara", ["Imiquimod (Aldara)"]),
        ("ald", ["Imiquimod (Aldara)"]),
        ("IMI", ["Imiquimod", "Imipramine"]),
        ("r837", []),
        ("r 8", ["Imiquimod (R-837)"]),
        ("di", ["Diphencyprone"]),
        ("dpcp", ["Diphencyprone (DPCP)"]),
        ("photo", ["Light therapy (UVB phototherapy)"]),
        ("otherapy", []),
        ("%", []),
        ("", []),
        ("  ", []),
        ("x" * 10_000, []),
    ],
)
def test_every_name_offers_its_topic(app: Flask, typed: str, offered: list[str]) -> None:
    assert set(suggestions(app, typed)) == set(offered)


def test_only_topics_of_the_kind_are_offered(app: Flask) -> None:
    assert suggestions(app, "ald", "condition") == ["Aldosterone excess"]


@pytest.mark.parametrize("about", ["", "nothing", "TREATMENT", "condition' --"])
def test_of_a_kind_that_there_is_not_there_are_no_names(app: Flask, about: str) -> None:
    answer = app.test_client().get("/vocabulary", query_string={"about": about, "q": "a"})
    assert (answer.status_code, answer.get_json()) == (200, {"suggestions": []})


@pytest.mark.parametrize("typed", ["Imiquimod", "aldara", "Imiquimod (Aldara)", "imiquimod (ZYCLARA)"])
def test_what_was_offered_is_understood(app: Flask, typed: str) -> None:
    with app.app_context():
        assert lookup.find(typed, TREATMENT).name == "Imiquimod"


@pytest.mark.parametrize("typed", ["Imiquimod (DPCP)", "Imiquimod (the cheap one)", "Luck (Aldara)", "(Aldara)", "()"])
def test_names_that_do_not_belong_together_are_not(app: Flask, typed: str) -> None:
    with app.app_context():
        assert lookup.find(typed, TREATMENT) in (None, vocabulary.find(typed, TREATMENT))


@pytest.mark.parametrize(
    ("typed", "shown"),
    [("aldara", "Imiquimod (Aldara)"), ("IMIQUIMOD", "Imiquimod"), ("Imiquimod (Aldara)", "Imiquimod (Aldara)")],
)
def test_a_name_is_shown_with_the_one_that_was_typed(app: Flask, typed: str, shown: str) -> None:
    with app.app_context():
        assert lookup.display_name_for(lookup.find(typed, TREATMENT), typed) == shown


def test_stand_ins_are_offered_and_found_by_nobody(app: Flask) -> None:
    with app.app_context(), transaction():
        topic = vocabulary.stand_in(TREATMENT)
        assert vocabulary.stand_in(TREATMENT) is topic
        slug = topic.slug

        assert vocabulary.find(topic.name, TREATMENT) is None
        assert topic.name not in vocabulary.preferred_names(TREATMENT)
    assert suggestions(app, "not") == []
    assert app.test_client().get(f"/topics/{slug}/stories").status_code == 404
    assert app.test_client().get(f"/topics/{slug}").status_code == 404
