"""Reading a row: what it says by the mapping, as a version of a story whose texts are not yet rendered."""

from __future__ import annotations

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from string import Formatter

from app.foundation import clock
from app.foundation.errors import Refused
from app.foundation.text import markup
from app.foundation.text.rendered_text import RenderedText
from app.foundation.text.strings import has_words
from app.questionnaires.declaration import Answer
from app.questionnaires.questions import check, version_of
from app.stories.answers import Severity
from app.stories.models import StoryRevision
from app.stories.questions import BODY_MAX_LENGTH, TITLE_MAX_LENGTH
from app.stories.treatment_questions import SIDE_EFFECTS_MOST
from app.topics.models import Topic, TopicKind
from app.transfer.csv_tables import BadRow, Row, SeenRows, key_from_cells
from app.transfer.mapping import (
    SEVERAL_CODES,
    STORY_CODES,
    STORY_TICKS,
    TICKS,
    TREATMENT_CODES,
    DateRule,
    Part,
    StoryMapping,
    TitleRule,
    TreatmentRules,
    code,
    side_effect,
)
from app.transfer.mapping_rules import Rule, extract
from app.transfer.topic_cache import TopicCache, UnknownTopics

KEY_MAX_LENGTH = 120
NOON = 12
EARLIEST_YEAR = 1900

Cells = Mapping[str, str]


@dataclass(frozen=True)
class ReadRow:
    """A row that can be imported. The texts of `revision` are Markdown without HTML until they are rendered."""

    line: int
    key: str
    # When the author wrote it; now where the table does not say.
    moment: datetime
    # Not in the session.
    revision: StoryRevision
    title_was_cut: bool
    # The line of an earlier row with the same text under another key.
    same_text_as: int | None

    def rendered(self, body: RenderedText, advice: RenderedText) -> StoryRevision:
        """The version with its texts rendered."""
        self.revision.body_source, self.revision.body_html = body.source, body.html
        # Most rows have no advice, and setting a mapped attribute is slow.
        if self.revision.advice_source:
            self.revision.advice_source, self.revision.advice_html = advice.source, advice.html
        return self.revision


def read(row: Row, mapping: StoryMapping, topics: TopicCache, seen: SeenRows) -> ReadRow:
    """What a row says. Raises BadRow, with the reason, when it cannot become a story.

    That is UnknownTopics if nothing but the vocabulary stands in its way.
    """
    if row.problem:
        raise BadRow(row.problem)
    key = row.cells[mapping.key].strip() if mapping.key else key_from_cells(row)
    if not 1 <= len(key) <= KEY_MAX_LENGTH:
        raise BadRow(f"{mapping.key}: a key has 1 to {KEY_MAX_LENGTH} characters")
    cells = {column: _unescaped(cell) for column, cell in row.cells.items()} if mapping.unescape else row.cells
    body, advice = _joined(mapping.body, cells), _joined(mapping.advice, cells)
    if mapping.words_required and not _has_words(mapping.body, cells):
        raise BadRow(f"no words in {_columns(mapping.body)}")
    if len(body) > BODY_MAX_LENGTH:
        raise BadRow(f"more than {BODY_MAX_LENGTH:,} characters in {_columns(mapping.body)}")
    title = _title(mapping.title, cells)
    moment = _moment(mapping.date, cells) or clock.now()
    # Its author agreed when they wrote it.
    with clock.at(moment):
        revision = _revision(mapping, cells, topics, markup.excerpt(title, TITLE_MAX_LENGTH), body, advice)
    # Only a row that can be imported takes its key: a good one may come after a bad one.
    earlier = seen.keys.add(key, row.line)
    if earlier is not None:
        raise BadRow(f"the same row, or one with the same key, is already in line {earlier}")
    repeats = seen.add_text(body, row.line)
    return ReadRow(row.line, key, moment, revision, len(title) > TITLE_MAX_LENGTH, repeats)


def _revision(
    mapping: StoryMapping, cells: Cells, topics: TopicCache, title: str, body: str, advice: str
) -> StoryRevision:
    ticks = {name: _ticked(name, rule.answer(cells)) for name, rule in mapping.consents.items()}
    topics.missing.clear()
    if not ticks["publish"]:
        raise BadRow("its author did not agree to publication")
    condition = mapping.condition.answer(cells)
    if not condition:
        raise BadRow("no condition")
    answers = {
        "title": title,
        "body": RenderedText(body, RenderedText.EMPTY.html),
        "advice": RenderedText(advice, RenderedText.EMPTY.html),
        "condition": topics.get(condition, TopicKind.CONDITION),
        "treatments": _treatments(mapping.treatments, cells, topics),
        **ticks,
        **_answers(mapping.answers, cells),
    }
    revision = version_of(StoryRevision, answers)
    try:
        # Whether the body has words was asked of the cells: nothing is rendered yet.
        check(revision, is_imported=True)
    except Refused as error:
        raise BadRow(error.message) from None
    if topics.missing:
        raise UnknownTopics(topics.missing)
    return revision


# --- Texts ------------------------------------------------------------------------------------------------------


def _joined(parts: tuple[Part, ...], cells: Cells) -> str:
    """The columns one after the other, each under its heading, as Markdown that shows them as they were written."""
    passages = []
    for part in parts:
        text = markup.escape_plain(_text_of(part, cells))
        if text:
            heading = f"## {markup.escape_plain(part.heading)}\n\n" if part.heading else ""
            passages.append(heading + text)
    return "\n\n".join(passages)


def _has_words(parts: tuple[Part, ...], cells: Cells) -> bool:
    # Signs alone are something to see, but '-' and '?' stand for an empty cell more often than for a story.
    texts = [_text_of(part, cells) for part in parts]
    return any(has_words(text) and any(map(str.isalpha, text)) for text in texts)


def _text_of(part: Part, cells: Cells) -> str:
    text = cells[part.column]
    if part.pattern is not None:
        text = extract(part.pattern, text, part.column) or ""
    return text.strip().strip(part.strip) if part.strip else text


def _unescaped(cell: str) -> str:
    """A cell without HTML entities. Some tables were escaped twice: `&amp;#039;`."""
    once = html.unescape(cell)
    return html.unescape(once) if once != cell else cell


def _columns(parts: tuple[Part, ...]) -> str:
    return ", ".join(part.column for part in parts)


def _title(rule: TitleRule, cells: Cells) -> str:
    """The first template whose words are all there, in one line."""
    for template in rule.templates:
        title = _filled(template, rule.words, cells)
        if title:
            return " ".join(markup.clean_input(title).split())
    raise BadRow("no title: none of the words for it are there")


def _filled(template: str, words: Mapping[str, Rule], cells: Cells) -> str:
    pieces = []
    for literal, name, _, _ in Formatter().parse(template):
        pieces.append(literal)
        if name is not None:
            word = words[name].answer(cells) if name in words else cells[name].strip()
            if not word:
                return ""
            pieces.append(word)
    return "".join(pieces)


# --- Answers ----------------------------------------------------------------------------------------------------


def _answers(rules: Mapping[str, Rule], cells: Cells) -> dict[str, object]:
    """The answers about the person, by the names of their questions; what was not answered is left out."""
    answers: dict[str, object] = {}
    for name, rule in rules.items():
        answer = rule.answer(cells)
        if not answer:
            continue
        if name in STORY_CODES:
            answers[name] = _coded(name, STORY_CODES[name], answer)
        else:
            answers[name] = _ticked(name, answer) if name in STORY_TICKS else markup.clean_input(answer)
    return answers


def _coded(name: str, kind: type[Answer], answer: str) -> Answer:
    try:
        return code(kind, answer)
    except ValueError:
        raise BadRow(f"{name}: {answer[:40]!r} is none of {', '.join(kind)}") from None


def _ticked(name: str, answer: str) -> bool:
    if answer.casefold() not in TICKS:
        raise BadRow(f"{name}: {answer[:40]!r} is neither yes nor no")
    return TICKS[answer.casefold()]


def _treatments(rules: tuple[TreatmentRules, ...], cells: Cells, topics: TopicCache) -> list[dict[str, object]]:
    treatments = []
    for rule in rules:
        name = rule.topic.answer(cells)
        if name:
            answers = {field: _about_treatment(field, each, cells, topics) for field, each in rule.answers.items()}
            treatments.append({"treatment": topics.get(name, TopicKind.TREATMENT), **answers})
    if not treatments:
        raise BadRow("no treatment")
    return treatments


def _about_treatment(name: str, rule: Rule, cells: Cells, topics: TopicCache) -> object:
    if name in TREATMENT_CODES:
        answer = rule.answer(cells)
        return _coded(name, TREATMENT_CODES[name], answer) if answer else None
    if name in SEVERAL_CODES:
        return frozenset(_coded(name, SEVERAL_CODES[name], answer) for answer in rule.answers(cells))
    return _side_effects(rule, cells, topics)


def _side_effects(rule: Rule, cells: Cells, topics: TopicCache) -> list[dict[str, object]]:
    entries = rule.answers(cells)
    if len(entries) > SIDE_EFFECTS_MOST:
        raise BadRow(f"more than {SIDE_EFFECTS_MOST} side effects")
    found: dict[Topic, Severity] = {}
    for entry in entries:
        try:
            name, severity = side_effect(entry)
        except ValueError:
            raise BadRow(f"side_effects: {entry[:40]!r} is not of the form 'name: mild'") from None
        found[topics.get(name, TopicKind.EFFECT)] = severity
    return [{"effect": topic, "severity": severity} for topic, severity in found.items()]


def _moment(rule: DateRule | None, cells: Cells) -> datetime | None:
    """When it was written. A date without a time is noon, so that it is the same date nearly everywhere."""
    text = rule.rule.answer(cells) if rule else ""
    if rule is None or not text:
        return None
    moment = _dated(text, rule.formats)
    if moment is None:
        raise BadRow(f"{rule.rule.column}: {text[:40]!r} is not a date of the forms that are known")
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    now = clock.now()
    # Noon of today may still be to come, and east of here it may be tomorrow already.
    if moment.year < EARLIEST_YEAR or moment > now + timedelta(days=1):
        raise BadRow(f"{rule.rule.column}: {text[:40]!r} is not a date in the past")
    return min(moment, now)


def _dated(text: str, formats: tuple[str, ...]) -> datetime | None:
    for form in formats or ("",):
        try:
            moment = datetime.strptime(text, form) if form else datetime.fromisoformat(text)  # noqa: DTZ007 - see above
        except ValueError:
            continue
        has_time = "%H" in form if form else len(text) > len("2016-08-21")
        return moment if has_time else moment.replace(hour=NOON)
    return None
