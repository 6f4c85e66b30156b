"""Thanks: 'this helped me', said once by a member. A number below three is shown to nobody and orders nothing."""

from __future__ import annotations

from typing import Any, cast

import sqlalchemy as sa

from app.accounts.models import Person
from app.foundation.access import require
from app.foundation.contributions import publication
from app.foundation.database import db
from app.foundation.errors import Missing
from app.foundation.events import PublicChanged, record
from app.stories import policy
from app.stories.models import Story, Thanks

MIN_SHOWN = 3
"""Below this many thanks nothing is shown: it would tell who said it."""


def thank(actor: Person, story: Story) -> None:
    """Say that a story helped. Any member may, once, but not its author; saying it again changes nothing.

    Raises NotAllowed for the author, Missing for what is not public.
    """
    require(policy.may_thank(actor, story), "It is your own story.")
    _lock(story)
    if not publication.is_public(story):
        raise Missing
    if publication.add_once(Thanks(story_id=story.id, person_id=actor.id), _of(actor, story)):
        _count(story)


def take_back(actor: Person, story: Story) -> None:
    """Say no longer that a story helped. Whoever said it may, also when the story is not public any more."""
    _lock(story)
    gone = db.session.execute(sa.delete(Thanks).where(Thanks.story_id == story.id, Thanks.person_id == actor.id))
    if cast("sa.CursorResult[Any]", gone).rowcount:
        _count(story)


def has_thanked(actor: Any, story: Story) -> bool:
    """Whether this person said that the story helped them."""
    return bool(actor.is_authenticated and db.session.scalar(_of(actor, story)) is not None)


def _of(actor: Any, story: Story) -> sa.Select[Any]:
    return sa.select(Thanks.person_id).where(Thanks.story_id == story.id, Thanks.person_id == actor.id)


def _lock(story: Story) -> None:
    """Wait for whoever thanks at this moment: two who do not see each other would both count one too few."""
    db.session.execute(sa.select(Story.id).where(Story.id == story.id).with_for_update())


def _count(story: Story) -> None:
    """Keep the number that is shown with the story; search learns of it when it changes."""
    thanks = db.session.scalar(sa.select(sa.func.count()).where(Thanks.story_id == story.id)) or 0
    helpful = thanks if thanks >= MIN_SHOWN else 0
    if helpful != story.helpful:
        story.helpful = helpful
        db.session.flush()
        record(PublicChanged(story.kind, story.id))
