"""User text as HTML that is safe to show.

This is the only module that creates `Markup`, so everything that a template prints without escaping comes from here.
Its functions: `clean_input` (normalises what a form field holds), `render` (Markdown to HTML for storage), `plain` and
`excerpt` (stored HTML to text), `highlight` (text with marked words), and the column type `RenderedHTML`.

There are two independent safeguards. `markdown` makes HTML from Markdown with raw HTML switched off; `sanitising` then
keeps only what the profile allows, as if its input were hostile. The tests attack each of them alone.
"""

from __future__ import annotations

import enum
import html
import re
import threading
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from markdown_it import MarkdownIt
from markdown_it.rules_core import StateCore
from markdown_it.token import Token
from markupsafe import Markup, escape
from sqlalchemy import Dialect, Text
from sqlalchemy.types import TypeDecorator

from app.foundation.text import markdown, sanitising

RENDERER_VERSION = 1
"""Stored with each rendered text. Raise it when `render` returns other HTML for the same source, and render again."""


class Profile(enum.Enum):
    """Which markup a text may contain, depending on what it is."""

    COMMENT = "comment"
    STORY = "story"
    EDITORIAL = "editorial"


# --- Input ------------------------------------------------------------------------------------------------------

_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")

# C0 and C1 controls and non-characters are not allowed in HTML; lone surrogates cannot be written as UTF-8 at all.
# Bidirectional embeddings, overrides and isolates can show a text in another order than the one that search and screen
# readers see; the plain marks U+200E and U+200F, which genuine right-to-left text needs, stay.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\u202a-\u202e\u2066-\u2069"
    + "".join(chr(plane << 16 | low) for plane in range(17) for low in (0xFFFE, 0xFFFF))
    + "]"
)


def clean_input(text: str) -> str:
    """Return the text as the site stores it: in NFC, with LF line ends, without control characters. Never raises."""
    # Unwanted characters are removed first: one between a letter and its accent would keep NFC from joining the two.
    return unicodedata.normalize("NFC", _UNWANTED.sub("", _LINE_END.sub("\n", text)))


# --- The parser and the sanitiser of each profile ---------------------------------------------------------------

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
    # People who have never heard of Markdown press Enter once and expect a new line; editors know Markdown.
    return markdown.parser(_HEADINGS[profile], breaks=profile is not Profile.EDITORIAL)


def _cleaner(profile: Profile) -> Callable[[str], str]:
    return sanitising.cleaner(_TAGS[profile], editorial=profile is Profile.EDITORIAL)


# --- Rendering --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Renderer:
    parser: MarkdownIt
    clean: Callable[[str], str]


class _PerThread(threading.local):
    """The renderers of each thread, created at first use.

    A cleaner is not thread-safe, and creating one takes longer than using it.
    """

    def __init__(self) -> None:
        self.renderers: dict[Profile, _Renderer] = {}

    def get(self, profile: Profile) -> _Renderer:
        if profile not in self.renderers:
            self.renderers[profile] = _Renderer(_parser(profile), _cleaner(profile))
        return self.renderers[profile]


_renderers = _PerThread()


def render(source: str, profile: Profile) -> Markup:
    """Return Markdown as HTML that is safe to print. Never raises; the caller limits the length of `source` before.

    Takes milliseconds for a story, so call it before the write lock is taken, and store the result in a `RenderedHTML`
    column.
    """
    parser = _renderers.get(profile).parser
    tokens = parser.parse(clean_input(source))
    pieces = (parser.renderer.render(piece, parser.options, {}) for piece in _pieces(tokens))
    return Markup("\n".join(_clean(piece, profile) for piece in pieces))  # noqa: S704 - the one place for it


def _pieces(tokens: list[Token], blocks: int = 100) -> Iterator[list[Token]]:
    """Split the tokens into runs of at most `blocks` top-level blocks.

    bleach walks through an element's siblings at every step, so the time for thousands of short paragraphs in one
    piece would grow quadratically.
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
    """Return (id, text) for each heading of an EDITORIAL text made by `render`, in order, for a table of contents."""
    return [(name, " ".join(plain(content).split())) for name, content in _HEADING.findall(html_text)]


class Section(NamedTuple):
    """A heading of an EDITORIAL text, by its id, and the text under it up to the next heading of any level."""

    id: str
    heading: str
    text: str


def sections(html_text: str) -> list[Section]:
    """Return the sections of an EDITORIAL text made by `render`, in order, without what precedes the first heading."""
    found = list(_HEADING.finditer(html_text))
    ends = [*(match.start() for match in found[1:]), len(html_text)]
    return [
        Section(match[1], " ".join(plain(match[2]).split()), plain(html_text[match.end() : end]))
        for match, end in zip(found, ends, strict=False)
    ]


# --- HTML to text -----------------------------------------------------------------------------------------------

_BLOCK_END = re.compile(r"<br>|</(?:p|li|ul|ol|blockquote|pre|h2|h3)>")
# A tag as `render` writes it: the values of attributes are in double quotes.
_TAG = re.compile(r'(<[^<>"]*(?:"[^"]*"[^<>"]*)*>)')
_CHARACTER_REFERENCE = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9A-Fa-f]{1,6}|[A-Za-z][A-Za-z0-9]{1,31});")


def plain(html_text: str) -> str:
    """Return the text of HTML made by `render`, with one line for each block; for excerpts, search and e-mail.

    Relies on the regular form of that HTML (no '>' in attributes, every '<' of the text escaped). The result is plain
    text, which has to be escaped like any other when it is printed.
    """
    without_tags = _TAG.sub("", _BLOCK_END.sub("\n", html_text))
    text = _CHARACTER_REFERENCE.sub(lambda match: html.unescape(match.group()), without_tags)
    return re.sub(r"\n\s*\n", "\n", text).strip()


def excerpt(text: str, length: int = 200) -> str:
    """Return the beginning of a text as one line of at most `length` characters, cut between words, ending in '…'."""
    line = " ".join(text.split())
    if len(line) <= length:
        return line
    head = line[:length]  # one character more than fits beside the ellipsis: a word may end exactly there
    cut = head.rfind(" ")
    return (head[:cut] if cut > 0 else head[:-1]).rstrip(" .,;:-–—") + "…"


# --- Text to Markdown -------------------------------------------------------------------------------------------

_SYNTAX = re.compile(r"[\\`*_\[\]<&]")
_SYNTAX_AT_START = re.compile(r"[#+=~>-]|[0-9]{1,9}(?=[.)])")


def escape_plain(text: str) -> str:
    """Return Markdown that renders as exactly this text, with its lines and paragraphs; for imports.

    Only characters that would be syntax where they are get escaped, so that the source remains readable.
    """
    lines = [_escape_line(line.strip()) for line in clean_input(text).split("\n")]
    paragraphs = re.split(r"\n{2,}", "\n".join(lines).strip("\n"))
    return "\n\n".join(paragraph.replace("\n", "\\\n") for paragraph in paragraphs)


def _escape_line(line: str) -> str:
    line = _SYNTAX.sub(r"\\\g<0>", line)
    first = _SYNTAX_AT_START.match(line)
    if first is None:
        return line
    at = first.end() if first.group().isdigit() else 0
    return f"{line[:at]}\\{line[at:]}"


# --- Marked passages --------------------------------------------------------------------------------------------


def highlight(text: str, spans: Iterable[tuple[int, int]]) -> Markup:
    """Return the escaped text with `<mark>` around the given (start, end) spans.

    Spans may be in any order, overlap or reach past the end of the text; adjacent ones are marked as one.
    """
    text = str(text)  # a slice of a Markup would be taken for escaped
    pieces: list[str] = []
    end = 0
    for first, last in _merge_spans(spans, len(text)):
        pieces += [escape(text[end:first]), "<mark>", escape(text[first:last]), "</mark>"]
        end = last
    pieces.append(escape(text[end:]))
    return Markup("".join(pieces))  # noqa: S704 - every piece of the text is escaped


def _merge_spans(spans: Iterable[tuple[int, int]], length: int) -> list[tuple[int, int]]:
    merged: list[tuple[int, int]] = []
    for first, last in sorted((max(first, 0), min(last, length)) for first, last in spans):
        if first >= last:
            continue
        if merged and first <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(last, merged[-1][1]))
        else:
            merged.append((first, last))
    return merged


def split_tags(rendered: Markup) -> list[Markup | str]:
    """Split stored HTML into its tags, as Markup, and the text between them, as str without character references.

    Printed one after the other, each str escaped, the parts are the same HTML again. Raises TypeError for a plain str,
    whose tags nobody has sanitised.
    """
    if not isinstance(rendered, Markup):
        raise TypeError("tags are taken from what markup.render() made, not from a plain str")
    parts = (part for part in _TAG.split(str(rendered)) if part)
    return [Markup(part) if part.startswith("<") else html.unescape(part) for part in parts]  # noqa: S704 - ours


def mark_in_text(text: str, passages: Sequence[str]) -> Markup:
    """Return a plain text, escaped, with `<mark>` around these passages."""
    return highlight(text, find_passages(text, passages))


def find_passages(text: str, passages: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Where these passages occur in a text, as (start, end); in no particular order, and they may overlap."""
    for passage in {passage for passage in passages if passage.strip()}:
        for match in re.finditer(re.escape(passage), text):
            yield match.span()


# --- The column -------------------------------------------------------------------------------------------------


class RenderedHTML(TypeDecorator[Markup]):
    """Column type for HTML made by `render`: stored as text, loaded as `Markup`, printed without `|safe`.

    Accepts only `Markup` (and '' or None, for erasing), because templates print what is stored here without escaping: a
    TypeError now is better than a script in a page later.
    """

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text to store. Raises TypeError for a plain `str`."""
        if value and not isinstance(value, Markup):
            raise TypeError("a RenderedHTML column takes what markup.render() made, not a plain str")
        return None if value is None else str(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Markup | None:
        """Return the stored text as `Markup`."""
        return None if value is None else Markup(value)  # noqa: S704 - the column holds only output of `render`
