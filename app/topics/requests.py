"""Requests for topics by readers. Anybody may make one, only editors can read them; none is ever public."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import Mapped, mapped_column

from app.foundation import clock
from app.foundation.access import Actor, require
from app.foundation.contributions import publication
from app.foundation.database import Model, UTCDateTime, db, rows_changed
from app.foundation.errors import Refused
from app.foundation.text.strings import name_key
from app.topics import policy

MAX_LENGTH = 100
# Limits on waiting requests and on new ones within a day, so that a flood does not displace other requests.
MAX_WAITING = 500
MAX_PER_DAY = 100


class TopicRequest(Model):
    """The words for a topic that somebody could not find. Who asked is not stored."""

    __tablename__ = "topic_requests"

    id: Mapped[int] = mapped_column(primary_key=True)
    # The key by which requests are compared, the same as for names of topics.
    key: Mapped[str] = mapped_column(sa.String(200), unique=True)
    words: Mapped[str] = mapped_column(sa.String(MAX_LENGTH))
    times: Mapped[int] = mapped_column(default=1)
    first_asked_at: Mapped[datetime] = mapped_column(UTCDateTime, index=True)
    last_asked_at: Mapped[datetime] = mapped_column(UTCDateTime)


def submit(words: str) -> None:
    """Request a topic. Anybody may, with or without an account. A repeated request is counted.

    Raises Refused if there is no word, if it is too long, or while too many other requests are waiting.
    """
    key = name_key(words)
    if not key:
        raise Refused(_("Enter the topic you’re looking for"), "words")
    if len(words) > MAX_LENGTH or len(key) > 2 * MAX_LENGTH:
        raise Refused(_("Use %(max)d characters or fewer", max=MAX_LENGTH), "words")
    if _count_up(key):
        return
    today = TopicRequest.first_asked_at > clock.now() - timedelta(days=1)
    if _count() >= MAX_WAITING or _count(today) >= MAX_PER_DAY:
        raise Refused(_("Our editors have a lot of requests at the moment. Try again in a few days."), "words")
    now = clock.now()
    new = TopicRequest(key=key, words=words, first_asked_at=now, last_asked_at=now)
    if not publication.add_once(new, sa.select(TopicRequest.id).where(TopicRequest.key == key)):
        _count_up(key)


def waiting_requests(actor: Actor) -> Sequence[TopicRequest]:
    """Return the waiting requests, most frequent first. For editors."""
    require(policy.may_handle_requests(actor))
    order = TopicRequest.times.desc(), TopicRequest.last_asked_at.desc(), TopicRequest.id
    return db.session.scalars(sa.select(TopicRequest).order_by(*order)).all()


def settle(actor: Actor, request_id: int) -> None:
    """Delete a request, because the topic exists now or will not be added. For editors.

    Does nothing if the request has been deleted already.
    """
    require(policy.may_handle_requests(actor))
    db.session.execute(sa.delete(TopicRequest).where(TopicRequest.id == request_id))


def _count_up(key: str) -> bool:
    statement = (
        sa.update(TopicRequest)
        .where(TopicRequest.key == key)
        .values(times=TopicRequest.times + 1, last_asked_at=clock.now())
    )
    return bool(rows_changed(statement))


def _count(*chosen: sa.ColumnElement[bool]) -> int:
    return db.session.scalar(sa.select(sa.func.count(TopicRequest.id)).where(*chosen)) or 0
