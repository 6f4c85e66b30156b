"""How long screening takes: stories of 1,000 words against lists of 20,000 words, and hostile texts of maximum length.

Prints the time of each part, and for the search for listed words two yardsticks from the same run: one regular
expression made of all the words, and a search for each word in turn. Then the slowest hostile texts, of 20,000
characters.
"""

from __future__ import annotations

import random
import re
import time
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from app.moderation.rules.rules import Rules
from app.moderation.screening import screening
from app.screening import crisis, near_duplicates, personal_details, wording
from app.screening.folding import fold
from app.screening.word_list import MAX_LIST_LENGTH, WordList

ROOT = Path(__file__).resolve().parent.parent
WORDS, TEXTS, SHOWN = 1_000, 30, 6
LONGEST_TEXT = 20_000
HOSTILE = (
    *("1", "0171 2345678 ", "120 145 160 ", "0 ", "-", "a.", "a@", "a (at) b (dot) ", "www.", "http://", "Dr "),
    *("Dr Patel ", "A. ", "my very old little friend ", "Aa Bb ", "Royal of the Hospital ", "12 Elm ", "may ", "1/1/"),
    *(
        "instagram is ",
        "a",
        "A",
        "_",
        "a'",
        " ",
        "\n",
        "é",
        "kill my self do not want to ",
        "you should take the ",
        "A A ",
    ),
)


def stories() -> list[str]:
    """Texts of 1,000 words, put together at random from sentences of the demonstration's stories."""
    chance = random.Random(1)
    content = tomllib.loads((ROOT / "app/demonstration/content/stories.toml").read_text())
    text = " ".join(story["body"] for story in content["story"])
    sentences = [sentence for sentence in re.split(r"(?<=[.!?])\s+", text) if len(sentence.split()) > 3]
    made = []
    for _number in range(TEXTS):
        words: list[str] = []
        while len(words) < WORDS:
            words += chance.choice(sentences).split()
        made.append(" ".join(words[:WORDS]))
    return made


def listed() -> list[str]:
    """As many invented words as a list may hold, four to twelve letters long."""
    chance = random.Random(2)
    return sorted(
        {"".join(chance.choices("abcdefghilmnoprstuvw", k=chance.randint(4, 12))) for _ in range(MAX_LIST_LENGTH)}
    )


def milliseconds(what: Callable[[str], object], texts: list[str]) -> tuple[float, float]:
    """Processor milliseconds of the median text and of the 95th percentile, each the best of three."""
    taken = []
    for text in texts:
        best = float("inf")
        for _attempt in range(3):
            began = time.process_time()
            what(text)
            best = min(best, time.process_time() - began)
        taken.append(best * 1_000)
    taken.sort()
    return taken[len(taken) // 2], taken[int(len(taken) * 0.95)]


def _one_by_one(words: list[str], text: str) -> list[str]:
    return [word for word in words if word in text]


def main() -> None:
    """Run the benchmark and print the tables."""
    texts, words = stories(), listed()
    began = time.process_time()
    found = WordList(words)
    print(f"{len(words):,} words prepared in {time.process_time() - began:.2f} s, once for each change of the list\n")
    rules = Rules(blocked=tuple(words[::2]), suspect=tuple(words[1::2]))
    lists: Any = rules.blocked_words, rules.suspect_words
    assert all(len(word_list) for word_list in lists)
    alternation = re.compile(r"\b(?:" + "|".join(words) + r")\b")
    parts: dict[str, Callable[[str], object]] = {
        "everything, lists included": lambda text: (
            list(screening.findings_in({"body": text}, rules)),
            near_duplicates.bands(near_duplicates.shingles(text)),
        ),
        "  identifying marks": personal_details.marks,
        "  crisis phrases": crisis.marks,
        "  instructions, advertising, shouting": lambda text: (
            wording.instructions(text),
            wording.advertising(text),
            wording.shouting(text),
        ),
        "  near-duplicates": lambda text: near_duplicates.bands(near_duplicates.shingles(text)),
        "  listed words": lambda text: list(found.find(fold(text))),
        "yardstick: one regular expression": lambda text: alternation.findall(fold(text).text),
        "yardstick: each word in turn": lambda text: _one_by_one(words, fold(text).text),
    }
    print(f"{WORDS:,} words of a story{'median':>34}{'95 in 100':>12}")
    for name, what in parts.items():
        middle, slow = milliseconds(what, texts[:3] if name.endswith(("expression", "in turn")) else texts)
        print(f"{name:<40}{middle:>10.2f} ms{slow:>9.2f} ms")
    print(f"\nhostile texts of {LONGEST_TEXT:,} characters, and growth for twice the length: 2 linear, 4 quadratic")
    whole = parts["everything, lists included"]
    measured = []
    for unit in HOSTILE:
        half, full = (unit * (length // len(unit)) for length in (LONGEST_TEXT // 2, LONGEST_TEXT))
        cost = milliseconds(whole, [full])[0]
        measured.append((cost, cost / milliseconds(whole, [half])[0], unit))
    for cost, growth, unit in sorted(measured, reverse=True)[:SHOWN]:
        print(f"{unit!r:<40}{cost:>10.1f} ms  x{growth:.1f}")


if __name__ == "__main__":
    main()
