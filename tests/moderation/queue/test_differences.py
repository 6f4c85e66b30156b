"""Two versions of a text compared: paragraph by paragraph, and word by word where a paragraph was changed."""

from __future__ import annotations

import pytest

from app.moderation.queue.differences import compare_paragraphs


def compared(old: str, new: str) -> list[str]:
    signs = {"same": "", "del": "-", "ins": "+"}
    return [
        "".join(f"[{signs[piece.change]}{piece.text}]" for piece in pieces) for pieces in compare_paragraphs(old, new)
    ]


@pytest.mark.parametrize(
    ("old", "new", "pieces"),
    [
        ("One.\n\nTwo.", "One.\n\nTwo.", ["[One.]", "[Two.]"]),
        ("One.", "One.\n\nTwo.", ["[One.]", "[+Two.]"]),
        ("One.\n\nTwo.", "Two.", ["[-One.]", "[Two.]"]),
        # Each changed paragraph is compared with the one in its place.
        (
            "It itched.\n\nI waited long.\n\nIt went.",
            "It burned.\n\nI waited briefly.\n\nIt went.",
            ["[It ][-itched][+burned][.]", "[I waited ][-long][+briefly][.]", "[It went.]"],
        ),
    ],
)
def test_paragraphs(old: str, new: str, pieces: list[str]) -> None:
    assert compared(old, new) == pieces
