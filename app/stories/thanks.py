"""Thanks: a member says that a story helped them. A number below MIN_SHOWN is never shown or used for sorting."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import gettext as _

from app.accounts.models import Person
from app.foundation.access import Actor, require
from app.foundation.contributions import publication
from app.foundation.database import db, rows_changed
from app.foundation.errors import Missing
from app.foundation.events import PublicChanged, record
from app.stories import policy
from app.stories.models import Story, Thanks

MIN_SHOWN = 3
"""Below this number of thanks none is shown: a small number could give away who thanked."""


def thank(actor: Person, story: Story) -> None:
    """Record that a story helped this person. Any member who may write may, except its author.

    Doing it again changes nothing. Raises NotAllowed for anybody else, and Missing if the story is not public.
    """
    require(policy.may_thank(actor, story), _("This is your own story."))
    _lock(story)
    if not publication.is_public(story):
        raise Missing
    if publication.add_once(Thanks(story_id=story.id, person_id=actor.id), _select_thanks(actor, story)):
        _update_count(story)


def withdraw_thanks(actor: Person, story: Story) -> None:
    """Delete this person's thanks for a story, if there are any, and update the number shown with it.

    Anybody may delete their own, even after the story has ceased to be public.
    """
    _lock(story)
    theirs = sa.delete(Thanks).where(Thanks.story_id == story.id, Thanks.person_id == actor.id)
    if rows_changed(theirs, synchronize="auto"):
        _update_count(story)


def has_thanked(actor: Actor, story: Story) -> bool:
    """Whether this person has thanked for the story. False for anonymous readers."""
    return bool(actor.is_authenticated and db.session.scalar(_select_thanks(actor, story)) is not None)


def _select_thanks(actor: Actor, story: Story) -> sa.Select[int]:
    return sa.select(Thanks.person_id).where(Thanks.story_id == story.id, Thanks.person_id == actor.id)


def _lock(story: Story) -> None:
    """Lock the row of the story: two people who thank at the same moment would each count one too few."""
    db.session.execute(sa.select(Story.id).where(Story.id == story.id).with_for_update())


def _update_count(story: Story) -> None:
    """Update the number shown with the story, and record PublicChanged if it changed, so that search follows."""
    thanks = db.session.scalar(sa.select(sa.func.count()).where(Thanks.story_id == story.id)) or 0
    helpful = thanks if thanks >= MIN_SHOWN else 0
    if helpful != story.helpful:
        story.helpful = helpful
        db.session.flush()
        record(PublicChanged(story.kind, story.id))
