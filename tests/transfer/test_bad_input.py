"""Bad files and bad rows: one clear line, a non-zero exit before anything is written, or a row that is left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.foundation.errors import Refused
from app.topics import vocabulary
from app.transfer import csv_tables, story_import
from tests.transfer.import_command import (
    BODY,
    MAPPING,
    NO_ROWS,
    a_row,
    as_csv,
    import_files,
    import_stories,
    row_counts,
)

HEADER = "key,title,body,condition,treatment\n"
# A mapping whose key is to stand below a table, of which it is a part by the rules of TOML.
KEYLESS = MAPPING.replace('key = "key"\n', "")
GOOD = HEADER + f"1,One,{BODY},Warts,Imiquimod\n"


def refused(table: str, _: str = "--map", mapping: str | None = None) -> str:
    """The line in which these files are refused, before there is any database to write to."""
    with pytest.raises(Refused) as refusal:
        story_import.prepare(Path(table), Path(mapping) if mapping else None)
    assert "\n" not in refusal.value.message
    return refusal.value.message


@pytest.mark.parametrize(
    ("table", "mapping", "told"),
    [
        (GOOD + '2,never "closed,x\n,"', MAPPING, "line 4: a quotation mark is opened there and never closed"),
        (GOOD, MAPPING + "[tittle]\n", "unknown key 'tittle'"),
        (
            GOOD,
            MAPPING.replace('"treatment"\n[c', '{column = "treatment", otherwise = "Snake oil"}\n[c'),
            "treatments 1: topic: no treatment named 'Snake oil', neither in the vocabulary nor in the mapping",
        ),
    ],
)
def test_what_is_unusable_is_one_line_and_nothing_is_written(
    app: Flask, tmp_path: Path, table: str, mapping: str, told: str
) -> None:
    result = import_stories(app, *import_files(tmp_path, table, mapping))

    assert result.exit_code == 1
    (line,) = result.stderr.splitlines()
    assert line.startswith("Error: ")
    assert told in line
    assert row_counts(app) == NO_ROWS
    with app.app_context():
        assert vocabulary.find("Imiquimod") is None, "the mapping's topics were written"


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (b"", "the file is empty"),
        (b"\xef\xbb\xbf", "there is nothing in it"),
        (b"\n\n", "there is nothing in it"),
        (HEADER, "there is no row below the names of the columns"),
        (GOOD.encode() + b"2,Caf\xe9,x,Warts,Imiquimod\n", f"not UTF-8 at byte {len(GOOD) + 5} (line 3)"),
        (GOOD.encode("utf-16"), "not UTF-8 at byte 0 (line 1)"),
        ("key,title,title,condition,treatment\n", "line 1 should name the columns: 'title' stands there twice"),
        ("key,,body\n", "column 2 has no name"),
        (",,title\n", "column 2 has no name"),
        (",".join(f"c{number}" for number in range(201)) + "\n", "201 columns, at most 200"),
        (GOOD + '2,"never closed,x\n', "line 3: a quotation mark is opened there and never closed"),
        (GOOD + "2," + "x" * 100_001 + ",a,b,c\n", "line 3: a cell of more than 100,000 characters"),
        (HEADER.replace("treatment", "medicine") + "1,a,b,c,d\n", "topic: no column 'treatment' in table.csv"),
        ('"key\n', "line 1: a quotation mark is opened there"),
        (b"\x00\x01\x02\n", "a NUL byte in it"),
    ],
)
def test_a_table_that_is_unusable(tmp_path: Path, table: str | bytes, told: str) -> None:
    assert told in refused(*import_files(tmp_path, table))


def test_a_table_that_is_not_there(tmp_path: Path) -> None:
    assert "No such file or directory" in refused(str(tmp_path / "nowhere.csv"))
    assert "not a file" in refused(str(tmp_path))


@pytest.mark.parametrize(
    ("limit", "told"),
    [
        ("LARGEST_FILE", "larger than 0 MB"),
        ("MOST_ROWS", "more than 1 rows"),
        ("LONGEST_LINE", "has more than 1 bytes"),
    ],
)
def test_limits(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, limit: str, told: str) -> None:
    monkeypatch.setattr(csv_tables, limit, 1)

    assert told in refused(*import_files(tmp_path, as_csv(a_row("1"), a_row("2"))))


@pytest.mark.parametrize(
    ("mapping", "told"),
    [
        ("source = ", "not TOML"),
        (b"source = '\xff'", "not UTF-8 at byte 10"),
        ("a=" + "[" * 5_000, "not TOML"),
        (MAPPING + "[tittle]\n", "unknown key 'tittle'"),
        (MAPPING.replace("[consent]\npublish = true", "[consent]"), "say in 'publish' whether"),
        (MAPPING.replace('source = "notes"', ""), "'source' is missing"),
        (MAPPING.replace('"notes"', '""'), "'source' has 1 to 80 characters"),
        (MAPPING.replace('"notes"', "7"), "'source' should be text"),
        (MAPPING.replace('[[body]]\ncolumn = "body"', ""), "'body' is missing"),
        (MAPPING.replace('column = "body"', 'heading = "body"'), "body 1: 'column' is missing"),
        (MAPPING.replace("[[body]]", "[body]"), "'body' should be a list"),
        (MAPPING.replace("{title}", "{title"), "title: template: expected"),
        (MAPPING.replace("{title}", "{title!r}"), "only names may stand in braces"),
        (MAPPING.replace("{title}", "{headline}"), "title: no column 'headline'"),
        (MAPPING.replace('key = "key"', 'key = "number"'), "key: no column 'number'"),
        (
            MAPPING.replace('kind = "condition"', 'kind = "illness"'),
            "topics 1: 'kind' names 'illness', which is none of condition, treatment",
        ),
        (MAPPING.replace('name = "Warts"', 'name = "?"'), "a name has 1 to 200 characters"),
        (MAPPING.replace('topic = "treatment"', 'status = "treatment"'), "treatments 1: 'topic' is missing"),
        (MAPPING + '[sex]\ncolumn = "title"\nvalues = {F = "woman"}\n', "sex: 'woman' is none of female, male, other"),
        (MAPPING + "[confirmed_by_clinician]\nconstant = 'maybe'\n", "'maybe' is none of yes, no"),
        (MAPPING.replace('condition = "condition"', 'condition = ""'), "'condition' is empty"),
        (
            MAPPING.replace('title = "{title}"', 'title = {template = "{a}", words = {b = true, a = {colour = 1}}}'),
            "title: words: a: unknown key 'colour'; known are column, constant, ",
        ),
        ("delimiter = ',,'\n" + MAPPING, "'delimiter' is one character"),
        (
            MAPPING.replace('"key"', '" "'),
            "'key' is empty: name the column that identifies a row, or leave the line out",
        ),
        (
            KEYLESS.replace('title = "{title}"', "") + '[title]\ntemplate = "{title}"\nkey = "key"\n',
            "title: unknown key 'key'; known are template, words; 'key' belongs at the top of the file, above",
        ),
        (
            KEYLESS + "key = 'key'\n",
            "unknown key 'key'; known are kind, name, synonyms, brands, abbreviations; 'key' belongs",
        ),
        (
            KEYLESS + "[sex]\ncolumn = 'title'\n[sex.values]\nkey = 'key'\n",
            "values: 'key' belongs at the top of the file",
        ),
        (MAPPING + "[date]\ncolumn = 'title'\nunescape = true\n", "'unescape' belongs at the top of the file"),
        (
            MAPPING.replace("publish = true", "publish = true\nabout = 'title'"),
            "'about' belongs at the top of the file",
        ),
        ("words_required = 'no'\n" + MAPPING, "'words_required' should be true or false"),
    ],
)
def test_a_mapping_that_is_unusable(tmp_path: Path, mapping: str | bytes, told: str) -> None:
    line = refused(*import_files(tmp_path, GOOD, mapping))

    assert told in line
    assert "map.toml" in line


def test_a_mapping_that_is_not_there(tmp_path: Path) -> None:
    (table,) = import_files(tmp_path, GOOD, None)

    assert "No such file or directory" in refused(table, "--map", str(tmp_path / "nowhere.toml"))
    assert "not a file" in refused(table, "--map", str(tmp_path))


# Bad rows, and the beginning of what is told of each.
BAD_ROWS = [
    ("2,Two,only three", "3 columns instead of 5"),
    (f"2,Two,{BODY},Warts,Imiquimod,more", "6 columns instead of 5"),
    (f'2,"Two"2,{BODY},Warts,Imiquimod', "broken quoting"),
    (f"2,Tw\0o,{BODY},Warts,Imiquimod", "a NUL byte in it"),
    (f"2,T,{BODY},Warts,Imiqui\rmod", "broken quoting"),
    (f",Two,{BODY},Warts,Imiquimod", "key: a key has 1 to 120 characters"),
    (f"{'k' * 121},Two,{BODY},Warts,Imiquimod", "key: a key has 1 to 120 characters"),
    (f"1,Two,{BODY},Warts,Imiquimod", "the same row, or one with the same key, is already in line 2"),
    (f"2,,{BODY},Warts,Imiquimod", "no title"),
    ("2,Two,,Warts,Imiquimod", "no words in body"),
    ("2,Two,?!  7,Warts,Imiquimod", "no words in body"),
    (f"2,Two,{'word ' * 4_001},Warts,Imiquimod", "more than 20,000 characters in body"),
    (f"2,Two,{BODY},,Imiquimod", "no condition"),
    (f"2,Two,{BODY},Warts,", "no treatment"),
]


def test_bad_rows_are_reported_with_their_lines_and_left_out(app: Flask, tmp_path: Path) -> None:
    bad = "".join(f"{row}\n" for row, _ in BAD_ROWS)

    result = import_stories(app, *import_files(tmp_path, f"{GOOD}{bad}9,Nine,{BODY},Warts,Imiquimod\n"))

    assert result.exit_code == 0
    for number, (line, (_, told)) in enumerate(zip(result.stderr.splitlines(), BAD_ROWS, strict=True), start=3):
        assert line.startswith(f"line {number}: {told}")
        assert line.endswith("(skipped)")
    rows = len(BAD_ROWS) + 2
    assert f"{rows} rows: 2 imported (waiting for a moderator), 0 already there, {rows - 2} skipped." in result.stdout
    assert row_counts(app)["stories"] == 2


def test_lines_are_counted_in_the_file_and_not_in_rows(app: Flask, tmp_path: Path) -> None:
    several = f'1,One,"{BODY}\n\nAnd then\nit went.",Warts,Imiquimod\n\n2,Two,,Warts,Imiquimod\n'

    result = import_stories(app, *import_files(tmp_path, (HEADER + several).replace("\n", "\r\n")))

    assert result.stderr.splitlines() == ["line 7: no words in body (skipped)"]


def test_of_each_problem_a_few_rows_are_named_and_the_others_counted(app: Flask, tmp_path: Path) -> None:
    rows = [a_row(str(number), sex="boy") for number in range(1_500)]
    rows += [a_row(f"other {number}", sex=f"thing {number}") for number in range(40)]
    rows.append(a_row("good", sex="female"))

    result = import_stories(app, *import_files(tmp_path, as_csv(*rows), 'sex = "sex"\n' + MAPPING))

    assert result.exit_code == 0
    told = result.stderr.splitlines()
    known = "is none of female, male, other (skipped)"
    assert told[:5] == [f"line {line}: sex: 'boy' {known}" for line in range(2, 7)]
    assert told[5] == f"line 1502: sex: 'thing 0' {known}"
    assert told[20:] == [
        f"1,495 more rows: sex: 'boy' {known}",
        *(f"1 row: sex: 'thing {number}' {known}" for number in range(15, 19)),
        "21 more rows with other messages",
    ]
    assert "1541 rows: 1 imported" in result.stdout
    assert row_counts(app)["stories"] == 1


def test_no_usable_row_at_all_is_a_failure(app: Flask, tmp_path: Path) -> None:
    result = import_stories(app, *import_files(tmp_path, HEADER + "1,One,,Warts,Imiquimod\n"))

    assert result.exit_code == 1
    assert "1 rows: 0 imported (waiting for a moderator), 0 already there, 1 skipped." in result.stdout
    assert result.stderr.splitlines()[-1].endswith("table.csv: no row could be used")


def test_a_bad_row_does_not_take_the_key_of_a_good_one(app: Flask, tmp_path: Path) -> None:
    result = import_stories(
        app, *import_files(tmp_path, HEADER + f"1,One,,Warts,Imiquimod\n1,One,{BODY},Warts,Imiquimod\n")
    )

    assert "2 rows: 1 imported" in result.stdout


def test_a_title_that_is_too_long_is_cut_at_a_word_and_told(app: Flask, tmp_path: Path) -> None:
    result = import_stories(app, *import_files(tmp_path, as_csv(a_row(title="word " * 30))))

    assert result.stderr.splitlines() == ["line 2: the title was cut to 120 characters"]
    assert "1 imported (waiting for a moderator), 0 already there, 0 skipped. Titles cut: 1." in result.stdout
