"""Who may do what with topics."""

from __future__ import annotations

from app.foundation.access import Actor, Role


def may_handle_requests(actor: Actor) -> bool:
    """Whether they may read and settle readers' requests for topics: editors and administrators."""
    return bool(actor.is_authenticated and actor.has_role(Role.EDITOR))
