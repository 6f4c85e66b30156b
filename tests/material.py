"""Real material that stands beside a checkout of the repository, not in it; what needs it is skipped elsewhere."""

from __future__ import annotations

from pathlib import Path

import pytest

FOLDER = Path(__file__).parents[2] / "shared" / "data"


def real(name: str) -> Path:
    """The path of this file, or a skipped test."""
    path = FOLDER / name
    if not path.is_file():
        pytest.skip(f"{path} is not on this machine")
    return path
