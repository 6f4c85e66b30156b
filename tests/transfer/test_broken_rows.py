"""Tables whose texts were taken apart at their line breaks: no half of a story is imported, no whole one is lost."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app.foundation.database import db
from app.stories.models import Story
from tests.transfer.import_command import FIELDS, MAPPING, a_row, as_csv, import_files, import_stories

KEYLESS = MAPPING.replace('key = "key"\n', "")
Row = dict[str, str]
# The text of a row in the middle of it, and at its end.
IN_THE_MIDDLE = FIELDS
AT_THE_END = ("key", "title", "condition", "treatment", "body")
PARAGRAPHS = (
    "It began on my hand, and I did not think much of it.\nThen it spread.\n\nAfter a month, well, it was gone.",
    "First week: nothing.\nOk\nSecond week: it burned, I stopped for 2 days, and began again.\nIt went.",
    'She said "wait and see".\n2 weeks later I saw.\nThanks\n',
    "It burned\nHonestly, no more\nof that.",
    "Too early to tell\n7\nout of 10",
    "One line, nothing more.\nAnd one, more, with, commas",
)


def rows_in(order: Iterable[str], number: int = 60) -> list[Row]:
    """Rows of which every third has a text with several lines."""
    made = []
    for each in range(number):
        words = PARAGRAPHS[each // 3 % len(PARAGRAPHS)] if each % 3 == 0 else f"It itched, and went away. Day {each}."
        row = a_row(f"post.{each}", body=words, title=f"Story {each}")
        made.append({name: row[name] for name in order})
    return made


def without_marks(rows: list[Row]) -> str:
    """As a program writes them that knows of no quotation marks."""
    whole = [row | {"body": row["body"].replace(",", ";")} if "\n" not in row["body"] else row for row in rows]
    return "\n".join(",".join(cells) for cells in [list(rows[0]), *(row.values() for row in whole)]) + "\n"


def through_a_spreadsheet(rows: list[Row]) -> str:
    """As a spreadsheet saves them that was told that quotation marks mean nothing: every line is a row of cells."""
    lines = as_csv(*[row | {"body": row["body"].replace(",", ";")} for row in rows]).splitlines()
    text = io.StringIO()
    for line in lines:
        cells = line.split(",")
        csv.writer(text, lineterminator="\n").writerow([*cells, *[""] * (len(rows[0]) - len(cells))])
    return text.getvalue()


def without_marks_in_equal_rows(rows: list[Row]) -> str:
    """As above, and then filled up by a spreadsheet so that all rows have the same number of cells."""
    return through_a_spreadsheet([row | {"body": row["body"].replace('"', "")} for row in rows]).replace('"', "")


@pytest.mark.parametrize("order", [IN_THE_MIDDLE, AT_THE_END], ids=["text in the middle", "text at the end"])
@pytest.mark.parametrize("damage", [without_marks, through_a_spreadsheet, without_marks_in_equal_rows])
def test_no_half_of_a_story_is_imported(
    app: Flask, tmp_path: Path, order: tuple[str, ...], damage: Callable[[list[Row]], str]
) -> None:
    rows = rows_in(order)

    result = import_stories(app, *import_files(tmp_path, damage(rows)))

    assert result.exit_code == 0
    whole = {row["key"] for row in rows if "\n" not in row["body"]}
    with app.app_context():
        assert set(db.session.scalars(sa.select(Story.source_key))) == whole
    assert "Rows that are broken, or pieces of them: " in result.stderr
    assert "Please export the table again" in result.stderr
    assert "40 imported" in result.stdout


def test_both_halves_are_told(app: Flask, tmp_path: Path) -> None:
    rows = [a_row("1"), a_row("2", body="It began.\nIt went, and came, again."), a_row("3")]

    result = import_stories(app, *import_files(tmp_path, without_marks([{n: r[n] for n in AT_THE_END} for r in rows])))

    assert result.stderr.splitlines()[:3] == [
        "line 3: broken off: what it says goes on in the next row (skipped)",
        "line 4: a piece of a row that was broken at a line break (skipped)",
        (
            "Rows that are broken, or pieces of them: 2. A spreadsheet, or a program that reads line by line, has taken"
            " texts with several lines apart. Please export the table again from where it comes, with quotation marks"
            " around the texts, and import that file."
        ),
    ]
    assert "4 rows: 2 imported (waiting for a moderator), 0 already there, 2 skipped." in result.stdout


@pytest.mark.parametrize(
    ("second_line", "told"),
    [
        ("Honestly,no more", "line 3: a piece of a row that was broken at a line break (skipped)"),
        ("5,that is out of 10", "line 3: broken off: what it says goes on in the next row (skipped)"),
    ],
)
def test_a_quotation_mark_without_a_partner_gives_the_first_line_away(
    app: Flask, tmp_path: Path, second_line: str, told: str
) -> None:
    lines = ['1,One,"""It burned.",,', f"{second_line},,,", 'and that was all""",warts,Aldara,,']

    result = import_stories(app, *import_files(tmp_path, "\n".join([",".join(FIELDS), *lines])))

    first, second, *_ = result.stderr.splitlines()
    assert first == "line 2: broken off: what it says goes on in the next row (skipped)"
    assert second == told


def test_without_a_key_too_few_cells_give_the_row_before_away(app: Flask, tmp_path: Path) -> None:
    rows = [{name: row[name] for name in AT_THE_END[1:]} for row in rows_in(AT_THE_END)]

    result = import_stories(app, *import_files(tmp_path, without_marks(rows), KEYLESS))

    assert "40 imported" in result.stdout


# Rows of a table that is as it should be, however they look.
WHOLE = [
    a_row("7", note=""),
    a_row("A 7", note="seen"),
    a_row("seven of nine", note="seen"),
    a_row("9", note="", body='"Never again," I said, and "meant it'),
    a_row("nine", note=""),
    a_row("10", note="", title="2 weeks, then 3"),
    a_row("11", note="", body="One line.\nAnother line, quoted.\n\nA third"),
    a_row("12", note="12"),
]


def test_a_whole_table_gives_no_alarm(app: Flask, tmp_path: Path) -> None:
    result = import_stories(app, *import_files(tmp_path, as_csv(*WHOLE)))

    assert result.stderr == "Columns that are not used: note\n"
    assert f"{len(WHOLE)} imported" in result.stdout


def test_a_row_that_is_cut_short_does_not_take_the_one_before_along(app: Flask, tmp_path: Path) -> None:
    table = as_csv(a_row("1"), a_row("2")) + "3,Three,only three\n" + ",,,,\n"

    result = import_stories(app, *import_files(tmp_path, table))

    assert sorted(result.stderr.splitlines()) == [
        "line 4: 3 columns instead of 5 (skipped)",
        "line 5: nothing in it (skipped)",
    ]
    assert "2 imported" in result.stdout
