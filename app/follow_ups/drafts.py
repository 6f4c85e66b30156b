"""Drafts of follow-ups: a new one of each story, the next version of each that was sent. Only its author sees them."""

from __future__ import annotations

from collections.abc import Mapping

import sqlalchemy as sa

from app.accounts.models import Person
from app.follow_ups.models import FollowUp, FollowUpDraft
from app.foundation.access import require
from app.foundation.contributions import authorship, drafts
from app.foundation.database import db
from app.stories.models import Story

Fields = Mapping[str, list[str]]


def of(story: Story, follow_up: FollowUp | None = None) -> FollowUpDraft | None:
    """The draft of the next version of a follow-up, or of a new one of this story."""
    return db.session.scalar(_the_one(story, follow_up))


def save(actor: Person, key: str, fields: Fields, story: Story, follow_up: FollowUp | None = None) -> FollowUpDraft:
    """Keep the form as it stands, finished or not. The author of the story may, whatever became of that.

    Raises NotAllowed for anybody else, Refused when it is too large or when there are too many drafts already.
    """
    require(authorship.may_edit(actor, follow_up or story))

    def begin() -> FollowUpDraft:
        return FollowUpDraft(author_id=actor.id, key=key, story=story, follow_up=follow_up, fields={})

    draft = drafts.keep(_the_one(story, follow_up), begin, fields)
    draft.key = key
    return draft


def discard_of(actor: Person, story: Story, follow_up: FollowUp | None = None) -> None:
    """Throw one's own draft away, if there is one: it was sent, or is not wanted. Raises NotAllowed for others."""
    require(authorship.is_author(actor, follow_up or story))
    draft = of(story, follow_up)
    if draft is not None:
        drafts.discard(actor, draft)


def _the_one(story: Story, follow_up: FollowUp | None) -> sa.Select[FollowUpDraft]:
    which = FollowUpDraft.follow_up_id == follow_up.id if follow_up else FollowUpDraft.follow_up_id.is_(None)
    return sa.select(FollowUpDraft).where(FollowUpDraft.story_id == story.id, which)
