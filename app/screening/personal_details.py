"""What might identify somebody: names, contact details, places, exact dates.

The marks are a question to the person who writes and a hint to the moderator who reads, nothing more.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import replace

from app.screening import contacts, dates, names, places
from app.screening.marks import Mark, normalised_characters, without_overlaps

KINDS = ("name", "email", "phone", "postcode", "address", "date", "hospital", "handle", "link")
WHY = {kind: why for kind, (why, _neutral) in (contacts.WHY | places.WHY).items()} | {
    "name": names.WHY,
    "date": dates.WHY,
}
_SENTENCE_START = re.compile(r"(?:^|[.!?:]\s{1,3}|\n\s{0,3})$")


def marks(text: str, known: Collection[str] = ()) -> list[Mark]:
    """Return the passages of a text that might identify somebody, in their order and without overlaps.

    `known` are words in lower case that are never names of people, such as the names of treatments.
    """
    plain = normalised_characters(text)
    found = [mark for find in (contacts.find, dates.find, places.find, names.find) for mark in find(plain)]
    return [
        _with_original_text(mark, text)
        for mark in without_overlaps(found, len(text))
        if not (mark.kind == "name" and mark.text.rsplit(maxsplit=1)[-1].strip(",)").lower() in known)
    ]


def _with_original_text(mark: Mark, text: str) -> Mark:
    """Return the mark with the original characters, and a replacement that is capitalised if the passage is."""
    instead = str(mark.replacement)
    if instead and _SENTENCE_START.search(text[max(0, mark.start - 5) : mark.start]):
        instead = instead[0].upper() + instead[1:]
    return replace(mark, text=text[mark.start : mark.end], replacement=instead)
