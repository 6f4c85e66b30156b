"""What an author may do with their own contributions, and who may write at all. A domain function asks here first."""

from __future__ import annotations

from typing import TypeVar

from flask_babel import gettext as _

from app.foundation.access import Actor, require
from app.foundation.contributions import erasure_requests
from app.foundation.contributions.models import Contribution, HasAuthor, PublicationState
from app.foundation.database import db
from app.foundation.errors import Missing

C = TypeVar("C", bound=Contribution)


def may_write(actor: Actor) -> bool:
    """Whether they are logged in, not suspended, and have read every warning."""
    return bool(actor.is_authenticated and not actor.is_suspended and actor.warned_at is None)


def check_may_write(actor: Actor) -> None:
    """Raise NotAllowed, with the reason, if this person may send nothing now. For domain functions that store a text.

    Waits for whoever suspends this person at the same moment, so that nothing is sent after a suspension.
    """
    require(bool(actor.is_authenticated))
    db.session.refresh(actor, with_for_update={"read": True})
    require(
        not actor.is_suspended, _("You can’t post at the moment. ‘Your contributions’ says why, and how to appeal.")
    )
    require(
        actor.warned_at is None,
        _("A moderator has sent you a warning. Read it in ‘Your contributions’ first. Your words are kept here."),
    )


def is_author(actor: Actor, thing: HasAuthor) -> bool:
    """Whether they wrote it."""
    return bool(actor.is_authenticated and thing.author_id == actor.id)


def may_edit(actor: Actor, contribution: Contribution) -> bool:
    """Whether they wrote it and it was not removed. Whether they may write at all is checked when they send it."""
    return is_author(actor, contribution) and contribution.state is not PublicationState.REMOVED


def may_withdraw(actor: Actor, contribution: Contribution) -> bool:
    """Whether they wrote it and it is neither removed nor withdrawn yet."""
    over = (PublicationState.REMOVED, PublicationState.WITHDRAWN)
    return is_author(actor, contribution) and contribution.state not in over


def may_erase(actor: Actor, contribution: Contribution) -> bool:
    """Whether they wrote it. Its state does not matter, nor whether they are suspended."""
    return is_author(actor, contribution)


def own(actor: Actor, model: type[C], contribution_id: int) -> C:
    """The contribution of this kind and id that the actor wrote. Raises Missing for anybody else's, and for none."""
    contribution = db.session.get(model, contribution_id)
    if contribution is None or not is_author(actor, contribution):
        raise Missing
    return contribution


def own_to_edit(actor: Actor, model: type[C], contribution_id: int) -> C:
    """The actor's own contribution, to edit or withdraw it. Raises Missing where `own` does and when it was removed,
    Conflict when its author asked to erase it.
    """
    contribution = own(actor, model, contribution_id)
    check_editable(actor, contribution)
    return contribution


def check_editable(actor: Actor, contribution: Contribution) -> None:
    """Raise Missing when the actor may not edit this contribution, Conflict when its author asked to erase it."""
    if not may_edit(actor, contribution):
        raise Missing
    erasure_requests.check(contribution)
