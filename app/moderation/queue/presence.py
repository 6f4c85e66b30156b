"""Who has an item open right now, so that two need not read the same words. For staff only, and never kept long."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.foundation import clock
from app.foundation.contributions import publication
from app.foundation.database import db
from app.moderation.queue.models import Presence, QueueItem

# A page says every 15 seconds that it is open. One that was not heard of for this long is closed.
FRESH = timedelta(seconds=45)


def note(actor: Person, item: QueueItem) -> None:
    """This moderator has this item open, and whatever they had open before no longer counts."""
    now = clock.now()
    stale = sa.or_(Presence.person_id == actor.id, Presence.seen_at < now - FRESH)
    db.session.execute(sa.delete(Presence).where(stale).execution_options(synchronize_session=False))
    mine = sa.select(Presence).where(Presence.item_id == item.id, Presence.person_id == actor.id)
    publication.add_once(Presence(item_id=item.id, person_id=actor.id, seen_at=now), mine)


def leave(actor: Person) -> None:
    """This moderator has closed what they had open."""
    mine = sa.delete(Presence).where(Presence.person_id == actor.id)
    db.session.execute(mine.execution_options(synchronize_session=False))


def others(actor: Person, item: QueueItem) -> Sequence[Person]:
    """Who else has it open."""
    present = (
        sa.select(Presence)
        .options(joinedload(Presence.person))
        .where(
            Presence.item_id == item.id,
            Presence.person_id != actor.id,
            Presence.seen_at > clock.now() - FRESH,
        )
        .order_by(Presence.seen_at)
    )
    return [each.person for each in db.session.scalars(present)]
