"""The fields of a form as they were posted: whether they say anything, and adding, removing and moving entries.

Groups are those with numbered entries: 'treatments-0-effect' is a field of the first entry of 'treatments'.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.foundation.database import Model
from app.questionnaires.declaration import Fields
from app.questionnaires.question_types import OneOf
from app.questionnaires.questions import Group, groups_of, question_for, questions_of


def has_content(model: type[Model], fields: Mapping[str, list[str]]) -> bool:
    """Whether anything was typed, or a question without a default was answered. An empty form makes no draft."""
    return any(value.strip() for name, values in fields.items() if _counts(model, name) for value in values)


def _counts(model: type[Model], name: str) -> bool:
    question = question_for(model, name)
    return question is not None and (question.is_typed or (isinstance(question, OneOf) and question.preset is None))


def without_entry(group: str, fields: Mapping[str, list[str]], number: int) -> Fields:
    """The fields without one entry of a group; later entries are renumbered."""
    kept = {}
    for name, values in fields.items():
        if not name.startswith(f"{group}-"):
            kept[name] = values
            continue
        _group_name, at, rest = name.split("-", 2)
        if int(at) != number:
            kept[f"{group}-{int(at) - (int(at) > number)}-{rest}"] = values
    return kept


def with_entry(group: Group, fields: Mapping[str, list[str]], within: str = "") -> Fields:
    """The fields with an empty entry added at the end of a group; `within` is the entry around it: 'treatments-0-'."""
    first = questions_of(group.model)[0].name
    name = within + group.name
    numbers = [int(each.removeprefix(f"{name}-").split("-", 1)[0]) for each in fields if each.startswith(f"{name}-")]
    return {**fields, f"{name}-{max(numbers, default=-1) + 1}-{first}": [""]}


def group_at(model: type[Model], path: str, fields: Mapping[str, list[str]]) -> tuple[Group, str] | None:
    """The group inside an entry at a path such as 'treatments-0-side_effects', and 'treatments-0-'; None if there is
    none.
    """
    for group in groups_of(model):
        for number in _numbers(group.name, fields):
            within = f"{group.name}-{number}-"
            found = next((each for each in groups_of(group.model) if within + each.name == path), None)
            if found is not None:
                return found, within
    return None


def with_entries_exchanged(group: str, fields: Mapping[str, list[str]], one: int, other: int) -> Fields:
    """The fields with two entries of a group exchanged; unchanged if one of them does not exist."""
    if not {one, other} <= _numbers(group, fields):
        return dict(fields)
    prefixes = {f"{group}-{one}-": f"{group}-{other}-", f"{group}-{other}-": f"{group}-{one}-"}
    return {_renamed(name, prefixes): values for name, values in fields.items()}


def _numbers(group: str, fields: Mapping[str, list[str]]) -> set[int]:
    return {int(name.split("-", 2)[1]) for name in fields if name.startswith(f"{group}-")}


def _renamed(name: str, prefixes: Mapping[str, str]) -> str:
    before = next((prefix for prefix in prefixes if name.startswith(prefix)), None)
    return name if before is None else prefixes[before] + name.removeprefix(before)
