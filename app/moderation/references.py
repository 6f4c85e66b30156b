"""The columns by which moderation tables point at a contribution and one of its revisions."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, relationship

from app.accounts.models import Person
from app.comments.models import Comment, CommentRevision
from app.follow_ups.models import FollowUp, FollowUpRevision
from app.stories.models import Story, StoryRevision

# What is moderated: kind -> the contribution and its revisions.
AnyContribution = Story | Comment | FollowUp


AnyRevision = StoryRevision | CommentRevision | FollowUpRevision


CONTRIBUTION_MODELS: dict[str, type[AnyContribution]] = {"story": Story, "comment": Comment, "follow_up": FollowUp}


REVISION_MODELS: dict[str, type[AnyRevision]] = {
    "story": StoryRevision,
    "comment": CommentRevision,
    "follow_up": FollowUpRevision,
}


EXACTLY_ONE_CONTRIBUTION = (
    " + ".join(f"(CASE WHEN {kind}_id IS NULL THEN 0 ELSE 1 END)" for kind in CONTRIBUTION_MODELS) + " = 1"
)


class ContributionReference:
    """Mixin: points at exactly one contribution, and at the revision of it that was read."""

    @declared_attr
    def story_id(cls) -> Mapped[int | None]:
        """The story, if it is one."""
        return mapped_column(sa.ForeignKey("stories.id"), index=True)

    @declared_attr
    def comment_id(cls) -> Mapped[int | None]:
        """The comment, if it is one."""
        return mapped_column(sa.ForeignKey("comments.id"), index=True)

    @declared_attr
    def follow_up_id(cls) -> Mapped[int | None]:
        """The follow-up, if it is one."""
        return mapped_column(sa.ForeignKey("follow_ups.id"), index=True)

    @declared_attr
    def story_revision_id(cls) -> Mapped[int | None]:
        """The revision of the story that this is about."""
        return mapped_column(sa.ForeignKey("story_revisions.id"))

    @declared_attr
    def comment_revision_id(cls) -> Mapped[int | None]:
        """The revision of the comment that this is about."""
        return mapped_column(sa.ForeignKey("comment_revisions.id"))

    @declared_attr
    def follow_up_revision_id(cls) -> Mapped[int | None]:
        """The revision of the follow-up that this is about."""
        return mapped_column(sa.ForeignKey("follow_up_revisions.id"))

    @declared_attr
    def story(cls) -> Mapped[Story | None]:
        """The story, if it is one."""
        return relationship(Story)

    @declared_attr
    def comment(cls) -> Mapped[Comment | None]:
        """The comment, if it is one."""
        return relationship(Comment)

    @declared_attr
    def follow_up(cls) -> Mapped[FollowUp | None]:
        """The follow-up, if it is one."""
        return relationship(FollowUp)

    @declared_attr
    def story_revision(cls) -> Mapped[StoryRevision | None]:
        """The revision of the story."""
        return relationship(StoryRevision)

    @declared_attr
    def comment_revision(cls) -> Mapped[CommentRevision | None]:
        """The revision of the comment."""
        return relationship(CommentRevision)

    @declared_attr
    def follow_up_revision(cls) -> Mapped[FollowUpRevision | None]:
        """The revision of the follow-up."""
        return relationship(FollowUpRevision)

    @property
    def kind(self) -> str:
        """'story', 'comment' or 'follow_up'."""
        return next(kind for kind in CONTRIBUTION_MODELS if getattr(self, f"{kind}_id") is not None)

    @property
    def contribution_id(self) -> int:
        """The id of what it is about, which need not be loaded for it."""
        return int(getattr(self, f"{self.kind}_id"))

    @classmethod
    def written_by(cls, person: Person) -> sa.ColumnElement[bool]:
        """Those about what this person wrote. Each kind by its own index: these tables grow for ever."""
        theirs = (
            getattr(cls, f"{kind}_id").in_(sa.select(model.id).where(model.author_id == person.id))
            for kind, model in CONTRIBUTION_MODELS.items()
        )
        return sa.or_(*theirs)

    def is_on(self, contribution: AnyContribution) -> bool:
        """Whether it is about this one."""
        return (self.kind, self.contribution_id) == (contribution.kind, contribution.id)

    @property
    def contribution(self) -> AnyContribution:
        """What it is about."""
        thing: AnyContribution = getattr(self, self.kind)
        return thing

    @property
    def revision(self) -> AnyRevision | None:
        """The version of it that it is about, if it is about one."""
        version: AnyRevision | None = getattr(self, f"{self.kind}_revision")
        return version
