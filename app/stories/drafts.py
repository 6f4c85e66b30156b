"""Drafts of stories: new ones, and the next revisions of those submitted. Only their author may see or change them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from app.accounts.models import Person
from app.foundation.access import require
from app.foundation.contributions import authorship, drafts
from app.foundation.database import db
from app.questionnaires.questions import fields_of
from app.stories.models import Story, StoryDraft, StoryRevision


def save(actor: Person, key: str, fields: Mapping[str, list[str]], story: Story | None = None) -> StoryDraft:
    """Save the fields of the form as a draft, and return it. Any member may; for the next revision of `story`, only its
    author.

    `key` is the key of the form, and finds the draft of a new story. Raises NotAllowed, and Refused if the draft is too
    large or the person has too many.
    """
    # A suspended person cannot submit anything, but must not lose what they wrote either.
    require(actor.is_authenticated and (story is None or authorship.may_edit(actor, story)))
    own_drafts = sa.select(StoryDraft).where(StoryDraft.author_id == actor.id)
    existing = own_drafts.where(StoryDraft.story_id == story.id) if story else own_drafts.where(StoryDraft.key == key)

    def create() -> StoryDraft:
        # The form's key finds the draft of a new story; the draft of a next revision is found by its story.
        return StoryDraft(author_id=actor.id, key=drafts.random_key() if story else key, story=story, fields={})

    return drafts.save(existing, create, fields)


def unsent(actor: Person, most: int = 3) -> Sequence[StoryDraft]:
    """A person's own drafts of new stories, the last changed first."""
    own = sa.select(StoryDraft).where(StoryDraft.author_id == actor.id, StoryDraft.story_id.is_(None))
    return db.session.scalars(own.order_by(StoryDraft.updated_at.desc(), StoryDraft.id.desc()).limit(most)).all()


def draft_of(story: Story) -> StoryDraft | None:
    """The draft of the next revision of a story; None if there is none."""
    return db.session.scalar(sa.select(StoryDraft).where(StoryDraft.story_id == story.id))


def create_from_revision(revision: StoryRevision) -> None:
    """Create a draft from a revision for which changes were requested, unless its author has a draft already."""
    story = revision.story
    if draft_of(story) is None:
        fields = fields_of(revision)
        db.session.add(StoryDraft(author_id=story.author_id, key=drafts.random_key(), story=story, fields=fields))


def delete_if_unchanged(revision: StoryRevision) -> None:
    """Undo `create_from_revision`: delete the draft, unless its author has changed it since."""
    draft = draft_of(revision.story)
    if draft is not None and draft.fields == fields_of(revision):
        db.session.delete(draft)
        db.session.flush()


def discard_of(story: Story) -> None:
    """Delete the draft of the next revision of a story, if there is one. The caller has checked that it may."""
    db.session.execute(sa.delete(StoryDraft).where(StoryDraft.story_id == story.id))
