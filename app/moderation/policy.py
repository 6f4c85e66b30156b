"""Who may do what in moderation. Every domain function asks here; templates and views ask only what to show."""

from __future__ import annotations

from datetime import timedelta

from app.accounts.models import Person
from app.foundation import clock
from app.foundation.access import Actor, Role
from app.foundation.contributions.models import Contribution
from app.moderation.appeals.models import Appeal
from app.moderation.decisions.models import Action, Decision
from app.moderation.queue.models import Task
from app.moderation.sanctions.models import Sanction

# For how long a moderator can undo a decision.
UNDO_WITHIN = timedelta(seconds=30)
# Decisions that cannot be undone: an undo, and a redaction. Its author can send another version instead.
NOT_UNDOABLE = (Action.UNDO, Action.REDACT)


def may_moderate(actor: Actor) -> bool:
    """Whether they are a moderator or an administrator, and not suspended."""
    return bool(actor.is_authenticated and actor.is_moderator and not actor.is_suspended)


def may_decide(actor: Actor, contribution: Contribution) -> bool:
    """Whether they moderate, and did not write it: nobody decides on their own words."""
    return may_moderate(actor) and contribution.author_id != actor.id


def may_undo(actor: Actor, decision: Decision) -> bool:
    """Whether they made this decision within the last 30 seconds and have not undone it yet.

    The answer to an appeal cannot be undone: whoever appealed has read it already.
    """
    answers_appeal = decision.item is not None and decision.item.task is Task.APPEAL
    return (
        decision.moderator_id == actor.id
        and decision.action not in NOT_UNDOABLE
        and decision.undone_by is None
        and clock.now() - decision.created_at <= UNDO_WITHIN
        and not answers_appeal
    )


def may_export_log(actor: Actor) -> bool:
    """Whether they are an administrator, and not suspended."""
    return may_moderate(actor) and actor.has_role(Role.ADMIN)


def may_read_statement(actor: Actor, about: Decision | Sanction) -> bool:
    """Whether it concerns them, or they moderate."""
    return person_concerned(about) == actor.id or may_moderate(actor)


def may_appeal(actor: Actor, against: Decision | Sanction) -> bool:
    """Whether it concerns them; whoever is suspended may appeal too. Whether it can still be appealed is another
    question, see `appeals.submit`.
    """
    return bool(actor.is_authenticated) and person_concerned(against) == actor.id


def person_concerned(about: Decision | Sanction) -> int:
    """The id of the person it concerns: the author of what was decided on, or the person sanctioned."""
    return about.person_id if isinstance(about, Sanction) else about.contribution.author_id


def may_answer(actor: Actor, appeal: Appeal) -> bool:
    """Whether they moderate, and neither made the decision nor appealed: somebody else takes the second look.

    An appeal against a sanction is answered only by somebody who could have imposed it.
    """
    if not may_moderate(actor) or actor.id in (appeal.against.moderator_id, appeal.person_id):
        return False
    return appeal.sanction is None or may_sanction(actor, appeal.person)


def may_sanction(actor: Actor, person: Person) -> bool:
    """Whether they moderate, and it is somebody else; sanctions on staff are for administrators."""
    if not may_moderate(actor) or actor.id == person.id:
        return False
    return person.role is Role.MEMBER or bool(actor.has_role(Role.ADMIN))


def may_acknowledge(actor: Actor, sanction: Sanction) -> bool:
    """Whether it is a warning against them."""
    return sanction.person_id == actor.id and sanction.is_warning


def may_note(actor: Actor, person_id: int) -> bool:
    """Whether they may write and read staff notes on this person, or on what this person wrote: not on themselves."""
    return may_moderate(actor) and actor.id != person_id
