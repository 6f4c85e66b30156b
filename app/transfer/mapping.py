"""Mappings: how the columns of a table become a story. `docs/importing.md` describes them.

`named_like_fields` makes the mapping for a table whose columns are named like the fields; `mapping_file` reads one from
a file.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from string import Formatter

import regex

from app.foundation.errors import Refused
from app.questionnaires.declaration import Answer
from app.questionnaires.question_types import Consent, OneLine, OneOf, SeveralOf, Tick
from app.questionnaires.questions import questions_of
from app.stories.answers import Severity
from app.stories.models import StoryRevision, TreatmentTried
from app.stories.questions import TREATMENTS_MOST
from app.topics.models import TopicKind
from app.topics.vocabulary import Entry
from app.transfer.mapping_rules import Rule

# The fields of a story and of each treatment, with the codes that may stand in them.
_STORY = [question for question in questions_of(StoryRevision) if question.is_imported]
_TREATMENT = [question for question in questions_of(TreatmentTried) if question.is_imported]
STORY_CODES: dict[str, type[Answer]] = {each.name: each.answers for each in _STORY if isinstance(each, OneOf)}
TREATMENT_CODES: dict[str, type[Answer]] = {each.name: each.answers for each in _TREATMENT if isinstance(each, OneOf)}
SEVERAL_CODES: dict[str, type[Answer]] = {each.name: each.answers for each in _TREATMENT if isinstance(each, SeveralOf)}
CONSENTS = tuple(each.name for each in _STORY if isinstance(each, Consent))
# Answers about the person that are yes or no, and those in a few words. A mapping says of the title how it is made.
STORY_TICKS = tuple(each.name for each in _STORY if isinstance(each, Tick) and not isinstance(each, Consent))
STORY_LINES = tuple(each.name for each in _STORY if isinstance(each, OneLine) and each.name != "title")
STORY_ANSWERS = (*STORY_CODES, *STORY_TICKS, *STORY_LINES)
TREATMENT_ANSWERS = (*TREATMENT_CODES, *SEVERAL_CODES, "side_effects")
TICKS = {
    "yes": True,
    "y": True,
    "true": True,
    "1": True,
    "no": False,
    "n": False,
    "false": False,
    "0": False,
    "": False,
}


@dataclass(frozen=True)
class Part:
    """A column that becomes a part of the text, with or without a heading.

    Of its text, what `pattern` finds is taken, if there is one, without the characters of `strip` around it.
    """

    column: str
    heading: str = ""
    pattern: regex.Pattern[str] | None = None
    strip: str = ""


@dataclass(frozen=True)
class TitleRule:
    """Templates for the title. The first one is used for whose names the row has words; `words` are rules for names."""

    templates: tuple[str, ...]
    words: Mapping[str, Rule] = field(default_factory=dict)

    def names(self) -> Iterator[str]:
        """The names in braces: of `words`, or of columns."""
        for template in self.templates:
            yield from (name for _, name, _, _ in Formatter().parse(template) if name is not None)


@dataclass(frozen=True)
class DateRule:
    """Where the date of a row is, and its possible formats as in `strptime`; without formats it is ISO 8601."""

    rule: Rule
    formats: tuple[str, ...] = ()


@dataclass(frozen=True)
class TreatmentRules:
    """The rules for one treatment: its topic, and the answers about it by question."""

    topic: Rule
    answers: Mapping[str, Rule] = field(default_factory=dict)


@dataclass(frozen=True)
class StoryMapping:
    """A whole mapping."""

    source: str
    title: TitleRule
    condition: Rule
    treatments: tuple[TreatmentRules, ...]
    consents: Mapping[str, Rule]
    body: tuple[Part, ...] = ()
    advice: tuple[Part, ...] = ()
    answers: Mapping[str, Rule] = field(default_factory=dict)
    key: str = ""
    date: DateRule | None = None
    delimiter: str = ","
    words_required: bool = True
    # Whether cells are written as HTML, so that `&#039;` is an apostrophe.
    unescape: bool = False
    topics: tuple[Entry, ...] = ()

    def rules(self) -> Iterator[tuple[str, str, Rule]]:
        """Every rule, after its place in the mapping and the name of the question it answers ('' for other rules)."""
        yield from ((f"title: words: {name}", "", rule) for name, rule in self.title.words.items())
        yield "condition", "", self.condition
        for number, treatment in enumerate(self.treatments, start=1):
            yield f"treatments {number}: topic", "", treatment.topic
            yield from ((f"treatments {number}: {name}", name, rule) for name, rule in treatment.answers.items())
        yield from ((name, name, rule) for name, rule in self.answers.items())
        yield from ((f"consent: {name}", name, rule) for name, rule in self.consents.items())
        if self.date:
            yield "date", "", self.date.rule

    def columns(self) -> dict[str, str]:
        """The columns that the mapping uses, each with a place where it does."""
        used = {name: "title" for name in self.title.names() if name not in self.title.words}
        used |= {part.column: "body" for part in self.body} | {part.column: "advice" for part in self.advice}
        used |= {each.column: place for place, _, rule in self.rules() for each in rule.chain() if each.column}
        return used | ({self.key: "key"} if self.key else {})

    def topic_names(self) -> Iterator[tuple[str, str, TopicKind]]:
        """The topics that are named in the mapping, as place, name and kind."""
        yield from (("condition", name, TopicKind.CONDITION) for name in self.condition.outcomes)
        for number, treatment in enumerate(self.treatments, start=1):
            place = f"treatments {number}"
            yield from ((f"{place}: topic", name, TopicKind.TREATMENT) for name in treatment.topic.outcomes)
            effects = treatment.answers.get("side_effects")
            for entry in effects.outcomes if effects else ():
                yield f"{place}: side_effects", side_effect(entry)[0], TopicKind.EFFECT


@lru_cache(maxsize=1_000)
def code(kind: type[Answer], text: str) -> Answer:
    """The answer with a code, in any spelling ('Very well' is 'very_well'). Raises ValueError if there is none."""
    folded = "_".join("".join(char if char.isalnum() else " " for char in text.casefold()).split())
    return kind(folded)


def side_effect(entry: str) -> tuple[str, Severity]:
    """The name and the severity in 'Itching: mild'. Raises ValueError if the severity is missing or unknown."""
    name, _, severity = entry.rpartition(":")
    return name.strip(), Severity(code(Severity, severity))


def check_outcomes(mapping: StoryMapping) -> None:
    """Raise Refused for the first answer in the mapping that its question does not have."""
    for place, name, rule in mapping.rules():
        kind = {**STORY_CODES, **TREATMENT_CODES, **SEVERAL_CODES}.get(name)
        for answer in rule.outcomes:
            if not _fits(name, kind, answer):
                raise Refused(f"{place}: {answer!r} is none of {_choices(name, kind)}")


def _fits(name: str, kind: type[Answer] | None, answer: str) -> bool:
    try:
        if kind is not None:
            code(kind, answer)
        elif name == "side_effects":
            side_effect(answer)
    except ValueError:
        return False
    return name not in {*CONSENTS, *STORY_TICKS} or answer.casefold() in TICKS


def _choices(name: str, kind: type[Answer] | None) -> str:
    if name == "side_effects":
        return "the form 'name: mild'"
    return ", ".join(member.value for member in kind) if kind is not None else "yes, no"


# --- Without a mapping file -------------------------------------------------------------------------------------

_LISTS = (*SEVERAL_CODES, "side_effects")
BAR = re.compile(r"\|")


def named_like_fields(columns: Iterable[str], source: str) -> StoryMapping:
    """The mapping for a table whose columns are named like the fields.

    Raises Refused if one of the columns title, body, condition and treatment is missing.
    """
    present = set(columns)
    for needed in ("title", "body", "condition", "treatment"):
        if needed not in present:
            raise Refused(f"no column {needed!r}; a table with other columns needs a mapping (--map)")
    return StoryMapping(
        source=source,
        key="key" if "key" in present else "",
        title=TitleRule(("{title}",)),
        body=(Part("body"),),
        advice=(Part("advice"),) if "advice" in present else (),
        condition=Rule("condition"),
        treatments=tuple(_numbered(present)),
        answers={name: Rule(name) for name in STORY_ANSWERS if name in present},
        # Without a column, whoever imports the stories vouches for consent to publication, but for no other consent.
        consents={"publish": Rule("publish") if "publish" in present else Rule(constant="yes")}
        | {name: Rule(name) for name in CONSENTS[1:] if name in present},
        date=DateRule(Rule("date")) if "date" in present else None,
    )


def _numbered(present: set[str]) -> Iterator[TreatmentRules]:
    """The rules for each treatment: `treatment` and `effect` are the first, `treatment_2` and `effect_2` the second."""
    for number in range(1, TREATMENTS_MOST + 1):
        end = "" if number == 1 else f"_{number}"
        if f"treatment{end}" in present:
            yield TreatmentRules(
                Rule(f"treatment{end}"),
                {name: _listed(name, f"{name}{end}") for name in TREATMENT_ANSWERS if f"{name}{end}" in present},
            )


def _listed(name: str, column: str) -> Rule:
    return Rule(column, split=BAR) if name in _LISTS else Rule(column)
