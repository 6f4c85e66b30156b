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
from app.foundation.pagination import PER_PAGE, asked_number

NAMES = ("after", "before", "page")
"""What says in an address where a page begins."""

_BEGINNING = datetime(1970, 1, 1, tzinfo=UTC)
_LONGEST = 100
Place = tuple[Any, ...]
Key = Sequence[InstrumentedAttribute[Any]]


@dataclass(frozen=True)
class Stretch:
    """One page: the ids of its items, and where the pages before and after it are."""

    ids: Sequence[int]
    newer_url: str | None
    older_url: str | None

    @property
    def is_first(self) -> bool:
        """Whether the list begins here."""
        return self.newer_url is None


def page(chosen: sa.Select[Any], by: Key, per_page: int = PER_PAGE) -> Stretch:
    """The page of a selection that the address asks for. It is sorted by these columns, greatest first; the last one is
    the id. One statement, or two where there is little before the place that was asked for.
    """
    rows = chosen.with_only_columns(*by)
    before, after = _place(request.args.get("before"), by), _place(request.args.get("after"), by)
    if before is not None:
        return _before(rows, by, before, per_page)
    if after is not None:
        found = _rows(rows.where(_values(by) < _literal(by, after)), by, per_page + 1)
        return _stretch(found, per_page, more_before=True)
    number = asked_number()
    found = _rows(rows.offset((number - 1) * per_page), by, per_page + 1)
    if not found and number > 1:
        return _first(rows, by, per_page)
    return _stretch(found, per_page, more_before=number > 1)


def _first(rows: sa.Select[Any], by: Key, per_page: int) -> Stretch:
    return _stretch(_rows(rows, by, per_page + 1), per_page, more_before=False)


def _before(rows: sa.Select[Any], by: Key, place: Place, per_page: int) -> Stretch:
    greater = rows.where(_values(by) > _literal(by, place)).order_by(None).order_by(*(column.asc() for column in by))
    found = [tuple(row) for row in db.session.execute(greater.limit(per_page + 1))]
    if len(found) <= per_page:
        # Less than a page, or just one, is the beginning of the list.
        return _first(rows, by, per_page)
    shown = found[:per_page][::-1]
    return Stretch([row[-1] for row in shown], _address("before", shown[0]), _address("after", shown[-1]))


def _rows(rows: sa.Select[Any], by: Key, most: int) -> list[Place]:
    ordered = rows.order_by(None).order_by(*(column.desc() for column in by)).limit(most)
    return [tuple(row) for row in db.session.execute(ordered)]


def _stretch(found: Sequence[Place], per_page: int, *, more_before: bool) -> Stretch:
    shown = found[:per_page]
    newer = (_address("before", shown[0]) if shown else _address()) if more_before else None
    older = _address("after", shown[-1]) if len(found) > per_page else None
    return Stretch([row[-1] for row in shown], newer, older)


def _values(by: Key) -> Any:
    return sa.tuple_(*by)


def _literal(by: Key, place: Place) -> Any:
    return sa.tuple_(*(sa.literal(value, column.type) for value, column in zip(place, by, strict=True)))


# --- Addresses --------------------------------------------------------------------------------------------------


def _address(name: str | None = None, place: Place = ()) -> str:
    # Not through url_for: what stands in an address ('endpoint', '_scheme') would be taken for its arguments.
    query = [(other, value) for other, value in request.args.items(multi=True) if other not in NAMES]
    query += [(name, ".".join(str(_number(value)) for value in place))] if name else []
    path = url_for(str(request.endpoint), **(request.view_args or {}))
    return f"{path}?{urlencode(query)}" if query else path


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
