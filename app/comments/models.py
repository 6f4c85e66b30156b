"""Comments, their ancestors, and their revisions."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Mapped, aliased, mapped_column, relationship

from app.accounts.models import Person
from app.articles.models import Article
from app.foundation import clock
from app.foundation.contributions.models import Contribution, PublicationState
from app.foundation.contributions.revisions import Revision, revision_constraints
from app.foundation.database import Model, UTCDateTime
from app.foundation.text.markup import RenderedHTML
from app.stories.models import Story
from app.topics.models import Topic

# What can be commented on: kind -> (model, the column of Comment that refers to it).
SUBJECTS: dict[str, type[Article | Topic | Story]] = {"article": Article, "topic": Topic, "story": Story}

# The comments on one subject, threads first, in the order in which they were begun. Each index leaves out the comments
# on other kinds of subjects: SQLite would count their nulls and take the index for useless.
SUBJECT_INDEXES = [
    sa.Index(
        f"ix_comments_under_{kind}",
        f"{kind}_id",
        "parent_id",
        "published_at",
        "id",
        sqlite_where=sa.text(f"{kind}_id IS NOT NULL"),
        postgresql_where=sa.text(f"{kind}_id IS NOT NULL"),
    )
    for kind in SUBJECTS
]

ONE_SUBJECT = (
    "(CASE WHEN article_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN topic_id IS NULL THEN 0 ELSE 1 END)"
    " + (CASE WHEN story_id IS NULL THEN 0 ELSE 1 END) = 1"
)


class CommentAncestor(Model):
    """A pair of comments of which one is above the other in a thread, at any distance."""

    __tablename__ = "comment_ancestors"

    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True)
    ancestor_id: Mapped[int] = mapped_column(
        sa.ForeignKey("comments.id", ondelete="CASCADE"), primary_key=True, index=True
    )


class Comment(Contribution, Model):
    """A comment on an article, a topic or a story, perhaps as a reply to another comment."""

    __tablename__ = "comments"
    __table_args__ = (
        sa.UniqueConstraint("author_id", "submission_key"),
        sa.CheckConstraint(ONE_SUBJECT, name="one_subject"),
        *SUBJECT_INDEXES,
    )

    kind = "comment"
    kinds = "comments"

    author_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    parent_id: Mapped[int | None] = mapped_column(sa.ForeignKey("comments.id"), index=True)
    article_id: Mapped[int | None] = mapped_column(sa.ForeignKey("articles.id"))
    topic_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topics.id"))
    story_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stories.id"))
    live_revision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("comment_revisions.id", use_alter=True))
    submission_key: Mapped[str | None] = mapped_column(sa.String(40))
    is_invented: Mapped[bool] = mapped_column(default=False)

    author: Mapped[Person] = relationship()
    parent: Mapped[Comment | None] = relationship(remote_side="Comment.id")
    article: Mapped[Article | None] = relationship()
    topic: Mapped[Topic | None] = relationship()
    story: Mapped[Story | None] = relationship()
    live: Mapped[CommentRevision | None] = relationship(foreign_keys=[live_revision_id], post_update=True)
    revisions: Mapped[list[CommentRevision]] = relationship(
        foreign_keys="CommentRevision.comment_id", order_by="CommentRevision.number", viewonly=True
    )

    @classmethod
    def public(cls) -> sa.ColumnElement[bool]:
        """The condition for comments that everybody sees: published, on a public subject, under published comments."""
        above = aliased(Comment)
        silenced = (
            sa.select(CommentAncestor.ancestor_id)
            .join(above, above.id == CommentAncestor.ancestor_id)
            .where(
                CommentAncestor.comment_id == cls.id,
                sa.or_(above.state != PublicationState.PUBLISHED, above.live_revision_id.is_(None)),
            )
            .correlate(cls)
            .exists()
        )
        on_public = [model.public_with_id(getattr(cls, f"{kind}_id")) for kind, model in SUBJECTS.items()]
        return sa.and_(cls.published(), ~silenced, sa.or_(*on_public))

    @property
    def subject(self) -> Article | Topic | Story:
        """The subject: the article, topic or story that it is on."""
        thing = self.article or self.topic or self.story
        assert thing is not None, "kept by a CHECK"
        return thing

    @property
    def url(self) -> str:
        """Its own address, which redirects to its place in the thread."""
        return url_for("comments.show", comment_id=self.id)


class ClosedThread(Model):
    """A closed discussion: no more comments are accepted on this subject. Those that are there stay."""

    __tablename__ = "closed_threads"
    __table_args__ = (
        sa.CheckConstraint(ONE_SUBJECT, name="one_subject"),
        sa.UniqueConstraint("article_id"),
        sa.UniqueConstraint("topic_id"),
        sa.UniqueConstraint("story_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    article_id: Mapped[int | None] = mapped_column(sa.ForeignKey("articles.id"))
    topic_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topics.id"))
    story_id: Mapped[int | None] = mapped_column(sa.ForeignKey("stories.id"))
    closed_by_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"))
    closed_at: Mapped[datetime] = mapped_column(UTCDateTime, default=clock.now)


class CommentRevision(Revision, Model):
    """One revision of a comment, as its author sent it."""

    __tablename__ = "comment_revisions"
    __table_args__ = revision_constraints("comment")

    kind = "comment"

    comment_id: Mapped[int] = mapped_column(sa.ForeignKey("comments.id"), index=True)
    body_source: Mapped[str] = mapped_column(sa.Text)
    body_html: Mapped[str] = mapped_column(RenderedHTML)

    comment: Mapped[Comment] = relationship(foreign_keys=[comment_id])
