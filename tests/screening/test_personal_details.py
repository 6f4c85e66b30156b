"""What might identify somebody: the labelled sentences, the marks themselves, and texts that mean harm."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.screening import crisis, personal_details
from app.screening.marks import Mark
from tests.screening.labelled import lines_of, score, sentences


def test_recall_and_precision_on_the_labelled_sentences(capsys: pytest.CaptureFixture[str]) -> None:
    labelled = sentences("personal_details.txt", "harmless.txt")

    result = score(labelled)

    with capsys.disabled():
        print(f"\nidentifying marks, 200 sentences: {result}")
    assert len(labelled) == 200
    assert result.recall >= 0.9, result.missed
    assert result.precision >= 0.9, result.wrong


@pytest.mark.parametrize("name", ["second.txt", "third.txt", "held_out.txt"])
def test_sentences_the_rules_were_not_made_for(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    result = score(sentences(name))

    with capsys.disabled():
        print(f"\nidentifying marks, {name}: {result}")
    assert result.recall >= 0.8, result.missed
    assert result.precision >= 0.9, result.wrong


CAPITALS = """
I am GRATEFUL for it.
I'm Diabetic, and it healed slowly.
I am Allergic, so I stopped.
This is Great.
Dr. Prescribed it again.
My Dr. PRESCRIBED Efudix.
MY DOCTOR PROMISED A CURE AND MY HUSBAND LAUGHED
My nurse ALWAYS said so.
It cost 1234567890 lira.
"""


@pytest.mark.parametrize("text", lines_of(CAPITALS))
def test_capitals_alone_make_no_name(text: str) -> None:
    assert personal_details.marks(text) == []


@pytest.mark.parametrize(
    ("text", "passage"),
    [
        ("It worked for me. Coleen Sundberg, Perham, MN", "Coleen Sundberg, Perham"),
        ("It worked!\nAnn B. Marsh, St. Cloud, MN 56301", "Ann B. Marsh, St. Cloud"),
        ("Call me on 4155552671.", "4155552671"),
        ("Dr MILLER froze it.", "Dr MILLER"),
        ("I'm Katarzyna, 34.", "Katarzyna"),
    ],
)
def test_names_with_a_town_and_bare_numbers(text: str, passage: str) -> None:
    assert passage in [mark.text for mark in personal_details.marks(text)]


@pytest.mark.parametrize(
    ("text", "neutral"),
    [
        ("I saw Dr Patel twice.", "I saw the doctor twice."),
        ("Dr Patel froze it.", "The doctor froze it."),
        ("My daughter, Sophie, cried.", "My daughter cried."),
        ("I asked our GP (Anna Lindqvist) first.", "I asked our GP first."),
        ("The biopsy was on 14 March 2019.", "The biopsy was in March 2019."),
        ("It began on the 4th of July, at noon.", "It began in July, at noon."),
        ("On 03/11/2022 it was gone.", "In 2022 it was gone."),
        ("They sent me to the Mayo Clinic.", "They sent me to a clinic."),
        ("Write to anna@example.org please.", "Write to [email address] please."),
        ("We live at 14 Elm Street.", "We live at [address]."),
    ],
)
def test_the_replacement_reads_on(text: str, neutral: str) -> None:
    [mark] = personal_details.marks(text)

    assert text[: mark.start] + mark.replacement + text[mark.end :] == neutral
    assert str(mark.why)


def test_a_passage_is_told_as_it_was_written() -> None:
    text = "They call him Dr O’Brien‑Smith.\n\nAn ÄÖ ẞ İ line. Mail me: Anna@Example.org"

    marks = personal_details.marks(text)

    assert [(mark.kind, mark.text) for mark in marks] == [("name", "Dr O’Brien‑Smith"), ("email", "Anna@Example.org")]
    assert all(text[mark.start : mark.end] == mark.text for mark in marks)


def test_names_of_treatments_are_no_people() -> None:
    text = "I went back to my old friend Lexapro."

    assert [mark.text for mark in personal_details.marks(text)] == ["friend Lexapro"]
    assert personal_details.marks(text, known={"lexapro"}) == []


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=300))
def test_marks_lie_apart_and_in_order_whatever_the_text(text: str) -> None:
    for marks in (personal_details.marks(text), crisis.marks(text)):
        assert all(0 <= mark.start < mark.end <= len(text) for mark in marks)
        assert all(one.end <= two.start for one, two in pairwise(marks))
        assert all(text[mark.start : mark.end] == mark.text for mark in marks)


HOSTILE = {
    "digits": "1",
    "numbers": "0171 2345678 ",
    "groups": "120 145 160 ",
    "zeros": "0 ",
    "dashes": "-",
    "dots": "a.",
    "ats": "a@",
    "hidden ats": "a (at) b (dot) ",
    "www": "www.",
    "schemes": "http://",
    "titles": "Dr ",
    "names": "Dr Patel ",
    "initials": "A. ",
    "relations": "my very old little friend ",
    "no spaces": "daughter",
    "capitals": "Aa Bb ",
    "hospitals": "Royal of the Hospital ",
    "streets": "12 Elm ",
    "months": "may ",
    "dates": "1/1/",
    "platforms": "instagram is ",
    "letters": "a",
    "capital letters": "A",
    "underscores": "_",
    "apostrophes": "a'",
    "spaces": " ",
    "lines": "\n",
    "accents": "é",
    "death": "kill my self do not want to ",
    "goodbyes": "i want to ",
}


@pytest.mark.parametrize("unit", HOSTILE.values(), ids=HOSTILE.keys())
@pytest.mark.parametrize("find", [personal_details.marks, crisis.marks], ids=["identifying", "crisis"])
def test_time_grows_with_the_length_and_no_faster(find: Callable[[str], list[Mark]], unit: str) -> None:
    # For a text eight times as long: about 8 where time is linear, 64 where it grows with the square.
    assert times_as_long(find, unit) < 24


def times_as_long(find: Callable[[str], object], unit: str) -> float:
    short, long = (unit * (length // len(unit)) for length in (1_250, 10_000))
    return _fastest(find, long) / _fastest(find, short)


def _fastest(find: Callable[[str], object], text: str) -> float:
    times = []
    for _each in range(4):
        began = process_time()
        find(text)
        times.append(process_time() - began)
    return max(min(times), 0.000_5)
