"""The moderators' statistics page."""

from __future__ import annotations

from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue

from app.foundation.access import Role, staff
from app.moderation.reasons import REASONS
from app.moderation.statistics import response_times, statistics

bp = Blueprint("statistics", __name__)
bp.add_app_template_global(response_times.recent, "usual_wait")


@bp.get("/moderation/statistics")
@staff(Role.MODERATOR)
def figures() -> ResponseReturnValue:
    """Show the statistics of moderation."""
    return render_template(
        "moderation/statistics/statistics.html",
        figures=statistics.current(),
        reasons=REASONS,
        fewest=statistics.MIN_SAMPLE,
        days=statistics.DAYS,
    )
