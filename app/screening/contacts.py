"""Contact details: e-mail addresses, telephone numbers, profiles, links."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from flask_babel import lazy_gettext as _
from phonenumbers import Leniency, PhoneNumberMatcher

from app.screening.marks import Mark, lower_same_length

# The countries to which a number without a country code may belong.
REGIONS = ("GB", "US", "DE", "FR")
# Checking whether digits are a telephone number is the slow part; no real story contains more than this.
MAX_NUMBERS = 200

# These are matched against the text in lower case.
_EMAIL = re.compile(r"(?<![\w.+%-])[\w.+%-]{1,64}@(?:[a-z0-9-]{1,63}\.){1,5}[a-z]{2,24}(?![\w@])")
_AT = r"(?:@| ?[(\[{] ?(?:at|ät) ?[)\]}] ?)"
_DOT = r" ?(?:\.|[(\[{] ?(?:dot|punkt|point) ?[)\]}]| dot ) ?"
_HIDDEN_EMAIL = re.compile(rf"(?<![\w.+%-])[\w.+%-]{{1,64}}{_AT}(?:[a-z0-9-]{{1,63}}{_DOT}){{1,4}}[a-z]{{2,24}}(?!\w)")

_SCHEME = re.compile(r"(?:https?://|www\.)[^\s<>\"]{1,500}")
# Without a scheme, only endings that are not words: 'rinse it off.it burns' lacks a space and is not an address.
_TLD = (
    "com|org|net|info|biz|eu|io|co|blog|shop|website|xyz"
    "|uk|de|fr|es|nl|pl|ch|au|ca|nz|se|dk|cz|pt|gr|ru|cn|jp|br|mx|ly|gl|gd|cc|tv|ws|tk"
)
_WORDLIKE_TLD = "it|in|is|at|be|me|my|so|to|us|no|am|as|ie|app|store|online|site|health|care|clinic|club|link|page|top"
_BARE = re.compile(
    rf"(?<![\w@./-])(?:[a-z0-9-]{{1,63}}\.){{1,4}}(?:(?:{_TLD})(?![\w@-])(?:/[^\s<>\"]{{0,300}})?"
    rf"|(?:{_WORDLIKE_TLD})/[^\s<>\"]{{1,300}})"
)
_AFTER_LINK = ".,;:!?)]}'*_"

# Begins like a number to dial (a plus, a bracket, a zero), or has three groups as in North America.
_DIALLED = re.compile(
    r"(?<![\w.,/:-])(?:(?:\+|\(\+?|00?)[ ()./-]{0,2}\d[\d ()./-]{5,22}\d|\d{3}[ .-]\d{3}[ .-]\d{4}"
    r"|1[ .-]\d{3}[ .-]\d{3}[ .-]\d{4}|1?[2-9]\d{9})"
    r"(?![\w/%-])"
)

_PLATFORM = (
    r"(?:instagram|insta|ig|tik ?tok|twitter|snapchat|snap|telegram|facebook|fb|you ?tube|reddit|discord|mastodon"
    r"|blue ?sky|threads|pinterest|twitch|skype|signal|linked ?in)"
)
_AT_HANDLE = re.compile(r"(?<![\w@/.+-])@[^\W\d][\w.]{2,29}")
_REDDIT = re.compile(r"(?<![\w/])/?u/[\w-]{3,20}(?!\w)")
_NAMED_HANDLE = re.compile(
    rf"\b{_PLATFORM}(?P<noun> (?:page|account|profile|name|handle|channel|user ?name|nick))?"
    r"(?: is| as| under|:| -| =){1,2} (?P<handle>@?\w[\w.]{2,29})"
)
_HANDLE_ON = re.compile(rf"(?<![\w@.-])(?P<handle>[a-z]\w{{2,29}}) on {_PLATFORM}\b")
_CAPITALISED = re.compile(r"[ \n]([^\W\d_]{1,30})")


def find(text: str, regions: Sequence[str] = REGIONS) -> Iterator[Mark]:
    """Return the e-mail addresses, links, profiles and telephone numbers in a text normalised by `marks.even`."""
    low = lower_same_length(text)
    for pattern in (_EMAIL, _HIDDEN_EMAIL):
        for found in pattern.finditer(low):
            yield _mark("email", found.start(), found.end(), text)
    yield from links(text)
    yield from _profiles(text, low)
    yield from _phones(text, regions)


def links(text: str) -> Iterator[Mark]:
    """Return the web addresses in a text, with or without http."""
    low = lower_same_length(text)
    for pattern in (_SCHEME, _BARE):
        for found in pattern.finditer(low):
            end = found.start() + len(found.group().rstrip(_AFTER_LINK))
            yield _mark("link", found.start(), end, text)


def host(link: str) -> str:
    """Return the host of a link."""
    return re.split(r"[/?#:]", lower_same_length(link).split("://", 1)[-1].removeprefix("www."), maxsplit=1)[0]


def _profiles(text: str, low: str) -> Iterator[Mark]:
    for pattern in (_AT_HANDLE, _REDDIT):
        for found in pattern.finditer(text):
            end = found.start() + len(found.group().rstrip("."))
            yield _mark("handle", found.start(), end, text)
    for found in _HANDLE_ON.finditer(low):
        if re.search(r"[\d_]", found["handle"]):
            yield _mark("handle", found.start("handle"), found.end("handle"), text)
    for found in _NAMED_HANDLE.finditer(low):
        end = found.start("handle") + len(found["handle"].rstrip("."))
        handle = text[found.start("handle") : end]
        if handle[0].isupper() and found["noun"]:
            end = _title_from(text, end)
        elif not (re.search(r"[\d_.@]", handle) or (found["noun"] and handle.islower())):
            continue
        yield _mark("handle", found.start("handle"), end, text)


def _title_from(text: str, end: int) -> int:
    """Return where a name made of capitalised words ends: 'my page is Living With Bowen'."""
    for _each in range(5):
        more = _CAPITALISED.match(text, end)
        if more is None or not more[1][0].isupper():
            break
        end = more.end()
    return end


def _phones(text: str, regions: Sequence[str]) -> Iterator[Mark]:
    for count, found in enumerate(_DIALLED.finditer(text)):
        if count >= MAX_NUMBERS:
            return
        if _is_number(found.group(), regions):
            yield _mark("phone", found.start(), found.end(), text)


def _is_number(digits: str, regions: Sequence[str]) -> bool:
    """Return whether the number exists in a numbering plan and its digits are grouped as usual there."""
    asked = ("ZZ",) if digits.startswith(("+", "(+")) else regions
    return any(
        PhoneNumberMatcher(digits, region, leniency=Leniency.STRICT_GROUPING, max_tries=3).has_next()
        for region in asked
    )


WHY = {
    "email": (_("An email address shows who you are, and spammers collect them."), _("[email address]")),
    "phone": (_("Anyone could call this number."), _("[phone number]")),
    "handle": (_("A profile on another site shows who is behind it."), _("[profile]")),
    "link": (_("A link may lead to a person, or to someone selling something."), _("[link]")),
}


def _mark(kind: str, start: int, end: int, text: str) -> Mark:
    why, replacement = WHY[kind]
    return Mark(kind, start, end, text[start:end], why, replacement)
