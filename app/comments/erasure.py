"""What is removed of a comment that its author erases: its words go, its place in the thread stays."""

from __future__ import annotations

import sqlalchemy as sa

from app.comments.models import Comment, CommentRevision
from app.foundation.database import db


def clear(comment_id: int) -> None:
    """Remove the words of a comment, of all its versions."""
    # First its own row, which locks it: whoever adds to it at this moment waits, and is refused.
    for statement in (
        sa.update(Comment).where(Comment.id == comment_id).values(live_revision_id=None),
        sa.update(CommentRevision).where(CommentRevision.comment_id == comment_id).values(body_source="", body_html=""),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()
