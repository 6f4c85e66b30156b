"""A text as moderators read it: passages marked in the rendered HTML, and two versions compared as they will look."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from markupsafe import Markup, escape

from app.foundation.text import markup
from app.foundation.text.markup import Profile
from app.moderation.queue import reading
from app.moderation.queue.reading import Block, Mark


def drawn(blocks: list[Block]) -> str:
    """The blocks as HTML, with a number after a marked passage."""
    signs = {"ins": "ins", "del": "del"}
    words = ""
    for block in blocks:
        inner = ""
        for piece in block.pieces:
            text = str(escape(piece.text))
            text = f"<mark>{text}</mark>" if piece.is_marked else text
            text += "".join(f"({number})" for number in piece.notes)
            sign = signs.get(piece.change)
            inner += f"<{sign}>{text}</{sign}>" if sign else text
        sign = signs.get(block.change)
        words += f"<{sign}>{inner}</{sign}>" if sign else inner
    return words


def story(source: str) -> Markup:
    return markup.render(source, Profile.STORY)


@pytest.mark.parametrize(
    ("source", "passages", "expected"),
    [
        ("Ask Joan, she knows", ["Joan"], "<p>Ask <mark>Joan</mark>(0), she knows</p>"),
        ("Joan and Joan", ["Joan"], "<p><mark>Joan</mark>(0) and <mark>Joan</mark></p>"),
        ("Ask *Joan* Miller", ["Joan Miller"], "<p>Ask <em><mark>Joan</mark></em><mark> Miller</mark>(0)</p>"),
        ("a < b & c", ["< b &"], "<p>a <mark>&lt; b &amp;</mark>(0) c</p>"),
        ("nothing of it", ["absent", "", "  "], "<p>nothing of it</p>"),
        ("[here](https://example.org/href)", ["href", "a", "<", '"'], None),
    ],
)
def test_passages_are_marked_across_tags_and_never_in_them(
    source: str, passages: list[str], expected: str | None
) -> None:
    blocks = reading.read(story(source), [Mark(passage, number) for number, passage in enumerate(passages)])

    assert drawn(blocks) == (str(story(source)) if expected is None else expected)


def test_what_is_said_of_a_link_is_not_part_of_it() -> None:
    rendered = story("See [the *best* shop](https://example.org/) now.")

    words = drawn(reading.read(rendered, [Mark("best", 1), Mark("shop", 2)]))

    assert words == str(rendered).replace("best", "<mark>best</mark>").replace(
        " shop</a>", " <mark>shop</mark></a>(1)(2)"
    )


def test_what_was_marked_is_known() -> None:
    blocks = reading.read(story("Ask Joan."), [Mark("Joan", 4), Mark("absent", 5)])

    assert reading.noted(blocks) == {4}


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("I would not.", "I would.", "<p>I would<del> not</del>.</p>"),
        (
            "do it **again** now",
            "do it **once more** now",
            "<p>do it <strong><del>again</del><ins>once more</ins></strong> now</p>",
        ),
        ("One.\n\nTwo.", "Two.", "<del><p>One.</p></del><p>Two.</p>"),
        ("One.", "One.\n\n- two", "<p>One.</p><ins><ul>\n<li>two</li>\n</ul></ins>"),
        # A paragraph that becomes a list, and a link that leads elsewhere, are shown whole.
        ("a", "- a", "<del><p>a</p></del><ins><ul>\n<li>a</li>\n</ul></ins>"),
        ("<b>", "<i>", "<p>&lt;<del>b</del><ins>i</ins>&gt;</p>"),
    ],
)
def test_two_versions_are_compared_as_they_will_look(old: str, new: str, expected: str) -> None:
    assert drawn(reading.compare(story(old), story(new))) == expected


def test_words_taken_out_of_a_list_stay_within_an_item() -> None:
    [block] = reading.compare(story("- one\n- two\n- three"), story("- one\n- three"))

    assert drawn([block]) == "<ul>\n<li>one</li>\n<li><del>two </del>three</li>\n</ul>"


def test_a_link_that_leads_elsewhere_is_said_to_have_changed() -> None:
    blocks = reading.compare(story("See [it](https://example.org/a)."), story("See [it](https://example.org/b)."))

    assert [(block.change, block.looks_alike) for block in blocks] == [("del", True), ("ins", True)]


def test_a_signal_is_marked_in_new_words_only() -> None:
    blocks = reading.compare(story("Ask Joan today."), story("Ask Joan and Dr Ellery."), [Mark("Dr Ellery", 1)])

    assert drawn(blocks) == "<p>Ask Joan <del>today</del><ins>and </ins><ins><mark>Dr Ellery</mark>(1)</ins>.</p>"


def test_two_versions_without_end_are_not_compared_paragraph_by_paragraph() -> None:
    old, new = story("\n\n".join("a" * 3 for _ in range(600))), story("\n\n".join("b" * 3 for _ in range(600)))

    blocks = reading.compare(old, new)

    assert [block.change for block in blocks] == ["del"] * 600 + ["ins"] * 600


TEXTS = st.text(st.sampled_from("ab \n*_-<>&`[](){}\"'#1.>"), max_size=60)


@settings(max_examples=150, deadline=None)
@given(TEXTS, TEXTS)
def test_without_what_was_removed_it_is_the_new_version_and_nothing_else(old: str, new: str) -> None:
    blocks = reading.compare(story(old), story(new))

    kept = [piece for block in blocks if block.change != "del" for piece in block.pieces if piece.change != "del"]
    expected = markup.split_tags(story(new))
    assert "".join("".join(str(piece.text) for piece in kept).split()) == "".join("".join(map(str, expected)).split())
    # Old words within a new block are text, whatever they look like: only whole old blocks keep their stored tags.
    removed = [piece for block in blocks if block.change != "del" for piece in block.pieces if piece.change == "del"]
    assert not any(isinstance(piece.text, Markup) for piece in removed)
