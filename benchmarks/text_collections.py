"""Collections of texts with questions and judgements of what answers them, read from shared/data.

MED: abstracts on medicine without titles, questions in whole sentences. Cranfield: abstracts on aerodynamics with
titles, questions in whole sentences. PsyTAR: posts by patients about four antidepressants, with sixty short questions
of ours as patients would type them (`judgements/psytar.txt`). What was judged there are the first 25 posts of plain
Whoosh, FTS5, tantivy and ours for every question, read one by one; a post counts as an answer if it truly says what was
asked for.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

DATA = Path(__file__).parents[2] / "shared" / "data"
JUDGEMENTS = Path(__file__).parent / "judgements" / "psytar.txt"


@dataclass(frozen=True)
class Text:
    """A document of a collection."""

    title: str
    body: str

    @property
    def whole(self) -> str:
        """Title and body."""
        return f"{self.title}\n{self.body}".strip()


@dataclass(frozen=True)
class Collection:
    """Documents by number, questions by number, and for each question the numbers of the documents that answer it."""

    name: str
    documents: Mapping[int, Text]
    questions: Mapping[int, str]
    answers: Mapping[int, set[int]]


def med(folder: Path = DATA / "medline1033") -> Collection:
    """Abstracts '.I number', '.W' and the text; questions 'number text'; answers 'question document document ...'."""
    parts = re.split(r"^\.I\s+(\d+)\s*$", _read(folder / "MED.ALL"), flags=re.MULTILINE)[1:]
    texts = {int(number): Text("", text.replace(".W", "", 1).strip()) for number, text in _pairs(parts)}
    questions = re.findall(r"^\s*(\d+)\s+(.+)$", _read(folder / "medline.query"), flags=re.MULTILINE)
    answers: dict[int, set[int]] = defaultdict(set)
    for line in _read(folder / "medline.rel").splitlines():
        question, *documents = map(int, line.split())
        answers[question].update(documents)
    return Collection("MED", texts, {int(number): text for number, text in questions}, answers)


def cranfield(folder: Path = DATA / "cranfield1400") -> Collection:
    """Abstracts with title, authors, source and text, which repeats the title; questions numbered in their order."""
    texts: dict[int, Text] = {}
    parts = re.split(r"^\.I (\d+)\n", _read(folder / "cran.all.1400"), flags=re.MULTILINE)[1:]
    for number, text in _pairs(parts):
        fields = dict(_pairs(re.split(r"^\.([TABW])\n", text, flags=re.MULTILINE)[1:]))
        title, body = (" ".join(fields.get(name, "").split()) for name in "TW")
        texts[int(number)] = Text(title, body.removeprefix(title).strip())
    asked = re.split(r"^\.I \d+\n\.W\n", _read(folder / "cran.qry"), flags=re.MULTILINE)[1:]
    answers: dict[int, set[int]] = defaultdict(set)
    for line in _read(folder / "cranqrel").splitlines():
        question, document, grade = map(int, line.split()[:3])
        # -1 is what was judged and is no answer.
        if grade > 0:
            answers[question].add(document)
    return Collection("Cranfield", texts, {at: " ".join(text.split()) for at, text in enumerate(asked, 1)}, answers)


def psytar(file: Path = DATA / "psytar-posts.csv") -> Collection:
    """Posts titled 'drug for disorder', with side effects and comment."""
    with file.open(encoding="utf-8-sig", newline="") as rows:
        posts = list(csv.DictReader(rows))
    numbers = {post["drug_id"]: number for number, post in enumerate(posts, start=1)}
    texts = {
        number: Text(f"{post['drug']} for {post['disorder']}", f"{post['side_effects']}\n{post['comment']}")
        for number, post in enumerate(posts, start=1)
    }
    questions, answers = {}, {}
    for number, line in enumerate(JUDGEMENTS.read_text(encoding="utf-8").splitlines(), start=1):
        questions[number], _bar, ids = line.partition(": ")
        answers[number] = {numbers[each] for each in ids.split()}
    return Collection("PsyTAR", texts, questions, answers)


COLLECTIONS: Mapping[str, Callable[[], Collection]] = {"med": med, "cranfield": cranfield, "psytar": psytar}


def _read(file: Path) -> str:
    return file.read_text(encoding="latin-1")


def _pairs(parts: list[str]) -> list[tuple[str, str]]:
    return list(zip(parts[::2], parts[1::2], strict=True))
