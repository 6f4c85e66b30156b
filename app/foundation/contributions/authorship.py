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
    """Is somebody, not suspended, and has read what they were warned of."""
    return bool(actor.is_authenticated and not actor.is_suspended and actor.warned_at is None)


def check_may_write(actor: Any) -> None:
    """For verbs that keep what somebody sends: raise NotAllowed, with what keeps them from writing.

    Waits for whoever suspends this person at this very moment, so that nothing is sent after a suspension.
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
    """Wrote it."""
    return bool(actor.is_authenticated and thing.author_id == actor.id)


def may_edit(actor: Any, contribution: Any) -> bool:
    """Is the author, and it was not removed for good. Whether they may write at all is asked when they send it."""
    return is_author(actor, contribution) and contribution.state is not PublicationState.REMOVED


def may_withdraw(actor: Any, contribution: Any) -> bool:
    """Is the author, and there is something to withdraw."""
    over = (PublicationState.REMOVED, PublicationState.WITHDRAWN)
    return is_author(actor, contribution) and contribution.state not in over


def own(actor: Any, model: type[Kind], contribution_id: int) -> Kind:
    """The contribution of this kind and id that the actor wrote. Raises Missing for anybody else's, and for none."""
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
