"""What a word is."""

from __future__ import annotations

import csv
import tomllib
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path

import pytest

from app.search.query import analysis
from tests.material import real
from tests.screening.labelled import lines_of

CONTENT = Path(__file__).parents[3] / "app/demonstration/content"


@pytest.mark.parametrize("written", ["5-FU", "5 FU", "5fu", "5‑fu", "(5-Fu)"])
def test_hyphens_spaces_and_case_do_not_count(written: str) -> None:
    assert analysis.words(written) == ["5", "fu"]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("warts", "wart"),
        ("Ångström", "angstrom"),
        ("naïve", "naive"),
        ("cafe\u0301", "café"),
        ("doctor’s", "doctor"),
        ("Bowen's", "bowen"),
        ("don't", "don’t"),
        ("STRASSE", "straße"),
        ("freezing", "freezes"),
        ("ﬁbroma", "fibroma"),
    ],
)
def test_words_that_are_the_same(one: str, other: str) -> None:
    assert analysis.words(one) == analysis.words(other)


def test_tokens_know_where_they_stand() -> None:
    text = "They used 5-FU, twice."
    assert [text[token.start : token.end] for token in analysis.tokens(text)] == ["They", "used", "5", "FU", "twice"]


def test_what_was_pasted_without_spaces_is_cut() -> None:
    assert analysis.words("9" * 1000 + "x" * 1000) == ["9" * analysis.MAX_TOKEN_LENGTH, "x" * analysis.MAX_TOKEN_LENGTH]


def test_names_of_treatments_are_not_stemmed_into_each_other() -> None:
    treatments: dict[tuple[str, ...], set[str]] = {}
    for name, slug in vocabulary("treatment"):
        treatments.setdefault(tuple(analysis.words(name)), set()).add(slug)
    assert len(treatments) > 40
    assert [slugs for slugs in treatments.values() if len(slugs) > 1] == []


def vocabulary(kind: str) -> list[tuple[str, str]]:
    topics = tomllib.loads((CONTENT / "vocabulary.toml").read_text(encoding="utf-8"))["topic"]
    for page in sorted((CONTENT / "topics").glob("*.md")):
        topics.append(tomllib.loads(page.read_text(encoding="utf-8").split("+++")[1]))
    return [
        (name, topic["slug"])
        for topic in topics
        if topic["kind"] == kind
        for name in (topic["name"], *(each["name"] for each in topic["names"]))
    ]


def test_conditions_of_the_disease_ontology_keep_apart() -> None:
    with real("doid-skin.tsv").open(encoding="utf-8") as rows:
        names = [row["name"] for row in csv.DictReader(rows, delimiter="\t")]
    same = [sorted(each) for each in by_words(names).values() if len(each) > 1]
    # These two are the same condition.
    assert same == [["multiple symmetric lipomatosis", "multiple symmetrical lipomatosis"]]


def by_words(names: Iterable[str]) -> dict[tuple[str, ...], list[str]]:
    found: dict[tuple[str, ...], list[str]] = defaultdict(list)
    for name in names:
        found[tuple(analysis.words(name))].append(name)
    return found


@pytest.mark.parametrize(
    "pair",
    lines_of("""
        moisturising moisturizing
        hospitalised hospitalized
        sensitisation sensitization
        colours color
        tumour tumors
        odour odor
        behaviour behavior
        anaemia anemia
        leukaemia leukemia
        haemorrhage hemorrhage
        anaesthetic anesthetic
        gynaecologist gynecologist
        paediatrician pediatrician
        caesarean cesarean
        oedema edema
        oestrogen estrogen
        diarrhoea diarrhea
        foetus fetus
        keratoses keratosis
        diagnoses diagnosis
        metastases metastasis
    """),
)
def test_british_and_american_spellings_and_greek_plurals_are_one_word(pair: str) -> None:
    one, other = analysis.words(pair)
    assert one == other


@pytest.mark.parametrize(
    "words",
    lines_of("""
        precise precisely
        exercise exercises exercising
        disease diseases
        noise noises
        hours hour
        purposes purpose
        rising rises
    """),
)
def test_other_words_keep_their_forms_together(words: str) -> None:
    assert len(set(analysis.words(words))) == 1, analysis.words(words)


def test_four_is_not_for_and_tour_is_not_tor() -> None:
    assert analysis.words("four tour pour") == ["four", "tour", "pour"]
