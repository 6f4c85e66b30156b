"""Which engines this site searches with: one for each index."""

from __future__ import annotations

from typing import cast

from flask import current_app

from app.search.index.engine import Engine
from app.search.index.indexes import MAIN, Index
from app.search.whoosh.engine import WhooshEngine


def engine(index: Index = MAIN) -> Engine:
    """The engine of the running application for an index. One for all threads of a process: it shares what is open."""
    engines = current_app.extensions.setdefault("salve.search", {})
    if index not in engines:
        config = current_app.config
        made = WhooshEngine(config["SALVE_DATA"] / index.folder, config["SEARCH_LANGUAGE"], index.postings)
        # Of two threads that come first, both go on with the same one.
        engines.setdefault(index, made)
    return cast(Engine, engines[index])
