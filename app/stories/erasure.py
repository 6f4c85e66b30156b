"""Erasing a story: the texts and answers of every revision are removed, the rows and their numbers stay."""

from __future__ import annotations

import sqlalchemy as sa

from app.foundation.database import db
from app.questionnaires.questions import erase
from app.stories.models import Story, StoryDraft, StoryRevision, Thanks, UnlistedName


def discard_drafts(kind: str, contribution_id: int) -> None:
    """Delete the draft of the next revision of a story. Does nothing if `kind` is another kind."""
    if kind == Story.kind:
        db.session.execute(sa.delete(StoryDraft).where(StoryDraft.story_id == contribution_id))


def clear(story_id: int) -> None:
    """Remove the texts and answers of all revisions of a story, its drafts, unlisted names and thanks."""
    # The row of the story is first, which locks it: a request that adds to it now has to wait, and is refused.
    author_id, key = db.session.execute(
        sa.update(Story)
        .where(Story.id == story_id)
        .values(live_revision_id=None, helpful=0)
        .returning(Story.author_id, Story.submission_key)
        .execution_options(synchronize_session=False)
    ).one()
    versions = sa.select(StoryRevision.id).where(StoryRevision.story_id == story_id)
    same_form = sa.and_(StoryDraft.author_id == author_id, StoryDraft.key == key)
    for statement in (
        *erase(StoryRevision, versions),
        sa.delete(UnlistedName).where(UnlistedName.revision_id.in_(versions)),
        sa.delete(Thanks).where(Thanks.story_id == story_id),
        sa.delete(StoryDraft).where(sa.or_(StoryDraft.story_id == story_id, same_form)),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()
