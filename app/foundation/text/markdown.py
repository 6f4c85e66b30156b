"""Markdown as the house understands it: the rules added to markdown-it, none of which makes anything safe.

The door is `parser`; the three rules for headings are its first argument. What it parses is rendered and made safe by
`markup`, its only user.
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

# Past its own limit markdown-it drops what is left of the block. Ours is reached first and keeps the text: deeper
# quotes and lists stay as they were typed. The time for hostile '[[[[' grows with the limit, so both are low.
_MAX_NESTING = 20
_MAX_BLOCK_LEVEL = 16
_MAX_EMPHASIS = 6

_REFERENCE_IN_ADDRESS = re.compile(r"(&#?[A-Za-z0-9]+);")


def _shallow(rule: RuleFuncBlockType) -> RuleFuncBlockType:
    def shallow_rule(state: StateBlock, start: int, end: int, silent: bool) -> bool:
        return state.level < _MAX_BLOCK_LEVEL and rule(state, start, end, silent)

    return shallow_rule


def parser(headings: Callable[[StateCore], None], breaks: bool) -> MarkdownIt:
    """CommonMark without raw HTML, with the house's rules. With `breaks` a line end stays one."""
    options = {
        "html": False,
        "maxNesting": _MAX_NESTING,
        "xhtmlOut": False,
        "breaks": breaks,
    }
    markdown = MarkdownIt("commonmark", options)
    interrupts = ["paragraph", "reference", "blockquote"]
    markdown.block.ruler.at("blockquote", _shallow(blockquote), {"alt": [*interrupts, "list"]})
    markdown.block.ruler.at("list", _shallow(list_block), {"alt": interrupts})
    # A bad address costs the link, not the text: let it become a link here, the second wall takes the link away.
    markdown.validateLink = lambda url: True  # type: ignore[method-assign]
    markdown.core.ruler.push("inline_house_rules", partial(_house_inline, markdown))
    markdown.core.ruler.push("headings", headings)
    return markdown


def _house_inline(markdown: MarkdownIt, state: StateCore) -> None:
    for token in state.tokens:
        if token.children:
            token.children = _shallow_emphasis(_labelled(_linked(token.children, markdown)))


def _text(content: str) -> Token:
    return Token("text", "", 0, content=content)


def _visible_text(tokens: Iterable[Token] | None) -> str:
    """The text of inline tokens without their markup; pictures count with what they are called."""
    breaks = ("softbreak", "hardbreak")
    return "".join(_visible_text(t.children) or (" " if t.type in breaks else t.content) for t in tokens or ())


def _link(address: str, label: str) -> list[Token]:
    return [Token("link_open", "a", 1, attrs={"href": address}), _text(label), Token("link_close", "a", -1)]


def _linked(tokens: Iterable[Token], markdown: MarkdownIt) -> Iterator[Token]:
    """Turns bare web addresses, and pictures (we show none), into links; links hold no links."""
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
    """What ends the sentence, or closes a bracket opened before the address, does not belong to it."""
    surplus = {close: address.count(close) - address.count(open_) for open_, close in ("()", "[]")}
    end = len(address)
    while end and (address[end - 1] in ".,;:!?'*_~…»”’" or surplus.get(address[end - 1], 0) > 0):
        if address[end - 1] in surplus:
            surplus[address[end - 1]] -= 1
        end -= 1
    return address[:end]


def _unambiguous(address: str) -> str:
    return _REFERENCE_IN_ADDRESS.sub(r"\1%3B", address)


def _labelled(tokens: Iterable[Token]) -> Iterator[Token]:
    """A link without visible text would be there for machines and hidden from moderators: it shows its address."""
    address, seen = "", True
    for token in tokens:
        if token.type == "link_open":
            address, seen = str(token.attrs["href"]), False
            token.attrs = {"href": _unambiguous(address)}
        elif token.type == "link_close" and not seen:
            yield _text(address)
        seen = seen or any(unicodedata.category(char)[0] in "LNPS" for char in token.content)
        yield token


def _shallow_emphasis(tokens: Iterable[Token]) -> list[Token]:
    """Leaves out emphasis inside too much emphasis: thousands of levels are valid Markdown and choke HTML tools."""
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
    """Comments: a heading is a bold paragraph, so that nobody shouts across a thread or bends the page's outline."""
    for start, inline, end in _heading_parts(state):
        start.tag = end.tag = "p"
        if inline.children:
            inline.children = [Token("strong_open", "strong", 1), *inline.children, Token("strong_close", "strong", -1)]


def flat_headings(state: StateCore) -> None:
    """Stories: every heading is an h2. The page has the h1, and no level can be skipped where there is one."""
    for start, _inline, end in _heading_parts(state):
        start.tag = end.tag = "h2"


def contents_headings(state: StateCore) -> None:
    """Articles: '#' and '##' are h2, deeper ones h3 (or h2 before the first h2), each with an id for the contents."""
    names = _Names()
    section = False
    for start, inline, end in _heading_parts(state):
        start.tag = end.tag = "h3" if section and start.tag > "h2" else "h2"
        section = True
        start.attrs = {"id": names.make(_visible_text(inline.children))}


class _Names:
    """Ids within one text. The prefix keeps a heading 'Comments' apart from the page's own `id="comments"`."""

    def __init__(self) -> None:
        self._used: set[str] = set()
        self._counters: dict[str, Iterator[int]] = {}

    def make(self, text: str) -> str:
        base = name = f"s-{slugify(text, longest=60)}"
        numbers = self._counters.setdefault(base, count(2))
        while name in self._used:
            name = f"{base}-{next(numbers)}"
        self._used.add(name)
        return name
