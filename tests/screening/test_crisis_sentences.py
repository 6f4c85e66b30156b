"""How many of the sentences that people write in danger are found, and how many others are taken for them.

The `own` sentences were written before the phrases and are what these were made for. The `ordinary` ones are what
people write most often; others wrote them, and at first sight 0.92 of them were found, with a precision of 0.96. The
`varied` ones go as far as language does: hints, poetry, text speak. Nobody should expect phrases to find them all.
"""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from app.screening import crisis
from tests.material import real

HERE = Path(__file__).parent / "crisis_sentences"


def lines(name: str) -> list[str]:
    return [line for line in (HERE / name).read_text(encoding="utf-8").splitlines() if not line.startswith("#")]


@pytest.mark.parametrize(
    ("name", "recall", "precision"), [("own", 0.97, 0.97), ("ordinary", 0.97, 0.97), ("varied", 0.6, 0.9)]
)
def test_recall_and_precision(name: str, recall: float, precision: float, capsys: pytest.CaptureFixture[str]) -> None:
    in_danger, others = lines(f"{name}_crisis.txt"), lines(f"{name}_other.txt")

    missed = [sentence for sentence in in_danger if not crisis.marks(sentence)]
    wrong = [sentence for sentence in others if crisis.marks(sentence)]

    found = len(in_danger) - len(missed)
    with capsys.disabled():
        print(
            f"\ncrisis, {name} sentences: {found} of {len(in_danger)} found, recall {found / len(in_danger):.3f};"
            f" {len(wrong)} of {len(others)} others marked, precision {found / (found + len(wrong)):.3f}"
        )
    assert len(in_danger) >= 200
    assert len(others) >= 200
    assert found / len(in_danger) >= recall, missed
    assert found / (found + len(wrong)) >= precision, wrong


def test_real_posts_about_antidepressants(capsys: pytest.CaptureFixture[str]) -> None:
    with real("psytar-posts.csv").open(encoding="utf-8", newline="") as file:
        posts = {row["drug_id"]: f"{row['side_effects']}. \n{row['comment']}" for row in csv.DictReader(file)}
    told = dict(line.split() for line in lines("psytar_posts.txt"))

    marked = {number for number, text in posts.items() if crisis.marks(text)}

    in_danger = {number for number, what in told.items() if what == "crisis"}
    found, wrong = marked & in_danger, marked - told.keys()
    with capsys.disabled():
        print(
            f"\ncrisis, {len(posts)} real posts: {len(found)} of {len(in_danger)} found,"
            f" {len(wrong)} of {len(posts) - len(told)} others marked"
        )
    assert len(found) >= 0.88 * len(in_danger), in_danger - found
    assert len(wrong) <= 0.06 * len(marked), wrong
