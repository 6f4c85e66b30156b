"""Exact dates. A month and a year are as useful to readers and cannot be matched with a hospital's calendar."""

from __future__ import annotations

import re
from collections.abc import Iterator

from flask_babel import lazy_gettext as _

from app.screening.marks import Mark, lower_same_length

_MONTHS = (
    "january|february|march|april|may|june|july|august|september|october|november|december"
    "|jan|feb|mar|apr|jun|jul|aug|sept?|oct|nov|dec"
    "|januar|jänner|februar|märz|mai|juni|juli|oktober|dezember"
    "|janvier|février|mars|avril|juin|juillet|août|septembre|octobre|novembre|décembre"
    "|enero|febrero|marzo|abril|mayo|junio|julio|agosto|septiembre|octubre|noviembre|diciembre"
    "|gennaio|febbraio|aprile|maggio|giugno|luglio|settembre|ottobre|dicembre"
    "|januari|februari|maart|mei|augustus"
)
_DAY = r"(?:0?[1-9]|[12]\d|3[01])"
_YEAR = r"(?:'?\d{2}(?!\d)|(?:19|20)\d{2})"

# Each pattern begins with a digit, which is rare; what comes before it is checked afterwards.
_DAY_FIRST = re.compile(
    rf"(?<![\w.,/])(?P<day>{_DAY})(?:st|nd|rd|th|\.|er)?(?: of| de| di)?[ -](?P<month>{_MONTHS})\b\.?"
    rf"(?:(?:,| de| of)?[ -](?P<year>{_YEAR})(?![\w/]))?"
)
_MONTH_FIRST = re.compile(
    rf"(?<= )(?P<day>{_DAY})(?P<ordinal>st|nd|rd|th)?(?![\w/:%]|[.,-]\d)(?:,? (?P<year>(?:19|20)\d{{2}})(?![\w/]))?"
)
_MONTH_BEFORE = re.compile(rf"\b(?P<month>{_MONTHS})\.? \Z")
_MAX_MONTH_LENGTH = 13
_NUMERIC = re.compile(
    r"(?<![\w.,/-])(?P<one>\d{1,2})(?P<sep>[./-]) ?(?P<two>\d{1,2})(?P=sep) ?(?P<year>(?:19"
    r"|20)?\d{2})(?![\w/%-]|[.,]\d)"
)
_ISO = re.compile(r"(?<![\w./-])(?P<year>(?:19|20)\d{2})[-/](?P<one>\d{1,2})[-/](?P<two>\d{1,2})(?![\w/-])")
_ON_BEFORE = re.compile(r"\b(?P<on>on )?(?:the )?\Z", re.IGNORECASE)
_MAX_ON_LENGTH = 8

# 'May 5 times', 'march 14 km': a unit follows, so it is a quantity.
_COUNTED = re.compile(
    r" ?(?:%|mgs?|mcg|ml|g|kg|km|cm|mm|iu|times|years?|months?|weeks?|days?|hours?|minutes?|people"
    r"|patients|of|or|to|more"
    r"|others?|tablets?|sessions?|and a half)\b"
)
WHY = _("An exact date can identify someone. The month or the year is enough.")


def find(text: str) -> Iterator[Mark]:
    """Return the exact dates in a text normalised by `marks.even`."""
    low = lower_same_length(text)
    for found in _DAY_FIRST.finditer(low):
        yield _mark(text, found.start(), found.end(), _vaguer(text[slice(*found.span("month"))], found["year"]))
    for found in _MONTH_FIRST.finditer(low):
        before = _MONTH_BEFORE.search(low, max(0, found.start() - _MAX_MONTH_LENGTH), found.start())
        if before is None:
            continue
        sure = found["ordinal"] or found["year"]
        if sure or not (_COUNTED.match(low, found.end()) or text[before.start()].islower()):
            yield _mark(text, before.start(), found.end(), _vaguer(text[slice(*before.span("month"))], found["year"]))
    for pattern in (_NUMERIC, _ISO):
        for found in pattern.finditer(low):
            one, two = int(found["one"]), int(found["two"])
            if 1 <= min(one, two) <= 12 and max(one, two) <= 31:
                yield _mark(text, found.start(), found.end(), found["year"] if len(found["year"]) == 4 else "")


def _vaguer(month: str, year: str | None) -> str:
    return f"{month} {year}" if year else month


def _mark(text: str, start: int, end: int, vaguer: str) -> Mark:
    before = _ON_BEFORE.search(text, max(0, start - _MAX_ON_LENGTH), start)
    if before is not None:
        start = before.start()
        if vaguer and before["on"]:
            vaguer = f"{'In' if before['on'][0].isupper() else 'in'} {vaguer}"
    return Mark("date", start, end, text[start:end], WHY, vaguer)
