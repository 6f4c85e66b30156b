"""Erasing a comment: its text is removed, its place in the thread stays."""

from __future__ import annotations

import sqlalchemy as sa

from app.comments.models import Comment, CommentRevision
from app.foundation.database import db


def clear(comment_id: int) -> None:
    """Remove the text of all revisions of a comment."""
    # Its own row is written first, which locks it: whoever adds a revision at this moment waits and is refused.
    for statement in (
        sa.update(Comment).where(Comment.id == comment_id).values(live_revision_id=None),
        sa.update(CommentRevision).where(CommentRevision.comment_id == comment_id).values(body_source="", body_html=""),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()
