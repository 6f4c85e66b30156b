"""What becomes of follow-ups that their author erases, alone or with the story they stand under."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from app.follow_ups.models import FollowUp, FollowUpDraft, FollowUpRevision, TreatmentNow
from app.foundation.contributions import erasure, publication
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db
from app.foundation.events import Erased, ErasureAsked
from app.stories.models import Story


def withdraw_with(events: Sequence[ErasureAsked]) -> None:
    """Reaction: what waits under a story that is to be erased waits no longer, and nothing goes on being written."""
    for event in events:
        if event.kind == Story.kind:
            for follow_up in _of_story(event.id):
                waited = publication.set_aside_pending(follow_up, RevisionState.WITHDRAWN)
                if waited and follow_up.state is PublicationState.UNPUBLISHED:
                    publication.change_state(follow_up, PublicationState.UNPUBLISHED, PublicationState.WITHDRAWN)
        _discard_drafts(event)


def clear(events: Sequence[Erased]) -> None:
    """Reaction: remove the words and answers of follow-ups, and erase those of an erased story with it."""
    for event in events:
        if event.kind == Story.kind:
            for follow_up in _of_story(event.id):
                erasure.erase_with(follow_up)
        elif event.kind == FollowUp.kind:
            _clear(event.id)
        _discard_drafts(event)


def _of_story(story_id: int) -> Sequence[FollowUp]:
    return db.session.scalars(sa.select(FollowUp).where(FollowUp.story_id == story_id).order_by(FollowUp.id)).all()


def _clear(follow_up_id: int) -> None:
    versions = sa.select(FollowUpRevision.id).where(FollowUpRevision.follow_up_id == follow_up_id)
    # First its own row, which locks it: whoever adds to it at this moment waits, and is refused.
    for statement in (
        sa.update(FollowUp).where(FollowUp.id == follow_up_id).values(live_revision_id=None),
        sa.delete(TreatmentNow).where(TreatmentNow.revision_id.in_(versions)),
        sa.update(FollowUpRevision)
        .where(FollowUpRevision.follow_up_id == follow_up_id)
        .values(body_source="", body_html="", back_again=None),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()


def _discard_drafts(event: Erased | ErasureAsked) -> None:
    columns = {Story.kind: FollowUpDraft.story_id, FollowUp.kind: FollowUpDraft.follow_up_id}
    if event.kind in columns:
        db.session.execute(sa.delete(FollowUpDraft).where(columns[event.kind] == event.id))
