"""Text that people wrote, made safe to show.

The one maker of `Markup`: what a template prints without escaping came from here.

Doors: `clean_input` (what a form field may hold), `render` (Markdown to stored HTML), `plain` and `excerpt` (stored
HTML to text), `highlight` (marked search snippets), `RenderedHTML` (the column that keeps the result).

Two walls stand one behind the other. `markdown` makes HTML from Markdown with raw HTML off; `sanitizing` then keeps
only what the profile lists, as if the first wall were not there. The tests attack each one alone.
"""

from __future__ import annotations

import enum
import html
import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup, escape
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from app.foundation.text import markdown, sanitising

RENDERER_VERSION = 1
"""Stored beside each rendered text. Raise it when `render` gives other HTML for the same source, then render anew."""


class Profile(enum.Enum):
    """What a text may contain, by who wrote it."""

    COMMENT = "comment"
    STORY = "story"
    EDITORIAL = "editorial"


# --- What people send -------------------------------------------------------------------------------------------

_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")

# C0 and C1 controls and non-characters are not allowed in HTML; lone surrogates cannot be written as UTF-8 at all.
# The bidirectional embeddings, overrides and isolates can show a text in another order than a moderator's search and
# a screen reader get it; the plain marks U+200E and U+200F, which honest right-to-left text needs, stay.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\u202a-\u202e\u2066-\u2069"
    + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
    + "]"
)


def clean_input(text: str) -> str:
    """Text as the site keeps it: NFC, lines ended by LF, without invisible trouble. Refuses nothing."""
    # Unwanted characters go first: one between a letter and its accent would keep NFC from joining them.
    return unicodedata.normalize("NFC", _UNWANTED.sub("", _LINE_END.sub("\n", text)))


# --- The two walls ----------------------------------------------------------------------------------------------

_HEADINGS: dict[Profile, Callable[[StateCore], None]] = {
    Profile.COMMENT: markdown.bold_headings,
    Profile.STORY: markdown.flat_headings,
    Profile.EDITORIAL: markdown.contents_headings,
}
_COMMENT_TAGS = frozenset(["p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "a"])
_TAGS = {
    Profile.COMMENT: _COMMENT_TAGS,
    Profile.STORY: _COMMENT_TAGS | {"h2"},
    Profile.EDITORIAL: _COMMENT_TAGS | {"h2", "h3"},
}


def _parser(profile: Profile) -> MarkdownIt:
    # People who never heard of Markdown press Enter once and expect a new line; editors know better.
    return markdown.parser(_HEADINGS[profile], breaks=profile is not Profile.EDITORIAL)


def _cleaner(profile: Profile) -> Callable[[str], str]:
    return sanitising.cleaner(_TAGS[profile], editorial=profile is Profile.EDITORIAL)


# --- Rendering --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Renderer:
    parser: MarkdownIt
    clean: Callable[[str], str]


class _PerThread(threading.local):
    """A cleaner is not thread-safe, and making one costs more than using it. So each thread has its own set, made at
    first use.
    """

    def __init__(self) -> None:
        self.renderers: dict[Profile, _Renderer] = {}

    def get(self, profile: Profile) -> _Renderer:
        if profile not in self.renderers:
            self.renderers[profile] = _Renderer(_parser(profile), _cleaner(profile))
        return self.renderers[profile]


_renderers = _PerThread()


def render(source: str, profile: Profile) -> Markup:
    """Markdown as HTML that is safe to print. Never raises; the caller caps the length of `source` before.

    Takes milliseconds for a story, so it belongs before the transaction, and its result into a `RenderedHTML` column.
    """
    parser = _renderers.get(profile).parser
    tokens = parser.parse(clean_input(source))
    pieces = (parser.renderer.render(piece, parser.options, {}) for piece in _pieces(tokens))
    return Markup("\n".join(_clean(piece, profile) for piece in pieces))  # noqa: S704 - the one place for it


def _pieces(tokens: list[Token], blocks: int = 100) -> Iterator[list[Token]]:
    """Some whole blocks at a time: bleach looks through an element's siblings at every step, so that the time for
    thousands of short paragraphs at once would grow with their square.
    """
    start = ended = 0
    for index, token in enumerate(tokens, start=1):
        ended += token.level == 0 and token.nesting <= 0
        if ended == blocks or index == len(tokens):
            yield tokens[start:index]
            start, ended = index, 0


def _clean(unsafe: str, profile: Profile) -> str:
    return _renderers.get(profile).clean(unsafe).strip()


_HEADING = re.compile(r'<h[23] id="([^"]+)">(.*?)</h[23]>', re.DOTALL)


def headings(html_text: str) -> list[tuple[str, str]]:
    """The (id, text) of each heading of an EDITORIAL text made by `render`, in order, for a list of contents."""
    return [(name, " ".join(plain(content).split())) for name, content in _HEADING.findall(html_text)]


# --- Back to text -----------------------------------------------------------------------------------------------

_BLOCK_END = re.compile(r"<br>|</(?:p|li|ul|ol|blockquote|pre|h2|h3)>")
# A tag as `render` writes it: an attribute's value stands in double quotes.
_TAG = re.compile(r'(<[^<>"]*(?:"[^"]*"[^<>"]*)*>)')
_CHARACTER_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def plain(html_text: str) -> str:
    """The text of what `render` made, one line for each block; for excerpts, search and mail.

    Relies on the regular HTML of `render` (no '>' in attributes, every '<' of the text escaped). The result is text:
    whoever prints it escapes it like any other.
    """
    without_tags = _TAG.sub("", _BLOCK_END.sub("\n", html_text))
    text = _CHARACTER_REFERENCE.sub(lambda match: html.unescape(match.group()), without_tags)
    return re.sub(r"\n\s*\n", "\n", text).strip()


def excerpt(text: str, length: int = 200) -> str:
    """The beginning of a text in one line of at most `length` characters, cut between words and ended by '…'."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    head = line[:length]  # one more than fits beside the ellipsis, to see whether a word ends just there
    cut = head.rfind(" ")
    return (head[:cut] if cut > 0 else head[:-1]).rstrip(" .,;:-–—") + "…"


# --- Text to Markdown -------------------------------------------------------------------------------------------

_MEANS_SOMETHING = re.compile(r"[\\`*_\[\]<&]")
_MEANS_SOMETHING_FIRST = re.compile(r"[#+=~>-]|[0-9]{1,9}(?=[.)])")


def escape_plain(text: str) -> str:
    """Markdown source that renders as this very text, lines and paragraphs kept; for imports.

    Escapes only what could mean something where it stands, so that an editor can still read the source.
    """
    lines = [_escape_line(line.strip()) for line in clean_input(text).split("\n")]
    paragraphs = re.split(r"\n{2,}", "\n".join(lines).strip("\n"))
    return "\n\n".join(paragraph.replace("\n", "\\\n") for paragraph in paragraphs)


def _escape_line(line: str) -> str:
    line = _MEANS_SOMETHING.sub(r"\\\g<0>", line)
    first = _MEANS_SOMETHING_FIRST.match(line)
    if first is None:
        return line
    at = first.end() if first.group().isdigit() else 0
    return f"{line[:at]}\\{line[at:]}"


# --- Marked words -----------------------------------------------------------------------------------------------


def highlight(text: str, spans: Iterable[tuple[int, int]]) -> Markup:
    """The escaped text with `<mark>` around the given (start, end) spans.

    Spans may come in any order, overlap or reach past the text; what touches is marked as one.
    """
    text = str(text)  # a slice of Markup would pass as escaped
    pieces: list[str] = []
    end = 0
    for first, last in _merged(spans, len(text)):
        pieces += [escape(text[end:first]), "<mark>", escape(text[first:last]), "</mark>"]
        end = last
    pieces.append(escape(text[end:]))
    return Markup("".join(pieces))  # noqa: S704 - every piece of the text is escaped


def _merged(spans: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted((max(first, 0), min(last, length)) for first, last in spans):
        if first >= last:
            continue
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def mark_words(text: str, words: Sequence[str]) -> Markup:
    """`highlight` for whole words, in whatever case they stand."""
    wanted = "|".join(re.escape(word) for word in sorted(words, key=len, reverse=True) if word)
    found = re.finditer(rf"(?<!\w)(?:{wanted})(?!\w)", text, re.IGNORECASE) if wanted else ()
    return highlight(text, (match.span() for match in found))


def mark_passages(rendered: str, passages: Sequence[str]) -> Markup:
    """Stored HTML with `<mark>` around these passages of its text, also where a passage runs across emphasis or a link.

    A passage that is not in the text (it stood in an address, say) is left out.
    """
    parts = [(part, part.startswith("<")) for part in _TAG.split(str(rendered))]
    text = "".join(html.unescape(part) for part, is_tag in parts if not is_tag)
    spans = _merged(_spans(text, passages), len(text))
    pieces: list[Markup] = []
    at = 0
    for part, is_tag in parts:
        if is_tag:
            pieces.append(Markup(part))  # noqa: S704 - as stored, from `render`
            continue
        shown = html.unescape(part)
        pieces.append(
            highlight(
                shown, [(first - at, last - at) for first, last in spans if first < at + len(shown) and last > at]
            )
        )
        at += len(shown)
    return Markup("").join(pieces)


def mark_in_text(text: str, passages: Sequence[str]) -> Markup:
    """`highlight` for these passages of a plain text."""
    return highlight(text, _spans(text, passages))


def _spans(text: str, passages: Sequence[str]) -> Iterator[tuple[int, int]]:
    for passage in {each for each in passages if each.strip()}:
        for match in re.finditer(re.escape(passage), text):
            yield match.span()


# --- The column -------------------------------------------------------------------------------------------------


class RenderedHTML(TypeDecorator[Markup]):
    """A column of HTML made by `render`: stored as text, loaded as `Markup`, printed by templates without `|safe`.

    Takes nothing but `Markup` (and '' or None, for erasing), because what is stored here is printed as it stands: a
    TypeError now is better than a script in a page later.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """The text to store. Raises TypeError for a plain `str`."""
        if value and not isinstance(value, Markup):
            raise TypeError("a RenderedHTML column takes what markup.render() made, not a plain str")
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Markup | None:
        """What is stored, as `Markup`."""
        return None if value is None else Markup(value)  # noqa: S704 - only `render`'s own output gets in
