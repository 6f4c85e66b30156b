"""What an author may do with their own contributions, and who may write at all."""

from __future__ import annotations

from typing import Any, TypeVar

from app.foundation.access import require
from app.foundation.contributions import erasure_requests
from app.foundation.contributions.models import Contribution, PublicationState
from app.foundation.database import db
from app.foundation.errors import Missing

Kind = TypeVar("Kind", bound=Contribution)


def may_write(actor: Any) -> bool:
    """Return whether the actor may submit anything: logged in, not suspended, and without an unread warning."""
    return bool(actor.is_authenticated and not actor.is_suspended and actor.warned_at is None)


def check_may_write(actor: Any) -> None:
    """Raise NotAllowed, with the reason, unless the actor may submit something. For domain functions that store text.

    Locks the person's row, so that nothing is submitted after a suspension that happens at the same moment.
    """
    require(bool(actor.is_authenticated))
    db.session.refresh(actor, with_for_update={"read": True})
    require(
        not actor.is_suspended, "You cannot write here at present. ‘Your contributions’ says why, and how to appeal."
    )
    require(
        actor.warned_at is None,
        "A moderator has written to you. Please read it first, under ‘Your contributions’; your words are kept here.",
    )


def is_author(actor: Any, thing: Any) -> bool:
    """Return whether the actor is the author."""
    return bool(actor.is_authenticated and thing.author_id == actor.id)


def may_edit(actor: Any, contribution: Any) -> bool:
    """Return whether the actor is the author and it was not removed. `check_may_write` is for when they submit it."""
    return is_author(actor, contribution) and contribution.state is not PublicationState.REMOVED


def may_withdraw(actor: Any, contribution: Any) -> bool:
    """Return whether the actor is the author and it is neither removed nor withdrawn already."""
    over = (PublicationState.REMOVED, PublicationState.WITHDRAWN)
    return is_author(actor, contribution) and contribution.state not in over


def own(actor: Any, model: type[Kind], contribution_id: int) -> Kind:
    """Return the actor's own contribution of this kind and id. Raises Missing if it is somebody else's or missing."""
    contribution = db.session.get(model, contribution_id)
    if contribution is None or not is_author(actor, contribution):
        raise Missing
    return contribution


def own_to_edit(actor: Any, model: type[Kind], contribution_id: int) -> Kind:
    """The actor's own contribution, to edit or withdraw it. Raises Missing where `own` does and when it was removed,
    Conflict when its author asked to erase it.
    """
    contribution = own(actor, model, contribution_id)
    check_editable(actor, contribution)
    return contribution


def check_editable(actor: Any, contribution: Any) -> None:
    """Raise Missing when the actor may not edit this contribution, Conflict when its author asked to erase it."""
    if not may_edit(actor, contribution):
        raise Missing
    erasure_requests.check(contribution)
