"""Drafts of follow-ups: at most one new one per story, and one of the next revision of each follow-up."""

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


def draft_of(story: Story, follow_up: FollowUp | None = None) -> FollowUpDraft | None:
    """The draft of the next revision of `follow_up`, or else of a new follow-up of `story`; None if there is none."""
    return db.session.scalar(_select_draft(story, follow_up))


def save(actor: Person, key: str, fields: Fields, story: Story, follow_up: FollowUp | None = None) -> FollowUpDraft:
    """Save the fields of the form as a draft, and return it. Only the author of the story may.

    It is saved even if the story is no longer public. `key` is the key of the form. Raises NotAllowed for anybody else,
    and Refused if the draft is too large or the person has too many.
    """
    require(authorship.may_edit(actor, follow_up or story))

    def create() -> FollowUpDraft:
        return FollowUpDraft(author_id=actor.id, key=key, story=story, follow_up=follow_up, fields={})

    draft = drafts.save(_select_draft(story, follow_up), create, fields)
    draft.key = key
    return draft


def discard_of(actor: Person, story: Story, follow_up: FollowUp | None = None) -> None:
    """Delete one's own draft, if there is one. Raises NotAllowed for anybody but the author."""
    require(authorship.is_author(actor, follow_up or story))
    draft = draft_of(story, follow_up)
    if draft is not None:
        drafts.discard(actor, draft)


def _select_draft(story: Story, follow_up: FollowUp | None) -> sa.Select[FollowUpDraft]:
    which = FollowUpDraft.follow_up_id == follow_up.id if follow_up else FollowUpDraft.follow_up_id.is_(None)
    return sa.select(FollowUpDraft).where(FollowUpDraft.story_id == story.id, which)
