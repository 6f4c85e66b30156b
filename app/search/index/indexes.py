"""Which indexes there are. Comments have one of their own: there are more of them than of everything else together, and
they are searched only by who asks for them, so neither the speed nor the memory of the other is theirs to take.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Index:
    """An index: the kinds of things it holds, its folder among the site's data, and how many bytes of postings a
    process keeps of it.
    """

    kinds: tuple[str, ...]
    folder: str
    postings: int


MAIN = Index(("story", "topic", "article"), "search", 64 * 1024 * 1024)
COMMENTS = Index(("comment",), "search-comments", 16 * 1024 * 1024)
INDEXES = (MAIN, COMMENTS)
