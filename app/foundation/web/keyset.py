"""Keyset pagination: pages of a list that grows while it is read are addressed by place instead of number.

A page addressed by number skips or repeats items as soon as something new is put before it. Here the address holds the
sort values of the item at the end of a page (`after=`) or at its beginning (`before=`). They disclose nothing that the
page does not show; values that make no sense lead to the first page. Addresses with `page=` still work, and the links
on such a page go on by place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import request
from sqlalchemy.orm import InstrumentedAttribute

from app.foundation.database import UTCDateTime, db
from app.foundation.web.pagination import PER_PAGE, Page, current_url, requested_number

ARGUMENTS = ("after", "before", "page")
"""The arguments of an address that say which page it is."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_LENGTH = 100
# The values of the columns of an order in one row: datetimes and whole numbers.
Place = tuple[Any, ...]
Column = (
    InstrumentedAttribute[datetime]
    | InstrumentedAttribute[datetime | None]
    | InstrumentedAttribute[int]
    | sa.ColumnElement[datetime]
    | sa.ColumnElement[int]
)
Ordering = sa.UnaryExpression[datetime] | sa.UnaryExpression[datetime | None] | sa.UnaryExpression[int]
Row = TypeVar("Row")


@dataclass(frozen=True)
class Order:
    """How a list is sorted: by these columns, the last of which is the id, all ascending or all descending.

    `part` is the id of the element of the page that holds the list; links to other pages lead there.
    """

    by: Sequence[Column]
    ascending: bool = False
    part: str = ""

    def forward(self) -> list[Ordering]:
        """The ORDER BY of the list."""
        return [column.asc() if self.ascending else column.desc() for column in self.by]

    def backward(self) -> list[Ordering]:
        """The ORDER BY of the list read from its end."""
        return [column.desc() if self.ascending else column.asc() for column in self.by]

    def after(self, place: Place) -> sa.ColumnElement[bool]:
        """The condition for rows after a place."""
        return self._compared(place, greater=self.ascending)

    def before(self, place: Place) -> sa.ColumnElement[bool]:
        """The condition for rows before a place."""
        return self._compared(place, greater=not self.ascending)

    def _compared(self, place: Place, *, greater: bool) -> sa.ColumnElement[bool]:
        values = sa.tuple_(*self.by)
        other = sa.tuple_(*(sa.literal(value, column.type) for value, column in zip(place, self.by, strict=True)))
        return values > other if greater else values < other


@dataclass(frozen=True)
class Window:
    """Which page of a list is asked for, for callers that read it in one statement together with other things.

    They select `rows()` and hand what they found to `page()`.
    """

    order: Order
    per_page: int
    before: Place | None
    after: Place | None
    number: int = 1

    @classmethod
    def from_request(cls, order: Order, per_page: int = PER_PAGE) -> Window:
        """The page that the address of this request asks for."""
        before, after = (_parse(request.args.get(name), order.by) for name in ("before", "after"))
        return cls(order, per_page, before, after, 1 if before or after else requested_number())

    def rows(self, chosen: sa.Select[Row]) -> sa.Select[*Place]:
        """The places of the page's items and of one more, if there is any; backwards for a page before a place."""
        rows = chosen.with_only_columns(*self.order.by).order_by(None).limit(self.per_page + 1)
        if self.before is not None:
            return rows.where(self.order.before(self.before)).order_by(*self.order.backward())
        if self.after is not None:
            rows = rows.where(self.order.after(self.after))
        return rows.order_by(*self.order.forward()).offset((self.number - 1) * self.per_page or None)

    def page(self, found: Sequence[Place]) -> Page[Place]:
        """The page made of the rows found, as places in the order of the list."""
        shown = list(found[: self.per_page])
        has_more = len(found) > self.per_page
        if self.before is not None:
            shown.reverse()
            has_previous, has_next = has_more, True
        else:
            has_previous, has_next = self.after is not None or self.number > 1, has_more
        part = self.order.part
        # An empty page leads back to the beginning of the list.
        previous_url = _url(part, before=shown[0] if shown else None) if has_previous else None
        next_url = _url(part, after=shown[-1] if shown else None) if has_next else None
        return Page(shown, previous_url, next_url)


def places(chosen: sa.Select[Row], order: Order, per_page: int = PER_PAGE) -> Page[Place]:
    """The page of a selection that the address asks for, as the sort values of its rows. One statement, or two where
    the page asked for is less than the first page.
    """
    window = Window.from_request(order, per_page)
    found = _read(window, chosen)
    # Less than a page, or just one, before a place is the beginning of the list; so is a number that is too great.
    if len(found) <= per_page if window.before is not None else not found and window.number > 1:
        window = Window(window.order, per_page, None, None)
        found = _read(window, chosen)
    return window.page(found)


def page(chosen: sa.Select[Row], by: Sequence[Column] | Order, per_page: int = PER_PAGE) -> Page[int]:
    """The same as the ids of its rows."""
    found = places(chosen, by if isinstance(by, Order) else Order(by), per_page)
    return found.of([place[-1] for place in found.items])


def _read(window: Window, chosen: sa.Select[Row]) -> list[Place]:
    return [tuple(row) for row in db.session.execute(window.rows(chosen))]


def page_of(chosen: sa.Select[Row], order: Order, place: Place, per_page: int = PER_PAGE) -> str | None:
    """The value of `after` in the address of the page that holds the item at this place, counting pages from the
    beginning; None for the first page. Two statements at most.
    """
    ahead = chosen.with_only_columns(*order.by).where(order.before(place)).order_by(None)
    number = db.session.scalar(sa.select(sa.func.count()).select_from(ahead.subquery())) or 0
    if number < per_page:
        return None
    last = db.session.execute(ahead.order_by(*order.backward()).offset(number % per_page).limit(1)).first()
    return encode(tuple(last)) if last else None


def window_after(order: Order, place: str | None, per_page: int = PER_PAGE) -> Window:
    """The page after a place that is written as in an address; the first page for None."""
    return Window(order, per_page, None, _parse(place, order.by))


# --- Addresses --------------------------------------------------------------------------------------------------


def encode(place: Place) -> str:
    """A place as an address has it: numbers separated by dots."""
    return ".".join(str(_as_number(value)) for value in place)


def _url(part: str, **places: Place | None) -> str:
    arguments = {name: encode(place) if place else None for name, place in places.items()}
    return f"{current_url(without=ARGUMENTS, **arguments)}{f'#{part}' if part else ''}"


def _as_number(value: datetime | int) -> int:
    """A moment as microseconds since 1970; a number as itself."""
    return (value - _EPOCH) // timedelta(microseconds=1) if isinstance(value, datetime) else int(value)


def _parse(text: str | None, by: Sequence[Column]) -> Place | None:
    """The place that an address names, or None where it names none."""
    if not text or len(text) > _MAX_LENGTH or not text.isascii():
        return None
    parts = text.split(".")
    if len(parts) != len(by) or not all(part.removeprefix("-").isdecimal() for part in parts):
        return None
    try:
        return tuple(_as_value(int(part), column) for part, column in zip(parts, by, strict=True))
    except (OverflowError, ValueError):
        return None


def _as_value(number: int, column: Column) -> datetime | int:
    if isinstance(column.type, UTCDateTime):
        return _EPOCH + timedelta(microseconds=number)
    if abs(number) >= 2**31:
        raise ValueError(number)
    return number
