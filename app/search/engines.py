"""Which engine this site searches with."""

from __future__ import annotations

from typing import cast

from flask import current_app

from app.search.engine import Engine
from app.search.whoosh_engine import WhooshEngine


def engine() -> Engine:
    """The engine of the running application. One for all threads of a process: it shares what is open."""
    made = current_app.extensions.setdefault("salve.search", WhooshEngine(current_app.config["SALVE_DATA"] / "search"))
    return cast(Engine, made)
