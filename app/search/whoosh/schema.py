"""How Whoosh keeps documents. Nothing here touches a file.

Only what whoosh3 3.54 and whoosh-reloaded 2.7.5 have in common is used.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any

from whoosh import columns
from whoosh.fields import COLUMN, ID, KEYWORD, STORED, TEXT, Schema

from app.search.index.documents import Document
from app.search.query import analysis
from app.search.whoosh.building import Coded
from app.search.whoosh.codec import Positions, place
from app.search.whoosh.facts import pack

# Whoosh has types for a part of its names only.
_BYTES: Any = columns.VarBytesColumn

VERSION = 8
"""Stands in the name of the index's folder, with the language. Raise it when the schema or `analysis` changes: what is
older counts as missing and is built anew."""


class OurText(TEXT):
    """A field of text whose words are those of `analysis`, with their positions.

    Whoosh's own way, an analyser that hands over one token object after the other, takes a third longer.
    """

    def __init__(self) -> None:
        super().__init__(phrase=True)
        self.format = Positions()

    def index(
        self, value: Sequence[tuple[str, str]] | Coded, **_options: Any
    ) -> Generator[tuple[Any, int, float, bytes], Any, None]:
        """Each of these words once: itself, how often it occurs, what that weighs, and where, in which form.

        Or all at once, as a `BuildingPool` takes them.
        """
        if isinstance(value, Coded):
            if value:
                yield value, len(value), 1.0, b""
            return
        encoded = self.format.encode  # type: ignore[union-attr]  # a TEXT has one
        places: dict[str, list[int]] = {}
        for position, (word, form) in enumerate(value):
            places.setdefault(word, []).append(place(position, form))
        for word, each in places.items():
            yield word.encode(), len(each), float(len(each)), encoded(each)


# The fields that hold words; `synonyms` are words that stand on no page.
WORDS = ("title", "names", "text", "synonyms")


SCHEMA = Schema(
    key=ID(unique=True, stored=True),
    fingerprint=STORED,
    kind=ID,
    year=ID,
    **{field: OurText() for field in WORDS},
    topics=KEYWORD,
    conditions=KEYWORD,
    treatments=KEYWORD,
    # 'very_well' for the story, '12:very_well' for the treatment.
    outcomes=KEYWORD,
    side_effects=KEYWORD,
    within=KEYWORD,
    facts=COLUMN(_BYTES()),
)


def fields_of(document: Document, words_of: Callable[[str], Sequence[Any]] = analysis.written) -> dict[str, Any]:
    """A document as Whoosh takes it. Lists go past the analyser."""
    words = {
        "title": words_of(document.title),
        "names": words_of("\n".join(document.names)),
        "text": words_of(document.text),
        "synonyms": words_of("\n".join(document.synonyms)),
    }
    return {
        **words,
        "key": document.key,
        "fingerprint": document.fingerprint,
        "kind": document.kind,
        "year": str(document.published_at.year),
        "topics": [str(topic) for topic in document.topics],
        "conditions": [str(topic) for topic in document.conditions],
        "treatments": [str(topic) for topic in document.treatments],
        "outcomes": [
            *{outcome for _topic, outcome in document.outcomes},
            *(f"{topic}:{outcome}" for topic, outcome in document.outcomes),
        ],
        "side_effects": [str(topic) for topic in document.side_effects],
        "within": list(document.within),
        "facts": pack(document, [len(words[field]) for field in WORDS]),
    }
