"""Markdown files that begin with a few facts in TOML between two lines of `+++`."""

from __future__ import annotations

import tomllib
from typing import Any

FENCE = "+++"


def split(text: str) -> tuple[dict[str, Any], str]:
    """The facts and the Markdown of such a file. Raises ValueError if it does not begin like one."""
    parts = text.split(f"{FENCE}\n", 2)
    if len(parts) != 3 or parts[0].strip():
        raise ValueError(f"expected facts between two lines of {FENCE}")
    return tomllib.loads(parts[1]), parts[2].strip()
