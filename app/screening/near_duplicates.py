"""Finding texts that are nearly the same, without comparing every pair (MinHash with banding).

A text is treated as the set of its runs of three words. From that set a few numbers are computed such that two texts
with most runs in common have at least one number in common. The numbers are stored in a table and looked up; only texts
that share one are actually compared.
"""

from __future__ import annotations

import re
import zlib
from hashlib import blake2b

import numpy as np

from app.screening.folding import fold

RUN = 3
# Short texts ('Thank you for telling this') are alike without being copied.
FEWEST_WORDS = 12
BANDS, ROWS = 8, 3

_WORD = re.compile(r"\w+")
_QUOTED = re.compile(r"^ {0,3}>.*$", re.MULTILINE)
_DRAWS = np.random.default_rng(20261120)
_FACTORS = _DRAWS.integers(1, 2**63, size=(BANDS * ROWS, 1), dtype=np.uint64) | np.uint64(1)
_OFFSETS = _DRAWS.integers(0, 2**63, size=(BANDS * ROWS, 1), dtype=np.uint64)


def runs(text: str) -> frozenset[int]:
    """Return the runs of three words in a text, as numbers; none for a short text. Quoted lines are left out."""
    words = _WORD.findall(fold(_QUOTED.sub("", text)).text)
    if len(words) < FEWEST_WORDS:
        return frozenset()
    return frozenset(zlib.crc32(" ".join(words[at : at + RUN]).encode()) for at in range(len(words) - RUN + 1))


def bands(of: frozenset[int]) -> list[int]:
    """Return the numbers by which similar texts are looked up: signed, 64 bits."""
    if not of:
        return []
    drawn = np.fromiter(of, dtype=np.uint64, count=len(of))[None, :] * _FACTORS + _OFFSETS
    least = (drawn >> np.uint64(32)).min(axis=1).reshape(BANDS, ROWS)
    return [
        int.from_bytes(blake2b(bytes([band]) + row.tobytes(), digest_size=8).digest(), "big", signed=True)
        for band, row in enumerate(least)
    ]


def share(one: frozenset[int], other: frozenset[int]) -> float:
    """Return the share of the shorter text that is in the longer one, from 0 to 1."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0
