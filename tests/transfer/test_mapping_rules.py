"""Rules: how one answer is found in a row."""

from __future__ import annotations

from time import monotonic
from typing import Any

import pytest

from app.foundation.errors import Refused
from app.foundation.text.toml_structures import Structure, convert
from app.transfer.csv_tables import BadRow
from app.transfer.mapping_file_rules import WrittenRule, as_rule
from app.transfer.mapping_rules import Rule


class Sample(Structure):
    """A table with one rule in it."""

    here: WrittenRule


DURATION = {
    "pattern": r"^(?P<number>\d+(?:\.\d+)?)\s*(?P<unit>day|week|month|year)s",
    "units": {"day": 0.0328, "week": 0.23, "month": 1, "year": 12},
    "bands": [{"below": 1, "value": "short"}, {"up_to": 12, "value": "a year"}, {"value": "long"}],
}
AGES = [{"below": 18, "value": "young"}, {"value": "adult"}]
DISORDERS = {
    "split": [",", "/", " and "],
    "contains": {
        "Depression": ["depress"],
        "Anxiety": ["anxi", "axiety"],
        "Social anxiety": ["social anxiety"],
        "OCD": ["ocd"],
    },
}


def written(raw: Any) -> Rule:
    return as_rule(convert({"here": raw}, Sample).here)


def rule(**steps: Any) -> Rule:
    return written({"column": "it", **steps})


def answer(text: str, **steps: Any) -> str:
    return rule(**steps).answer({"it": text})


@pytest.mark.parametrize(
    ("text", "steps", "expected"),
    [
        ("  as  it\nis ", {}, "as it is"),
        ("", {}, ""),
        ("", {"empty": "none given"}, "none given"),
        ("EffexorXR", {"values": {"effexorxr": "Venlafaxine"}}, "Venlafaxine"),
        ("5", {"values": {"4": "well", "5": "well"}}, "well"),
        ("6", {"values": {"5": "well"}, "otherwise": ""}, ""),
        ("depression, anxiety", DISORDERS, "Depression"),
        ("Anxiety/Depression", DISORDERS, "Anxiety"),
        ("social anxiety and depression", DISORDERS, "Social anxiety"),
        ("anxiety depression", DISORDERS, "Anxiety"),
        ("severe, recurrent depression", DISORDERS, "Depression"),
        ("toothache", DISORDERS | {"otherwise": "Pain"}, "Pain"),
        ("5  years20mg 1X D", DURATION, "long"),
        ("12  months", DURATION, "a year"),
        ("1  years", DURATION, "a year"),
        ("0.5  months", DURATION, "short"),
        (" 20mg 1X D", DURATION | {"otherwise": ""}, ""),
        ("17", {"bands": [{"below": 18, "value": "young"}, {"value": "grown up"}]}, "young"),
        ("18", {"bands": [{"below": 18, "value": "young"}, {"value": "grown up"}]}, "grown up"),
        ("forties", {"bands": [{"below": 50, "value": "40s"}], "values": {"forties": "40s"}}, "40s"),
        ("3/6/2015Em", {"pattern": "^[0-9/-]+"}, "3/6/2015"),
        ("for depression? wrong!!", {"pattern": r"^(?:for\s+)?(\w+)"}, "depression"),
        ("MAJOR ocd", {"case": "lower", "capitals": ["OCD"]}, "major OCD"),
        ("foot cream", {"case": "title"}, "Foot Cream"),
        ("foot CREAM", {"case": "sentence"}, "Foot cream"),
        ("foot cream", {"case": "upper"}, "FOOT CREAM"),
        ("a; b", {"split": [";"]}, "a"),
        ("25-34", {"bands": AGES}, "adult"),
        ("25 to 34", {"bands": AGES}, "adult"),
        ("75+", {"bands": AGES}, "adult"),
        ("65 or over", {"bands": AGES}, "adult"),
        ("13 – 17", {"bands": AGES}, "young"),
        ("10", {"bands": [{"up_to": 3, "value": "not_at_all"}, {"value": "very_well"}]}, "very_well"),
    ],
)
def test_an_answer_is_found(text: str, steps: dict[str, Any], expected: str) -> None:
    assert answer(text, **steps) == expected


@pytest.mark.parametrize(
    ("text", "steps"),
    [
        ("6", {"values": {"5": "well"}}),
        ("toothache", DISORDERS),
        ("a while", DURATION),
        ("nan", {"bands": [{"value": "grown up"}]}),
        ("1e999", {"bands": [{"value": "grown up"}]}),
        ("71", {"bands": [{"below": 70, "value": "any"}]}),
        ("words", {"pattern": "^[0-9]+"}),
        ("15-24", {"bands": AGES}),
    ],
)
def test_what_nothing_fits_is_a_bad_row(text: str, steps: dict[str, Any]) -> None:
    with pytest.raises(BadRow, match="it: the mapping does not know"):
        answer(text, **steps)


def test_where_one_rule_has_no_answer_the_next_decides() -> None:
    several = written([
        {"column": "stars", "values": {"5": "very_well"}},
        {"column": "words", "contains": {"not_at_all": ["nothing"]}, "split": [","]},
        {"column": "words", "otherwise": "", "values": {"x": "slightly"}},
    ])  # fmt: skip

    assert several.answer({"stars": "5", "words": "nothing"}) == "very_well"
    assert several.answer({"stars": "", "words": "did nothing"}) == "not_at_all"
    assert several.answer({"stars": "4", "words": "hm"}) == ""
    assert several.answers({"stars": "4", "words": "did nothing"}) == ["not_at_all"]
    assert [each.column for each in several.chain()] == ["stars", "words", "words"]
    assert set(several.outcomes) == {"very_well", "not_at_all", "slightly"}


def test_a_pattern_that_would_run_for_years_ends_after_a_second() -> None:
    begun = monotonic()
    with pytest.raises(BadRow, match="longer than a second"):
        answer("a" * 60 + "b", pattern="(?:a|aa)+$")

    assert monotonic() - begun < 30


def test_a_constant_needs_no_column() -> None:
    assert written({"constant": True}).answer({}) == "yes"
    assert written(False).answer({}) == "no"
    assert written({"constant": "nausea"}).answers({}) == ["nausea"]


def test_several_answers_come_each_once() -> None:
    listed = rule(split=["|"], values={"cost": "cost", "price": "cost", "tired": "side_effects"})

    assert listed.answers({"it": "price | Cost|tired||"}) == ["cost", "side_effects"]
    assert listed.answers({"it": ""}) == []
    with pytest.raises(BadRow):
        listed.answers({"it": "cost|weather"})


@pytest.mark.parametrize(
    ("raw", "told"),
    [
        ({"column": "it", "colour": "red"}, "here: unknown key 'colour'"),
        ({}, "here: needs either 'column' or 'constant'"),
        ({"column": "it", "constant": 1}, "here: needs either"),
        (
            {"column": "it", "case": "small"},
            "'case' names 'small', which is none of lower, upper, title, sentence",
        ),
        ({"column": "it", "pattern": "("}, "no regular expression"),
        ({"column": "it", "values": ["a"]}, "here: 'values' should be a table"),
        (
            {"column": "it", "values": {"b": "c", "a": ["b"]}},
            "values: 'a' should be true or false, a number or text",
        ),
        ({"column": "it", "contains": {"A": ["x"], "B": ["x"]}}, "stands for nothing, or for two"),
        ({"column": "it", "bands": [{"below": 1}]}, "here: bands 1: 'value' is missing"),
        ({"column": "it", "bands": [{"below": 1, "up_to": 2, "value": "x"}]}, "here: bands 1: a band has one bound"),
        (
            {"column": "it", "bands": [{"value": "x"}, {"below": "one", "value": "x"}]},
            "bands 2: 'below' should be",
        ),
        ({"column": "it", "bands": [{"value": "x"}], "units": {"day": 1}}, "'units' need"),
        ({"column": "it", "split": [1]}, "here: split 1: should be text"),
        ([], "a list of rules is empty"),
        ([{"column": "it", "colour": "red"}], "unknown key 'colour'"),
        (7, "'here' should be true or false, text, a table or a list"),
    ],
)
def test_a_rule_that_is_written_wrongly_is_refused(raw: Any, told: str) -> None:
    with pytest.raises(Refused) as refusal:
        written(raw)

    assert told in refusal.value.message
