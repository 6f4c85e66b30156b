"""Documents: the unit of what is indexed, and which kinds are indexed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from hashlib import blake2b

import sqlalchemy as sa

from app.foundation import kinds
from app.foundation.contributions.models import Publication


@dataclass(frozen=True)
class Document:
    """Something public, in the form in which engines index it.

    `title`, `names`, `text` and `synonyms` are searched: `names` are the preferred names of its topics, which are on
    its page, `synonyms` their other names, by which it is found below everything that contains the words themselves.
    `topics`, `conditions`, `treatments` and `side_effects` are ids of topics. `within` are the keys of what it belongs
    to: if one of these is hidden, so is the document. `outcomes` are pairs of a treatment and the code of an effect.
    `helpful` is the number of readers it helped, as shown on its page.
    """

    kind: str
    id: int
    title: str
    names: tuple[str, ...]
    synonyms: tuple[str, ...]
    text: str
    topics: tuple[int, ...]
    conditions: tuple[int, ...]
    treatments: tuple[int, ...]
    within: tuple[str, ...]
    published_at: datetime
    side_effects: tuple[int, ...] = ()
    outcomes: tuple[tuple[int, str], ...] = ()
    helpful: int = 0

    @property
    def key(self) -> str:
        """Its key in the index: 'story:12'."""
        return key_of(self.kind, self.id)

    @cached_property
    def fingerprint(self) -> str:
        """A hash of all its values, by which `indexing.verify` finds documents that are out of date."""
        values = [*vars(self).values()]
        return blake2b(json.dumps(values, default=str).encode(), digest_size=8).hexdigest()


def key_of(kind: str, number: int) -> str:
    """The key of a document: 'story:12'."""
    return f"{kind}:{number}"


def split_key(key: str) -> tuple[str, int]:
    """The kind and the id in the key of a document."""
    kind, _colon, number = key.partition(":")
    return kind, int(number)


# The order in which pages offer kinds; others follow these, comments come last.
_KINDS_FIRST = ("story", "topic", "article")
COMMENT = "comment"


def indexed_models() -> dict[str, type[Publication]]:
    """The model of every kind that is indexed, by the name of the kind, in the order in which pages offer them."""
    models = kinds.searchable()
    others = [kind for kind in models if kind not in (*_KINDS_FIRST, COMMENT)]
    return {kind: models[kind] for kind in (*_KINDS_FIRST, *others, COMMENT)}


def public_by_ids(model: type[Publication]) -> sa.ColumnElement[bool]:
    """`public()` for a statement that picks rows by their ids.

    As a CASE, because SQLite does not know how common a state is: with the bare condition it goes through the index of
    everything published, a hundred times slower than looking up twenty ids.
    """
    return sa.case((model.public(), sa.true()), else_=sa.false())


def published_at(model: type[Publication]) -> sa.ColumnElement[datetime]:
    """The column `at`: when something became public."""
    return sa.func.coalesce(model.published_at, model.created_at, type_=model.created_at.type).label("at")
