"""Help lines: whom somebody can call or write to at once. A setting; whoever runs the site must check them."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, current_app

from config import ConfigurationError

MOST = 30
LONGEST = 300


@dataclass(frozen=True)
class HelpLine:
    """Where, who, and how to reach them. `note` says when and at what cost, if it is said."""

    country: str
    name: str
    contact: str
    note: str = ""


def read(file: Path) -> tuple[HelpLine, ...]:
    """The lines in a TOML file, `[[line]]` each. Raises ConfigurationError if it cannot be read as such."""
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8")).get("line", [])
        lines = tuple(HelpLine(**entry) for entry in entries)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
        raise ConfigurationError(f"SALVE_HELP_LINES: {file} cannot be read as help lines ({error}).") from None
    words = [word for line in lines for word in (line.country, line.name, line.contact, line.note)]
    if not all(isinstance(word, str) and len(word) <= LONGEST for word in words) or not 1 <= len(lines) <= MOST:
        raise ConfigurationError(f"SALVE_HELP_LINES: {file} must hold 1 to {MOST} lines of short texts.")
    return lines


def shown() -> tuple[HelpLine, ...]:
    """The lines of this site."""
    lines: tuple[HelpLine, ...] = current_app.extensions["salve.help_lines"]
    return lines


def init_app(app: Flask) -> None:
    """Read the lines once, so that a mistake in them stops the site from starting and not a page from helping."""
    app.extensions["salve.help_lines"] = read(app.config["HELP_LINES"])
