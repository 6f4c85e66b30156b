"""Which moderators have an item open, so that two of them do not read the same text. Stored for under a minute."""

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

# The page of an item reports every 15 seconds. After this time without a report it counts as closed.
PRESENCE_TIMEOUT = timedelta(seconds=45)


def mark_present(actor: Person, item: QueueItem) -> None:
    """Record that a moderator has an item open, in place of any item they had open before. For staff pages only."""
    now = clock.now()
    stale = sa.or_(Presence.person_id == actor.id, Presence.seen_at < now - PRESENCE_TIMEOUT)
    db.session.execute(sa.delete(Presence).where(stale).execution_options(synchronize_session=False))
    own = sa.select(Presence).where(Presence.item_id == item.id, Presence.person_id == actor.id)
    publication.add_once(Presence(item_id=item.id, person_id=actor.id, seen_at=now), own)


def mark_left(actor: Person) -> None:
    """Record that a moderator has closed the item they had open."""
    own = sa.delete(Presence).where(Presence.person_id == actor.id)
    db.session.execute(own.execution_options(synchronize_session=False))


def others_present(actor: Person, item: QueueItem) -> Sequence[Person]:
    """The other moderators who have an item open, in the order of their last report."""
    present = (
        sa.select(Presence)
        .options(joinedload(Presence.person))
        .where(
            Presence.item_id == item.id,
            Presence.person_id != actor.id,
            Presence.seen_at > clock.now() - PRESENCE_TIMEOUT,
        )
        .order_by(Presence.seen_at)
    )
    return [each.person for each in db.session.scalars(present)]
