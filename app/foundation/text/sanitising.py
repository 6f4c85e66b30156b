"""Sanitising HTML: only listed elements and attributes remain. The only module that uses bleach.

`cleaner` returns the function that does it. `markup`, its only user, says what each kind of text may contain.
"""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import partial
from typing import Any

from bleach.sanitizer import Cleaner

_ADDRESS_LENGTH = 2_000
_PATH_CHARACTERS = r"[A-Za-z0-9\-._~:/?#\[\]@!$&'()*+,;=%]"
_ADDRESS = re.compile(
    # Anything that looks like a character reference could be decoded a second time (bleach 6.4.0 does that).
    r"(?!.*&\#?[A-Za-z0-9]+;)"
    r"(?:"
    # No user:password@ before the host: it only disguises where a link leads.
    rf"https?://[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+)*\.?(?::[0-9]{{1,5}})?(?:[/?\#]{_PATH_CHARACTERS}*)?"
    r"|mailto:[A-Za-z0-9._+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+"
    # '//host' and '/\host' would leave the site; their encoded forms have no legitimate use.
    rf"|/(?!/|%2f|%5c){_PATH_CHARACTERS}*"
    rf"|\#{_PATH_CHARACTERS}*"
    r")",
    re.IGNORECASE | re.VERBOSE,
)


def _is_address(address: str) -> bool:
    """Whether a link may lead to this address. It is ASCII: markdown-it percent-encodes everything else."""
    return len(address) <= _ADDRESS_LENGTH and _ADDRESS.fullmatch(address) is not None


def _allowed_href(_tag: str, name: str, value: str) -> bool:
    # bleach passes the attribute as it is in the source. The length is checked first because `html.unescape` raises for
    # a number of more than 4,300 digits.
    return name == "href" and len(value) <= 2 * _ADDRESS_LENGTH and _is_address(html.unescape(value))


def _allowed_start(_tag: str, name: str, value: str) -> bool:
    return name == "start" and re.fullmatch("[0-9]{1,9}", value) is not None


def _allowed_id(_tag: str, name: str, value: str) -> bool:
    return name == "id" and re.fullmatch("s-[a-z0-9-]{1,80}", value) is not None


def cleaner(tags: Collection[str], *, editorial: bool) -> Callable[[str], str]:
    """Return a function that keeps these tags and allowed links in HTML, and drops all other markup.

    With `editorial`, headings may have ids, and links do not get `rel="nofollow ugc"`. The function is not thread-safe,
    because bleach keeps the state of its parser; creating it takes longer than calling it.
    """
    attributes: dict[str, Callable[[str, str, str], bool]] = {"a": _allowed_href, "ol": _allowed_start}
    if editorial:
        attributes |= {"h2": _allowed_id, "h3": _allowed_id}
    # Any, because the stubs require html5lib's Filter class, while bleach accepts any callable that returns tokens.
    finish_links: Any = partial(_finish_links, editorial=editorial)
    return Cleaner(
        tags=tags,
        attributes=attributes,
        protocols=frozenset(("http", "https", "mailto")),
        strip=True,
        filters=[finish_links],
    ).clean


def _finish_links(source: Iterable[dict[str, Any]], editorial: bool) -> Iterator[dict[str, Any]]:
    """Drop the tags of links whose address bleach removed, and set `rel` on the others. Runs after bleach's filter."""
    kept: list[bool] = []
    for token in source:
        if token.get("name") != "a":
            yield token
        elif token["type"] == "StartTag":
            address = token["data"].get((None, "href"))
            kept.append(address is not None)
            if address is not None:
                _set_rel(token["data"], address, editorial)
                yield token
        elif kept.pop():
            yield token


def _set_rel(attributes: dict[tuple[str | None, str], str], address: str, editorial: bool) -> None:
    if not editorial:
        attributes[None, "rel"] = "nofollow ugc noopener"
    elif address.lower().startswith("http"):
        attributes[None, "rel"] = "noopener"
