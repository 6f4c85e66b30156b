"""Pages of a list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import request, url_for

from app.foundation.database import db

Item = TypeVar("Item")

PER_PAGE = 20
DEEPEST = 1_000


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list: its items, its number (from 1), how many items there are in all."""

    items: Sequence[Item]
    number: int
    total: int
    per_page: int = PER_PAGE

    @property
    def pages(self) -> int:
        """How many pages there are; an empty list has one."""
        return max(1, -(-self.total // self.per_page))

    @property
    def previous_url(self) -> str | None:
        """The address of the page before this one."""
        return self._url(self.number - 1) if self.number > 1 else None

    @property
    def next_url(self) -> str | None:
        """The address of the page after this one."""
        return self._url(self.number + 1) if self.number < self.pages else None

    def _url(self, number: int) -> str:
        # Not through url_for: what stands in an address ('endpoint', '_scheme') would be taken for its arguments.
        query = [(name, value) for name, value in request.args.items(multi=True) if name != "page"]
        query += [("page", str(number))] if number > 1 else []
        path = url_for(str(request.endpoint), **(request.view_args or {}))
        return f"{path}?{urlencode(query)}" if query else path


def asked_number() -> int:
    """The page number in the address; what cannot be one is the first page."""
    text = request.args.get("page", "1")
    return min(max(int(text), 1), DEEPEST) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


def paginate(chosen: sa.Select[Item], *, per_page: int = PER_PAGE) -> Page[Item]:
    """The page of this selection that the address asks for, and the count of all."""
    number = asked_number()
    total = db.session.scalar(sa.select(sa.func.count()).select_from(chosen.order_by(None).subquery())) or 0
    items: Sequence[Any] = db.session.scalars(chosen.limit(per_page).offset((number - 1) * per_page)).unique().all()
    return Page(items, number, total, per_page)
