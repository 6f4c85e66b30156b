"""What becomes of a comment that its author erases: its words go, its place in the thread stays."""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa

from app.comments.models import Comment, CommentRevision
from app.foundation.database import db
from app.foundation.events import Erased


def clear(events: Sequence[Erased]) -> None:
    """Reaction: remove the words of comments, of all their versions."""
    ids = [event.id for event in events if event.kind == Comment.kind]
    if not ids:
        return
    # First their own rows, which locks them: whoever adds to one at this moment waits, and is refused.
    for statement in (
        sa.update(Comment).where(Comment.id.in_(ids)).values(live_revision_id=None),
        sa.update(CommentRevision).where(CommentRevision.comment_id.in_(ids)).values(body_source="", body_html=""),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()
