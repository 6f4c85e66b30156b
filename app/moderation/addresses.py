"""Where the staff read about things."""

from __future__ import annotations

from flask import url_for

from app.moderation.references import CONTRIBUTION_MODELS


def of_contribution(kind: str, contribution_id: int) -> str:
    """The page with everything about a contribution."""
    return url_for("moderation.contribution", kinds=CONTRIBUTION_MODELS[kind].kinds, contribution_id=contribution_id)
