"""Tombstones: the page of a contribution that was public says what became of it, and nothing else."""

from __future__ import annotations

from typing import NamedTuple

from app.foundation.contributions import erasure_requests
from app.foundation.contributions.models import Contribution, PublicationState
from app.foundation.errors import DomainError, Missing, Removed


class TombstoneTexts(NamedTuple):
    """What the page of a contribution says when its author withdrew or erased it, or a moderator removed it."""

    withdrawn: str
    erased: str
    removed: str


def error_for(contribution: Contribution | None, texts: TombstoneTexts) -> DomainError:
    """The error to raise where somebody may not read a contribution.

    Removed, with the text for it, if it was public once and is withdrawn, erased or removed; otherwise Missing, as for
    what never existed.
    """
    if contribution is None or contribution.published_at is None:
        return Missing()
    if contribution.state is PublicationState.WITHDRAWN:
        return Removed(texts.erased if erasure_requests.is_done(contribution) else texts.withdrawn)
    return Removed(texts.removed) if contribution.state is PublicationState.REMOVED else Missing()
