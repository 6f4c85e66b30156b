"""The indexes of the site, and the engine that serves each of them: the only module that names an implementation."""

from __future__ import annotations

from dataclasses import dataclass
from typing import cast

from flask import current_app

from app.search.index.documents import COMMENT, indexed_models
from app.search.index.engine import Engine
from app.search.whoosh.engine import WhooshEngine


@dataclass(frozen=True)
class Index:
    """An index of the site: of comments, or of every other kind.

    `folder` is its folder below SALVE_DATA, and `cache_bytes` the size of the cache of postings that each process keeps
    for it.
    """

    folder: str
    cache_bytes: int
    holds_comments: bool = False

    @property
    def kinds(self) -> tuple[str, ...]:
        """The names of the kinds whose documents it holds."""
        return (COMMENT,) if self.holds_comments else tuple(kind for kind in indexed_models() if kind != COMMENT)


# There are more comments than everything else together, and only those who ask for comments search them: an index of
# their own keeps their cost, in time and in memory, away from other searches.
MAIN = Index("search", 64 * 1024 * 1024)
COMMENTS = Index("search-comments", 16 * 1024 * 1024, holds_comments=True)
INDEXES = (MAIN, COMMENTS)


def engine(index: Index = MAIN) -> Engine:
    """The engine of the running application for an index, shared by all threads of the process.

    Needs an application context.
    """
    engines = current_app.extensions.setdefault("salve.search", {})
    if index not in engines:
        config = current_app.config
        new = WhooshEngine(
            config["SALVE_DATA"] / index.folder, index.kinds, config["SEARCH_LANGUAGE"], index.cache_bytes
        )
        # If two threads get here at once, both use the engine that was stored first.
        engines.setdefault(index, new)
    return cast(Engine, engines[index])
