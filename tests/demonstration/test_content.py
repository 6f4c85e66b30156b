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


MISTAKES = {
    "unknown key": ("stories.toml", 'sex = "female"', 'gender = "female"', r"story \S+: unknown key 'gender'"),
    "misspelt key": (
        "stories.toml",
        'title = "Eleven',
        'headline = "Eleven',
        r"story hand-\S+: unknown key 'headline'",
    ),
    "missing key": ("stories.toml", 'title = "Eleven', "#", r"story hand-\S+: 'title' is missing"),
    "empty text": ("comments.toml", 'text = "Thank', 'text = " "\nword = "', r"comment \S+: 'text' is empty"),
    "wrong kind": ("stories.toml", "date = 2025-09-14", 'date = "2025-09-14"', r"story \S+: 'date' should be a date"),
    "unknown answer": (
        "stories.toml",
        'effect = "not_at_all"',
        'effect = "a lot"',
        r"treatments 1: 'effect' names 'a lot'",
    ),
    "unknown topic": ("stories.toml", 'condition = "warts"', 'condition = "wartz"', r"'condition' names 'wartz'"),
    "topic of another kind": ("stories.toml", 'condition = "warts"', 'condition = "imiquimod"', r"'condition' names"),
    "unknown side effect": ("stories.toml", '{effect = "pain"', '{effect = "gain"', r"side_effects 1: 'effect' names"),
    "unknown reason": ("stories.toml", 'reason = "privacy"', 'reason = "whim"', r"'reason' names 'whim'"),
    "refused without reason": ("stories.toml", 'reason = "privacy"', "", r"story \S+: 'reason' is missing"),
    "key too long": ("stories.toml", 'key = "half-gone"', f'key = "{"half-" * 9}"', r"'key' has more than 40"),
    "edit of nothing": (
        "stories.toml",
        'story = "half-gone"',
        'story = "all-gone"',
        r"edit 1: 'story' names 'all-gone'",
    ),
    "key used twice": (
        "comments.toml",
        'key = "cup-trick-thanks"',
        'key = "cup-trick"',
        r"'key' is 'cup-trick', as in",
    ),
    "comment on nothing": ("comments.toml", 'on = "topic:dip', 'on = "topic:drip', r"'on' names 'topic:dripheny?"),
    "comment on a comment": ("comments.toml", 'on = "topic:diphencyprone"', 'on = "comment:cup-trick"', r"'on' names"),
    "answer to nothing": ("comments.toml", 'parent = "cup-trick"', 'parent = "cup"', r"'parent' names 'cup'"),
    "report on an article": (
        "comments.toml",
        'on = "story:i-wanted',
        'on = "article:i-wanted',
        r"report 2: 'on' names",
    ),
    "report of an unknown kind": (
        "comments.toml",
        'category = "privacy"',
        'category = "x"',
        r"report 2: 'category' names",
    ),
    "follow-up of nothing": (
        "follow_ups.toml",
        'story = "no-new-hair"',
        'story = "new-hair"',
        r"follow_up no-\S+: 'story' names 'new-hair'",
    ),
    "unknown answer now": (
        "follow_ups.toml",
        'back_again = "never_gone"',
        'back_again = "maybe"',
        r"follow_up still-at-peace: 'back_again' names 'maybe'",
    ),
    "unknown table": (
        "stories.toml",
        "[[edit]]",
        "[[edits]]",
        r"stories.toml: unknown key 'edits'",
    ),
    "relation to nothing": (
        "vocabulary.toml",
        'to = "warts"',
        'to = "wart"',
        r"topic plantar-warts: relations 1: 'to' names",
    ),
    "cell of no option": (
        "comparisons/imiquimod-compared.toml",
        'option = "imiquimod"',
        'option = "tacrolimus"',
        r"cells 1: 'option' names 'tacrolimus'",
    ),
    "page without reviewer": (
        "topics/warts.md",
        "reviewed_by",
        "#",
        r"topics/warts.md: 'reviewed_by' is missing",
    ),
    "page without facts": ("topics/warts.md", "+++\n", "", r"topics/warts.md: expected facts"),
    "not TOML": ("comments.toml", "[[report]]", "[[report", r"comments.toml: "),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_told_with_its_place(folder: Path, name: str) -> None:
    file, right, wrong, told = MISTAKES[name]
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
