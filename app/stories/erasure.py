"""What is removed of a story that its author erases: the words and answers of every version go, their numbers stay."""

from __future__ import annotations

import sqlalchemy as sa

from app.foundation.database import db
from app.stories.answers import About
from app.stories.models import Story, StoryDraft, StoryRevision, Thanks, TreatmentTried, UnlistedName
from app.topics import vocabulary
from app.topics.models import TopicKind


def discard_drafts(kind: str, contribution_id: int) -> None:
    """Delete the draft of the next version of a story; nothing for another kind."""
    if kind == Story.kind:
        db.session.execute(sa.delete(StoryDraft).where(StoryDraft.story_id == contribution_id))


def clear(story_id: int) -> None:
    """Remove the words and answers of a story, of all its versions and drafts, and the thanks for it."""
    # First its own row, which locks it: whoever adds to it at this moment waits, and is refused.
    author_id, key = db.session.execute(
        sa.update(Story)
        .where(Story.id == story_id)
        .values(live_revision_id=None, helpful=0)
        .returning(Story.author_id, Story.submission_key)
        .execution_options(synchronize_session=False)
    ).one()
    versions = sa.select(StoryRevision.id).where(StoryRevision.story_id == story_id)
    same_form = sa.and_(StoryDraft.author_id == author_id, StoryDraft.key == key)
    for table, chosen in (
        # With what stands below them: side effects, reasons, companions.
        (TreatmentTried, TreatmentTried.revision_id.in_(versions)),
        (UnlistedName, UnlistedName.revision_id.in_(versions)),
        (Thanks, Thanks.story_id == story_id),
        (StoryDraft, sa.or_(StoryDraft.story_id == story_id, same_form)),
    ):
        db.session.execute(sa.delete(table).where(chosen).execution_options(synchronize_session=False))
    db.session.execute(
        sa.update(StoryRevision)
        .where(StoryRevision.story_id == story_id)
        .values(
            **dict.fromkeys(("title", "body_source", "body_html", "advice_source", "advice_html", "body_place"), ""),
            # A version names a condition: this one is none.
            condition_id=vocabulary.stand_in(TopicKind.CONDITION).id,
            about=About.MYSELF,
            confirmed_by_clinician=False,
            age_band=None,
            sex=None,
        )
        .execution_options(synchronize_session=False)
    )
    db.session.expire_all()
