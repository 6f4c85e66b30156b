"""Topics, articles and comparisons, as their files tell of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time

from app.articles.models import Evidence
from app.demonstration.entries import ArticleEntry, CellEntry, ComparisonEntry, Reference, TopicEntry
from app.demonstration.facts import Facts, Keys
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import render_text
from app.topics.models import NameKind, RelationKind, TopicKind
from app.topics.pages import Overview
from app.topics.vocabulary import Entry

# Pages appear in the morning, before anybody writes under them.
PUBLISHED = time(7, tzinfo=UTC)


def topic(keys: Keys, facts: Facts) -> TopicEntry:
    """A topic with a page."""
    reviewed_on = facts.day("reviewed_on")
    overview = Overview(
        body=render_text(facts.text("body"), Profile.EDITORIAL),
        references=facts.tables("references", _reference),
        reviewed_by=facts.text("reviewed_by"),
        reviewed_on=reviewed_on,
        next_review_due=facts.day("next_review_due"),
    )
    return replace(vocabulary_only(keys, facts), overview=overview, published_at=_morning(reviewed_on))


def vocabulary_only(keys: Keys, facts: Facts) -> TopicEntry:
    """A topic without a page."""
    entry = Entry(
        name=facts.text("name"),
        about=facts.choice("kind", TopicKind),
        slug=facts.text("slug"),
        definition=facts.maybe_text("definition"),
        names=facts.tables("names", _name),
    )
    relations = facts.tables(
        "relations", lambda each: (each.choice("kind", RelationKind), each.one_of("to", keys.topics))
    )
    return TopicEntry(facts.where, facts.text("slug"), entry, relations)


def guide(keys: Keys, facts: Facts) -> ArticleEntry:
    """An article in prose."""
    return _article(keys, facts, "body", facts.tables("references", _reference), None)


def comparison(keys: Keys, facts: Facts) -> ArticleEntry:
    """A comparison: an introduction, and cells that point at options, criteria, conditions and references."""
    criteria = dict(facts.tables("criteria", _criterion))
    references = dict(facts.tables("references", lambda each: (each.text("key"), _reference(each))))
    # Counted from one, as readers do.
    numbers = {key: number for number, key in enumerate(references, 1)}
    options = facts.all_of("options", keys.topics)
    conditions = facts.all_of("conditions", keys.topics_that_are(TopicKind.CONDITION))

    def cell(each: Facts) -> CellEntry:
        return CellEntry(
            condition=each.one_of("condition", conditions),
            option=each.one_of("option", options),
            criterion=criteria[each.one_of("criterion", criteria)][0],
            text=each.maybe_text("text"),
            figure=each.maybe_text("figure") or None,
            evidence=each.maybe_choice("evidence", Evidence),
            reference=numbers[each.one_of("reference", numbers)] if each.has("reference") else None,
        )

    tables = ComparisonEntry(options, tuple(criteria.values()), conditions, facts.tables("cells", cell))
    return _article(keys, facts, "intro", tuple(references.values()), tables)


def _article(
    keys: Keys, facts: Facts, body: str, references: tuple[Reference, ...], tables: ComparisonEntry | None
) -> ArticleEntry:
    return ArticleEntry(
        where=facts.where,
        slug=facts.text("slug"),
        title=facts.text("title"),
        excerpt=facts.text("excerpt"),
        body=render_text(facts.text(body), Profile.EDITORIAL),
        topics=facts.all_of("topics", keys.topics),
        published_at=_morning(facts.day("published_on")),
        references=references,
        comparison=tables,
    )


def _criterion(facts: Facts) -> tuple[str, tuple[str, str]]:
    return facts.text("key"), (facts.text("name"), facts.text("explanation"))


def _reference(facts: Facts) -> Reference:
    return {"text": facts.text("text"), "url": facts.maybe_text("url") or None}


def _name(facts: Facts) -> tuple[NameKind, str]:
    return facts.choice("kind", NameKind), facts.text("name")


def _morning(day: date) -> datetime:
    return datetime.combine(day, PUBLISHED)
