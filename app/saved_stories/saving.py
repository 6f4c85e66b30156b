"""Saving stories, removing them again and listing them. What a person saved is shown to nobody else."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask_babel import gettext as _

from app.accounts.models import Person
from app.foundation.access import Actor
from app.foundation.contributions import publication
from app.foundation.database import db
from app.foundation.errors import Missing, Refused
from app.saved_stories.models import SavedStory
from app.stories import queries
from app.stories.models import Story

MAX_SAVED = 100


def save(actor: Person, story: Story) -> None:
    """Save a story. Doing it again changes nothing. Raises Missing if it is not public, Refused beyond MAX_SAVED."""
    if not publication.is_public(story):
        raise Missing
    if is_saved(actor, story):
        return
    theirs = sa.select(sa.func.count()).where(SavedStory.person_id == actor.id)
    if (db.session.scalar(theirs) or 0) >= MAX_SAVED:
        raise Refused(_("You can save up to %(most)s stories. Remove one first.", most=MAX_SAVED))
    publication.add_once(SavedStory(person_id=actor.id, story_id=story.id), _select_saved(actor, story))


def remove(actor: Person, story_id: int) -> None:
    """Remove a story from those this person saved, if it is among them, public or not."""
    db.session.execute(sa.delete(SavedStory).where(SavedStory.person_id == actor.id, SavedStory.story_id == story_id))


def is_saved(actor: Actor, story: Story) -> bool:
    """Whether this person saved the story. False for anonymous readers."""
    return bool(actor.is_authenticated and db.session.scalar(_select_saved(actor, story)) is not None)


def saved_stories(actor: Person) -> list[Story]:
    """The stories that this person saved and that are public, the last saved first, loaded for cards."""
    saved = sa.select(SavedStory.story_id).where(SavedStory.person_id == actor.id).order_by(SavedStory.saved_at.desc())
    return stories_by_ids(db.session.scalars(saved.limit(MAX_SAVED)).all())


def stories_by_ids(ids: Sequence[int]) -> list[Story]:
    """The public ones of at most MAX_SAVED stories, in this order, loaded for cards."""
    return queries.public_by_ids(ids[:MAX_SAVED]) if ids else []


def _select_saved(actor: Actor, story: Story) -> sa.Select[int]:
    return sa.select(SavedStory.story_id).where(SavedStory.person_id == actor.id, SavedStory.story_id == story.id)
