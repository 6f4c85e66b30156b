"""Reading a mapping file: TOML into the objects of `mapping`, every key known or refused."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Collection, Mapping
from pathlib import Path
from string import Formatter
from typing import Any

from app.foundation.errors import Refused
from app.foundation.text.text_lines import read_lines
from app.stories import limits
from app.topics.models import NameKind, TopicKind
from app.topics.vocabulary import NAME_LONGEST, Entry
from app.transfer.mapping import (
    CONSENTS,
    SEVERAL_CODES,
    STORY_CODES,
    TREATMENT_CODES,
    DateRule,
    Part,
    StoryMapping,
    TitleRule,
    TreatmentRules,
    check_outcomes,
)
from app.transfer.mapping_rules import Band, Rule

LARGEST_FILE = 1024 * 1024
SOURCE_LONGEST = 80

_ANSWERS = (*STORY_CODES, "confirmed_by_clinician", "body_place")
_TREATMENT_ANSWERS = (*TREATMENT_CODES, *SEVERAL_CODES, "side_effects")
_TOP = ("source", "key", "delimiter", "words_required", "title", "body", "advice", "condition", "treatments",
        "consent", "date", "topics", *_ANSWERS)  # fmt: skip
_RULE = ("column", "constant", "pattern", "split", "values", "contains", "bands", "units", "otherwise", "empty",
         "case", "capitals")  # fmt: skip
_CASES = ("lower", "upper", "title", "sentence")
_NAMES = {"synonyms": NameKind.SYNONYM, "brands": NameKind.BRAND, "abbreviations": NameKind.ABBREVIATION}

Raw = Mapping[str, Any]


def load(path: Path) -> StoryMapping:
    """The mapping in a file. Raises Refused, in one line, for what cannot be read or understood."""
    text = "".join(read_lines(path, largest=LARGEST_FILE, longest=LARGEST_FILE)).replace("\r\n", "\n")
    try:
        mapping = _mapping(tomllib.loads(text))
        check_outcomes(mapping)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise Refused(f"{path}: not TOML: {error}") from None
    except Refused as error:
        raise Refused(f"{path}: {error.message}") from None
    return mapping


def _mapping(raw: Raw) -> StoryMapping:
    _known(raw, _TOP, "the mapping")
    for needed in ("source", "title", "condition", "treatments", "consent"):
        if needed not in raw:
            raise Refused(f"{needed!r} is missing")
    source = _text(raw, "source", "the mapping").strip()
    if not 1 <= len(source) <= SOURCE_LONGEST:
        raise Refused(f"'source' has 1 to {SOURCE_LONGEST} characters")
    delimiter = _text(raw, "delimiter", "the mapping", ",")
    if len(delimiter) != 1 or delimiter in '"\r\n\0':
        raise Refused("'delimiter' is one character")
    words_required = _flag(raw, "words_required", default=True)
    if words_required and not raw.get("body"):
        raise Refused("'body' is missing: no row would have any words ('words_required = false' lets them stand)")
    treatments = [_treatment(each, number) for number, each in enumerate(_list(raw, "treatments"), start=1)]
    if not 1 <= len(treatments) <= limits.TREATMENTS_MOST:
        raise Refused(f"'treatments' has 1 to {limits.TREATMENTS_MOST} entries")
    return StoryMapping(
        source=source,
        key=_text(raw, "key", "the mapping"),
        delimiter=delimiter,
        words_required=words_required,
        title=_title(raw["title"]),
        body=tuple(_part(each, "body") for each in _list(raw, "body")),
        advice=tuple(_part(each, "advice") for each in _list(raw, "advice")),
        condition=_rule(raw["condition"], "condition"),
        treatments=tuple(treatments),
        answers={name: _rule(raw[name], name) for name in _ANSWERS if name in raw},
        consents=_consents(raw["consent"]),
        date=_date(raw["date"]) if "date" in raw else None,
        topics=tuple(_topic(each, number) for number, each in enumerate(_list(raw, "topics"), start=1)),
    )


def _title(raw: Any) -> TitleRule:
    if isinstance(raw, str):
        raw = {"template": raw}
    _known(raw, ("template", "words"), "title")
    templates = _strings(raw.get("template", []), "title.template")
    words = raw.get("words", {})
    _table(words, "title.words")
    if not templates:
        raise Refused("title: 'template' is missing")
    for template in templates:
        try:
            pieces = list(Formatter().parse(template))
        except ValueError as error:
            raise Refused(f"title.template: {error}: {template!r}") from None
        if any(name == "" or spec or conversion for _, name, spec, conversion in pieces):
            raise Refused(f"title.template: only names may stand in braces: {template!r}")
    return TitleRule(templates, {name: _rule(each, f"title.words.{name}") for name, each in words.items()})


def _part(raw: Any, place: str) -> Part:
    if isinstance(raw, str):
        return Part(raw)
    _known(raw, ("column", "heading"), place)
    if not raw.get("column"):
        raise Refused(f"{place}: 'column' is missing")
    return Part(_text(raw, "column", place), _text(raw, "heading", place).strip())


def _treatment(raw: Any, number: int) -> TreatmentRules:
    place = f"treatment {number}"
    _known(raw, ("topic", *_TREATMENT_ANSWERS), place)
    if "topic" not in raw:
        raise Refused(f"{place}: 'topic' is missing")
    answers = {name: _rule(raw[name], f"{place}: {name}") for name in _TREATMENT_ANSWERS if name in raw}
    return TreatmentRules(_rule(raw["topic"], f"{place}: topic"), answers)


def _consents(raw: Any) -> dict[str, Rule]:
    _known(raw, CONSENTS, "consent")
    if "publish" not in raw:
        raise Refused("consent: say in 'publish' whether the authors agreed to publication")
    return {name: _rule(each, f"consent.{name}") for name, each in raw.items()}


def _date(raw: Any) -> DateRule:
    if isinstance(raw, str):
        raw = {"column": raw}
    _known(raw, ("column", "pattern", "formats"), "date")
    rule = _rule({key: each for key, each in raw.items() if key != "formats"}, "date")
    return DateRule(rule, _strings(raw.get("formats", []), "date.formats"))


def _topic(raw: Any, number: int) -> Entry:
    place = f"topic {number}"
    _known(raw, ("kind", "name", *_NAMES), place)
    try:
        kind = TopicKind(raw.get("kind"))
    except ValueError:
        raise Refused(f"{place}: 'kind' is one of {', '.join(TopicKind)}") from None
    names = [(sort, name) for key, sort in _NAMES.items() for name in _strings(raw.get(key, []), f"{place}: {key}")]
    entry = Entry(_text(raw, "name", place).strip(), kind, names=tuple(names))
    for name in (entry.name, *(name for _, name in names)):
        if not any(char.isalnum() for char in name) or len(name) > NAME_LONGEST:
            raise Refused(f"{place}: a name has 1 to {NAME_LONGEST} characters: {name[:40]!r}")
    return entry


# --- Rules ------------------------------------------------------------------------------------------------------


def _rule(raw: Any, place: str) -> Rule:
    """A rule: the name of a column, yes or no, or a table of steps."""
    if isinstance(raw, bool):
        return Rule(constant=_plain(raw, place))
    if isinstance(raw, str):
        raw = {"column": raw}
    _known(raw, _RULE, place)
    if bool(raw.get("column")) == ("constant" in raw):
        raise Refused(f"{place}: needs either 'column' or 'constant'")
    if raw.get("case", "lower") not in _CASES:
        raise Refused(f"{place}: 'case' is one of {', '.join(_CASES)}")
    contains = _contains(raw.get("contains", {}), f"{place}.contains")
    pattern = _pattern(raw, place)
    return Rule(
        column=_text(raw, "column", place),
        constant=_plain(raw["constant"], place) if "constant" in raw else None,
        pattern=pattern,
        split=_any_of(_strings(raw.get("split", []), f"{place}.split")),
        values={_folded(key): value for key, value in _values(raw.get("values", {}), f"{place}.values").items()},
        contains=contains,
        words=_any_of(contains),
        bands=tuple(_band(each, f"{place}.bands") for each in _list(raw, "bands")),
        units=_units(raw, pattern, place),
        otherwise=_plain(raw["otherwise"], place) if "otherwise" in raw else None,
        empty=_plain(raw.get("empty", ""), place),
        case=_text(raw, "case", place),
        capitals={word.casefold(): word for word in _strings(raw.get("capitals", []), f"{place}.capitals")},
    )


def _pattern(raw: Raw, place: str) -> re.Pattern[str] | None:
    text = _text(raw, "pattern", place)
    try:
        return re.compile(text, re.IGNORECASE) if text else None
    except re.error as error:
        raise Refused(f"{place}: 'pattern' is no regular expression: {error}") from None


def _values(raw: Any, place: str) -> dict[str, str]:
    _table(raw, place)
    return {key: _plain(value, place) for key, value in raw.items()}


def _contains(raw: Any, place: str) -> dict[str, str]:
    _table(raw, place)
    found: dict[str, str] = {}
    for value, words in raw.items():
        for word in map(_folded, _strings(words, f"{place}.{value}")):
            if not word or found.setdefault(word, value) != value:
                raise Refused(f"{place}: {word!r} stands for nothing, or for two things")
    return found


def _band(raw: Any, place: str) -> Band:
    _known(raw, ("below", "up_to", "value"), place)
    bounds = {key: raw[key] for key in ("below", "up_to") if key in raw}
    if "value" not in raw or len(bounds) > 1 or not all(_is_number(bound) for bound in bounds.values()):
        raise Refused(f"{place}: a band has a 'value' and one number, 'below' or 'up_to'; the last may have none")
    return Band(_plain(raw["value"], place), **{key: float(bound) for key, bound in bounds.items()})


def _units(raw: Raw, pattern: re.Pattern[str] | None, place: str) -> dict[str, float]:
    units = raw.get("units", {})
    _table(units, f"{place}.units")
    if not units:
        return {}
    if pattern is None or not {"number", "unit"} <= set(pattern.groupindex) or not raw.get("bands"):
        raise Refused(f"{place}: 'units' need 'bands' and a 'pattern' with (?P<number>...) and (?P<unit>...)")
    if not all(_is_number(each) for each in units.values()):
        raise Refused(f"{place}.units: each unit is a number")
    return {key.casefold(): float(each) for key, each in units.items()}


def _any_of(words: Collection[str]) -> re.Pattern[str] | None:
    """A pattern that finds any of these, the longest first where several begin at one place."""
    longest_first = sorted(words, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, longest_first)), re.IGNORECASE) if words else None


def _folded(text: str) -> str:
    return " ".join(text.split()).casefold()


# --- Pieces of TOML ---------------------------------------------------------------------------------------------


def _table(raw: Any, place: str) -> None:
    if not isinstance(raw, dict):
        raise Refused(f"{place}: should be a table")


def _known(raw: Any, keys: Collection[str], place: str) -> None:
    _table(raw, place)
    unknown = [key for key in raw if key not in keys]
    if unknown:
        raise Refused(f"{place}: unknown key {unknown[0]!r}; known are {', '.join(keys)}")


def _text(raw: Raw, key: str, place: str, default: str = "") -> str:
    value = raw.get(key, default)
    if not isinstance(value, str):
        raise Refused(f"{place}: {key!r} should be text")
    return value


def _flag(raw: Raw, key: str, *, default: bool) -> bool:
    value = raw.get(key, default)
    if not isinstance(value, bool):
        raise Refused(f"{key!r} should be true or false")
    return value


def _list(raw: Raw, key: str) -> list[Any]:
    value = raw.get(key, [])
    if not isinstance(value, list):
        raise Refused(f"{key!r} should be a list ([[{key}]])")
    return value


def _strings(raw: Any, place: str) -> tuple[str, ...]:
    values = [raw] if isinstance(raw, str) else raw
    if not isinstance(values, list) or not all(isinstance(value, str) and value for value in values):
        raise Refused(f"{place}: should be a text or a list of texts")
    return tuple(values)


def _plain(raw: Any, place: str) -> str:
    """A value as the text it would be in a cell."""
    if isinstance(raw, bool):
        return "yes" if raw else "no"
    if isinstance(raw, str | int | float):
        return str(raw).strip()
    raise Refused(f"{place}: {raw!r} should be a text, a number, true or false")


def _is_number(raw: Any) -> bool:
    return isinstance(raw, int | float) and not isinstance(raw, bool)
