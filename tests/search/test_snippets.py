"""Snippets."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.foundation.text.markup import plain
from app.search.results.snippets import LENGTH, HighlightTerms, highlight_terms, snippet

LONG = "word " * 100


def test_the_words_are_marked_in_every_form() -> None:
    text = "Warts! Every wart, and a thwarted one; WART’S end."
    assert str(highlight_terms(text, HighlightTerms([("wart",)]))) == (
        "<mark>Warts</mark>! Every <mark>wart</mark>, and a thwarted one; <mark>WART’S</mark> end."
    )


def test_words_as_they_are_typed_are_marked_in_that_form_only() -> None:
    wanted = HighlightTerms([("itch",)], typed=[("burns",), ("the", "burns")])
    assert (
        str(highlight_terms("The burns burn, itching", wanted)) == "<mark>The burns</mark> burn, <mark>itching</mark>"
    )


def test_words_of_a_phrase_are_marked_together_only() -> None:
    assert (
        str(highlight_terms("not all, but not at all", HighlightTerms([("not", "at", "all")])))
        == "not all, but <mark>not at all</mark>"
    )


def test_the_piece_with_most_different_words_is_shown() -> None:
    text = f"An itch at first. {LONG} Then the itch came with redness. {LONG}"
    piece = str(snippet(text, HighlightTerms([("itch",), ("red",)])))
    assert "the <mark>itch</mark> came with <mark>redness</mark>" in piece
    assert piece.startswith("… ")
    assert piece.endswith(" …")


def test_a_text_without_the_words_is_shown_from_its_beginning() -> None:
    assert str(snippet(f"First. {LONG}", HighlightTerms([("itch",)]))).startswith("First. word word")
    assert str(snippet("", HighlightTerms([("itch",)]))) == ""


def test_what_a_text_says_is_escaped() -> None:
    piece = str(snippet('An itch <script>alert("x")</script> & more', HighlightTerms([("itch",)])))
    assert piece == "An <mark>itch</mark> &lt;script&gt;alert(&#34;x&#34;)&lt;/script&gt; &amp; more"


@pytest.mark.parametrize("at", [0, 10, 50, 99])
def test_a_snippet_is_short_and_of_whole_words(at: int) -> None:
    words = ["longish"] * 100
    words[at] = "itch"
    text = plain(str(snippet(" ".join(words), HighlightTerms([("itch",)]))).replace("mark>", "em>"))
    assert len(text) <= LENGTH + 4
    assert set(text.replace("…", "").split()) == {"longish", "itch"}


@given(st.text(), st.lists(st.sampled_from(["a", "b", "wart", "1"]), min_size=1, max_size=3))
def test_any_text_can_be_cut(text: str, words: list[str]) -> None:
    assert "<script" not in snippet(f"{text} wart {text}", HighlightTerms([tuple(words), ("wart",)]), length=40)
