"""Appeals: against a decision on one's own text or a sanction against oneself, answered by another moderator."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask_babel import gettext as _
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.foundation import clock, kinds
from app.foundation.access import Actor, Role, require
from app.foundation.contributions import publication
from app.foundation.database import db, rows_changed
from app.foundation.errors import Conflict, Refused
from app.foundation.events import AppealAnswered, record
from app.foundation.text.strings import has_words
from app.moderation import policy
from app.moderation.appeals import statements
from app.moderation.appeals.models import Appeal, AppealState
from app.moderation.audit import audit_log
from app.moderation.decisions import decisions
from app.moderation.decisions.models import Decision
from app.moderation.queue import queue
from app.moderation.queue.models import QueueItem, Task
from app.moderation.references import columns
from app.moderation.sanctions import sanctions
from app.moderation.sanctions.models import Sanction

WORDS_MAX_LENGTH = 3_000
ANSWER_MAX_LENGTH = 2_000


def submit(actor: Person, against: Decision | Sanction, words: str) -> Appeal:
    """Appeal against a decision on one's own text, or against a sanction against oneself.

    Whoever it concerns may, suspended or not, once, for six months. Sending the same words twice returns the first
    appeal. Raises NotAllowed for anybody else, Refused without words, with too many, or when the time is over, Conflict
    when the decision is not in force any more, or has been appealed in other words.
    """
    require(policy.may_appeal(actor, against), _("Only the person it’s about can appeal."))
    first = statements.appeal_against(against)
    if first is not None:
        return _if_the_same(first, words)
    if not has_words(words):
        raise Refused(_("Say what we should look at again."), "words")
    if len(words) > WORDS_MAX_LENGTH:
        message = _(
            "Use up to %(most)s characters. You’ve used %(number)s.",
            most=f"{WORDS_MAX_LENGTH:,}",
            number=f"{len(words):,}",
        )
        raise Refused(message, "words")
    if clock.now() >= statements.appeal_until(against):
        raise Refused(_("It’s too late to appeal. You could do so for 6 months."))
    if not statements.is_in_force(against):
        raise Conflict(_("This decision has already been changed, so there’s nothing to appeal."))
    on_decision = isinstance(against, Decision)
    column = Appeal.decision_id if on_decision else Appeal.sanction_id
    existing = sa.select(Appeal).where(column == against.id)
    appeal = Appeal(
        person_id=actor.id,
        words=words.strip(),
        decision_id=against.id if on_decision else None,
        sanction_id=None if on_decision else against.id,
        item=_queue_item(against) if isinstance(against, Decision) else None,
    )
    if publication.add_once(appeal, existing):
        return appeal
    return _if_the_same(db.session.scalars(existing).one(), words)


def _if_the_same(first: Appeal, words: str) -> Appeal:
    """The first appeal, if these are its words: a double click. Otherwise raises Conflict."""
    if first.words == words.strip():
        return first
    raise Conflict(_("You’ve already appealed against this. You can appeal against a decision once."), "words")


def _queue_item(decision: Decision) -> QueueItem:
    revision, now = decision.revision, clock.now()
    return QueueItem(
        task=Task.APPEAL,
        waiting_since=now,
        due_at=now + queue.DUE_AFTER[Task.APPEAL],
        **columns(decision.kind, decision.contribution.id, revision.id if revision else None),
    )


def answer(actor: Person, appeal: Appeal, outcome: AppealState, words: str) -> None:
    """Answer an appeal: uphold the decision or overturn it. Moderators may who neither made it nor appealed.

    The old decision stays on record; overturning adds the opposite one, and the author is told either way. Raises
    NotAllowed for anybody else, Refused without words, Conflict when somebody else has answered.
    """
    require(
        policy.may_answer(actor, appeal), _("Someone other than the moderator who decided has to answer an appeal.")
    )
    if not has_words(words):
        raise Refused(_("Write an answer. The author will read it."), "answer")
    if len(words) > ANSWER_MAX_LENGTH:
        raise Refused(_("An answer can have up to %(most)s characters.", most=f"{ANSWER_MAX_LENGTH:,}"), "answer")
    if outcome is AppealState.OPEN:
        raise Refused(_("Choose whether the decision stands."))
    _store_answer(actor, appeal, outcome, words.strip())
    against = appeal.against
    if outcome is AppealState.OVERTURNED:
        if isinstance(against, Decision):
            decisions.overturn(actor, against, words.strip(), appeal.item_id)
        else:
            sanctions.lift(actor, against, notify=False)
    _log(actor, appeal, outcome)
    record(AppealAnswered(appeal.id))


def _store_answer(actor: Person, appeal: Appeal, outcome: AppealState, words: str) -> None:
    """Store the answer and close the item of the queue. Raises Conflict when somebody else has answered."""
    now = clock.now()
    is_open = sa.and_(Appeal.id == appeal.id, Appeal.state == AppealState.OPEN)
    answered = {"state": outcome, "moderator_id": actor.id, "answer": words, "answered_at": now}
    if not rows_changed(sa.update(Appeal).where(is_open).values(answered)):
        raise Conflict(_("Someone else answered this appeal while you were reading it."))
    db.session.refresh(appeal)
    if appeal.item_id is not None:
        db.session.execute(
            sa.update(QueueItem)
            .where(QueueItem.id == appeal.item_id)
            .values(closed_at=now)
            .execution_options(synchronize_session="fetch")
        )


def _log(actor: Person, appeal: Appeal, outcome: AppealState) -> None:
    action = "overturn" if outcome is AppealState.OVERTURNED else "uphold"
    against = appeal.against
    if isinstance(against, Decision):
        audit_log.record(actor, action, against.contribution, revision=against.revision, reason=against.reason)
    else:
        audit_log.record(actor, action, appeal.person, reason=against.reason)


def has_eligible_moderator(appeal: Appeal) -> bool:
    """Whether there is any moderator who may answer this appeal."""
    able = sa.select(Person.id).where(
        Person.role.in_([Role.MODERATOR, Role.ADMIN]),
        Person.password_hash.is_not(None),
        Person.not_suspended(),
        Person.id.not_in([appeal.against.moderator_id, appeal.person_id]),
    )
    return bool(db.session.scalar(sa.select(able.exists())))


def count_open() -> int:
    """How many appeals have no answer yet."""
    return db.session.scalar(sa.select(sa.func.count(Appeal.id)).where(Appeal.state == AppealState.OPEN)) or 0


def list_appeals(*, is_open: bool) -> sa.Select[Appeal]:
    """Return appeals with what a list shows of them: open ones oldest first, answered ones newest first."""
    order = (Appeal.created_at, Appeal.id) if is_open else (Appeal.answered_at.desc(), Appeal.id.desc())
    on_decision = joinedload(Appeal.decision)
    return (
        sa.select(Appeal)
        .options(
            joinedload(Appeal.person),
            joinedload(Appeal.moderator),
            joinedload(Appeal.sanction).joinedload(Sanction.moderator),
            on_decision.joinedload(Decision.moderator),
            *(on_decision.joinedload(Decision.revision_of(kind)) for kind in kinds.all_kinds()),
        )
        .where((Appeal.state == AppealState.OPEN) == sa.literal(is_open))
        .order_by(*order)
    )


def by_id(actor: Actor, appeal_id: int) -> Appeal | None:
    """The appeal with this id, if there is one. For moderators; raises NotAllowed for anybody else."""
    require(policy.may_moderate(actor))
    return db.session.get(Appeal, appeal_id)


def by_item(item: QueueItem) -> Appeal | None:
    """The appeal that an item of the queue is about."""
    return db.session.scalar(sa.select(Appeal).where(Appeal.item_id == item.id))


def open_appeals_by(person: Person) -> Sequence[Appeal]:
    """The appeals of a person without an answer, oldest first."""
    return db.session.scalars(list_appeals(is_open=True).where(Appeal.person_id == person.id)).all()
