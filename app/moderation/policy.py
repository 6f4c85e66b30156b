"""Who may decide."""

from __future__ import annotations

from typing import Any


def may_moderate(actor: Any) -> bool:
    """Is a moderator or an administrator."""
    return bool(actor.is_authenticated and actor.is_moderator and not actor.is_suspended)


def may_decide(actor: Any, contribution: Any) -> bool:
    """Moderates, and did not write it: nobody decides on their own words."""
    return may_moderate(actor) and contribution.author_id != actor.id
