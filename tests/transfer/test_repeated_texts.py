"""Texts that are in a table twice under two keys: listed at the end, and left out on request."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa
from flask import Flask

from app.foundation.database import db
from app.stories.models import Story
from tests.transfer.import_command import a_row, as_csv, import_files, import_stories

REVIEW = (
    "I have taken it for three weeks now, and the burning has stopped. The first days were hard, but it was worth it."
)


def a_review(key: str, body: str = REVIEW) -> dict[str, str]:
    return a_row(key, body=body)


def keys(app: Flask) -> set[str | None]:
    with app.app_context():
        return set(db.session.scalars(sa.select(Story.source_key)))


ROWS = [
    a_review("brand"),
    a_review("another", REVIEW.replace("three", "four")),
    a_review("generic", f" {REVIEW.upper()}\n".replace("BURNING HAS", "BURNING\n\nHAS")),
    a_review("short 1", "It worked well."),
    a_review("short 2", "It worked well."),
]
LISTED = "  line 4: the text of line 2"


def test_they_are_imported_and_listed(app: Flask, tmp_path: Path) -> None:
    result = import_stories(app, *import_files(tmp_path, as_csv(*ROWS)))

    assert result.stderr.splitlines() == [
        "Texts that stand in an earlier row already: 1 (imported all the same; --skip-repeated leaves them out)",
        LISTED,
    ]
    assert len(keys(app)) == 5


@pytest.mark.parametrize("times", [1, 2])
def test_they_are_left_out_on_request_however_often_it_is_imported(app: Flask, tmp_path: Path, times: int) -> None:
    for _ in range(times):
        result = import_stories(app, *import_files(tmp_path, as_csv(*ROWS)), "--skip-repeated")

    assert result.stderr.splitlines() == [
        "line 4: an earlier row has the same text (skipped)",
        "Texts that stand in an earlier row already: 1 (skipped)",
        LISTED,
    ]
    assert "1 skipped." in result.stdout
    assert keys(app) == {"brand", "another", "short 1", "short 2"}


def test_twenty_are_listed(app: Flask, tmp_path: Path) -> None:
    rows = [a_review(str(number)) for number in range(30)]

    told = import_stories(app, *import_files(tmp_path, as_csv(*rows)), "--dry-run").stderr.splitlines()

    assert "already: 29 (" in told[0]
    assert told[20:] == ["  line 22: the text of line 2", "  and 9 more"]


def test_a_row_that_cannot_be_imported_repeats_nothing(app: Flask, tmp_path: Path) -> None:
    rows = [a_review("1") | {"title": ""}, a_review("2")]

    assert "Texts" not in import_stories(app, *import_files(tmp_path, as_csv(*rows))).stderr
