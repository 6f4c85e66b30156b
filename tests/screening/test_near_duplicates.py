"""Near-duplicates: what they have in common is kept as a few numbers."""

from __future__ import annotations

import random

from app.screening import near_duplicates

WORDS = [f"word{number}" for number in range(3_000)]


def a_text(seed: int, length: int = 200) -> list[str]:
    return random.Random(seed).choices(WORDS, k=length)


def alike(one: str, other: str) -> bool:
    first, second = near_duplicates.shingles(one), near_duplicates.shingles(other)
    return bool(set(near_duplicates.bands(first)) & set(near_duplicates.bands(second)))


def test_the_same_words_meet_whatever_their_dress() -> None:
    words = a_text(1)

    assert alike(" ".join(words), "\n\n".join(words).upper() + "!")


def test_nearly_the_same_words_meet() -> None:
    met = 0
    for seed in range(100):
        words = a_text(seed)
        changed = [*words[:50], "another", *words[51:120], *a_text(seed + 1_000, 8)]
        met += alike(" ".join(words[:128]), " ".join(changed))

    assert met >= 95


def test_different_words_do_not_meet() -> None:
    texts = [near_duplicates.bands(near_duplicates.shingles(" ".join(a_text(seed)))) for seed in range(300)]

    assert len({band for bands in texts for band in bands}) == sum(map(len, texts))


def test_short_texts_are_like_no_other() -> None:
    assert near_duplicates.bands(near_duplicates.shingles("Thank you for telling this, it helped me a lot.")) == []


def test_what_is_quoted_does_not_count() -> None:
    quoted = "> " + " ".join(a_text(1)) + "\n\nI could have written that."

    assert near_duplicates.shingles(quoted) == frozenset()


def test_the_share_is_of_the_shorter_text() -> None:
    words = a_text(1)

    assert (
        near_duplicates.overlap(
            near_duplicates.shingles(" ".join(words[:100])), near_duplicates.shingles(" ".join(words))
        )
        == 1
    )
    assert (
        near_duplicates.overlap(
            near_duplicates.shingles(" ".join(words)), near_duplicates.shingles(" ".join(a_text(2)))
        )
        < 0.05
    )
