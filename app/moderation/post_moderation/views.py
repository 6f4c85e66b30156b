"""Views for moderators: reading the comments that the fast lane published."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user

from app.foundation.access import Role, or_404, staff
from app.foundation.database import db
from app.foundation.web.pagination import PER_PAGE, clamped_number, numbered_page
from app.moderation import policy
from app.moderation.post_moderation import fast_lane, reading
from app.moderation.post_moderation.models import RulePublication

bp = Blueprint("post_moderation", __name__)
bp.add_app_template_global(fast_lane.is_enabled, "fast_lane_is_enabled")
bp.add_app_template_global(reading.current, "what_is_read")


@bp.get("/moderation/afterwards")
@staff(Role.MODERATOR)
def listing() -> ResponseReturnValue:
    """Show the comments to be read, oldest first, or those that were read."""
    read = request.args.get("read") == "1"
    to_read, read_so_far = fast_lane.count_unread(), fast_lane.count_read()
    total = read_so_far if read else to_read
    number = clamped_number(total)
    return render_template(
        "moderation/post_moderation/list.html",
        page=numbered_page(fast_lane.publications(PER_PAGE, (number - 1) * PER_PAGE, read=read), number, total),
        read=read,
        to_read=to_read,
        read_so_far=read_so_far,
        may_decide=policy.may_decide,
    )


@bp.post("/moderation/afterwards/<int:publication_id>")
@staff(Role.MODERATOR)
def mark_read(publication_id: int) -> ResponseReturnValue:
    """Record that a comment was read and stays."""
    fast_lane.mark_read(current_user, or_404(db.session.get(RulePublication, publication_id)))
    flash(_("Marked as read. It stays as it is."), "success")
    return redirect(url_for("post_moderation.listing"))
