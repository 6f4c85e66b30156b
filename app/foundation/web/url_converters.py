"""What may stand in an address: ids that a database can hold, and words that it can be asked for."""

from __future__ import annotations

from typing import Any

from flask import Flask
from werkzeug.routing import IntegerConverter, Map, UnicodeConverter

LARGEST_ID = 2**31 - 1


class Id(IntegerConverter):
    """`<int:...>`: a number that no row can have leads nowhere, instead of to an error of the database."""

    regex = r"[0-9]{1,10}"

    def __init__(self, url_map: Map, **options: Any) -> None:
        super().__init__(url_map, max=LARGEST_ID, **options)


class Word(UnicodeConverter):
    """`<...>`: no control characters. PostgreSQL refuses to look for text with a NUL in it."""

    def __init__(self, url_map: Map, **options: Any) -> None:
        super().__init__(url_map, **options)
        self.regex = r"[^/\x00-\x1f\x7f]+"


def init_app(app: Flask) -> None:
    """Read the routes that are registered from here on with these converters."""
    app.url_map.converters |= {"int": Id, "default": Word, "string": Word}
