"""Pages of a list: what a page is, and lists whose pages are addressed by number. `keyset` addresses them by place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import request, url_for

from app.foundation.database import db

Item = TypeVar("Item")
Other = TypeVar("Other")

# Arguments of an address, for `url_for`, which takes them beside parameters of its own and of other types.
URLArguments = dict[str, Any]

PER_PAGE = 20
MAX_NUMBER = 1_000


@dataclass(frozen=True)
class Page(Generic[Item]):
    """One page of a list: its items, and the addresses of the pages before and after it, if there are any.

    `number` (from 1), `pages` and `total` (items of the whole list) are None where nobody counts them.
    """

    items: Sequence[Item]
    previous_url: str | None = None
    next_url: str | None = None
    number: int | None = None
    pages: int | None = None
    total: int | None = None

    @property
    def is_first(self) -> bool:
        """Whether the list begins on this page."""
        return self.previous_url is None

    def of(self, items: Sequence[Other]) -> Page[Other]:
        """The same page with other items: the rows that were loaded for a page of ids, for example."""
        return Page(items, self.previous_url, self.next_url, self.number, self.pages, self.total)


def requested_number() -> int:
    """The page number in the address of this request; the first page where there is none that makes sense."""
    text = request.args.get("page", "1")
    return min(max(int(text), 1), MAX_NUMBER) if text.isascii() and text.isdecimal() and len(text) < 6 else 1


def clamped_number(total: int, per_page: int = PER_PAGE) -> int:
    """The page number in the address, but at most that of the last page of a list of `total` items."""
    return min(requested_number(), _page_count(total, per_page))


def numbered_page(items: Sequence[Item], number: int, total: int, per_page: int = PER_PAGE) -> Page[Item]:
    """The page with this number of a list of `total` items, with links that only change `page` in the address."""
    pages = _page_count(total, per_page)
    previous_url = _url(number - 1) if number > 1 else None
    next_url = _url(number + 1) if number < pages else None
    return Page(items, previous_url, next_url, number, pages, total)


def paginate(chosen: sa.Select[Item], *, per_page: int = PER_PAGE) -> Page[Item]:
    """The page of this selection that the address asks for. Two statements: the rows, and how many there are in all."""
    number = requested_number()
    total = db.session.scalar(sa.select(sa.func.count()).select_from(chosen.order_by(None).subquery())) or 0
    items = db.session.scalars(chosen.limit(per_page).offset((number - 1) * per_page)).unique().all()
    return numbered_page(items, number, total, per_page)


def _page_count(total: int, per_page: int) -> int:
    """How many pages there are; an empty list has one."""
    return max(1, -(-total // per_page))


def _url(number: int) -> str:
    return current_url(without=("page",), page=str(number) if number > 1 else None)


def current_url(*, without: Sequence[str], **arguments: str | None) -> str:
    """The address of this request without some of its arguments, and with these instead unless they are None."""
    # Not through url_for: it would take arguments of the address like 'endpoint' and '_scheme' for its own.
    query = [(name, value) for name, value in request.args.items(multi=True) if name not in without]
    query += [(name, value) for name, value in arguments.items() if value is not None]
    path = url_for(str(request.endpoint), **(request.view_args or {}))
    return f"{path}?{urlencode(query)}" if query else path
