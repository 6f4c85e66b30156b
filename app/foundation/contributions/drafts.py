"""Drafts: what is still being written, whatever it is. The rooms say what a draft belongs to; only its author sees it.

A draft is the fields of a form as they stand, finished or not. It is never a revision, and nobody decides on it.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation import clock
from app.foundation.access import require
from app.foundation.contributions import authorship, publication
from app.foundation.database import UTCDateTime, db
from app.foundation.errors import Refused

MOST = 20
LARGEST = 100_000


class Draft:
    """Mixin: what somebody is still writing. Its table says of what there is one draft at a time."""

    id: Mapped[int] = mapped_column(primary_key=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id", ondelete="CASCADE"))
    # The submission key of the form: the draft and what comes of it belong together.
    key: Mapped[str] = mapped_column(sa.String(40))
    fields: Mapped[dict[str, Any]] = mapped_column(sa.JSON)
    updated_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now, onupdate=clock.now)


D = TypeVar("D", bound=Draft)


def keep(same: sa.Select[D], begin: Callable[[], D], fields: Mapping[str, list[str]]) -> D:
    """Keep these fields in the draft that `same` finds, else in one that `begin` makes.

    For the verbs of the rooms, which know whose it is. Raises Refused when it is too large or when there are
    too many drafts already.
    """
    if sum(len(value) for values in fields.values() for value in values) > LARGEST:
        raise Refused("This is too long to keep as a draft. Please shorten it.", "body")
    draft = db.session.scalar(same)
    if draft is None:
        draft = begin()
        table = type(draft)
        count = db.session.scalar(sa.select(sa.func.count()).where(table.author_id == draft.author_id)) or 0
        if count >= MOST:
            raise Refused(f"You have {count} drafts already. Please finish or discard one of them first.")
        if not publication.add_once(draft, same):
            draft = db.session.scalars(same).one()
    draft.fields = {name: list(values) for name, values in fields.items()}
    draft.updated_at = clock.now()
    db.session.flush()
    return draft


def discard(actor: Any, draft: Draft) -> None:
    """Throw one's own draft away. Raises NotAllowed for anybody else."""
    require(authorship.is_author(actor, draft))
    table = type(draft)
    db.session.execute(sa.delete(table).where(table.id == draft.id))


def own_key() -> str:
    """A key that came with no form, and that nobody can guess and take before."""
    return secrets.token_urlsafe(16)
