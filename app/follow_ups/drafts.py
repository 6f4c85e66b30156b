"""Drafts of follow-ups: a new one of each story, the next version of each that was sent. Only its author sees them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from app.accounts.models import Person
from app.follow_ups.models import FollowUp, FollowUpDraft, FollowUpRevision
from app.foundation.access import require
from app.foundation.contributions import authorship, drafts, publication
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


def keep_typing(
    actor: Person, key: str, fields: Fields, story: Story, follow_up: FollowUp | None = None
) -> FollowUpDraft | None:
    """Keep what is being typed, as `save` does, unless it was sent meanwhile. Answers None then."""
    sent = follow_up or db.session.scalar(
        sa.select(FollowUp).where(FollowUp.author_id == actor.id, FollowUp.submission_key == key)
    )
    if sent is not None and _said(fields) == _said(fields_of(publication.latest_of(sent))):
        return None
    return save(actor, key, fields, story, follow_up)


def discard_of(actor: Person, story: Story, follow_up: FollowUp | None = None) -> None:
    """Throw one's own draft away, if there is one: it was sent, or is not wanted. Raises NotAllowed for others."""
    require(authorship.is_author(actor, follow_up or story))
    draft = of(story, follow_up)
    if draft is not None:
        drafts.discard(actor, draft)


def fields_of(revision: FollowUpRevision) -> dict[str, list[Any]]:
    """The form's fields filled from a version."""
    fields = {"body": [revision.body_source], "back_again": [revision.back_again or ""]}
    for each in revision.treatments:
        fields[f"effect_{each.topic_id}"] = [each.effect or ""]
        fields[f"still_using_{each.topic_id}"] = [each.still_using or ""]
    return fields


def says_something(fields: Fields) -> bool:
    """Whether anything was typed or answered."""
    return bool(_said(fields))


def _said(fields: Fields) -> dict[str, list[str]]:
    said = {name: [text for value in values if (text := str(value).strip())] for name, values in fields.items()}
    return {name: values for name, values in said.items() if values}


def _the_one(story: Story, follow_up: FollowUp | None) -> sa.Select[FollowUpDraft]:
    which = FollowUpDraft.follow_up_id == follow_up.id if follow_up else FollowUpDraft.follow_up_id.is_(None)
    return sa.select(FollowUpDraft).where(FollowUpDraft.story_id == story.id, which)
