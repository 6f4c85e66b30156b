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

SHINGLE_WORDS = 3
# Short texts ('Thank you for telling this') are alike without being copied.
MIN_WORDS = 12
BANDS, ROWS = 8, 3

_WORD = re.compile(r"\w+")
_QUOTED = re.compile(r"^ {0,3}>.*$", re.MULTILINE)
_RANDOM = np.random.default_rng(20261120)
_FACTORS = _RANDOM.integers(1, 2**63, size=(BANDS * ROWS, 1), dtype=np.uint64) | np.uint64(1)
_OFFSETS = _RANDOM.integers(0, 2**63, size=(BANDS * ROWS, 1), dtype=np.uint64)


def shingles(text: str) -> frozenset[int]:
    """Return the runs of three words in a text, as numbers; none for a short text. Quoted lines are left out."""
    words = _WORD.findall(fold(_QUOTED.sub("", text)).text)
    if len(words) < MIN_WORDS:
        return frozenset()
    return frozenset(
        zlib.crc32(" ".join(words[at : at + SHINGLE_WORDS]).encode()) for at in range(len(words) - SHINGLE_WORDS + 1)
    )


def bands(shingles: frozenset[int]) -> list[int]:
    """Return the numbers by which similar texts are looked up: signed, 64 bits."""
    if not shingles:
        return []
    hashes = np.fromiter(shingles, dtype=np.uint64, count=len(shingles))[None, :] * _FACTORS + _OFFSETS
    least = (hashes >> np.uint64(32)).min(axis=1).reshape(BANDS, ROWS)
    return [
        int.from_bytes(blake2b(bytes([band]) + row.tobytes(), digest_size=8).digest(), "big", signed=True)
        for band, row in enumerate(least)
    ]


def overlap(one: frozenset[int], other: frozenset[int]) -> float:
    """Return the share of the shorter text that is in the longer one, from 0 to 1."""
    return len(one & other) / min(len(one), len(other)) if one and other else 0.0
