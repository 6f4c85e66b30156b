"""Erasing a follow-up, alone or with its story: its texts and answers are removed, the rows stay."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from app.follow_ups.models import FollowUp, FollowUpDraft, FollowUpRevision
from app.foundation.database import db
from app.questionnaires.questions import erase
from app.stories.models import Story


def follow_ups_of_story(story_id: int) -> Sequence[FollowUp]:
    """All follow-ups of a story, which are erased with it."""
    return db.session.scalars(sa.select(FollowUp).where(FollowUp.story_id == story_id).order_by(FollowUp.id)).all()


def discard_drafts(kind: str, contribution_id: int) -> None:
    """Delete the draft of a follow-up, or all drafts for a story. Does nothing if `kind` is another kind."""
    columns = {Story.kind: FollowUpDraft.story_id, FollowUp.kind: FollowUpDraft.follow_up_id}
    if kind in columns:
        db.session.execute(sa.delete(FollowUpDraft).where(columns[kind] == contribution_id))


def clear(follow_up_id: int) -> None:
    """Remove the texts and answers of all revisions of a follow-up."""
    versions = sa.select(FollowUpRevision.id).where(FollowUpRevision.follow_up_id == follow_up_id)
    # The row of the follow-up is first, which locks it: a request that adds a revision now waits, and is refused.
    for statement in (
        sa.update(FollowUp).where(FollowUp.id == follow_up_id).values(live_revision_id=None),
        *erase(FollowUpRevision, versions),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()
