"""Pages of a list that grows while it is read: each begins where another ended, by what stands there and not by number.

A page that is asked for by number skips or repeats as soon as something new comes in front of it. So the address holds
the place (`after=`, `before=`): the sorted values of the item at the end of a page. They say nothing that is not on the
page, and whatever else is written there is the beginning of the list. Addresses with `page=` go on working; the links
on their pages lead on by place.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from flask import request, url_for
from sqlalchemy.orm import InstrumentedAttribute

from app.foundation.database import UTCDateTime, db
from app.foundation.web.pagination import PER_PAGE, asked_number

NAMES = ("after", "before", "page")
"""What says in an address where a page begins."""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 100
Place = tuple[Any, ...]
Key = Sequence[InstrumentedAttribute[Any]]


@dataclass(frozen=True)
class KeysetPage:
    """One page: the ids of its items, and where the pages before and after it are."""

    ids: Sequence[int]
    previous_url: str | None
    next_url: str | None

    @property
    def is_first(self) -> bool:
        """Whether the list begins here."""
        return self.previous_url is None


@dataclass(frozen=True)
class Order:
    """How a list is sorted: by these columns, of which the last is the id, greatest first or smallest first.

    `part` is the part of the page on which the list stands; links to other pages lead there.
    """

    by: Key
    ascending: bool = False
    part: str = ""

    def onward(self) -> list[Any]:
        """What to sort by."""
        return [column.asc() if self.ascending else column.desc() for column in self.by]

    def backward(self) -> list[Any]:
        """What to sort by, seen from the end."""
        return [column.desc() if self.ascending else column.asc() for column in self.by]

    def behind(self, place: Place) -> sa.ColumnElement[bool]:
        """What comes after a place."""
        return self._compared(place, greater=self.ascending)

    def ahead_of(self, place: Place) -> sa.ColumnElement[bool]:
        """What comes before a place."""
        return self._compared(place, greater=not self.ascending)

    def _compared(self, place: Place, *, greater: bool) -> sa.ColumnElement[bool]:
        values: Any = sa.tuple_(*self.by)
        other = sa.tuple_(*(sa.literal(value, column.type) for value, column in zip(place, self.by, strict=True)))
        compared: sa.ColumnElement[bool] = values > other if greater else values < other
        return compared


@dataclass(frozen=True)
class Window:
    """The page that an address asks for, for whoever reads it together with something else: what to select, and what
    the rows found mean.
    """

    order: Order
    per_page: int
    before: Place | None
    after: Place | None
    number: int = 1

    @classmethod
    def asked(cls, order: Order, per_page: int = PER_PAGE) -> Window:
        """As the address of the request says."""
        before, after = (_place(request.args.get(name), order.by) for name in ("before", "after"))
        return cls(order, per_page, before, after, 1 if before or after else asked_number())

    def rows(self, chosen: sa.Select[Any]) -> sa.Select[Any]:
        """The places on the page, and one more if there is any; from its end if it ends before a place."""
        rows = chosen.with_only_columns(*self.order.by).order_by(None).limit(self.per_page + 1)
        if self.before is not None:
            return rows.where(self.order.ahead_of(self.before)).order_by(*self.order.backward())
        if self.after is not None:
            rows = rows.where(self.order.behind(self.after))
        return rows.order_by(*self.order.onward()).offset((self.number - 1) * self.per_page or None)

    def stretch(self, found: Sequence[Place]) -> KeysetPage:
        """The page that these rows make."""
        shown = list(found[: self.per_page])
        more = len(found) > self.per_page
        if self.before is not None:
            shown.reverse()
            more_before, more_behind = more, True
        else:
            more_before, more_behind = self.after is not None or self.number > 1, more
        part = self.order.part
        previous = (_address(part, "before", shown[0]) if shown else _address(part)) if more_before else None
        behind = (_address(part, "after", shown[-1]) if shown else _address(part)) if more_behind else None
        return KeysetPage([row[-1] for row in shown], previous, behind)


def page(chosen: sa.Select[Any], by: Key | Order, per_page: int = PER_PAGE) -> KeysetPage:
    """The page of a selection that the address asks for. One statement, or two where there is little before the place
    that was asked for.
    """
    window = Window.asked(by if isinstance(by, Order) else Order(by), per_page)
    found = _found(window, chosen)
    # Less than a page, or just one, before a place is the beginning of the list; so is a number that is too great.
    if len(found) <= per_page if window.before is not None else not found and window.number > 1:
        window = Window(window.order, per_page, None, None)
        found = _found(window, chosen)
    return window.stretch(found)


def _found(window: Window, chosen: sa.Select[Any]) -> list[Place]:
    return [tuple(row) for row in db.session.execute(window.rows(chosen))]


def page_of(chosen: sa.Select[Any], order: Order, place: Place, per_page: int = PER_PAGE) -> str | None:
    """What `after` says in the address of the page that holds the item at this place, pages counted from the beginning;
    None if that is the first one. Two statements at most.
    """
    ahead = chosen.with_only_columns(*order.by).where(order.ahead_of(place)).order_by(None)
    number = db.session.scalar(sa.select(sa.func.count()).select_from(ahead.subquery())) or 0
    if number < per_page:
        return None
    last = db.session.execute(ahead.order_by(*order.backward()).offset(number % per_page).limit(1)).first()
    return written(tuple(last)) if last else None


def after(order: Order, place: str | None, per_page: int = PER_PAGE) -> Window:
    """The page that begins after a place, as an address has it; without one, the first."""
    return Window(order, per_page, None, _place(place, order.by))


# --- Addresses --------------------------------------------------------------------------------------------------


def written(place: Place) -> str:
    """A place as an address has it."""
    return ".".join(str(_number(value)) for value in place)


def _address(part: str, name: str | None = None, place: Place = ()) -> str:
    # Not through url_for: what stands in an address ('endpoint', '_scheme') would be taken for its arguments.
    query = [(other, value) for other, value in request.args.items(multi=True) if other not in NAMES]
    query += [(name, written(place))] if name else []
    path = url_for(str(request.endpoint), **(request.view_args or {}))
    return f"{path}{f'?{urlencode(query)}' if query else ''}{f'#{part}' if part else ''}"


def _number(value: Any) -> int:
    """A moment as microseconds, to the last digit; a number as itself."""
    return (value - _BEGINNING) // timedelta(microseconds=1) if isinstance(value, datetime) else int(value)


def _place(text: str | None, by: Key) -> Place | None:
    """The place that an address names, or None for what is none."""
    if not text or len(text) > _LONGEST or not text.isascii():
        return None
    parts = text.split(".")
    if len(parts) != len(by) or not all(part.removeprefix("-").isdecimal() for part in parts):
        return None
    try:
        return tuple(_value(int(part), column) for part, column in zip(parts, by, strict=True))
    except (OverflowError, ValueError):
        return None


def _value(number: int, column: InstrumentedAttribute[Any]) -> Any:
    if isinstance(column.type, UTCDateTime):
        return _BEGINNING + timedelta(microseconds=number)
    if abs(number) >= 2**31:
        raise ValueError(number)
    return number
