"""The topics under which stories, articles and topics are filed, and the names of topics."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field

import sqlalchemy as sa

from app.articles.models import Article, ArticleRevision, ArticleTopic, ComparisonCondition, ComparisonOption
from app.foundation.database import db
from app.stories.models import SideEffect, Story, StoryRevision, TreatmentTried
from app.topics.models import Topic, TopicKind, TopicName


@dataclass
class DocumentTopics:
    """The ids of the topics under which something is filed, each once, in the order of its page."""

    conditions: list[int] = field(default_factory=list)
    treatments: list[int] = field(default_factory=list)
    others: list[int] = field(default_factory=list)

    def add(self, topic_id: int, about: TopicKind) -> None:
        """Add a topic."""
        ids = {TopicKind.CONDITION: self.conditions, TopicKind.TREATMENT: self.treatments}.get(about, self.others)
        if topic_id not in ids:
            ids.append(topic_id)

    @property
    def topics(self) -> list[int]:
        """Conditions, treatments and others."""
        return [*self.conditions, *self.treatments, *self.others]


class TopicNames:
    """A cache of the names of topics, kept from one batch of documents to the next."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[str, list[str]]] = {}

    def load(self, ids: Iterable[int]) -> None:
        """Read the names of these topics into the cache."""
        missing = set(ids) - self._known.keys()
        if not missing:
            return
        rows = db.session.execute(
            sa.select(Topic.id, Topic.name, TopicName.name)
            .outerjoin(TopicName, sa.and_(TopicName.topic_id == Topic.id, TopicName.name != Topic.name))
            .where(Topic.id.in_(missing))
            .order_by(TopicName.id)
        )
        for topic_id, preferred, other in rows:
            others = self._known.setdefault(topic_id, (preferred, []))[1]
            if other is not None:
                others.append(other)

    def preferred(self, ids: Iterable[int]) -> tuple[str, ...]:
        """The preferred names of topics that were loaded."""
        return tuple(self._known[each][0] for each in ids)

    def others(self, ids: Iterable[int]) -> tuple[str, ...]:
        """The other names of topics that were loaded."""
        return tuple(dict.fromkeys(other for each in ids for other in self._known[each][1]))


def topics_of_stories(ids: Collection[int]) -> dict[int, DocumentTopics]:
    """Where stories are filed, by id: condition and treatments of the live revision."""
    of_story = sa.select(Story.id, Topic.id, Topic.about).where(Story.id.in_(ids))
    return _collect(
        of_story.join(StoryRevision, StoryRevision.id == Story.live_revision_id).join(
            Topic, Topic.id == StoryRevision.condition_id
        ),
        of_story.join(TreatmentTried, TreatmentTried.revision_id == Story.live_revision_id)
        .join(Topic, Topic.id == TreatmentTried.topic_id)
        .order_by(TreatmentTried.position),
    )


def topics_of_articles(ids: Collection[int]) -> dict[int, DocumentTopics]:
    """Where articles are filed, by id: their topics, and the topics of the live comparison."""
    of_article = sa.select(Article.id, Topic.id, Topic.about).where(Article.id.in_(ids))
    return _collect(
        of_article.join(ArticleTopic, ArticleTopic.article_id == Article.id)
        .join(Topic, Topic.id == ArticleTopic.topic_id)
        .order_by(Topic.id),
        *(
            of_article.join(part, part.revision_id == Article.live_revision_id)
            .join(Topic, Topic.id == part.topic_id)
            .order_by(part.position)
            for part in (ComparisonCondition, ComparisonOption)
        ),
    )


def topics_of_topics(ids: Collection[int]) -> dict[int, DocumentTopics]:
    """Where topics are filed, by id: under themselves."""
    return _collect(sa.select(Topic.id, Topic.id.label("itself"), Topic.about).where(Topic.id.in_(ids)))


def _collect(*statements: sa.Select[int, int, TopicKind]) -> dict[int, DocumentTopics]:
    filed: dict[int, DocumentTopics] = defaultdict(DocumentTopics)
    for statement in statements:
        for thing_id, topic_id, about in db.session.execute(statement):
            filed[thing_id].add(topic_id, about)
    return filed


def side_effects_of_stories(story_ids: Collection[int]) -> dict[int, list[int]]:
    """The ids of the side effects that stories name, by the id of the story."""
    effects: dict[int, list[int]] = defaultdict(list)
    rows = db.session.execute(
        sa.select(Story.id, SideEffect.topic_id)
        .join(TreatmentTried, TreatmentTried.revision_id == Story.live_revision_id)
        .join(SideEffect, SideEffect.tried_id == TreatmentTried.id)
        .where(Story.id.in_(story_ids))
        .order_by(SideEffect.id)
    )
    for story_id, topic_id in rows:
        effects[story_id].append(topic_id)
    return effects


def outcomes_of_stories(story_ids: Collection[int]) -> dict[int, list[tuple[int, str]]]:
    """Pairs of a treatment and the code of its effect, by the id of the story."""
    pairs: dict[int, list[tuple[int, str]]] = defaultdict(list)
    rows = db.session.execute(
        sa.select(Story.id, TreatmentTried.topic_id, TreatmentTried.effect)
        .join(TreatmentTried, TreatmentTried.revision_id == Story.live_revision_id)
        .where(Story.id.in_(story_ids), TreatmentTried.effect.is_not(None))
        .order_by(TreatmentTried.position)
    )
    for story_id, topic_id, effect in rows:
        pairs[story_id].append((topic_id, str(effect)))
    return pairs


def documents_naming(topic_ids: Collection[int]) -> dict[str, set[int]]:
    """The ids of what may carry the names of these topics, by kind: the topics, and what any revision files there."""
    tried = sa.select(TreatmentTried.revision_id).where(TreatmentTried.topic_id.in_(topic_ids))
    stories = sa.select(StoryRevision.story_id).where(
        sa.or_(StoryRevision.condition_id.in_(topic_ids), StoryRevision.id.in_(tried))
    )
    articles = [
        sa.select(ArticleTopic.article_id).where(ArticleTopic.topic_id.in_(topic_ids)),
        *(
            sa.select(ArticleRevision.article_id)
            .join(part, part.revision_id == ArticleRevision.id)
            .where(part.topic_id.in_(topic_ids))
            for part in (ComparisonCondition, ComparisonOption)
        ),
    ]
    return {
        "topic": set(topic_ids),
        "story": set(db.session.scalars(stories)),
        "article": set(db.session.scalars(sa.union(*articles))),
    }
