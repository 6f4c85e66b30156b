"""Views for moderators to close and reopen a thread."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.comments import authoring
from app.foundation.access import Role, staff
from app.moderation.threads import closing

bp = Blueprint("threads", __name__)


@bp.get("/moderation/threads/<kind>/<int:subject_id>")
@staff(Role.MODERATOR)
def confirm(kind: str, subject_id: int) -> ResponseReturnValue:
    """Show the page that asks whether to close or reopen a thread."""
    subject = authoring.public_subject(kind, subject_id)
    return render_template("moderation/threads/thread.html", subject=subject, closed=authoring.is_closed(subject))


@bp.post("/moderation/threads/<kind>/<int:subject_id>")
@staff(Role.MODERATOR)
def close_or_reopen(kind: str, subject_id: int) -> ResponseReturnValue:
    """Close or reopen a thread."""
    subject = authoring.public_subject(kind, subject_id)
    if request.form.get("what") == "open":
        closing.reopen(current_user, subject)
        flash(_("Discussion reopened. Members can comment again."), "success")
    else:
        closing.close(current_user, subject)
        flash(_("Discussion closed. The comments stay."), "success")
    return redirect(f"{subject.url}#comments")
