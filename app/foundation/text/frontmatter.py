"""Markdown files with front matter: TOML between two lines of `+++`, then the Markdown."""

from __future__ import annotations

import tomllib
from typing import Any

FENCE = "+++"


def split(text: str) -> tuple[dict[str, Any], str]:
    """Return the front matter of a file as a dictionary, and its Markdown. Raises ValueError if it has none."""
    parts = text.split(f"{FENCE}\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise ValueError(f"expected facts between two lines of {FENCE}")
    return tomllib.loads(parts[1]), parts[2].strip()
