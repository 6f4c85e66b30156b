"""A text as moderators read it: the HTML that readers will see, with what changed and what to look at marked in it.

Everything is taken apart into pieces: tags, which are Markup because they come from stored HTML, and text, which is a
plain str and escaped by the template like any other. Nothing here makes HTML, so that a mistake can look odd but can
not let anything through.

The structure is always that of the new version. Words that were taken out stand in it as plain text, where they were;
paragraphs, lists and quotations that are new or gone as a whole stay whole.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise

from markupsafe import Markup

from app.foundation.text import markup
from app.moderation.queue.differences import MAX_PARAGRAPH_LENGTH, word_changes

# The paragraphs of two versions are compared if there are at most this many pairs of them: the time grows with it.
MAX_PAIRS = 250_000
_OPENING = re.compile(r"<([a-z][a-z0-9]*)")
_VOID = frozenset(["br"])
Parts = list[Markup | str]


@dataclass(frozen=True)
class Piece:
    """A tag (`change` is 'tag'), or text that both versions have ('same'), only the old ('del') or the new one ('ins').

    `notes` are the numbers of the marks that end with this piece.
    """

    change: str
    text: Markup | str
    is_marked: bool = False
    notes: tuple[int, ...] = ()


@dataclass(frozen=True)
class Block:
    """A paragraph, a list, a quotation or a heading: 'same', 'del' or 'ins' as a whole, or 'changed' in its pieces.

    `looks_alike` says that the old and the new one have the same words: a link or the formatting changed.
    """

    change: str
    pieces: list[Piece]
    looks_alike: bool = False


@dataclass(frozen=True)
class Mark:
    """A passage to be marked in a text, with a number by which the template knows what to write beside it."""

    passage: str
    number: int


def read(rendered: Markup | None, marks: Sequence[Mark] = ()) -> list[Block]:
    """A text by itself, with these passages marked."""
    return _noted_once([Block("same", _drawn(block, marks)) for block in _blocks(rendered)])


def compare(old: Markup | None, new: Markup | None, marks: Sequence[Mark] = ()) -> list[Block]:
    """The new version of a text with what changed since the old one; passages are marked in what the new one says."""
    before, after = _blocks(old), _blocks(new)
    if len(before) * len(after) > MAX_PAIRS:
        return _noted_once([*_whole("del", before, ()), *_whole("ins", after, marks)])
    compared: list[Block] = []
    old_keys, new_keys = (["".join(map(str, block)) for block in blocks] for blocks in (before, after))
    for change, i1, i2, j1, j2 in SequenceMatcher(None, old_keys, new_keys, autojunk=False).get_opcodes():
        if change == "equal":
            compared += _whole("same", after[j1:j2], marks)
            continue
        pairs = min(i2 - i1, j2 - j1)
        for at in range(pairs):
            compared += _compare_blocks(before[i1 + at], after[j1 + at], marks)
        compared += _whole("del", before[i1 + pairs : i2], ())
        compared += _whole("ins", after[j1 + pairs : j2], marks)
    return _noted_once(compared)


def noted(blocks: Sequence[Block]) -> set[int]:
    """The numbers of the marks that were found in a text."""
    return {number for block in blocks for piece in block.pieces for number in piece.notes}


def _noted_once(blocks: list[Block]) -> list[Block]:
    """The same blocks, with each note only where its passage occurs first."""
    seen: set[int] = set()
    for block in blocks:
        for index, piece in enumerate(block.pieces):
            if piece.notes:
                block.pieces[index] = replace(piece, notes=tuple(set(piece.notes) - seen))
                seen.update(piece.notes)
    return blocks


def _text(parts: Parts) -> str:
    return "".join(part for part in parts if not isinstance(part, Markup))


def _whole(change: str, blocks: list[Parts], marks: Sequence[Mark]) -> list[Block]:
    return [Block(change, _drawn(block, marks)) for block in blocks]


def _blocks(rendered: Markup | None) -> list[Parts]:
    """The outermost elements of a text, without the white space between them."""
    blocks: list[Parts] = []
    depth = 0
    for part in markup.split_tags(rendered) if rendered else ():
        if depth == 0 and not (isinstance(part, Markup) or part.strip()):
            continue
        if depth == 0:
            blocks.append([])
        blocks[-1].append(part)
        if isinstance(part, Markup):
            opening = _OPENING.match(part)
            depth += 0 if opening and opening[1] in _VOID else 1 if opening else -1
    return blocks


def _compare_blocks(old: Parts, new: Parts, marks: Sequence[Mark]) -> Iterator[Block]:
    """One block in the place of another: word by word if only words changed, otherwise one after the other."""
    before, after = _text(old), _text(new)
    is_longer = max(len(before), len(after)) > MAX_PARAGRAPH_LENGTH
    if is_longer or before == after or old[0] != new[0] or not after.strip():
        yield Block("del", _drawn(old, ()), looks_alike=before == after)
        yield Block("ins", _drawn(new, marks), looks_alike=before == after)
        return
    added, removed, at = [], [], 0
    for change, text in word_changes(before, after):
        if change == "del":
            # A line end here is that between two items of a list.
            removed.append((at, text.replace("\n", " ")))
            continue
        if change == "ins":
            added.append((at, at + len(text)))
        at += len(text)
    yield Block("changed", _drawn(new, marks, added, removed))


def _drawn(
    parts: Parts,
    marks: Sequence[Mark],
    added: Sequence[tuple[int, int]] = (),
    removed: Sequence[tuple[int, str]] = (),
) -> list[Piece]:
    """The pieces of one block. `added` are spans of its text, `removed` are (position, text) of what is gone."""
    text = _text(parts)
    found = [(first, last, mark.number) for mark in marks for first, last in markup.find_passages(text, [mark.passage])]
    edges = {at for at, _words in removed} | {edge for span in (*added, *found) for edge in span[:2]}
    waiting, pieces, at = deque(removed), list[Piece](), 0
    hosts = [index for index, part in enumerate(parts) if _is_host(part)]
    for index, part in enumerate(parts):
        if isinstance(part, Markup):
            pieces.append(Piece("tag", part))
            if part == "</a>":
                pieces = _notes_after_link(pieces)
            continue
        end, is_host = at + len(part), _is_host(part)
        cuts = [at, *sorted(edge for edge in edges if at < edge < end), end]
        for first, last in pairwise(cuts):
            while is_host and waiting and waiting[0][0] <= first:
                pieces.append(Piece("del", waiting.popleft()[1]))
            change = "ins" if is_host and _is_within(first, last, added) else "same"
            notes = tuple(sorted({number for _first, end_of_mark, number in found if end_of_mark == last}))
            pieces.append(Piece(change, text[first:last], _is_within(first, last, found), notes))
        while waiting and is_host and (index == hosts[-1] or waiting[0][0] < end):
            pieces.append(Piece("del", waiting.popleft()[1]))
        at = end
    return pieces


def _notes_after_link(pieces: list[Piece]) -> list[Piece]:
    """The pieces up to the end of a link, with the notes inside it moved behind it: they are not what it says."""
    opened = max(at for at, piece in enumerate(pieces) if piece.change == "tag" and piece.text.startswith("<a"))
    notes = tuple(number for piece in pieces[opened:] for number in piece.notes)
    if not notes:
        return pieces
    inside = [replace(piece, notes=()) for piece in pieces[opened:]]
    return [*pieces[:opened], *inside, Piece("same", "", notes=notes)]


def _is_host(part: Markup | str) -> bool:
    """Whether it is text in which words can stand: the white space between two items of a list is not."""
    return not isinstance(part, Markup) and bool(part.strip())


def _is_within(first: int, last: int, spans: Sequence[tuple[int, ...]]) -> bool:
    return any(span[0] <= first and last <= span[1] for span in spans)
