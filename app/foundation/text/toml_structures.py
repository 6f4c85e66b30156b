"""Data from TOML files, checked against classes that declare which keys a table has and what may stand in them.

msgspec does the checking. Its messages are meant for programmers, so `checked` translates them into one line that names
the place in the file and the key. Only commands import this module; the web process never loads msgspec.

`msgspec.Meta` must not be used: with it, processes crash when they end (https://github.com/msgspec/msgspec/issues/717).
Constraints are checked in `__post_init__` or by a reference check.
"""

from __future__ import annotations

import enum
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date, datetime, time
from types import UnionType
from typing import Any, Literal, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec

from app.foundation.errors import Refused

# Gets a subclass of `str` and a value; returns the value as that class, or raises ValueError if it is not known.
ReferenceCheck = Callable[[type[str], object], object]

Data = TypeVar("Data")

_MESSAGE = re.compile(r"(?P<problem>.*?)(?: - at `\$(?P<path>[^`]*)`)?", re.DOTALL)
_STEP = re.compile(r"\.(?P<key>\w+)|\[(?P<index>\d+)\]|\[\.\.\.\]")
# What TOML has types of its own for.
_FROM_TOML = (date, datetime, time)
_IN_WORDS = {
    "str": "text",
    "bool": "true or false",
    "int": "a number",
    "float": "a number",
    "date": "a date",
    "array": "a list",
    "object": "a table",
}


class Structure(msgspec.Struct, kw_only=True, forbid_unknown_fields=True):
    """A table of a TOML file. A subclass declares the keys; a key that is not declared is refused.

    `__post_init__` of a subclass may raise ValueError for what the types cannot say; the message goes to the user.
    """


AnyStructure = TypeVar("AnyStructure", bound=Structure)


def with_optional_keys(names: Iterable[str], kind: Any) -> Callable[[type[AnyStructure]], type[AnyStructure]]:
    """A decorator that gives a structure further keys, all of one type. Such a key may be left out of the file."""

    def extend(structure: type[AnyStructure]) -> type[AnyStructure]:
        extended = msgspec.defstruct(
            structure.__name__,
            [(name, kind | None, None) for name in names],
            bases=(structure,),
            module=structure.__module__,
            kw_only=True,
            forbid_unknown_fields=True,
        )
        return cast("type[AnyStructure]", extended)

    return extend


def present_values(data: Structure, names: Iterable[str]) -> dict[str, Any]:
    """The values of those of these keys that are in the file; None is the value of a key that was left out."""
    return {name: getattr(data, name) for name in names if getattr(data, name) is not None}


def values_without(data: Structure, *names: str) -> dict[str, object]:
    """The values of all keys but these."""
    return {name: value for name, value in msgspec.structs.asdict(data).items() if name not in names}


def convert(raw: object, kind: type[Data], reference: ReferenceCheck | None = None) -> Data:
    """The data as an object of the declared class.

    `reference` is asked about every value that is declared as a subclass of `str`. Raises Refused, with one line, for
    the first mistake.
    """
    try:
        return msgspec.convert(raw, kind, dec_hook=reference, builtin_types=_FROM_TOML)
    except msgspec.ValidationError as error:
        raise Refused(_explanation(str(error), raw, kind, reference)) from None


def _converted(raw: object, kind: object, reference: ReferenceCheck | None) -> object:
    return msgspec.convert(raw, kind, dec_hook=reference, builtin_types=_FROM_TOML)


def entry_label(entry: object, number: int) -> str:
    """What to call one of several tables in a message: by its key or slug if it has one, else by its number."""
    fields = entry if isinstance(entry, dict) else {}
    return str(fields.get("key") or fields.get("slug") or number)


def _explanation(message: str, raw: object, kind: object, reference: ReferenceCheck | None) -> str:
    """One of msgspec's messages as a sentence for the person who wrote the file."""
    parts = _MESSAGE.fullmatch(message)
    assert parts is not None, "the expression fits every text"
    places: list[str] = []
    at_key = False
    for step in _STEP.finditer(parts["path"] or ""):
        raw, kind, name = _follow(step, raw, kind, reference)
        at_key = not step["index"]
        if at_key:
            places.append(name)
        else:
            places[-1:] = [f"{places[-1]} {name}" if places else name]
    problem, of_the_table = _in_words(parts["problem"], raw, kind)
    if at_key and not of_the_table:
        problem = f"{places.pop()!r} {problem}"
    return ": ".join([*places, problem])


def _follow(
    step: re.Match[str], raw: object, kind: object, reference: ReferenceCheck | None
) -> tuple[object, object, str]:
    """The value one step further down a path, its declared type, and the name of the step."""
    if step["key"]:
        key = step["key"]
        assert isinstance(raw, dict), "only tables have keys"
        return raw[key], get_type_hints(_structure(kind))[key], key
    inner = [get_args(each) for each in _alternatives(kind) if get_origin(each) in {tuple, list, dict, frozenset}]
    if step["index"]:
        number = int(step["index"])
        assert isinstance(raw, list), "only lists have places"
        return raw[number], inner[0][0], entry_label(raw[number], number + 1)
    # msgspec does not say which key of a mapping it was.
    kind = inner[0][1]
    assert isinstance(raw, dict), "a mapping is a table"
    key = next(key for key, value in raw.items() if not _fits(value, kind, reference))
    return raw[key], kind, key


def _fits(raw: object, kind: object, reference: ReferenceCheck | None) -> bool:
    try:
        _converted(raw, kind, reference)
    except msgspec.ValidationError:
        return False
    return True


def _in_words(problem: str, raw: object, kind: object) -> tuple[str, bool]:
    """What is wrong, and whether the sentence is about a table as a whole and not about the value of one key."""
    quoted = re.findall(r"`([^`]*)`", problem)
    if problem.startswith("Object contains unknown field"):
        known = [field.encode_name for field in msgspec.structs.fields(_structure(kind))]
        return f"unknown key {quoted[0]!r}; known are {', '.join(known)}", True
    if problem.startswith("Object missing required field"):
        return f"{quoted[0]!r} is missing", True
    if problem.startswith("Invalid enum value"):
        problem = f"names {raw!r}, which is none of {', '.join(_members(kind))}"
    elif problem.startswith("Expected"):
        problem = f"should be {_types_in_words(quoted[0])}"
    elif problem == "Number out of range":
        problem = "is too large a number"
    else:
        # A message of our own: from a structure, or from the check of a reference.
        return problem, isinstance(raw, dict)
    return problem, False


def _types_in_words(types: str) -> str:
    """What msgspec calls 'bool | str | object', in words."""
    words = list(dict.fromkeys(_IN_WORDS[name] for name in types.split(" | ") if name in _IN_WORDS))
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]])) or "something else"


def _alternatives(kind: object) -> Iterator[object]:
    """The type, or each of the types in a union."""
    yield from get_args(kind) if get_origin(kind) in {Union, UnionType} else (kind,)


def _structure(kind: object) -> type[Structure]:
    return next(each for each in _alternatives(kind) if isinstance(each, type) and issubclass(each, Structure))


def _members(kind: object) -> Iterator[str]:
    for each in _alternatives(kind):
        if get_origin(each) is Literal:
            yield from get_args(each)
        elif isinstance(each, type) and issubclass(each, enum.Enum):
            yield from (member.value for member in each)
