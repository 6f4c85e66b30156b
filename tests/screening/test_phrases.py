"""Phrases in a file, and reading careless spelling."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.screening.phrases.phrase_list import PhraseList
from app.screening.phrases.spelling import Spelling

SPELLING = Spelling({"overdose": 1, "myself": 1}, frozenset({"overdone", "overdoses"}))


def found(line: str, text: str) -> list[str]:
    words = SPELLING.words(text)
    return [words.text[place.start : place.end] for place in PhraseList(["who = i|she", line]).search(words.text)]


@pytest.mark.parametrize(
    ("line", "text", "passages"),
    [
        ("{who} (ran|fell)", "She ran and I fell. He ran.", ["she ran", "i fell"]),
        ("cut [deep] down", "Cut deep down, cut down, cut far down.", ["cut deep down", "cut down"]),
        ("overdos~", "Overdoses of it", ["overdoses"]),
        ("in it .", "in it for good. All in it.", ["in it"]),
        ("in it (.|for)", "in it for good. All in it.", ["in it for", "in it ."]),
        ("cut & bridge", "On the bridge I cut it. I cut it.", ["cut"]),
        ("cut -- hair|nails", "I cut my hair. I cut it.", ["cut"]),
        ("end it", "the friend items", []),
        ("do not", "don't, dont, DO NOT", ["do not"] * 3),
        ("overdose of myself", "overdoze of myslef", ["overdose of myself"]),
        ("overdone", "overdone", ["overdone"]),
    ],
)
def test_notation(line: str, text: str, passages: list[str]) -> None:
    assert found(line, text) == passages


def test_a_phrase_that_can_be_denied_says_so() -> None:
    [place] = PhraseList(["? harm"]).search(SPELLING.words("no harm").text)

    assert place.is_deniable


@pytest.mark.parametrize("line", ["(unclosed", "{nobody} ran"])
def test_a_line_that_cannot_be_read_is_an_error(line: str) -> None:
    with pytest.raises(ValueError, match=r"unclosed|nobody"):
        PhraseList([line])


@given(st.text(max_size=200))
def test_every_word_leads_back_to_the_text(text: str) -> None:
    words = SPELLING.words(text)
    at = 0
    for word in words.text.split():
        begin = words.text.index(word, at)
        at = begin + len(word)
        if word != ".":
            start, end = words.source(begin, at)
            assert 0 <= start < end <= len(text)


def test_a_very_long_word_is_cut() -> None:
    assert len(SPELLING.words("a" * 10_000).text) < 100
