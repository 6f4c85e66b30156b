"""Which engine this site searches with."""

from __future__ import annotations

from typing import cast

from flask import current_app

from app.search.engine import Engine
from app.search.whoosh_engine import WhooshEngine


def engine() -> Engine:
    """The engine of the running application. One for all threads of a process: it shares what is open."""
    config = current_app.config
    made = current_app.extensions.setdefault(
        "salve.search", WhooshEngine(config["SALVE_DATA"] / "search", config["SEARCH_LANGUAGE"])
    )
    return cast(Engine, made)
