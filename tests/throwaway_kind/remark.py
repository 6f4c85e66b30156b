"""A throw-away kind declared outside the application: a reader's remark under a story, as 'Adding a kind' asks."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import Mapped, joinedload, mapped_column, relationship

from app.accounts.models import Person
from app.foundation.contributions import authorship, publication
from app.foundation.contributions.models import Contribution
from app.foundation.contributions.revisions import Revision, revision_constraints
from app.foundation.contributions.tombstones import TombstoneTexts
from app.foundation.database import Model, db
from app.foundation.kinds import Erasing, Kind, Labels, Loading, Searching, Text
from app.foundation.text.markup import RENDERER_VERSION, Profile, RenderedHTML
from app.foundation.text.rendered_text import render_text
from app.stories.models import Story

# --- models.py --------------------------------------------------------------------------------------------------


class Remark(Contribution, Model):
    __tablename__ = "remarks"

    kind = "remark"
    kinds = "remarks"

    author_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    story_id: Mapped[int] = mapped_column(sa.ForeignKey("stories.id"), index=True)
    live_revision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("remark_revisions.id", use_alter=True))
    is_invented: Mapped[bool] = mapped_column(default=False)

    author: Mapped[Person] = relationship()
    story: Mapped[Story] = relationship()
    live: Mapped[RemarkRevision | None] = relationship(foreign_keys=[live_revision_id], post_update=True)
    revisions: Mapped[list[RemarkRevision]] = relationship(
        foreign_keys="RemarkRevision.remark_id", order_by="RemarkRevision.number", viewonly=True
    )

    @classmethod
    def public(cls) -> sa.ColumnElement[bool]:
        return sa.and_(cls.published(), Story.public_with_id(cls.story_id))

    @property
    def url(self) -> str:
        return f"{self.story.url}#remark-{self.id}"


class RemarkRevision(Revision, Model):
    __tablename__ = "remark_revisions"
    __table_args__ = revision_constraints("remark")

    kind = "remark"

    remark_id: Mapped[int] = mapped_column(sa.ForeignKey("remarks.id"), index=True)
    body_source: Mapped[str] = mapped_column(sa.Text)
    body_html: Mapped[str] = mapped_column(RenderedHTML)
    summary: Mapped[str] = mapped_column(sa.String(100), default="")

    remark: Mapped[Remark] = relationship(foreign_keys=[remark_id])


# --- authoring.py -----------------------------------------------------------------------------------------------


def write(actor: Person, story: Story, body: str, summary: str = "") -> Remark:
    authorship.check_may_write(actor)
    remark = Remark(author=actor, story=story)
    db.session.add(remark)
    rendered = render_text(body, Profile.COMMENT)
    publication.add_revision(
        remark,
        RemarkRevision(
            renderer_version=RENDERER_VERSION, body_source=rendered.source, body_html=rendered.html, summary=summary
        ),
    )
    return remark


# --- erasure.py -------------------------------------------------------------------------------------------------


def clear(remark_id: int) -> None:
    for statement in (
        sa.update(Remark).where(Remark.id == remark_id).values(live_revision_id=None),
        sa.update(RemarkRevision)
        .where(RemarkRevision.remark_id == remark_id)
        .values(body_source="", body_html="", summary=""),
    ):
        db.session.execute(statement.execution_options(synchronize_session=False))
    db.session.expire_all()


def of_story(story_id: int) -> list[Remark]:
    # By the same author only: what others wrote stays with them.
    same_author = sa.select(Remark).join(Remark.story).where(Story.id == story_id, Story.author_id == Remark.author_id)
    return list(db.session.scalars(same_author))


# --- kind.py ----------------------------------------------------------------------------------------------------


def _about_topic(topic: Any, remark_id: Any, _revision_id: Any) -> sa.ColumnElement[bool]:
    from app.stories.queries import is_about

    stories = sa.select(Story.id).where(is_about(topic))
    return remark_id.in_(sa.select(Remark.id).where(Remark.story_id.in_(stories)))


REMARK = Kind(
    model=Remark,
    revision_model=RemarkRevision,
    labels=Labels(
        singular=_("Remark"),
        plural=_("Remarks"),
        in_sentence=_("remark"),
        yours=_("your remark"),
        report=_("Report a remark"),
    ),
    texts=(
        Text("body", "body_source", "body_html"),
        Text("summary", "summary", longest=100, place=_("in the summary")),
    ),
    profile=Profile.COMMENT,
    tombstones=TombstoneTexts(withdrawn=_("Withdrawn."), erased=_("Erased."), removed=_("Removed.")),
    erasing=Erasing(clear=clear, erased_with={Story.kind: of_story}),
    loading=Loading(
        queue=(joinedload(Remark.live), joinedload(Remark.author)),
        author=(joinedload(Remark.story).joinedload(Story.live),),
    ),
    edit_url=lambda remark: remark.url,
    withdraw_url=lambda remark: remark.url,
    searching=Searching(within={Story.kind: "story_id"}),
    about_topic=_about_topic,
)
