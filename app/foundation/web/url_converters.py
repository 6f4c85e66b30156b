"""Converters for routes: ids within the range of the database, and texts that it accepts."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter

MAX_ID = 2**31 - 1


class Id(IntegerConverter):
    """`<int:...>`: a number beyond the range of an id gives 404 instead of an error of the database."""

    regex = r"[0-9]{1,10}"

    def __init__(self, url_map: Map, **options: Any) -> None:
        super().__init__(url_map, max=MAX_ID, **options)


class Word(UnicodeConverter):
    """`<...>`: a text without control characters. PostgreSQL refuses texts with a NUL character."""

    def __init__(self, url_map: Map, **options: Any) -> None:
        super().__init__(url_map, **options)
        self.regex = r"[^/\x00-\x1f\x7f]+"


def init_app(app: Flask) -> None:
    """Use these converters for all routes that are registered from now on."""
    app.url_map.converters |= {"int": Id, "default": Word, "string": Word}
