"""From nothing to a first import: which topics are missing, and a file of them that `topics import` takes."""

from __future__ import annotations

import shlex
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from app.foundation.database import db
from app.topics import vocabulary
from app.topics.models import Topic, TopicKind
from app.transfer import topic_cache
from tests.transfer.import_command import (
    MAPPING,
    NO_ROWS,
    a_row,
    as_csv,
    import_files,
    import_stories,
    row_counts,
)

BARE = MAPPING[: MAPPING.index("[[topics]]")]
HEADER = "id\tname\tdefinition\tsynonyms\tparents\tkind\trows"


def typed(app: Flask, command: str) -> Result:
    """A command as the import says to type it."""
    flask, *words = shlex.split(command)
    assert (flask, words[:2]) == ("flask", ["--app", "wsgi"])
    return app.test_cli_runner().invoke(args=words[2:])


def commands(result: Result) -> list[str]:
    """The commands that a message says to type."""
    return [line.strip() for line in result.stderr.splitlines() if line.startswith("  flask ")]


def looked_for(app: Flask, folder: Path, *rows: dict[str, str], mapping: str = BARE) -> Result:
    """A dry run that writes the missing topics into a file."""
    files = import_files(folder, as_csv(*rows), mapping)
    return import_stories(app, *files, "--dry-run", "--unknown-topics", str(folder / "new topics.tsv"))


def test_from_nothing_to_a_first_import(app: Flask, tmp_path: Path) -> None:
    rows = [a_row(str(number), condition="Gout", treatment="Colchicine") for number in range(3)]
    rows.append(a_row("4", condition="gout ", treatment="Cherries"))

    found = looked_for(app, tmp_path, *rows)

    assert found.exit_code == 0
    assert "4 rows: 0 imported (waiting for a moderator), 0 already there, 4 skipped." in found.stdout
    assert found.stderr.splitlines()[:4] == [
        "Not in the vocabulary: 3 topics.",
        "  condition 'Gout': 4 rows, first in line 2",
        "  treatment 'Colchicine': 3 rows, first in line 2",
        "  treatment 'Cherries': 1 row, first in line 5",
    ]
    assert row_counts(app) == NO_ROWS
    written = (tmp_path / "new topics.tsv").read_text(encoding="utf-8").splitlines()
    assert written == [
        HEADER,
        "notes:condition-gout\tGout\t\t\t\tcondition\t4",
        "notes:treatment-colchicine\tColchicine\t\t\t\ttreatment\t3",
        "notes:treatment-cherries\tCherries\t\t\t\ttreatment\t1",
    ]

    first, second = commands(found)
    assert "3 rows: 3 new, 0 completed, 0 unchanged, 0 skipped." in typed(app, first).stdout
    assert "4 rows: 4 imported (waiting for a moderator), 0 already there, 0 skipped." in typed(app, second).stdout
    assert row_counts(app)["stories"] == 4


def test_who_did_not_ask_for_the_file_is_told_how(app: Flask, tmp_path: Path) -> None:
    files = import_files(tmp_path, as_csv(a_row(), a_row("2", condition="Gout")))

    result = import_stories(app, *files, "--as", "published", "--skip-repeated")

    (command,) = commands(result)
    assert shlex.split(command)[3:] == [
        *("stories", "import", *files, "--as", "published", "--skip-repeated"),
        *("--dry-run", "--unknown-topics", "new-topics.tsv"),
    ]
    assert "2 rows: 1 imported (published), 0 already there, 1 skipped." in result.stdout


def test_a_name_with_synonyms_is_one_line_less(app: Flask, tmp_path: Path) -> None:
    found = looked_for(app, tmp_path, a_row("1", condition="Gout"), a_row("2", condition="Podagra"), mapping=MAPPING)
    path = tmp_path / "new topics.tsv"
    _, gout, _ = path.read_text(encoding="utf-8").splitlines()
    path.write_text(f"{HEADER}\n{gout.replace('Gout' + chr(9) * 3, 'Gout' + chr(9) * 2 + 'Podagra' + chr(9))}\n")

    first, second = commands(found)

    assert "1 synonyms, 1 of them new names" in typed(app, first).stdout
    assert "2 imported" in typed(app, second).stdout


def test_effects_and_names_in_the_mapping_are_looked_for_too(app: Flask, tmp_path: Path) -> None:
    mapping = BARE.replace('topic = "treatment"', 'topic = "treatment"\nside_effects = "felt"').replace(
        'condition = "condition"', 'condition = { constant = "Tiredness" }'
    )

    found = looked_for(app, tmp_path, a_row(felt="Boredom: mild"), mapping=mapping)

    for name in ("condition 'Tiredness'", "treatment 'Aldara'", "effect 'Boredom'"):
        assert f"  {name}: 1 row, first in line 2\n" in found.stderr
    first, second = commands(found)
    typed(app, first)
    assert "1 imported" in typed(app, second).stdout
    with app.app_context():
        assert vocabulary.find("Boredom", TopicKind.EFFECT) is not None


def test_only_rows_that_lack_nothing_else_are_counted(app: Flask, tmp_path: Path) -> None:
    found = looked_for(app, tmp_path, a_row("1", condition="Gout", body=""), a_row("2"), mapping=MAPPING)

    assert "Gout" not in found.stderr
    assert "Every topic is in the vocabulary" in found.stderr
    assert not (tmp_path / "new topics.tsv").exists()


def test_twenty_are_listed_and_all_are_written(app: Flask, tmp_path: Path) -> None:
    found = looked_for(app, tmp_path, *(a_row(str(each), condition=f"Illness {each}") for each in range(25)))

    told = found.stderr.splitlines()
    assert told[0] == "Not in the vocabulary: 26 topics."
    assert told[1] == "  treatment 'Aldara': 25 rows, first in line 2"
    assert told[21] == "  and 6 more"
    assert len((tmp_path / "new topics.tsv").read_text(encoding="utf-8").splitlines()) == 27


def test_names_in_any_alphabet_get_ids_and_what_is_no_name_is_left_out(app: Flask, tmp_path: Path) -> None:
    names = ["Подагра", "псориаз", "подагра 2", "Gout", "gout\u202e", "?", "g" * 300, "long " * 20]

    found = looked_for(
        app, tmp_path, *(a_row(str(number), condition=name) for number, name in enumerate(names)), mapping=MAPPING
    )

    again = typed(app, commands(found)[0]).stdout
    assert "5 rows: 5 new, 0 completed, 0 unchanged, 0 skipped." in again
    with app.app_context():
        new = db.session.scalars(sa.select(Topic).where(Topic.source == "notes")).all()
        assert {topic.name for topic in new} == {"Подагра", "псориаз", "подагра 2", "Gout", ("long " * 20).strip()}
        assert all(len(topic.source_key or "") <= 80 for topic in new)


def test_beyond_a_number_names_are_not_counted_one_by_one(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(topic_cache, "MOST_UNKNOWN", 2)

    found = looked_for(app, tmp_path, *(a_row(str(each), condition=f"Illness {each}") for each in range(5)))

    assert "Not in the vocabulary: 2 topics, and more than can be counted: 4 further names in rows." in found.stderr


@pytest.mark.parametrize(
    ("place", "told"),
    [
        ("table.csv", "table.csv: that file already exists; choose another name, or delete it first"),
        ("nowhere/new.tsv", "nowhere/new.tsv: there is no such folder"),
    ],
)
def test_a_file_that_cannot_be_written_is_told_before_the_work(
    app: Flask, tmp_path: Path, place: str, told: str
) -> None:
    table = as_csv(a_row())

    result = import_stories(app, *import_files(tmp_path, table), "--unknown-topics", str(tmp_path / place))

    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.endswith(told)
    assert row_counts(app) == NO_ROWS
    assert (tmp_path / "table.csv").read_text(encoding="utf-8") == table
