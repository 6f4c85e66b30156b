"""Helpers for tests of the import: files to import, the command, and counts of the rows in the database."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from app.accounts.models import Person
from app.foundation.database import db
from app.foundation.outbox import OutboxRow
from app.moderation.queue import filters
from app.stories.models import Story, StoryRevision

ROOT = Path(__file__).parents[2]
MAPS = ROOT / "app" / "transfer" / "maps"
BODY = "It itched for a week and then the first hair came back."

FIELDS = ("key", "title", "body", "condition", "treatment")
MAPPING = """
source = "notes"
key = "key"
title = "{title}"
condition = "condition"
[[body]]
column = "body"
[[treatments]]
topic = "treatment"
[consent]
publish = true
[[topics]]
kind = "condition"
name = "Warts"
[[topics]]
kind = "treatment"
name = "Imiquimod"
brands = ["Aldara"]
"""


def a_row(key: str = "1", **cells: str) -> dict[str, str]:
    """A row that can be imported with the mapping above."""
    return {
        "key": key,
        "title": f"Story {key}",
        "body": BODY,
        "condition": "warts",
        "treatment": "Aldara",
    } | cells


def as_csv(*rows: dict[str, str], delimiter: str = ",") -> str:
    """Rows as the text of a CSV file."""
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]), delimiter=delimiter, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def import_files(folder: Path, table: str | bytes, mapping: str | bytes | None = MAPPING) -> list[str]:
    """The arguments of the command for this table and mapping, written into the folder."""
    (folder / "table.csv").write_bytes(table if isinstance(table, bytes) else table.encode())
    if mapping is None:
        return [str(folder / "table.csv")]
    (folder / "map.toml").write_bytes(mapping if isinstance(mapping, bytes) else mapping.encode())
    return [str(folder / "table.csv"), "--map", str(folder / "map.toml")]


def import_stories(app: Flask, *args: str) -> Result:
    """`flask stories import`, as somebody types it. Nothing may end in a traceback."""
    result = app.test_cli_runner().invoke(args=["stories", "import", *args])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def row_counts(app: Flask) -> dict[str, int]:
    """The number of rows in the tables that an import fills, and of items waiting and documents to index."""
    with app.app_context():
        return {
            "people": _count(sa.select(Person)),
            "stories": _count(sa.select(Story)),
            "revisions": _count(sa.select(StoryRevision)),
            "public": _count(sa.select(Story).where(Story.public())),
            "waiting": filters.count_all(),
            "to index": _count(sa.select(OutboxRow).where(OutboxRow.reaction == "search")),
        }


NO_ROWS = {"people": 0, "stories": 0, "revisions": 0, "public": 0, "waiting": 0, "to index": 0}


def _count(chosen: sa.Select[Any]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(chosen.subquery())) or 0


def only_revision() -> StoryRevision:
    """The only revision in the database."""
    return db.session.scalars(sa.select(StoryRevision)).one()
