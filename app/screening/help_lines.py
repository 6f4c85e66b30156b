"""Help lines that somebody in danger can call or write to. A setting; the operator of a site must check them."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from flask import Flask, current_app

from config import ConfigurationError

MAX_LINES = 30
MAX_TEXT_LENGTH = 300
_PHONE = re.compile(r"\+?[0-9][0-9 ()./-]*")
_SMS = re.compile(r"(?:\+?[0-9]+)?")


@dataclass(frozen=True)
class HelpLine:
    """A help line: its country, name and contact. `note` says when it is available and what it costs, or is empty.

    `sms` is the number for text messages, if there is one.
    """

    country: str
    name: str
    contact: str
    note: str = ""
    sms: str = ""

    @property
    def phone(self) -> str:
        """The number to call, for a link; empty if the contact is no telephone number."""
        return re.sub(r"[ ()./-]", "", self.contact) if _PHONE.fullmatch(self.contact) else ""


def read(file: Path) -> tuple[HelpLine, ...]:
    """Read the help lines from a TOML file with a `[[line]]` table for each. Raises ConfigurationError."""
    try:
        entries = tomllib.loads(file.read_text(encoding="utf-8")).get("line", [])
        lines = tuple(HelpLine(**entry) for entry in entries)
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, TypeError) as error:
        raise ConfigurationError(f"SALVE_HELP_LINES: {file} cannot be read as help lines ({error}).") from None
    words = [word for line in lines for word in (line.country, line.name, line.contact, line.note, line.sms)]
    if (
        not all(isinstance(word, str) and len(word) <= MAX_TEXT_LENGTH for word in words)
        or not 1 <= len(lines) <= MAX_LINES
        or not all(_SMS.fullmatch(line.sms) for line in lines)
    ):
        raise ConfigurationError(
            f"SALVE_HELP_LINES: {file} must hold 1 to {MAX_LINES} lines of short texts, and numbers as 'sms'."
        )
    return lines


def current() -> tuple[HelpLine, ...]:
    """Return the help lines of the running application."""
    lines: tuple[HelpLine, ...] = current_app.extensions["salve.help_lines"]
    return lines


def init_app(app: Flask) -> None:
    """Read the help lines at start-up, so that a mistake in the file keeps the site from starting."""
    app.extensions["salve.help_lines"] = read(app.config["HELP_LINES"])
