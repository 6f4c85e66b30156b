"""How long the longest texts take to render, ordinary and hostile ones.

For the slowest hostile texts, prints the time compared with prose of the same length, and how the time grows when the
length doubles (2 is linear growth, 4 is quadratic).
"""

from __future__ import annotations

import random
import time

from app.foundation.text.markup import Profile, render

LENGTH = 20_000  # characters, the longest a story may be
SHOWN = 8
PATTERNS = [
    *(">", "> ", "- ", "1. ", "[", "![", "]", "*", "**", "_", "`", "`a``", "*a ", "*a **b ", "a**b", "*_", "*a* "),
    *("<", "&", "&#", "\\", "[a](", "[a](b", "![a](b", "[a]: x\n", "[x][", "[a\n", "[](", "[]:<", "<a@", "<http:"),
    *("](", "#\n", "~~~\n", "a\n=\n", "- a\n", "\t", " \n>", "> - ", "http://a ", "http://a", "(http://", "&lt;"),
    *("a\n", "\u202e", "é", "\U0001f600", "<a href=", "![[", "[<a>](", "- **a**\n", "> **a**\n", "**a**\n\n"),
]


def prose() -> str:
    """Words of typical lengths, in paragraphs of 80 words, one word in 20 emphasised."""
    chance = random.Random(1)
    words = []
    for number in range(LENGTH // 4):
        word = "x" * chance.choice([1, 2, 2, 3, 3, 3, 4, 4, 5, 6, 8])
        words.append(f"*{word}*" if chance.random() < 0.05 else word)
        words.append("\n\n" if number % 80 == 79 else " ")
    return "".join(words)[:LENGTH]


def seconds(text: str) -> float:
    """The processor seconds it takes to render this text once, best of three."""
    taken = []
    for _ in range(3):
        start = time.process_time()
        render(text, Profile.STORY)
        taken.append(time.process_time() - start)
    return min(taken)


def main() -> None:
    """Run the benchmark and print the table."""
    render("warm", Profile.STORY)
    yardstick = seconds(prose())
    measured = {}
    for pattern in PATTERNS:
        text = (pattern * LENGTH)[:LENGTH]
        whole = seconds(text)
        measured[pattern] = whole, whole / max(seconds(text[: LENGTH // 2]), 1e-6)
    print(f"{LENGTH} characters of prose: {yardstick * 1000:.0f} ms")
    print(f"{'repeated':<12} {'ms':>6} {'x prose':>8} {'x half of it':>13}")
    for pattern, (taken, growth) in sorted(measured.items(), key=lambda item: -item[1][0])[:SHOWN]:
        print(f"{pattern!r:<12} {taken * 1000:>6.0f} {taken / yardstick:>8.1f} {growth:>13.1f}")


if __name__ == "__main__":
    main()
