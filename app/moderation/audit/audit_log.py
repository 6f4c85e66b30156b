"""The audit log: one entry for everything that staff do, written in the same transaction, never changed or deleted.

The database itself refuses to change or delete an entry (triggers, in the migration). An entry holds ids and codes,
never words: what somebody wrote can be erased, and the entry still says what was done. It has no foreign keys, so that
no erasure ever has to touch the log.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Protocol

import sqlalchemy as sa
from flask_babel import LazyString
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from app.accounts import usernames
from app.accounts.models import Person
from app.foundation import clock, kinds
from app.foundation.access import require
from app.foundation.contributions.models import Publication
from app.foundation.contributions.revisions import Revision
from app.foundation.database import Model, UTCDateTime, db
from app.foundation.events import NameSettled
from app.foundation.web.pagination import Page
from app.moderation import policy
from app.stories.models import StoryRevision

PER_PAGE = 50
# Entries of one export; for more, choose dates.
MAX_EXPORTED = 100_000
EXPORT_BATCH = 1_000

# The words of the log for what staff do, by code. A code without words is shown as it is.
ACTION_LABELS: dict[str, LazyString] = {
    "approve": _("approved"),
    "request_changes": _("asked for changes"),
    "reject": _("rejected"),
    "hide": _("hid"),
    "restore": _("restored"),
    "keep": _("kept after a report"),
    "remove": _("removed"),
    "mask": _("hid a passage in"),
    "escalate": _("asked for a second opinion on"),
    "undo": _("undid a decision on"),
    "uphold": _("upheld, on appeal, the decision on"),
    "overturn": _("overturned, on appeal, the decision on"),
    "warn": _("warned"),
    "suspend": _("suspended"),
    "ban": _("banned"),
    "lift": _("lifted a sanction against"),
    "note": _("added a note on"),
    "close_thread": _("closed the discussion under"),
    "open_thread": _("reopened the discussion under"),
    "change_rules": _("changed the rules"),
    "settle_name": _("matched a name in"),
    "publish_at_once": _("published at once"),
    "read_afterwards": _("read and kept"),
    "export_log": _("exported the log"),
}
# The kinds of objects: all registered kinds, and what else staff act on.
SUBJECT_LABELS: dict[str, LazyString] = {
    **kinds.labels(),
    "person": _("person"),
    "rule": _("rule"),
    "log": _("log"),
}

_CODE = re.compile(r"[a-z][a-z0-9_]{0,39}")


class AuditEntry(Model):
    """What one of the staff did, and to what."""

    __tablename__ = "audit_log"
    __table_args__ = (
        sa.Index("ix_audit_log_actor", "actor_id", "id"),
        sa.Index("ix_audit_log_person", "person_id", "id"),
        sa.Index("ix_audit_log_action", "action", "id"),
        sa.Index("ix_audit_log_subject", "kind", "subject_id", "id"),
        sa.Index("ix_audit_log_at", "at"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)
    # Who did it; null if a rule of the site did.
    actor_id: Mapped[int | None]
    action: Mapped[str] = mapped_column(sa.String(40))
    # The kind of what it was done to ('story', 'comment', 'person', 'rule', ...), and its id, if it has one.
    kind: Mapped[str] = mapped_column(sa.String(40))
    subject_id: Mapped[int | None]
    revision_id: Mapped[int | None]
    # The person concerned: the author, or the person who was sanctioned.
    person_id: Mapped[int | None]
    # The guideline or the rule that is the reason.
    reason: Mapped[str | None] = mapped_column(sa.String(40))

    actor: Mapped[Person | None] = relationship(
        primaryjoin="foreign(AuditEntry.actor_id) == Person.id", viewonly=True, lazy="joined"
    )
    person: Mapped[Person | None] = relationship(
        primaryjoin="foreign(AuditEntry.person_id) == Person.id", viewonly=True, lazy="joined"
    )


class HasId(Protocol):
    """Whatever has a row: a contribution, a person, a version of the rules."""

    @property
    def id(self) -> int:
        """The id of its row."""


def record(
    actor: Person | None,
    action: str,
    target: HasId | None,
    *,
    kind: str | None = None,
    revision: Revision | None = None,
    reason: str | None = None,
) -> None:
    """Add an entry for what one of the staff did. Called once by every domain function of the staff.

    `target` is the contribution, person or other row it was done to, or None with a `kind` for what has no row; `actor`
    is None where a rule of the site acted by itself. Raises ValueError for anything that is not a code.
    """
    if kind is None:
        kind = "person" if isinstance(target, Person) else target.kind if isinstance(target, Publication) else ""
    person_id = target.id if isinstance(target, Person) else getattr(target, "author_id", None)
    for code in (action, kind, *([reason] if reason else [])):
        if not _CODE.fullmatch(code):
            raise ValueError("the audit log holds codes, not words")
    db.session.add(
        AuditEntry(
            # Set here: the default would be the time of a later flush.
            at=clock.now(),
            actor_id=actor.id if actor else None,
            action=str(action),
            kind=kind,
            subject_id=target.id if target is not None else None,
            revision_id=revision.id if revision is not None else None,
            person_id=person_id,
            reason=reason or None,
        )
    )


def record_settled_names(events: Sequence[NameSettled]) -> None:
    """Handler: a name was settled that the vocabulary did not have.

    The entry does not say which: it may tell of health.
    """
    for event in events:
        revision = db.session.get_one(StoryRevision, event.revision_id)
        record(db.session.get_one(Person, event.actor_id), "settle_name", revision.story, revision=revision)


@dataclass(frozen=True)
class LogFilters:
    """The filters of the log; empty ones match every entry."""

    person: str = ""
    action: str = ""
    kind: str = ""
    since: date | None = None
    until: date | None = None

    @classmethod
    def from_arguments(cls, fields: Mapping[str, str]) -> LogFilters:
        """The filters in the query of an address; an invalid date is ignored."""
        return cls(
            person=fields.get("person", "").strip()[:60],
            action=fields.get("action", "")[:40],
            kind=fields.get("kind", "")[:40],
            since=_date(fields.get("since", "")),
            until=_date(fields.get("until", "")),
        )

    @property
    def arguments(self) -> dict[str, str]:
        """The filters as the query of an address."""
        fields = {
            "person": self.person,
            "action": self.action,
            "kind": self.kind,
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }
        return {name: value for name, value in fields.items() if value}

    def condition(self) -> sa.ColumnElement[bool]:
        """The condition that an entry matches every filter."""
        conditions: list[sa.ColumnElement[bool]] = [sa.true()]
        if self.person:
            key = usernames.key(self.person)
            person_id = sa.select(Person.id).where(Person.username_key == key).scalar_subquery()
            conditions.append(sa.or_(AuditEntry.actor_id == person_id, AuditEntry.person_id == person_id))
        if self.action:
            conditions.append(AuditEntry.action == self.action)
        if self.kind:
            conditions.append(AuditEntry.kind == self.kind)
        if self.since:
            conditions.append(AuditEntry.at >= _midnight(self.since))
        if self.until and self.until < date.max:
            conditions.append(AuditEntry.at < _midnight(self.until + timedelta(days=1)))
        return sa.and_(*conditions)


def _date(text: str) -> date | None:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), UTC)


def page(
    filters: LogFilters, address: Callable[..., str], *, before: int | None = None, after: int | None = None
) -> Page[AuditEntry]:
    """A page of entries older than the entry with id `before`, or newer than the one with id `after`; else the newest.

    `address` makes the address of another page from `before` or `after`. By id and not by number of page: however long
    the log, a page costs the same, and new entries do not shift it.
    """
    chosen = sa.select(AuditEntry).where(filters.condition())
    if after is not None:
        rows = list(db.session.scalars(chosen.where(AuditEntry.id > after).order_by(AuditEntry.id).limit(PER_PAGE + 1)))
        more_newer, items = len(rows) > PER_PAGE, rows[:PER_PAGE][::-1]
        return Page(
            items,
            previous_url=address(after=items[0].id) if more_newer else None,
            next_url=address(before=items[-1].id) if items else None,
        )
    if before is not None:
        chosen = chosen.where(AuditEntry.id < before)
    rows = list(db.session.scalars(chosen.order_by(AuditEntry.id.desc()).limit(PER_PAGE + 1)))
    more_older, items = len(rows) > PER_PAGE, rows[:PER_PAGE]
    return Page(
        items,
        previous_url=address(after=items[0].id) if before is not None and items else None,
        next_url=address(before=items[-1].id) if more_older else None,
    )


Value = str | int | datetime | None
"""What an exported row holds."""

COLUMNS = ("id", "at", "actor", "action", "kind", "subject_id", "revision_id", "person", "reason")


def export(actor: Person, filters: LogFilters) -> Iterator[tuple[Value, ...]]:
    """The entries that match the filters as rows of COLUMNS, newest first. The export itself becomes an entry first.

    Administrators may; raises NotAllowed for anybody else. The rows are read while they are sent, a thousand at a time
    on connections of their own: no transaction stays open while somebody on a slow line downloads.
    """
    require(policy.may_export_log(actor), str(_("Only administrators can download the log.")))
    record(actor, "export_log", None, kind="log")
    # By the engine, not the session: the download goes on after the request and its context have ended.
    return _rows(db.engine, filters)


def _rows(engine: sa.Engine, filters: LogFilters) -> Iterator[tuple[Value, ...]]:
    acting, concerned = aliased(Person), aliased(Person)
    chosen = (
        sa.select(
            AuditEntry.id,
            AuditEntry.at,
            acting.username,
            AuditEntry.action,
            AuditEntry.kind,
            AuditEntry.subject_id,
            AuditEntry.revision_id,
            concerned.username,
            AuditEntry.reason,
        )
        .outerjoin(acting, acting.id == AuditEntry.actor_id)
        .outerjoin(concerned, concerned.id == AuditEntry.person_id)
        .where(filters.condition())
        .order_by(AuditEntry.id.desc())
        .limit(EXPORT_BATCH)
    )
    last: int | None = None
    for _batch in range(MAX_EXPORTED // EXPORT_BATCH):
        with engine.connect() as connection:
            found = connection.execute(chosen.where(AuditEntry.id < last) if last else chosen)
            rows = found.all()
        yield from map(tuple, rows)
        if len(rows) < EXPORT_BATCH:
            return
        last = rows[-1].id
