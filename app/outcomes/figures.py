"""From counts to figures: shares with intervals, the median answer, and the minimum number for a percentage.

Pure functions, without the database.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from math import sqrt
from typing import TypeVar

MIN_ANSWERS = 5
"""With fewer answers no percentage is shown, because it would suggest a certainty that is not there."""

_Z = 1.959963984540054
"""The 97.5 % quantile of the standard normal distribution, for intervals of 95 %."""

Answer = TypeVar("Answer", bound=StrEnum)


@dataclass(frozen=True)
class Share:
    """A number of answers out of a total."""

    part: int
    whole: int

    @property
    def is_large_enough(self) -> bool:
        """Whether there are enough answers for a percentage."""
        return self.whole >= MIN_ANSWERS

    @property
    def value(self) -> float:
        """The share, from 0 to 1."""
        return self.part / self.whole

    @property
    def interval(self) -> tuple[float, float]:
        """The 95 % interval of the share by Wilson's score, from 0 to 1.

        E. B. Wilson, Probable inference, the law of succession, and statistical inference, J Am Stat Assoc 22 (1927)
        209-212.
        """
        number, share, z2 = self.whole, self.value, _Z * _Z
        centre = (share + z2 / (2 * number)) / (1 + z2 / number)
        half = _Z * sqrt(share * (1 - share) / number + z2 / (4 * number * number)) / (1 + z2 / number)
        # For none or all of them one end of the interval is exactly 0 or 1; computing it would leave a rounding error.
        lower = 0.0 if self.part == 0 else centre - half
        upper = 1.0 if self.part == number else centre + half
        return lower, upper


def median(counts: Mapping[Answer, int], order: Sequence[Answer]) -> Answer | None:
    """Return the median answer (the lower one of two), or None if there are no answers."""
    total = sum(counts.get(answer, 0) for answer in order)
    passed = 0
    for answer in order:
        passed += counts.get(answer, 0)
        if total and 2 * passed >= total:
            return answer
    return None
