"""Drafts: what is still being written. Each kind has a table of its own, which says what a draft belongs to.

A draft is the fields of a form, finished or not. Only its author sees it. It is never a revision, and no moderator
decides on it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TypeVar

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation import clock
from app.foundation.access import Actor, require
from app.foundation.contributions import authorship, publication
from app.foundation.database import UTCDateTime, db
from app.foundation.errors import Refused

MAX_DRAFTS = 20
MAX_LENGTH = 100_000


class Draft:
    """Mixin: the fields of a form that is still being filled in. Constraints of the table say how many there may be."""

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"))
    # The submission key of the form, which links the draft to what is submitted from it.
    key: Mapped[str] = mapped_column(sa.String(40))
    fields: Mapped[dict[str, list[str]]] = mapped_column(sa.JSON)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, onupdate=clock.now)


D = TypeVar("D", bound=Draft)


def save(existing: sa.Select[D], create: Callable[[], D], fields: Mapping[str, list[str]]) -> D:
    """Store these fields in the draft that `existing` selects, or in a new one that `create` returns, and return it.

    Called by the domain functions of a kind, which have checked who is asking. Raises Refused when the fields are too
    large or when this author has too many drafts already.
    """
    if sum(len(value) for values in fields.values() for value in values) > MAX_LENGTH:
        raise Refused(_("This is too long to save as a draft. Make it shorter."), "body")
    draft = db.session.scalar(existing)
    if draft is None:
        draft = create()
        table = type(draft)
        count = db.session.scalar(sa.select(sa.func.count()).where(table.author_id == draft.author_id)) or 0
        if count >= MAX_DRAFTS:
            raise Refused(_("You already have %(count)s drafts. Send or delete one first.", count=count))
        if not publication.add_once(draft, existing):
            draft = db.session.scalars(existing).one()
    draft.fields = {name: list(values) for name, values in fields.items()}
    draft.updated_at = clock.now()
    db.session.flush()
    return draft


def discard(actor: Actor, draft: Draft) -> None:
    """Delete one's own draft. Raises NotAllowed for anybody else."""
    require(authorship.is_author(actor, draft))
    table = type(draft)
    db.session.execute(sa.delete(table).where(table.id == draft.id))


def random_key() -> str:
    """A new key for a draft that did not come with the key of a form; nobody can guess it."""
    return secrets.token_urlsafe(16)
