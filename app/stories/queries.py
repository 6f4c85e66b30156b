"""Queries for stories: single stories for their pages, and lists of stories as cards."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.foundation.access import Actor
from app.foundation.database import db
from app.foundation.text import markup
from app.stories.models import SideEffect, Story, StoryRevision, TreatmentTried
from app.topics import vocabulary
from app.topics.models import Topic

EXCERPT_LENGTH = 220

# Loader options for lists of stories: a fixed number of statements, however long the list.
CARD_LOADERS = (
    joinedload(Story.author),
    joinedload(Story.live).joinedload(StoryRevision.condition),
    joinedload(Story.live).selectinload(StoryRevision.treatments).joinedload(TreatmentTried.topic),
)

# Loader options for all answers about the treatments of a revision, in two statements. Reasons and companions are short
# lists: joined to their treatment they cost a few rows instead of a statement each.
ANSWER_LOADERS = selectinload(StoryRevision.treatments).options(
    joinedload(TreatmentTried.topic),
    joinedload(TreatmentTried.stop_reasons),
    joinedload(TreatmentTried.companions),
    selectinload(TreatmentTried.side_effects).joinedload(SideEffect.topic),
)


def load_answers(versions: Iterable[StoryRevision]) -> None:
    """Load the structured answers of these revisions into the session, in three statements for any number of them."""
    db.session.scalars(
        sa.select(StoryRevision)
        .options(joinedload(StoryRevision.condition), joinedload(StoryRevision.unlisted), ANSWER_LOADERS)
        .where(StoryRevision.id.in_([version.id for version in versions]))
    ).unique().all()


@dataclass(frozen=True)
class CardTreatment:
    """A treatment on a card."""

    name: str
    effect: str | None
    effect_label: str | None


@dataclass(frozen=True)
class Card:
    """A story in a list, with what is public of it."""

    id: int
    url: str
    title: str
    excerpt: str
    condition: str
    treatments: list[CardTreatment]
    published_at: datetime | None
    author_name: str
    author_title: str
    comment_count: int
    is_invented: bool
    helpful: int


def select_newest() -> sa.Select[Story]:
    """Select all public stories, newest first, with the loader options for cards."""
    return _select_newest().options(*CARD_LOADERS)


def public_by_ids(ids: Sequence[int]) -> list[Story]:
    """The public stories with these ids, in this order, loaded for cards."""
    rows = db.session.scalars(sa.select(Story).options(*CARD_LOADERS).where(Story.id.in_(ids), Story.public()))
    found = {story.id: story for story in rows.unique()}
    return [found[each] for each in ids if each in found]


def _select_newest() -> sa.Select[Story]:
    return sa.select(Story).where(Story.public()).order_by(Story.published_at.desc(), Story.id.desc())


def unread_exist() -> sa.ColumnElement[bool]:
    """The SQL condition that a public story was imported as it is, without a moderator reading it."""
    # Written out, not bound: with parameters SQLite would not use the index, which has a condition.
    unread = sa.and_(sa.literal_column("story_revisions.state = 'approved'"), StoryRevision.decided_at.is_(None))
    live = sa.select(Story.id).join(StoryRevision, Story.live_revision_id == StoryRevision.id)
    return live.where(unread, Story.public()).exists()


def is_about(topic: Topic) -> sa.ColumnElement[bool]:
    """The SQL condition that the live revision of a story names a topic, or one below it in the vocabulary, as its
    condition, as a treatment or as a side effect.
    """
    about = vocabulary.with_narrower(topic)
    with_side_effect = sa.select(SideEffect.tried_id).where(SideEffect.topic_id.in_(about))
    tried = sa.select(TreatmentTried.revision_id).where(
        sa.or_(TreatmentTried.topic_id.in_(about), TreatmentTried.id.in_(with_side_effect))
    )
    condition = sa.select(StoryRevision.id).where(StoryRevision.condition_id.in_(about))
    return sa.or_(Story.live_revision_id.in_(tried), Story.live_revision_id.in_(condition))


def cards(stories: Sequence[Story], comment_counts: Mapping[int, int] | None = None) -> list[Card]:
    """The cards of stories that were loaded with CARD_LOADERS; `comment_counts` are by the id of the story."""
    return [_card(story, (comment_counts or {}).get(story.id, 0)) for story in stories]


def _card(story: Story, comment_count: int) -> Card:
    live = story.live
    assert live is not None, "public"
    return Card(
        id=story.id,
        url=story.url,
        title=live.title,
        excerpt=markup.excerpt(markup.plain(live.body_html), EXCERPT_LENGTH),
        condition=live.condition.name,
        treatments=[CardTreatment(each.topic.name, each.effect, each.effect_label) for each in live.treatments],
        published_at=story.published_at,
        author_name=story.author.display_name,
        author_title=story.author.staff_title,
        comment_count=comment_count,
        is_invented=story.is_invented,
        helpful=story.helpful,
    )


def story_for_page(story_id: int, actor: Actor) -> Story | None:
    """A story with all that its page shows; None if there is none that this actor may read."""
    return db.session.scalar(
        sa.select(Story)
        .options(
            joinedload(Story.author),
            joinedload(Story.live).options(joinedload(StoryRevision.condition), ANSWER_LOADERS),
        )
        .where(Story.id == story_id, Story.readable_by(actor))
    )


def same_condition(revision: StoryRevision, most: int = 3) -> list[Card]:
    """Cards of the newest public stories of the same condition, but not of this story, for its author to read."""
    alike = sa.select(StoryRevision.id).where(StoryRevision.condition_id == revision.condition_id)
    # By ids first, as in `related`.
    newest = _select_newest().where(Story.live_revision_id.in_(alike), Story.id != revision.story_id)
    return cards(public_by_ids(db.session.scalars(newest.with_only_columns(Story.id).limit(most)).all()))


def related(story: Story, most: int = 4) -> Sequence[Story]:
    """Public stories of the same condition that share a treatment, newest first, with their titles. One statement."""
    live = story.live
    if live is None:
        return []
    shared = (
        sa.select(StoryRevision.id)
        .join(StoryRevision.treatments)
        .where(
            StoryRevision.condition_id == live.condition_id,
            TreatmentTried.topic_id.in_([tried.topic_id for tried in live.treatments]),
        )
    )
    # By ids first: of something common thousands are put in order, which takes twice as long with their words.
    alike = _select_newest().where(Story.live_revision_id.in_(shared), Story.id != story.id).with_only_columns(Story.id)
    titles = _select_newest().options(joinedload(Story.live).load_only(StoryRevision.title))
    return db.session.scalars(titles.where(Story.id.in_(alike.limit(most)))).all()
