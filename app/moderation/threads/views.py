"""Closing a thread and opening it again, over HTTP."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.comments import authoring
from app.comments.models import SUBJECTS
from app.foundation.access import Role, or_404, staff
from app.foundation.database import db
from app.moderation.threads import closing

bp = Blueprint("threads", __name__)


@bp.get("/moderation/threads/<kind>/<int:subject_id>")
@staff(Role.MODERATOR)
def ask(kind: str, subject_id: int) -> ResponseReturnValue:
    """Ask before a thread is closed or opened."""
    subject = _subject(kind, subject_id)
    return render_template("moderation/threads/thread.html", subject=subject, closed=authoring.is_closed(subject))


@bp.post("/moderation/threads/<kind>/<int:subject_id>")
@staff(Role.MODERATOR)
def turn(kind: str, subject_id: int) -> ResponseReturnValue:
    """Close a thread, or open it again."""
    subject = _subject(kind, subject_id)
    if request.form.get("what") == "open":
        closing.reopen(current_user, subject)
        flash(_("The discussion is open again."), "success")
    else:
        closing.close(current_user, subject)
        flash(_("The discussion is closed. What was said stays."), "success")
    return redirect(f"{subject.url}#comments")


def _subject(kind: str, subject_id: int) -> Any:
    model: Any = or_404(SUBJECTS.get(kind))
    return or_404(db.session.scalar(sa.select(model).where(model.id == subject_id, model.public())))
