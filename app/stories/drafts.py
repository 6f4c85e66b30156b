"""Drafts of stories: new ones, and the next version of one that was sent. All of it is the author's own business."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from app.accounts.models import Person
from app.foundation.access import require
from app.foundation.contributions import authorship, drafts
from app.foundation.database import db
from app.questionnaires.questions import fields_of
from app.stories.models import Story, StoryDraft, StoryRevision


def save(actor: Person, key: str, fields: Mapping[str, list[str]], story: Story | None = None) -> StoryDraft:
    """Keep the form as it stands, finished or not. Any member may, for themselves.

    Raises Refused when it is too large or when there are too many drafts already.
    """
    # A draft is one's own business: who may not send it now keeps the words all the same.
    require(actor.is_authenticated and (story is None or authorship.may_edit(actor, story)))
    mine = sa.select(StoryDraft).where(StoryDraft.author_id == actor.id)
    same = mine.where(StoryDraft.story_id == story.id) if story else mine.where(StoryDraft.key == key)

    def begin() -> StoryDraft:
        # The key ties a new story to its draft; the next version of a story is found by the story.
        return StoryDraft(author_id=actor.id, key=drafts.own_key() if story else key, story=story, fields={})

    return drafts.keep(same, begin, fields)


def of(story: Story) -> StoryDraft | None:
    """The draft of the next version of a story."""
    return db.session.scalar(sa.select(StoryDraft).where(StoryDraft.story_id == story.id))


def hand_back(revision: StoryRevision) -> None:
    """Leave the author a draft to begin from when changes are asked for, unless they have one already."""
    story = revision.story
    if of(story) is None:
        fields = fields_of(revision)
        db.session.add(StoryDraft(author_id=story.author_id, key=drafts.own_key(), story=story, fields=fields))


def take_back(revision: StoryRevision) -> None:
    """Undo `hand_back`: the draft goes, unless its author has begun to write in it."""
    draft = of(revision.story)
    if draft is not None and draft.fields == fields_of(revision):
        db.session.delete(draft)
        db.session.flush()


def discard_of(story: Story) -> None:
    """Throw away the draft of the next version of a story, if there is one."""
    db.session.execute(sa.delete(StoryDraft).where(StoryDraft.story_id == story.id))
