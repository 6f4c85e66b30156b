"""Mistakes in the content files: each ends with the file, the place in it, and the key."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from app.demonstration import content
from app.demonstration.references import ContentError


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return shutil.copytree(content.FOLDER, tmp_path / "content")


# By file: what a mistake is called, the text that it replaces, what it writes there, and what the error says.
MISTAKES = {
    "stories.toml": {
        "unknown key": ('sex = "female"', 'gender = "female"', r"story \S+: unknown key 'gender'"),
        "misspelt key": ('title = "Eleven', 'headline = "Eleven', r"story hand-\S+: unknown key 'headline'"),
        "missing key": ('title = "Eleven', "#", r"story hand-\S+: 'title' is missing"),
        "wrong kind": ("date = 2025-09-14", 'date = "2025-09-14"', r"story \S+: 'date' should be a date"),
        "unknown answer": ('effect = "not_at_all"', 'effect = "a lot"', r"treatments 1: 'effect' names 'a lot'"),
        "unknown topic": ('condition = "warts"', 'condition = "wartz"', r"'condition' names 'wartz'"),
        "topic of another kind": ('condition = "warts"', 'condition = "imiquimod"', r"'condition' names"),
        "unknown side effect": ('{effect = "pain"', '{effect = "gain"', r"side_effects 1: 'effect' names"),
        "unknown reason": ('reason = "privacy"', 'reason = "whim"', r"'reason' names 'whim'"),
        "refused without reason": ('reason = "privacy"', "", r"story \S+: 'reason' is missing"),
        "key too long": ('key = "half-gone"', f'key = "{"half-" * 9}"', r"'key' has more than 40"),
        "edit of nothing": ('story = "half-gone"', 'story = "all-gone"', r"edit 1: 'story' names 'all-gone'"),
        "unknown table": ("[[edit]]", "[[edits]]", r"stories.toml: unknown key 'edits'"),
    },
    "comments.toml": {
        "empty text": ('text = "Thank', 'text = " "\nword = "', r"comment \S+: 'text' is empty"),
        "key used twice": ('key = "cup-trick-thanks"', 'key = "cup-trick"', r"'key' is 'cup-trick', as in"),
        "comment on nothing": ('on = "topic:dip', 'on = "topic:drip', r"'on' names 'topic:dripheny?"),
        "comment on a comment": ('on = "topic:diphencyprone"', 'on = "comment:cup-trick"', r"'on' names"),
        "answer to nothing": ('parent = "cup-trick"', 'parent = "cup"', r"'parent' names 'cup'"),
        "report on an article": ('on = "story:i-wanted', 'on = "article:i-wanted', r"report 2: 'on' names"),
        "report of an unknown kind": ('category = "privacy"', 'category = "x"', r"report 2: 'category' names"),
        "not TOML": ("[[report]]", "[[report", r"comments.toml: "),
    },
    "follow_ups.toml": {
        "follow-up of nothing": (
            'story = "no-new-hair"',
            'story = "new-hair"',
            r"follow_up no-\S+: 'story' names 'new-hair'",
        ),
        "unknown answer now": (
            'back_again = "never_gone"',
            'back_again = "maybe"',
            r"follow_up still-at-peace: 'back_again' names 'maybe'",
        ),
    },
    "vocabulary.toml": {
        "relation to nothing": ('to = "warts"', 'to = "wart"', r"topic plantar-warts: relations 1: 'to' names"),
    },
    "comparisons/imiquimod-compared.toml": {
        "cell of no option": ('option = "imiquimod"', 'option = "tacrolimus"', r"cells 1: 'option' names 'tacrolimus'"),
    },
    "topics/warts.md": {
        "page without reviewer": ("reviewed_by", "#", r"topics/warts.md: 'reviewed_by' is missing"),
        "page without facts": ("+++\n", "", r"topics/warts.md: expected facts"),
    },
}


@pytest.mark.parametrize(("file", "name"), [(file, name) for file, mistakes in MISTAKES.items() for name in mistakes])
def test_a_mistake_is_told_with_its_place(folder: Path, file: str, name: str) -> None:
    right, wrong, told = MISTAKES[file][name]
    text = (folder / file).read_text(encoding="utf-8")
    assert right in text
    (folder / file).write_text(text.replace(right, wrong, 1), encoding="utf-8")

    with pytest.raises(ContentError, match=told) as caught:
        content.read(folder)

    assert str(caught.value).startswith(file)
    assert "\n" not in str(caught.value)


def test_bytes_that_are_no_text_are_told(folder: Path) -> None:
    (folder / "comments.toml").write_bytes(b"\xff\xfe")

    with pytest.raises(ContentError, match=r"comments\.toml: .*utf-8"):
        content.read(folder)


def test_a_missing_file_is_told(folder: Path) -> None:
    (folder / "stories.toml").unlink()

    with pytest.raises(ContentError, match=r"stories\.toml: there is no such file"):
        content.read(folder)
