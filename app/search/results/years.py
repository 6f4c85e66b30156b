"""Years as a search writes them: '2019', '2019..', '..2020', '2018..2020'."""

from __future__ import annotations

import re

from app.foundation import clock

FIRST_YEAR = 1970

_YEARS = re.compile(r"(?P<first>\d{4})?(?P<range>\.\.)?(?P<last>(?<=\.\.)\d{4})?", re.ASCII)


def years_of(value: str) -> range:
    """The years of '2019', '2019..', '..2020' or '2018..2020'; an empty range for any other text."""
    match = _YEARS.fullmatch(value)
    if match is None or not (match["first"] or match["last"]):
        return range(0)
    this_year = clock.now().year
    if match["range"] is None:
        first = last = int(match["first"])
    else:
        first = int(match["first"] or FIRST_YEAR)
        last = int(match["last"] or this_year)
    return range(max(first, FIRST_YEAR), min(last, this_year + 1) + 1)
