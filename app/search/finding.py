"""Finding: a reader's query and filters in, a page of results out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import sqlalchemy as sa

from app.foundation.database import db
from app.search import items, visibility
from app.search.documents import KINDS
from app.search.engine import Filters, Hits, Query, Words
from app.search.engines import engine
from app.search.items import Item
from app.search.query import Parsed, parse
from app.search.understanding import Understood, nearest, understand
from app.stories.models import Story, StoryRevision, TreatmentTried
from app.topics.models import Topic, TopicKind

PER_PAGE = 20
MOST_PAGES = 50
# How often a page is put together again because the index knew of something that is not there any more.
ATTEMPTS = 3


@dataclass(frozen=True)
class Asked:
    """What a reader asks for: words, and filters by the values of the address (kind, slugs of topics)."""

    text: str = ""
    kind: str | None = None
    condition: str | None = None
    treatment: str | None = None
    page: int = 1

    @cached_property
    def parsed(self) -> Parsed:
        """The words as they are understood."""
        return parse(self.text)

    @property
    def asks_something(self) -> bool:
        """Whether there is anything to look up."""
        return bool(self.parsed.text or self.kind or self.condition or self.treatment)


@dataclass(frozen=True)
class Result:
    """A page of what was found.

    `total` is what can be paged through, `counts` what there is of each kind. `unknown` are filters that nothing can
    meet because their value does not exist.
    """

    parsed: Parsed
    page: int
    total: int
    counts: dict[str, int]
    items: Sequence[Item]
    understood: Sequence[Understood] = ()
    condition: Topic | None = None
    treatment: Topic | None = None
    unknown: Sequence[str] = ()
    nearest: Sequence[Topic] = field(default_factory=list)

    @property
    def pages(self) -> int:
        """How many pages there are to see; nothing found is one."""
        return min(MOST_PAGES, max(1, -(-self.total // PER_PAGE)))

    @property
    def most(self) -> int:
        """How many results can be paged through."""
        return MOST_PAGES * PER_PAGE

    @property
    def is_cut(self) -> bool:
        """Whether there is more than can be paged through."""
        return self.total > self.most


def run(asked: Asked) -> Result:
    """Look up what is asked for. Raises IndexUnavailable while there is no index."""
    parsed = asked.parsed
    topics = _topics(asked)
    condition, treatment = topics.get(asked.condition or ""), topics.get(asked.treatment or "")
    unknown = _unknown(asked, topics)
    if unknown or (parsed.text and not parsed.parts):
        nothing = dict.fromkeys(KINDS, 0)
        return Result(parsed, 1, 0, nothing, [], condition=condition, treatment=treatment, unknown=unknown)
    query, understood = understand(parsed)
    filters = Filters(asked.kind or None, condition.id if condition else None, treatment.id if treatment else None)
    page, hits, found = _look_up(query, filters, min(max(asked.page, 1), MOST_PAGES))
    return Result(
        parsed,
        page,
        hits.total,
        hits.counts,
        found,
        understood=understood,
        condition=condition,
        treatment=treatment,
        nearest=[] if hits.total else nearest(parsed),
    )


def offered_topics() -> dict[TopicKind, list[tuple[str, str]]]:
    """Slug and name of the conditions and treatments that occur in public stories, to filter by. One statement."""
    told = (
        sa.select(Story.id)
        .join(StoryRevision, sa.and_(StoryRevision.id == Story.live_revision_id, StoryRevision.story_id == Story.id))
        .where(Story.public())
        .correlate(Topic)
    )
    as_condition = told.where(StoryRevision.condition_id == Topic.id).exists()
    as_treatment = told.join(TreatmentTried).where(TreatmentTried.topic_id == Topic.id).exists()
    rows = db.session.execute(
        sa.select(Topic.about, Topic.slug, Topic.name)
        .where(
            sa.or_(
                sa.and_(Topic.about == TopicKind.CONDITION, as_condition),
                sa.and_(Topic.about == TopicKind.TREATMENT, as_treatment),
            )
        )
        .order_by(Topic.name)
    )
    offered: dict[TopicKind, list[tuple[str, str]]] = {TopicKind.CONDITION: [], TopicKind.TREATMENT: []}
    for about, slug, name in rows:
        offered[about].append((slug, name))
    return offered


def _unknown(asked: Asked, topics: Mapping[str, Topic]) -> list[str]:
    unknown = [value for value in (asked.condition, asked.treatment) if value and value not in topics]
    if asked.kind and asked.kind not in KINDS:
        unknown.append(asked.kind)
    return unknown


def _topics(asked: Asked) -> dict[str, Topic]:
    slugs = {slug for slug in (asked.condition, asked.treatment) if slug}
    if not slugs:
        return {}
    return {topic.slug: topic for topic in db.session.scalars(sa.select(Topic).where(Topic.slug.in_(slugs)))}


def _look_up(query: Query, filters: Filters, page: int) -> tuple[int, Hits, list[Item]]:
    """The page with its items, or the last one there is.

    What is masked is read before the engine opens the index, see `visibility`. Where the index still knows of more than
    there is (a row of the outbox was lost, say), what is gone is left out of the count as well.
    """
    exclude = visibility.masked()
    wanted = _words(query)
    search = engine().search
    for _attempt in range(ATTEMPTS):
        hits = search(query, filters, exclude, (page - 1) * PER_PAGE, PER_PAGE)
        if hits.total and not hits.keys:
            page = min(MOST_PAGES, -(-hits.total // PER_PAGE))
            hits = search(query, filters, exclude, (page - 1) * PER_PAGE, PER_PAGE)
        found = items.read(hits.keys, wanted)
        gone = set(hits.keys) - {item.key for item in found}
        if not gone:
            break
        exclude = exclude | gone
    return page, hits, found


def _words(query: Query) -> Collection[Words]:
    """All words and names that a snippet marks."""
    return {words for clause in query.clauses for words in (*clause.exact, *clause.others)}
