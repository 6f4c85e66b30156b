"""Who may do what in moderation."""

from __future__ import annotations

from typing import Any

from app.foundation.access import Role


def may_moderate(actor: Any) -> bool:
    """Return whether the actor is a moderator or an administrator."""
    return bool(actor.is_authenticated and actor.is_moderator and not actor.is_suspended)


def may_decide(actor: Any, contribution: Any) -> bool:
    """Return whether the actor is a moderator and not the author: nobody decides on their own words."""
    return may_moderate(actor) and contribution.author_id != actor.id


def may_answer(actor: Any, appeal: Any) -> bool:
    """Return whether the actor is a moderator who neither made the decision nor appealed against it."""
    if not may_moderate(actor) or actor.id in (appeal.against.moderator_id, appeal.person_id):
        return False
    return appeal.sanction is None or may_sanction(actor, appeal.person)


def may_sanction(actor: Any, person: Any) -> bool:
    """Return whether the actor is a moderator and the person somebody else; only administrators sanction staff."""
    if not may_moderate(actor) or actor.id == person.id:
        return False
    return person.role is Role.MEMBER or bool(actor.has_role(Role.ADMIN))
