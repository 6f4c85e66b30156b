"""Word lists: whole words by default, case and accents folded, found where they stand in the text as written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.screening.folding import fold
from app.screening.word_list import MAX_HITS, WordList


def found(text: str, *entries: str) -> list[str]:
    return [text[hit.start : hit.end] for hit in WordList(entries).find(fold(text))]


@pytest.mark.parametrize(
    ("entry", "text"),
    [
        ("cialis", "I saw a specialist."),
        ("cum", "The document says 5 mg cum grano salis-free; cumulative dose 12."[:21]),
        ("arse", "Coarse skin, parsed sparsely."),
        ("anal", "The analysis was banal."),
        ("rape", "Grapefruit and the drape, and the therapist."),
        ("tit", "The antibody titre and titanium dioxide."),
        ("sex", "Sexagesimal; Essex; unisex_clothing"),
        ("spam", "spam_filter"),
    ],
)
def test_medical_words_do_not_misfire(entry: str, text: str) -> None:
    assert found(text, entry) == []


@pytest.mark.parametrize(
    ("entry", "text", "passage"),
    [
        ("viagra", "Buy VIAGRA now", "VIAGRA"),
        ("viagra", "Buy viágrà!", "viágrà"),
        ("viagra", "Buy vi\u00adag\u200bra.", "vi\u00adag\u200bra"),
        ("viagra", "Buy ｖｉａｇｒａ", "ｖｉａｇｒａ"),
        ("straße", "die STRASSE dort", "STRASSE"),
        ("strasse", "die Straße dort", "Straße"),
        ("cheap meds", "so cheap \n meds here", "cheap \n meds"),
        ("don't", "I don’t", "don’t"),
        ("pharma*", "the pharmacy", "pharma"),
        ("*pharma*", "biopharmaceutical", "pharma"),
        ("*meds", "cheapmeds rule", "meds"),
        ("c++", "I like c++ a lot", "c++"),
    ],
)
def test_case_accents_and_invisible_characters_do_not_hide_a_word(entry: str, text: str, passage: str) -> None:
    assert found(text, entry) == [passage]


def test_every_word_of_the_list_is_found() -> None:
    assert found("One two, three; two.", "two", "three", "four") == ["two", "three", "two"]


def test_an_empty_list_finds_nothing() -> None:
    assert found("Anything at all") == []
    assert found("Anything at all", "", "*", "\u200b") == []


def test_hits_have_an_end() -> None:
    assert len(found("bad " * 5_000, "bad")) == MAX_HITS


@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60), st.text(max_size=20), st.text(max_size=20))
def test_what_is_found_reads_like_the_entry(word: str, before: str, after: str) -> None:
    text = f"{before} {word} {after}"

    for hit in WordList([f"*{word.strip('*')}*"]).find(fold(text)):
        # What is found within a character that stands for several ('1' in '¼') covers the whole character.
        assert fold(word.strip("*")).text.strip() in fold(text[hit.start : hit.end]).text
