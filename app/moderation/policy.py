"""Who may decide."""

from __future__ import annotations

from typing import Any

from app.foundation.access import Role


def may_moderate(actor: Any) -> bool:
    """Is a moderator or an administrator."""
    return bool(actor.is_authenticated and actor.is_moderator and not actor.is_suspended)


def may_decide(actor: Any, contribution: Any) -> bool:
    """Moderates, and did not write it: nobody decides on their own words."""
    return may_moderate(actor) and contribution.author_id != actor.id


def may_answer(actor: Any, appeal: Any) -> bool:
    """Moderates, and neither decided nor objects: a second look is somebody else's."""
    if not may_moderate(actor) or actor.id in (appeal.against.moderator_id, appeal.person_id):
        return False
    return appeal.sanction is None or may_sanction(actor, appeal.person)


def may_sanction(actor: Any, person: Any) -> bool:
    """Moderates, and it is somebody else; on the staff themselves, administrators only."""
    if not may_moderate(actor) or actor.id == person.id:
        return False
    return person.role is Role.MEMBER or bool(actor.has_role(Role.ADMIN))
