"""The bars of a summary: a segment for each answer to how well it worked, and what has room in it. Pure functions."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.stories.answers import Effect

UNDECIDED = Effect.TOO_EARLY
# In the order of the bar, from worst to best; 'too early to say' comes last.
EFFECTS = (Effect.NOT_AT_ALL, Effect.SLIGHTLY, Effect.MODERATELY, Effect.VERY_WELL, UNDECIDED)
# The widths of three dots and of the words of an answer, in units of the text size; and the widths of bars at which the
# style sheet shows them.
DOTS_WIDTH, WORDS_WIDTH = 2, 4.5
ROOMS = (8, 11, 16, 20, 28, 44)


@dataclass(frozen=True)
class BarSegment:
    """One of the five answers in a bar; `start` and `width` are percentages of the bar's length."""

    effect: Effect
    stories: int
    start: float
    width: float

    @property
    def filled_dots(self) -> int:
        """How many of the three dots are filled that say the answer without colour, as on the page of a story."""
        return EFFECTS.index(self.effect) if self.effect is not UNDECIDED else 0

    @property
    def dots_room(self) -> int | None:
        """The narrowest bar in which the dots have room in this segment, of `ROOMS`; None if no bar is wide enough."""
        return self._room(DOTS_WIDTH)

    @property
    def words_room(self) -> int | None:
        """The narrowest bar in which the words have room in this segment."""
        return self._room(WORDS_WIDTH)

    def _room(self, needed: float) -> int | None:
        return next((room for room in ROOMS if self.width * room >= 100 * needed), None)


def segments(effects: Mapping[Effect, int]) -> list[BarSegment]:
    """Return the segments for these numbers of stories, from left to right; answers that nobody gave are left out."""
    answered = sum(effects.values())
    found, start = [], 0.0
    for effect, number in effects.items():
        if number:
            width = 100 * number / answered
            found.append(BarSegment(effect, number, start, width))
            start += width
    return found
