"""Trying rules before they are in force: what they would have said of the last thousand texts. Changes nothing."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from app.foundation.database import db
from app.moderation import signals
from app.moderation.models import REVISIONS
from app.moderation.rules import Rules
from app.moderation.screening import listed
from app.moderation.screening_models import SignalKind
from app.moderation.signals import FIELDS
from app.screening import contacts
from app.screening.marks import even

TEXTS = 1_000
# So many are linked; the count is of all.
SHOWN = 50


@dataclass(frozen=True)
class Caught:
    """A text that the rules would have caught, with the passages that caught it, at most a few."""

    revision: Any
    passages: tuple[str, ...]


@dataclass(frozen=True)
class Trial:
    """What rules would have said of so many texts. `words` are the passages found most often."""

    texts: int
    refused: Sequence[Caught]
    held: Sequence[Caught]
    words: Sequence[tuple[str, int]]


def trial(tried: Rules) -> Trial:
    """What these rules would have refused and held of the texts sent last, whatever became of them.

    Only what the rules change is looked at: the words, and how many links there are.
    """
    refused, held, words = [], [], Counter[str]()
    texts = list(_last())
    for revision in texts:
        blocked: list[str] = []
        suspect: list[str] = []
        links = 0
        for name in FIELDS:
            text = signals.text_of(revision, name)
            links += len({mark.start for mark in contacts.links(even(text))})
            for each in listed(name, text, tried):
                passages = blocked if each.kind is SignalKind.BLOCKED else suspect
                passages.append(text[each.start : each.end])
        words.update(passage.lower() for passage in (*blocked, *suspect))
        if blocked:
            refused.append(Caught(revision, _few(blocked)))
        elif suspect or links >= tried.most_links:
            held.append(Caught(revision, _few(suspect)))
    return Trial(len(texts), refused, held, words.most_common(20))


def _few(passages: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(passages))[:5]


def _last() -> Iterator[Any]:
    """The revisions sent last, of every kind, newest first."""
    sent = sa.union_all(
        *(
            sa.select(sa.literal(kind).label("kind"), table.id.label("id"), table.created_at.label("sent_at"))
            .order_by(table.created_at.desc(), table.id.desc())
            .limit(TEXTS)
            .subquery()
            .select()
            for kind, table in REVISIONS.items()
        )
    ).subquery()
    newest = db.session.execute(
        sa.select(sent.c.kind, sent.c.id).order_by(sent.c.sent_at.desc(), sent.c.id.desc()).limit(TEXTS)
    ).all()
    kept: dict[tuple[str, int], Any] = {}
    for kind, table in REVISIONS.items():
        ids = [row.id for row in newest if row.kind == kind]
        found: list[Any] = list(db.session.scalars(sa.select(table).where(table.id.in_(ids))))
        kept |= {(kind, each.id): each for each in found}
    yield from (kept[row.kind, row.id] for row in newest)
