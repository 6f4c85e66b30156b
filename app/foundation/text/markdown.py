"""The site's dialect of Markdown: rules added to markdown-it. None of them makes the output safe.

`parser` returns a configured parser; its first argument is one of the three rules for headings. Only `markup` uses this
module: it renders what was parsed and sanitises the result.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator
from functools import partial
from itertools import count

from markdown_it import MarkdownIt
from markdown_it.parser_block import RuleFuncBlockType
from markdown_it.rules_block import StateBlock, blockquote, list_block
from markdown_it.rules_core import StateCore
from markdown_it.token import Token

from app.foundation.text.strings import slugify

# Past its own limit markdown-it drops the rest of the block. Our limit is reached first and keeps the text: deeper
# quotes and lists stay as they were typed. The time for hostile input such as '[[[[' grows with the limit, so both are
# low.
_MAX_NESTING = 20
_MAX_BLOCK_LEVEL = 16
_MAX_EMPHASIS = 6

_REFERENCE_IN_ADDRESS = re.compile(r"(&#?[A-Za-z0-9]+);")


def _limit_depth(rule: RuleFuncBlockType) -> RuleFuncBlockType:
    def limited_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return state.level < _MAX_BLOCK_LEVEL and rule(state, start, end, silent)

    return limited_rule


def parser(headings: Callable[[StateCore], None], breaks: bool) -> MarkdownIt:
    """Return a parser for CommonMark without raw HTML, with the rules of this module.

    `headings` is the rule for headings (`bold_headings`, `flat_headings` or `contents_headings`). With `breaks`, the
    end of a line in the source becomes a line break.
    """
    options = {
        "html": False,
        "maxNesting": _MAX_NESTING,
        "xhtmlOut": False,
        "breaks": breaks,
    }
    markdown = MarkdownIt("commonmark", options)
    interrupts = ["paragraph", "reference", "blockquote"]
    markdown.block.ruler.at("blockquote", _limit_depth(blockquote), {"alt": [*interrupts, "list"]})
    markdown.block.ruler.at("list", _limit_depth(list_block), {"alt": interrupts})
    # A forbidden address costs the link, not the text: it becomes a link here, and the sanitiser removes the link.
    markdown.validateLink = lambda url: True  # type: ignore[method-assign]
    markdown.core.ruler.push("inline_rules", partial(_apply_inline_rules, markdown))
    markdown.core.ruler.push("headings", headings)
    return markdown


def _apply_inline_rules(markdown: MarkdownIt, state: StateCore) -> None:
    for token in state.tokens:
        if token.children:
            token.children = _limit_emphasis(_label_links(_link_addresses(token.children, markdown)))


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _visible_text(tokens: Iterable[Token] | None) -> str:
    """The text of inline tokens without markup; for an image, its alternative text."""
    breaks = ("softbreak", "hardbreak")
    return "".join(_visible_text(t.children) or (" " if t.type in breaks else t.content) for t in tokens or ())


def _link(address: str, label: str) -> list[Token]:
    return [Token("link_open", "a", 1, attrs={"href": address}), _text(label), Token("link_close", "a", -1)]


def _link_addresses(tokens: Iterable[Token], markdown: MarkdownIt) -> Iterator[Token]:
    """Turn bare web addresses into links, and images too (the site shows none), but not inside a link."""
    depth = 0
    for token in tokens:
        depth += {"link_open": 1, "link_close": -1}.get(token.type, 0)
        if token.type == "image":
            address = str(token.attrs["src"])
            label = _visible_text(token.children) or address
            yield from [_text(label)] if depth else _link(address, label)
        elif token.type == "text" and not depth:
            yield from _split_at_addresses(token.content, markdown)
        else:
            yield token


_BARE_ADDRESS = re.compile(r"(?<![A-Za-z0-9_])https?://[^\s<>\"`\\{}|^]+", re.IGNORECASE)


def _split_at_addresses(text: str, markdown: MarkdownIt) -> Iterator[Token]:
    end = 0
    for match in _BARE_ADDRESS.finditer(text):
        label = _without_punctuation(match.group())
        yield _text(text[end : match.start()])
        yield from _link(markdown.normalizeLink(label), label)
        end = match.start() + len(label)
    yield _text(text[end:])


def _without_punctuation(address: str) -> str:
    """Remove what ends the sentence, or closes a bracket that was opened before the address."""
    surplus = {close: address.count(close) - address.count(open_) for open_, close in ("()", "[]")}
    end = len(address)
    while end and (address[end - 1] in ".,;:!?'*_~…»”’" or surplus.get(address[end - 1], 0) > 0):
        if address[end - 1] in surplus:
            surplus[address[end - 1]] -= 1
        end -= 1
    return address[:end]


def _unambiguous(address: str) -> str:
    return _REFERENCE_IN_ADDRESS.sub(r"\1%3B", address)


def _label_links(tokens: Iterable[Token]) -> Iterator[Token]:
    """Give a link without visible text its address as text; otherwise moderators could not see that it is there."""
    address, seen = "", True
    for token in tokens:
        if token.type == "link_open":
            address, seen = str(token.attrs["href"]), False
            token.attrs = {"href": _unambiguous(address)}
        elif token.type == "link_close" and not seen:
            yield _text(address)
        seen = seen or any(unicodedata.category(char)[0] in "LNPS" for char in token.content)
        yield token


def _limit_emphasis(tokens: Iterable[Token]) -> list[Token]:
    """Drop emphasis nested too deeply: thousands of levels are valid Markdown, but HTML parsers cannot cope."""
    kept: list[Token] = []
    depth = 0
    for token in tokens:
        if token.type in ("em_open", "strong_open"):
            depth += 1
            wanted = depth <= _MAX_EMPHASIS
        elif token.type in ("em_close", "strong_close"):
            wanted = depth <= _MAX_EMPHASIS
            depth -= 1
        else:
            wanted = True
        if wanted:
            kept.append(token)
    return kept


def _heading_parts(state: StateCore) -> Iterator[tuple[Token, Token, Token]]:
    for index, token in enumerate(state.tokens):
        if token.type == "heading_open":
            yield token, state.tokens[index + 1], state.tokens[index + 2]


def bold_headings(state: StateCore) -> None:
    """Rule for comments: a heading becomes a bold paragraph, so that it does not disturb the outline of the page."""
    for start, inline, end in _heading_parts(state):
        start.tag = end.tag = "p"
        if inline.children:
            inline.children = [Token("strong_open", "strong", 1), *inline.children, Token("strong_close", "strong", -1)]


def flat_headings(state: StateCore) -> None:
    """Rule for stories: every heading becomes an h2. The page has the h1, and no level can be skipped."""
    for start, _inline, end in _heading_parts(state):
        start.tag = end.tag = "h2"


def heading_id(text: str) -> str:
    """The id of a heading with this text, the first of its page to have it."""
    return f"s-{slugify(text, longest=60)}"


def contents_headings(state: StateCore) -> None:
    """Rule for articles: '#' and '##' become h2, deeper headings h3 (but h2 before the first h2).

    Each heading gets an id, to which the table of contents links.
    """
    names = _HeadingIds()
    section = False
    for start, inline, end in _heading_parts(state):
        start.tag = end.tag = "h3" if section and start.tag > "h2" else "h2"
        section = True
        start.attrs = {"id": names.make(_visible_text(inline.children))}


class _HeadingIds:
    """Unique ids within one text. The prefix keeps a heading 'Comments' apart from the page's own `id="comments"`."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._counters: dict[str, Iterator[int]] = {}

    def make(self, text: str) -> str:
        base = name = heading_id(text)
        numbers = self._counters.setdefault(base, count(2))
        while name in self._used:
            name = f"{base}-{next(numbers)}"
        self._used.add(name)
        return name
