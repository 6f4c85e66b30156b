"""The fields of the story form as they were sent, finished or not: what a draft keeps and the buttons move about."""

from __future__ import annotations

import re
from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from app.foundation.text import markup

_FIELD = re.compile(
    r"(title|condition|condition_unlisted|about|body|advice|confirmed_by_clinician|age_band|sex|body_place|publish|statistics|follow_up"
    r"|treatments-\d{1,2}-(treatment|unlisted|status|duration|effect|first_effect|side_effects_overall|stop_reasons|companions"
    r"|again|side_effects-\d{1,2}-(effect|severity)))",
    re.ASCII,
)


def written_fields(sent: MultiDict[str, str]) -> dict[str, list[str]]:
    """The fields of this form among what was sent, cleaned, ready to be kept as a draft."""
    return {
        name: [markup.clean_input(value) for value in sent.getlist(name)] for name in sent if _FIELD.fullmatch(name)
    }


def say_something(fields: Mapping[str, list[str]]) -> bool:
    """Whether anything was typed: an empty form is not worth a draft."""
    typed = ("title", "condition", "body", "advice", "body_place")
    return any(
        value.strip()
        for name, values in fields.items()
        if name in typed or name.endswith("-treatment")
        for value in values
    )


def without_treatment(fields: Mapping[str, list[str]], number: int) -> dict[str, list[str]]:
    """The fields with one treatment taken out and the others moved up."""
    kept = {}
    for name, values in fields.items():
        if not name.startswith("treatments-"):
            kept[name] = values
            continue
        _prefix, at, rest = name.split("-", 2)
        if int(at) != number:
            kept[f"treatments-{int(at) - (int(at) > number)}-{rest}"] = values
    return kept


def with_treatment(fields: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """The fields with one more, empty treatment at the end."""
    numbers = {int(name.split("-", 2)[1]) for name in fields if name.startswith("treatments-")}
    return {**fields, f"treatments-{max(numbers, default=-1) + 1}-treatment": [""]}


def exchanged(fields: Mapping[str, list[str]], one: int, other: int) -> dict[str, list[str]]:
    """The fields with two treatments in each other's place; as they are if there are no such two."""
    there = {int(name.split("-", 2)[1]) for name in fields if name.startswith("treatments-")}
    if not {one, other} <= there:
        return dict(fields)
    places = {f"treatments-{one}-": f"treatments-{other}-", f"treatments-{other}-": f"treatments-{one}-"}
    return {_moved(name, places): values for name, values in fields.items()}


def _moved(name: str, places: Mapping[str, str]) -> str:
    before = next((place for place in places if name.startswith(place)), None)
    return name if before is None else places[before] + name.removeprefix(before)
