"""The Whoosh schema: which fields a document has in the index, and how a document is turned into them.

Uses only what whoosh3 3.54 and whoosh-reloaded 2.7.5 have in common.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from typing import Any, TypedDict

from whoosh import columns
from whoosh.fields import COLUMN, ID, KEYWORD, STORED, TEXT, Schema

from app.search.index.documents import Document
from app.search.query import analysis
from app.search.whoosh.building import TokenNumbers
from app.search.whoosh.codec import Positions, place

VERSION = 10
"""Part of the name of an index's folder. Raise it when the schema, the codec, the stored columns or `analysis` change:
an index of another version counts as missing and is rebuilt."""


# The tokens of a text, each with the form in which it was written; or `TokenNumbers` while a new index is built.
Tokens = Sequence[tuple[str, str]] | TokenNumbers


class AnalysedText(TEXT):
    """A text field whose tokens come from `analysis`, with positions.

    Its values are `Tokens`. Whoosh's own analysers, which yield one token object after the other, take a third longer.
    """

    def __init__(self) -> None:
        super().__init__(phrase=True)
        self.format = Positions()

    def index(self, value: Tokens, **_options: object) -> Generator[tuple[Any, int, float, bytes], None, None]:
        """For each distinct token: the token, its frequency, its weight, and its encoded places.

        `value` has a pair for each token of the text: the token and the form in which it was written. `TokenNumbers`
        are yielded whole, in place of a token, for a `BuildingPool` to sort; hence Any.
        """
        if isinstance(value, TokenNumbers):
            if value:
                yield value, len(value), 1.0, b""
            return
        encode = self.format.encode  # type: ignore[union-attr]  # a TEXT field has a format
        places: dict[str, list[int]] = {}
        for position, (token, form) in enumerate(value):
            places.setdefault(token, []).append(place(position, form))
        for token, encoded in places.items():
            yield token.encode(), len(encoded), float(len(encoded)), encode(encoded)


TEXT_FIELDS = ("title", "names", "text", "synonyms")
"""The analysed fields. `synonyms` holds other names of topics, which are not on the document's page."""

SCHEMA = Schema(
    key=ID(unique=True, stored=True),
    fingerprint=STORED,
    **{field: AnalysedText() for field in TEXT_FIELDS},
    topics=KEYWORD,
    within=KEYWORD,
    # Everything that is filtered, counted, boosted or sorted by, see `columns`.
    columns=COLUMN(columns.VarBytesColumn()),
)


class Fields(TypedDict):
    """A document as Whoosh's writers take it. Lists bypass Whoosh's analysers."""

    key: str
    fingerprint: str
    title: Tokens
    names: Tokens
    text: Tokens
    synonyms: Tokens
    topics: list[str]
    within: list[str]
    columns: bytes


def fields_of(
    document: Document,
    pack: Callable[[Document, Sequence[int]], bytes],
    tokens_of: Callable[[str], Tokens] = analysis.tokens_and_forms,
) -> Fields:
    """The fields of a document. `tokens_of` tokenises a text, `pack` makes the column values, see `columns.pack`."""
    title, names = tokens_of(document.title), tokens_of("\n".join(document.names))
    text, synonyms = tokens_of(document.text), tokens_of("\n".join(document.synonyms))
    return {
        "key": document.key,
        "fingerprint": document.fingerprint,
        "title": title,
        "names": names,
        "text": text,
        "synonyms": synonyms,
        "topics": [str(topic) for topic in document.topics],
        "within": list(document.within),
        "columns": pack(document, [len(title), len(names), len(text), len(synonyms)]),
    }
