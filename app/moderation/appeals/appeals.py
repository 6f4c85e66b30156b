"""Appeals: objecting to a decision or a sanction, and a review by a different moderator."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.orm import joinedload

from app.accounts.models import Person
from app.foundation import clock, kinds
from app.foundation.access import Role, require
from app.foundation.contributions import publication
from app.foundation.database import db
from app.foundation.errors import Conflict, NotAllowed, Refused
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

WORDS_LONGEST = 3_000
ANSWER_LONGEST = 2_000


def appeal(actor: Person, against: Decision | Sanction, words: str) -> Appeal:
    """Appeal against a decision on one's own text, or a sanction against oneself. The person concerned may, suspended
    or not, once, for six months. Sending it twice returns the first appeal.

    Raises NotAllowed for anybody else, Refused if the text is empty or too long or the time is over, Conflict if the
    decision does not hold any more.
    """
    require(_concerned(against) == actor.id, "Only the person it concerns can appeal.")
    first = statements.appeal_against(against)
    if first is not None:
        return first
    if not has_words(words):
        raise Refused("Please say in your words what we should look at again.", "words")
    if len(words) > WORDS_LONGEST:
        raise Refused(f"Please use at most {WORDS_LONGEST:,} characters; these are {len(words):,}.", "words")
    if clock.now() >= statements.appeal_until(against):
        raise Refused("This can be appealed for six months; they are over.")
    if not statements.stands(against):
        raise Conflict("This decision does not stand any more: there is nothing left to appeal.")
    on_decision = isinstance(against, Decision)
    column = Appeal.decision_id if on_decision else Appeal.sanction_id
    same = sa.select(Appeal).where(column == against.id)
    made = Appeal(
        person_id=actor.id,
        words=words.strip(),
        decision_id=against.id if on_decision else None,
        sanction_id=None if on_decision else against.id,
        item=_item(against) if isinstance(against, Decision) else None,
    )
    return made if publication.add_once(made, same) else db.session.scalars(same).one()


def _concerned(against: Decision | Sanction) -> int:
    return against.person_id if isinstance(against, Sanction) else against.contribution.author_id


def _item(decision: Decision) -> QueueItem:
    revision, now = decision.revision, clock.now()
    return QueueItem(
        task=Task.APPEAL,
        waiting_since=now,
        due_at=now + queue.DUE_AFTER[Task.APPEAL],
        **columns(decision.kind, decision.contribution.id, revision.id if revision else None),
    )


def answer(actor: Person, asked: Appeal, outcome: AppealState, words: str) -> None:
    """Uphold a decision, or overturn it. A moderator may who neither made it nor appealed against it.

    The old decision stays on record; overturning adds the opposite one, and the author is told either way.
    Raises NotAllowed for the moderator who decided, Refused without a text, Conflict if somebody else has answered.
    """
    require(policy.may_answer(actor, asked), "Somebody other than the one who decided answers an appeal.")
    if not has_words(words):
        raise Refused("Please answer in words: the author reads them.", "answer")
    if len(words) > ANSWER_LONGEST:
        raise Refused(f"An answer has at most {ANSWER_LONGEST:,} characters.", "answer")
    if outcome is AppealState.OPEN:
        raise Refused("Please say whether the decision stands.")
    _settle(actor, asked, outcome, words.strip())
    against = asked.against
    if outcome is AppealState.OVERTURNED:
        if isinstance(against, Decision):
            decisions.overturn(actor, against, words.strip(), asked.item_id)
        else:
            sanctions.lift(actor, against, told=False)
    _note(actor, asked, outcome)
    record(AppealAnswered(asked.id))


def _settle(actor: Person, asked: Appeal, outcome: AppealState, words: str) -> None:
    """Store the answer with a conditional UPDATE: of two moderators who answer at once, one succeeds."""
    now = clock.now()
    settled = db.session.execute(
        sa.update(Appeal)
        .where(Appeal.id == asked.id, Appeal.state == AppealState.OPEN)
        .values(state=outcome, moderator_id=actor.id, answer=words, answered_at=now)
        .execution_options(synchronize_session=False)
    )
    if cast("sa.CursorResult[Any]", settled).rowcount != 1:
        raise Conflict("Somebody else answered this appeal while you were reading it.")
    db.session.refresh(asked)
    if asked.item_id is not None:
        db.session.execute(
            sa.update(QueueItem)
            .where(QueueItem.id == asked.item_id)
            .values(closed_at=now)
            .execution_options(synchronize_session="fetch")
        )


def _note(actor: Person, asked: Appeal, outcome: AppealState) -> None:
    action = "overturn" if outcome is AppealState.OVERTURNED else "uphold"
    against = asked.against
    if isinstance(against, Decision):
        audit_log.record(actor, action, against.contribution, revision=against.revision, reason=against.reason)
    else:
        audit_log.record(actor, action, asked.person, reason=against.reason)


def has_eligible_moderator(asked: Appeal) -> bool:
    """Return whether anybody may answer this appeal."""
    able = sa.select(Person.id).where(
        Person.role.in_([Role.MODERATOR, Role.ADMIN]),
        Person.password_hash.is_not(None),
        Person.not_suspended(),
        Person.id.not_in([asked.against.moderator_id, asked.person_id]),
    )
    return bool(db.session.scalar(sa.select(able.exists())))


def count_open() -> int:
    """Return the number of open appeals."""
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


def by_id(actor: Any, appeal_id: int) -> Appeal | None:
    """Return an appeal by its id, for moderators."""
    if not policy.may_moderate(actor):
        raise NotAllowed("")
    return db.session.get(Appeal, appeal_id)


def by_item(item: QueueItem) -> Appeal | None:
    """Return the appeal of a queue item."""
    return db.session.scalar(sa.select(Appeal).where(Appeal.item_id == item.id))


def open_appeals_by(person: Person) -> Sequence[Appeal]:
    """Return the open appeals of a person, oldest first."""
    return db.session.scalars(list_appeals(is_open=True).where(Appeal.person_id == person.id)).all()
