"""Reading and writing comments over HTTP."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, g, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user
from sqlalchemy.orm import joinedload

from app.comments import authoring, threads
from app.comments.forms import CommentForm
from app.comments.kind import COMMENT
from app.comments.models import Comment
from app.foundation import database
from app.foundation.access import member, or_404, prepare, public
from app.foundation.contributions import authorship, erasure_requests, tombstones
from app.foundation.contributions.publication import is_public, latest_of, pending_of
from app.foundation.database import db
from app.foundation.errors import DomainError, Removed
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import RenderedText, render_text
from app.foundation.web import forms, withdrawal
from app.notifications import submission_status

bp = Blueprint("comments", __name__)
bp.add_app_template_global(authoring.is_closed, "thread_is_closed")

withdrawal.add_views(bp, Comment, lazy_gettext("You’ve withdrawn your comment. No one else can read it now."))


def _rendered(**_view_args: object) -> RenderedText:
    return render_text(forms.cleaned(request.form.get("body"))[: authoring.BODY_MAX_LENGTH + 1], Profile.COMMENT)


@bp.get("/comments/<int:comment_id>")
@public
def show(comment_id: int) -> ResponseReturnValue:
    """Redirect to a comment's place in its thread. While it is not public, show its author its status."""
    comment = db.session.scalar(sa.select(Comment).where(Comment.id == comment_id, Comment.readable_by(current_user)))
    if comment is None:
        raise tombstones.error_for(db.session.get(Comment, comment_id), COMMENT.tombstones)
    if is_public(comment):
        return redirect(threads.address_of(comment))
    if erasure_requests.is_done(comment):
        raise Removed(COMMENT.tombstones.erased)
    return render_template(
        "comments/show.html",
        comment=comment,
        revision=latest_of(comment),
        subject=_if_public(comment.subject),
        parent=_if_public(comment.parent),
    )


@bp.get("/comments/<int:comment_id>/answers")
@public
def replies(comment_id: int) -> ResponseReturnValue:
    """All replies below a comment, a page at a time, for threads that are too long for the page of their subject."""
    comment = db.session.scalar(
        sa.select(Comment)
        .options(joinedload(Comment.live), joinedload(Comment.author))
        .where(Comment.id == comment_id, Comment.public())
    )
    if comment is None:
        raise tombstones.error_for(db.session.get(Comment, comment_id), COMMENT.tombstones)
    top, thread = threads.replies(comment)
    return render_template("comments/replies.html", subject=comment.subject, top=top, thread=thread)


def _if_public(thing: Any) -> Any | None:
    """Return what somebody replied to, or None if it is not public any more: then not even its title is shown."""
    return thing if thing is not None and is_public(thing) else None


@bp.get("/comments/new/<kind>/<int:subject_id>")
@member
def new(kind: str, subject_id: int) -> ResponseReturnValue:
    """The form for a comment on something public, on a page of its own."""
    return _form_page(CommentForm(), authoring.public_subject(kind, subject_id))


@bp.post("/comments/new/<kind>/<int:subject_id>")
@member
@prepare(_rendered)
def create(kind: str, subject_id: int) -> ResponseReturnValue:
    """Send a comment for review."""
    return _send(authoring.public_subject(kind, subject_id))


@bp.get("/comments/<int:comment_id>/reply")
@member
def reply(comment_id: int) -> ResponseReturnValue:
    """The form for a reply to a comment."""
    parent = _public_comment(comment_id)
    return _form_page(CommentForm(), parent.subject, parent=parent)


@bp.post("/comments/<int:comment_id>/reply")
@member
@prepare(_rendered)
def create_reply(comment_id: int) -> ResponseReturnValue:
    """Submit a reply."""
    parent = _public_comment(comment_id)
    return _send(parent.subject, parent=parent)


@bp.get("/comments/<int:comment_id>/edit")
@member
def edit(comment_id: int) -> ResponseReturnValue:
    """The form for the next revision of one's own comment."""
    comment = authorship.own_to_edit(current_user, Comment, comment_id)
    form = CommentForm(data={"body": latest_of(comment).body_source})
    return _form_page(form, comment.subject, parent=comment.parent, comment=comment)


@bp.post("/comments/<int:comment_id>/edit")
@member
@prepare(_rendered)
def change(comment_id: int) -> ResponseReturnValue:
    """Submit the next revision of one's own comment."""
    comment = authorship.own_to_edit(current_user, Comment, comment_id)
    return _send(comment.subject, parent=comment.parent, comment=comment)


def _public_comment(comment_id: int) -> Comment:
    return or_404(db.session.scalar(sa.select(Comment).where(Comment.id == comment_id, Comment.public())))


def _send(
    subject: authoring.Subject, *, parent: Comment | None = None, comment: Comment | None = None
) -> ResponseReturnValue:
    form = CommentForm()
    if not form.validate_on_submit():
        return _form_page(form, subject, parent=parent, comment=comment), 422
    try:
        if comment is None:
            comment = authoring.submit(current_user, subject, g.prepared, forms.submitted_key(), parent)
        else:
            authoring.submit_edit(current_user, comment, g.prepared)
    except DomainError as error:
        forms.refuse(form, error)
        return _form_page(form, subject, parent=parent, comment=comment), error.status
    if comment.is_published and pending_of(comment) is None:
        flash(_("Thank you. Your comment is public. A moderator will read it later."), "success")
    else:
        flash(_("Thank you. Your comment is with our moderators. One of them reads it first."), "success")
    return redirect(url_for("comments.show", comment_id=comment.id, _anchor=f"comment-{comment.id}"))


def _form_page(
    form: CommentForm, subject: authoring.Subject, *, parent: Comment | None = None, comment: Comment | None = None
) -> str:
    if form.errors:
        database.roll_back()
    return render_template(
        "comments/form.html",
        form=form,
        subject=_if_public(subject),
        parent=_if_public(parent),
        comment=comment,
        sent_back=submission_status.sent_back(comment) if comment else None,
        errors=forms.all_errors(form),
    )
