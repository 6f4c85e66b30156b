"""The mapping: how the columns of a table become a story. What `docs/importing.md` describes, as objects.

`named_like_fields` is the mapping of a table whose columns are named like our fields; `mapping_file` reads one that
somebody wrote.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from string import Formatter

from app.foundation.errors import Refused
from app.questionnaires.questions import Answer, Consent, OneLine, OneOf, SeveralOf, Tick, questions_of
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
    """A column that becomes a passage of the text, under a heading of its own or none."""

    column: str
    heading: str = ""


@dataclass(frozen=True)
class TitleRule:
    """Templates in order: the first counts whose words are all there."""

    templates: tuple[str, ...]
    words: Mapping[str, Rule] = field(default_factory=dict)

    def names(self) -> Iterator[str]:
        """The names in braces, of words or of columns."""
        for template in self.templates:
            yield from (name for _, name, _, _ in Formatter().parse(template) if name is not None)


@dataclass(frozen=True)
class DateRule:
    """When the row was written: a column and the forms its dates have."""

    rule: Rule
    formats: tuple[str, ...] = ()


@dataclass(frozen=True)
class TreatmentRules:
    """One treatment: the topic, and the answers about it by the names of their fields."""

    topic: Rule
    answers: Mapping[str, Rule] = field(default_factory=dict)


@dataclass(frozen=True)
class StoryMapping:
    """Everything the mapping says."""

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
    topics: tuple[Entry, ...] = ()

    def rules(self) -> Iterator[tuple[str, str, Rule]]:
        """Every rule with its place in the mapping and the name of the field it answers ('' where it is no field)."""
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
        """The columns that the mapping speaks of, each with the place where it does first."""
        used = {name: "title" for name in self.title.names() if name not in self.title.words}
        used |= {part.column: "body" for part in self.body} | {part.column: "advice" for part in self.advice}
        used |= {rule.column: place for place, _, rule in self.rules() if rule.column}
        return used | ({self.key: "key"} if self.key else {})

    def topic_names(self) -> Iterator[tuple[str, str, TopicKind]]:
        """The topics that the mapping itself names: the place, the name and the kind."""
        yield from (("condition", name, TopicKind.CONDITION) for name in self.condition.outcomes)
        for number, treatment in enumerate(self.treatments, start=1):
            place = f"treatments {number}"
            yield from ((f"{place}: topic", name, TopicKind.TREATMENT) for name in treatment.topic.outcomes)
            effects = treatment.answers.get("side_effects")
            for entry in effects.outcomes if effects else ():
                yield f"{place}: side_effects", side_effect(entry)[0], TopicKind.EFFECT


@lru_cache(maxsize=1_000)
def code(kind: type[Answer], text: str) -> Answer:
    """The answer meant by a text: its code, however it is spelled ('Very well' is 'very_well'). Raises ValueError."""
    folded = "_".join("".join(char if char.isalnum() else " " for char in text.casefold()).split())
    return kind(folded)


def side_effect(entry: str) -> tuple[str, Severity]:
    """The name and the severity in 'Itching: mild'. Raises ValueError where the severity is missing or unknown."""
    name, _, severity = entry.rpartition(":")
    return name.strip(), Severity(code(Severity, severity))


def check_outcomes(mapping: StoryMapping) -> None:
    """Raise Refused for the first answer in the mapping that is none of the answers of its field."""
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
    """The mapping of a table whose columns are named like our fields. Raises Refused where one of the first four is
    missing: title, body, condition, treatment.
    """
    there = set(columns)
    for needed in ("title", "body", "condition", "treatment"):
        if needed not in there:
            raise Refused(f"no column {needed!r}; a table with other columns needs a mapping (--map)")
    return StoryMapping(
        source=source,
        key="key" if "key" in there else "",
        title=TitleRule(("{title}",)),
        body=(Part("body"),),
        advice=(Part("advice"),) if "advice" in there else (),
        condition=Rule("condition"),
        treatments=tuple(_numbered(there)),
        answers={name: Rule(name) for name in STORY_ANSWERS if name in there},
        # Who imports stories that say nothing of it answers for their authors' consent to publication; not for more.
        consents={"publish": Rule("publish") if "publish" in there else Rule(constant="yes")}
        | {name: Rule(name) for name in CONSENTS[1:] if name in there},
        date=DateRule(Rule("date")) if "date" in there else None,
    )


def _numbered(there: set[str]) -> Iterator[TreatmentRules]:
    """`treatment`, `effect`, ... are the first; `treatment_2`, `effect_2`, ... the second, and so on."""
    for number in range(1, TREATMENTS_MOST + 1):
        end = "" if number == 1 else f"_{number}"
        if f"treatment{end}" in there:
            yield TreatmentRules(
                Rule(f"treatment{end}"),
                {name: _listed(name, f"{name}{end}") for name in TREATMENT_ANSWERS if f"{name}{end}" in there},
            )


def _listed(name: str, column: str) -> Rule:
    return Rule(column, split=BAR) if name in _LISTS else Rule(column)
