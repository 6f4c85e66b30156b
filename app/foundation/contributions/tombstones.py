"""What became of a contribution that was public: its page says so, and nothing else."""

from __future__ import annotations

from typing import Any, NamedTuple

from app.foundation.contributions import erasure_requests
from app.foundation.contributions.models import PublicationState
from app.foundation.errors import DomainError, Missing, Removed


class TombstoneTexts(NamedTuple):
    """What the page of one kind of contribution says."""

    withdrawn: str
    erased: str
    removed: str


def error_for(contribution: Any, say: TombstoneTexts) -> DomainError:
    """What to raise for whoever may not read something: what was public once says what became of it, and everything
    else answers like what never was.
    """
    if contribution is None or contribution.published_at is None:
        return Missing()
    if contribution.state is PublicationState.WITHDRAWN:
        return Removed(say.erased if erasure_requests.is_done(contribution) else say.withdrawn)
    return Removed(say.removed) if contribution.state is PublicationState.REMOVED else Missing()
