"""Views for saving stories and for the list of saved stories."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.comments import authoring
from app.foundation.access import member, or_404, public
from app.foundation.database import db
from app.saved_stories import saving
from app.stories import queries
from app.stories.models import Story

bp = Blueprint("saved_stories", __name__)

# The largest id that both databases can compare.
MAX_ID = 2**31 - 1


@bp.get("/stories/saved")
@public
def listing() -> ResponseReturnValue:
    """List the stories saved in the account, and those whose ids are in the address: a browser without an account
    keeps them itself.
    """
    in_account = saving.saved_stories(current_user) if current_user.is_authenticated else []
    known = {story.id for story in in_account}
    in_browser = [story for story in saving.stories_by_ids(_ids()) if story.id not in known]
    counts = authoring.count_by_subject([*in_account, *in_browser])["story"]
    return render_template(
        "saved_stories/list.html",
        in_account=queries.cards(in_account, counts),
        in_browser=queries.cards(in_browser, counts),
    )


def _ids() -> list[int]:
    found = request.args.getlist("id", type=int)[: saving.MAX_SAVED]
    return [each for each in dict.fromkeys(found) if 0 < each <= MAX_ID]


@bp.post("/stories/<int:story_id>/save")
@member
def save(story_id: int) -> ResponseReturnValue:
    """Save a story in the account, or remove it."""
    if request.form.get("what") == "remove":
        saving.remove(current_user, story_id)
        flash(_("Removed from your saved stories."), "success")
        return redirect(url_for("saved_stories.listing"))
    story = or_404(db.session.scalar(sa.select(Story).where(Story.id == story_id, Story.public())))
    saving.save(current_user, story)
    return redirect(f"{story.url}#saved")
