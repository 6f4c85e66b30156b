"""The address at which the staff read about a contribution."""

from __future__ import annotations

from flask import url_for

from app.foundation import kinds


def of_contribution(kind: str, contribution_id: int) -> str:
    """The page with everything about a contribution."""
    return url_for("moderation.contribution", kinds=kinds.get(kind).plural, contribution_id=contribution_id)
