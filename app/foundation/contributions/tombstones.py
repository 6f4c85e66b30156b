"""Tombstones: the page of a contribution that was public says what became of it, and nothing else."""

from __future__ import annotations

from typing import Any, NamedTuple

from app.foundation.contributions import erasure_requests
from app.foundation.contributions.models import PublicationState
from app.foundation.errors import DomainError, Missing, Removed


class TombstoneTexts(NamedTuple):
    """The sentences on the tombstones of one kind of contribution."""

    withdrawn: str
    erased: str
    removed: str


def error_for(contribution: Any, say: TombstoneTexts) -> DomainError:
    """Return the error to raise for somebody who may not read a contribution, or if it is None.

    `Removed` (410), with a sentence from `say`, if it was public once and has been withdrawn, erased or removed;
    otherwise `Missing` (404), as if it had never existed.
    """
    if contribution is None or contribution.published_at is None:
        return Missing()
    if contribution.state is PublicationState.WITHDRAWN:
        return Removed(say.erased if erasure_requests.is_done(contribution) else say.withdrawn)
    return Removed(say.removed) if contribution.state is PublicationState.REMOVED else Missing()
