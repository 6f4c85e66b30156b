"""`flask topics import`: a vocabulary from a file."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from app.foundation.database import db, transaction
from app.foundation.errors import Refused
from app.topics import vocabulary, vocabulary_import
from app.topics.models import NameKind, RelationKind, Topic, TopicKind, TopicName, TopicRelation
from tests.factories.pages import a_topic
from tests.material import real

HEADER = "id\tname\tdefinition\tsynonyms\tparents\n"
ROW = "DOID:1\twart\tA wart.\tverruca|VERRUCA\t\n"


def import_topics(app: Flask, path: Path, *more: str) -> Result:
    result = app.test_cli_runner().invoke(args=["topics", "import", str(path), *more])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
    return result


def written(folder: Path, text: str | bytes) -> Path:
    path = folder / "vocabulary.tsv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def count(table: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(table)) or 0


@pytest.fixture
def skin() -> Path:
    return real("doid-skin.tsv")


def test_the_skin_conditions_of_the_disease_ontology(app: Flask, skin: Path) -> None:
    result = import_topics(app, skin)

    assert result.exit_code == 0
    assert (
        "318 rows: 318 new, 0 completed, 0 unchanged, 0 skipped. 821 synonyms, 708 of them new names." in result.stdout
    )
    assert result.stderr == ""
    with app.app_context():
        assert count(Topic) == 318
        assert count(TopicName) == 318 + 708
        assert count(TopicRelation) == 323
        keratosis = vocabulary.find("Solar Keratosis")
        assert keratosis is not None
        assert (keratosis.name, keratosis.about) == ("actinic keratosis", TopicKind.CONDITION)
        assert (keratosis.source, keratosis.source_key) == ("DOID", "DOID:8866")
        assert not keratosis.has_overview


def test_every_synonym_of_the_file_is_understood(app: Flask, skin: Path) -> None:
    import_topics(app, skin)

    with app.app_context():
        for line in skin.read_text(encoding="utf-8").splitlines()[1:]:
            key, _, _, synonyms, _ = line.split("\t")
            for synonym in filter(None, synonyms.split("|")):
                chosen = sa.select(Topic.source_key).join(Topic.names)
                found = db.session.scalars(
                    chosen.where(TopicName.key == vocabulary_import.vocabulary.name_key(synonym))
                ).all()
                assert key in found, synonym


def test_twice_is_harmless(app: Flask, skin: Path) -> None:
    import_topics(app, skin)

    result = import_topics(app, skin)

    assert result.exit_code == 0
    assert "318 rows: 0 new, 0 completed, 318 unchanged, 0 skipped." in result.stdout
    assert "Nothing new." in result.stdout
    with app.app_context():
        assert (count(Topic), count(TopicName), count(TopicRelation)) == (318, 1026, 323)


def test_parents_that_are_in_the_file_become_broader_topics(app: Flask, tmp_path: Path) -> None:
    rows = "A:1\tplantar wart\t\t\tA:2|A:9|A:1\nA:2\twart\t\t\t\n"

    import_topics(app, written(tmp_path, HEADER + rows))

    with app.app_context():
        relation = db.session.scalars(sa.select(TopicRelation)).one()
        assert (relation.topic.name, relation.kind, relation.other.name) == (
            "plantar wart",
            RelationKind.BROADER,
            "wart",
        )


def test_the_kind_is_chosen(app: Flask, tmp_path: Path) -> None:
    import_topics(app, written(tmp_path, HEADER + "X:1\timiquimod\t\tAldara\t\n"), "--kind", "treatment")

    with app.app_context():
        assert vocabulary.find("aldara", TopicKind.TREATMENT) is not None
        assert vocabulary.find("aldara", TopicKind.CONDITION) is None


def test_a_topic_that_is_there_is_completed(app: Flask, tmp_path: Path) -> None:
    with app.app_context(), transaction():
        a_topic("Wart")

    result = import_topics(app, written(tmp_path, HEADER + ROW))

    assert "1 rows: 0 new, 1 completed, 0 unchanged, 0 skipped. 2 synonyms, 1 of them new names." in result.stdout
    with app.app_context():
        topic = db.session.scalars(sa.select(Topic)).one()
        assert (topic.name, topic.definition, topic.source_key) == ("Wart", "A wart.", "DOID:1")
        assert {name.name: name.kind for name in topic.names}["verruca"] is NameKind.SYNONYM


def test_an_old_definition_does_not_turn_up_on_a_page(app: Flask, tmp_path: Path) -> None:
    with app.app_context(), transaction():
        a_topic("Wart", page="Warts are common.")

    import_topics(app, written(tmp_path, HEADER + ROW))

    with app.app_context():
        topic = db.session.scalars(sa.select(Topic)).one()
        assert (topic.definition, topic.source_key) == ("", "DOID:1")


# Bad rows, and the beginning of what is told of each.
BAD_ROWS = [
    ("DOID:2\twart two", "2 columns instead of 5"),
    ("DOID:2\t\ta\tb\t", "no name in it"),
    ("2\twart two\t\t\t", "an id looks like DOID:8893"),
    (":2\twart two\t\t\t", "an id looks like DOID:8893"),
    ("DOID:" + "2" * 80 + "\twart two\t\t\t", "an id looks like DOID:8893 and has at most 80 characters"),
    ("DOID:1\twart two\t\t\t", "DOID:1 is already in line 2"),
    (f"DOID:3\t{'w' * 201}\t\t\t", "a name has 1 to 200 characters"),
    ("DOID:4\t???\t\t\t", "a name has 1 to 200 characters"),
    (f"DOID:2\twart two\t\t{'w' * 201}\t", "a synonym has more than 200 characters"),
    (f"DOID:2\twart two\t{'w' * 5_001}\t\t", "the definition has more than 5,000 characters"),
    ("DOID:2\twa\0rt\t\t\t", "the invisible character U+0000 in it: please take it out"),
    ("DOID:2\twart \u202etraw\t\t\t", "the invisible character U+202E in it"),
    ("DOID:2\twart two\t\tver\u200bruca\t", "the invisible character U+200B in it"),
    ("DOID:2\twart two\tA\u2066b.\t\t", "the invisible character U+2066 in it"),
    ("DOID:2\twa\u200drt\t\t\t", "the invisible character U+200D in it"),
]


def test_bad_rows_are_reported_with_their_lines_and_left_out(app: Flask, tmp_path: Path) -> None:
    bad = "".join(f"{row}\n" for row, _ in BAD_ROWS)

    result = import_topics(app, written(tmp_path, f"{HEADER}{ROW}{bad}DOID:9\tcorn\t\t\t\n"))

    assert result.exit_code == 0
    lines = result.stderr.splitlines()
    for number, (_, told) in enumerate(BAD_ROWS, start=3):
        (line,) = [line for line in lines if line.startswith(f"line {number}: ")]
        assert line.startswith(f"line {number}: {told}")
        assert line.endswith("(skipped)")
    assert len(lines) == len(BAD_ROWS)
    assert f"{len(BAD_ROWS) + 2} rows: 2 new, 0 completed, 0 unchanged, {len(BAD_ROWS)} skipped." in result.stdout
    with app.app_context():
        assert count(Topic) == 2


@pytest.mark.parametrize("name", ["می\u200cخارد", "क्\u200dष", "naïve wart", "5\u00a0FU"])
def test_joiners_are_part_of_the_spelling_where_letters_are_joined(app: Flask, tmp_path: Path, name: str) -> None:
    result = import_topics(app, written(tmp_path, f"{HEADER}X:1\t{name}\t\t\t\n"))

    assert "1 rows: 1 new" in result.stdout
    assert result.stderr == ""


# Rows after the wart with id DOID:1, its definition and its synonym, and how they are counted with it.
COUNTED = [
    ("DOID:2\tWART\t\t\t\n", "2 rows: 1 new, 0 completed, 1 unchanged, 0 skipped. 2 synonyms, 1 of them new names."),
    ("DOID:2\twart\t\tpapilloma\t\n", "1 new, 1 completed, 0 unchanged, 0 skipped. 3 synonyms, 2 of them new names."),
    ("DOID:2\tcorn\t\tCorn|clavus\t\n", "2 new, 0 completed, 0 unchanged, 0 skipped. 4 synonyms, 2 of them new names."),
    ("DOID:2\tcorn\t\tverruca\t\n", "2 new, 0 completed, 0 unchanged, 0 skipped. 3 synonyms, 2 of them new names."),
    ("DOID:2\t?\t\tlump\t\n", "1 new, 0 completed, 0 unchanged, 1 skipped. 2 synonyms, 1 of them new names."),
]


@pytest.mark.parametrize(("row", "told"), COUNTED)
def test_topics_and_new_names_are_counted_once(app: Flask, tmp_path: Path, row: str, told: str) -> None:
    assert told in import_topics(app, written(tmp_path, HEADER + ROW + row)).stdout


def test_a_name_that_comes_with_an_id_is_no_synonym(app: Flask, tmp_path: Path) -> None:
    import_topics(app, written(tmp_path, HEADER + ROW))

    again = import_topics(app, written(tmp_path, f"{HEADER}DOID:1\tcommon wart\t\t\t\n"))

    assert "1 rows: 0 new, 1 completed, 0 unchanged, 0 skipped. 0 synonyms, 0 of them new names." in again.stdout


def test_an_id_of_another_kind_is_told_in_one_line(app: Flask, tmp_path: Path) -> None:
    import_topics(app, written(tmp_path, HEADER + ROW))

    again = import_topics(app, written(tmp_path, HEADER + ROW + "DOID:2\tcream\t\t\t\n"), "--kind", "treatment")

    assert again.stderr == "line 2: DOID:1 is in the vocabulary already, as the condition 'wart' (skipped)\n"
    assert "2 rows: 1 new, 0 completed, 0 unchanged, 1 skipped." in again.stdout


def test_a_column_says_of_each_topic_what_kind_it_is(app: Flask, tmp_path: Path) -> None:
    header = HEADER.replace("\n", "\tkind\trows\n")
    named = [("wart", "condition\t7"), ("lotion", "treatment\t"), ("itch", "\t3"), ("gout", "illness\t1")]
    rows = "".join(f"X:{number}\t{name}\t\t\t\t{more}\n" for number, (name, more) in enumerate(named, start=1))

    result = import_topics(app, written(tmp_path, header + rows), "--kind", "effect")

    assert "line 5: the kind is one of condition, treatment, effect, concept: 'illness' (skipped)" in result.stderr
    with app.app_context():
        kinds = {topic.name: topic.about for topic in db.session.scalars(sa.select(Topic))}
        assert kinds == {"wart": TopicKind.CONDITION, "lotion": TopicKind.TREATMENT, "itch": TopicKind.EFFECT}


def test_at_most_twenty_bad_rows_are_printed(app: Flask, tmp_path: Path) -> None:
    wrong = "".join(f"{number}\twart\t\t\t\n" for number in range(18))
    wrong += "X:1\twart\t\n" * 30 + "X:1\twart\n" * 4 + "".join(f"{number}\tcorn\t\t\t\n" for number in range(30, 40))

    told = import_topics(app, written(tmp_path, HEADER + ROW + wrong)).stderr.splitlines()

    assert sum(line.startswith("line ") for line in told) == 20
    assert told[20:] == [
        "28 more rows: 3 columns instead of 5 (skipped)",
        "4 rows: 2 columns instead of 5 (skipped)",
        "10 more rows with other messages",
    ]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"", "the file is empty"),
        ("name\tid\n", "the first line must name the columns id, name, definition, synonyms, parents"),
        (HEADER.replace("\n", "\tcolour\n"), "the first line must name the columns id, name"),
        (HEADER, "there is no row below"),
        (HEADER.encode() + b"DOID:1\tl\xe8pre\t\t\t\n", f"not UTF-8 at byte {len(HEADER) + 8} (line 2)"),
        (HEADER + "x" * 300_000, "line 2 has more than 262,144 bytes"),
    ],
)
def test_a_file_that_is_unusable_is_one_clear_line(tmp_path: Path, text: str | bytes, told: str) -> None:
    with pytest.raises(Refused, match=re.escape(told)) as refusal:
        vocabulary_import.read(written(tmp_path, text), lambda line, reason: None, vocabulary_import.ImportReport())

    assert "\n" not in refusal.value.message


def test_what_is_unusable_ends_the_command_with_one_line(app: Flask, tmp_path: Path) -> None:
    for path, told in (
        (tmp_path / "nowhere.tsv", "No such file or directory"),
        (tmp_path, "not a file"),
        (written(tmp_path, HEADER + "DOID:1\t\t\t\t\n"), "no row could be used"),
    ):
        result = import_topics(app, path)

        assert result.exit_code == 1
        assert told in result.stderr.splitlines()[-1]
