"""TOML data against declared classes: what is said about each kind of mistake."""

from __future__ import annotations

import enum
import subprocess
import sys
from datetime import date
from typing import Any, Literal

import pytest
from msgspec import field

from app.foundation.errors import Refused
from app.foundation.text.toml_structures import Structure, convert, with_optional_keys


class Colour(enum.StrEnum):
    RED = "red"
    BLUE = "blue"


class Known(str):
    __slots__ = ()


class Leaf(Structure):
    key: str = ""
    size: float = 1
    colour: Colour = Colour.RED
    shade: Literal["dark", "light"] | None = None
    day: date | None = None
    other: Known = Known()

    def __post_init__(self) -> None:
        if self.size < 0:
            raise ValueError("a leaf has a size")


@with_optional_keys(["oak", "elm"], Leaf)
class Tree(Structure):
    name: str
    leaves: tuple[Leaf, ...] = ()
    by_name: dict[str, Leaf] = field(default_factory=dict)
    either: bool | str | Leaf = False


def reference(kind: type[Any], value: object) -> object:
    if value != "known":
        raise ValueError(f"names {value!r}, which is not known here")
    return kind(value)


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        ({}, "'name' is missing"),
        ({"name": "a", "bark": 1}, "unknown key 'bark'; known are name, leaves, by_name, either, oak, elm"),
        ({"name": 1}, "'name' should be text"),
        ({"name": "a", "leaves": 1}, "'leaves' should be a list"),
        ({"name": "a", "leaves": [{}, 1]}, "leaves 2: should be a table"),
        ({"name": "a", "leaves": [{"size": -1}]}, "leaves 1: a leaf has a size"),
        ({"name": "a", "leaves": [{"size": True}]}, "leaves 1: 'size' should be a number"),
        ({"name": "a", "leaves": [{"size": 10**400}]}, "leaves 1: 'size' is too large a number"),
        ({"name": "a", "leaves": [{"key": "top", "bark": 1}]}, "leaves top: unknown key 'bark'; known are key, size, "),
        ({"name": "a", "oak": {"colour": "pink"}}, "oak: 'colour' names 'pink', which is none of red, blue"),
        ({"name": "a", "oak": {"shade": "dim"}}, "oak: 'shade' names 'dim', which is none of dark, light"),
        ({"name": "a", "elm": {"day": "2020-01-01"}}, "elm: 'day' should be a date"),
        ({"name": "a", "elm": {"other": "new"}}, "elm: 'other' names 'new', which is not known here"),
        ({"name": "a", "by_name": {"x": {}, "y": {"size": "1"}}}, "by_name: y: 'size' should be a number"),
        ({"name": "a", "by_name": {"x": {}, "y": 1}}, "by_name: 'y' should be a table"),
        ({"name": "a", "either": 1}, "'either' should be true or false, text or a table"),
        ({"name": "a", "either": {"size": -1}}, "either: a leaf has a size"),
    ],
)
def test_a_mistake_is_one_line_with_its_place(raw: object, message: str) -> None:
    with pytest.raises(Refused) as refusal:
        convert(raw, Tree, reference)

    assert refusal.value.message.startswith(message)
    assert "\n" not in refusal.value.message
    assert "`" not in refusal.value.message


def test_what_is_right_becomes_an_object() -> None:
    raw = {"name": "a", "leaves": [{"size": 2, "day": date(2020, 1, 1), "other": "known"}], "oak": {"colour": "blue"}}

    tree = convert(raw, Tree, reference)

    assert tree.name == "a"
    assert tree.leaves == (Leaf(size=2, day=date(2020, 1, 1), other=Known("known")),)
    assert tree.oak == Leaf(colour=Colour.BLUE)
    assert tree.elm is None


def test_the_web_process_does_not_load_the_library() -> None:
    program = "import sys, wsgi; sys.exit('msgspec' in sys.modules)"

    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
