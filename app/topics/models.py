"""Topics, their names, their relations, and the revisions of their pages."""

from __future__ import annotations

import enum
from datetime import date

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.foundation import kinds
from app.foundation.contributions.models import Publication, PublicationState
from app.foundation.contributions.revisions import Revision
from app.foundation.database import Model, enum_column
from app.foundation.text.markup import RenderedHTML

# The source of stand-in topics, to which a story refers until its unlisted name is settled. They have no names.
UNLISTED = "unlisted"


class TopicKind(enum.StrEnum):
    """What kind of topic it is."""

    CONDITION = "condition"
    TREATMENT = "treatment"
    EFFECT = "effect"
    CONCEPT = "concept"


class NameKind(enum.StrEnum):
    """What sort of name of a topic it is."""

    PREFERRED = "preferred"
    SYNONYM = "synonym"
    BRAND = "brand"
    ABBREVIATION = "abbreviation"


class RelationKind(enum.StrEnum):
    """The kind of a relation between two topics; read 'topic *treats* other'."""

    TREATS = "treats"
    ALTERNATIVE_TO = "alternative_to"
    BROADER = "broader"
    RELATED = "related"


class Topic(Publication, Model):
    """A condition, treatment, effect or concept. Without a live revision it is vocabulary only: it can be chosen in
    forms and search understands it, but it has no overview. Names and definitions are written by editors.

    `public()` says that editors have published an overview, `reachable()` that there is a page, with one or without.
    """

    __tablename__ = "topics"
    __table_args__ = (sa.UniqueConstraint("source", "source_key"),)

    kind = "topic"

    slug: Mapped[str] = mapped_column(sa.String(100), unique=True)
    about: Mapped[TopicKind] = mapped_column(enum_column(TopicKind), index=True)
    name: Mapped[str] = mapped_column(sa.String(200))
    definition: Mapped[str] = mapped_column(sa.Text, default="")
    # The source of an imported topic and its id there, so that importing it again changes nothing.
    source: Mapped[str | None] = mapped_column(sa.String(40))
    source_key: Mapped[str | None] = mapped_column(sa.String(80))
    live_revision_id: Mapped[int | None] = mapped_column(sa.ForeignKey("topic_revisions.id", use_alter=True))

    live: Mapped[TopicRevision | None] = relationship(foreign_keys=[live_revision_id], post_update=True)
    names: Mapped[list[TopicName]] = relationship(
        back_populates="topic", cascade="all, delete-orphan", order_by="TopicName.id"
    )
    relations: Mapped[list[TopicRelation]] = relationship(
        foreign_keys="TopicRelation.topic_id", cascade="all, delete-orphan", order_by="TopicRelation.id"
    )

    @classmethod
    def listed(cls) -> sa.ColumnElement[bool]:
        """The condition for topics of the vocabulary, which stand-in topics are not."""
        return cls.source.is_distinct_from(UNLISTED)

    @classmethod
    def reachable(cls) -> sa.ColumnElement[bool]:
        """The condition for topics that have a page: those with an overview, and those in the vocabulary under which
        something public is filed. What was hidden, withdrawn or removed has none.
        """
        without_overview = sa.and_(
            cls.state == PublicationState.UNPUBLISHED,
            cls.listed(),
            kinds.public_under(cls.id),
        )
        return sa.or_(cls.public(), without_overview)

    @classmethod
    def reachable_among(cls, chosen: sa.ColumnElement[bool]) -> sa.ColumnElement[bool]:
        """The condition for the reachable ones among the rows that meet another condition.

        As a CASE: SQLite would look for what is filed under every topic before it looks at the other condition.
        """
        return sa.and_(chosen, sa.case((chosen, cls.reachable()), else_=sa.false()))

    @property
    def is_listed(self) -> bool:
        """Whether it is in the vocabulary. Stand-in topics are not."""
        return self.source != UNLISTED

    @property
    def has_overview(self) -> bool:
        """Whether editors have published an overview for its page."""
        return self.is_published and self.live_revision_id is not None

    @property
    def public_definition(self) -> str:
        """Its definition if readers may see it, else empty: an imported one is not meant for them."""
        return self.definition if self.has_overview else ""

    @property
    def url(self) -> str:
        """The address of its page, which leads on to its stories if it is not reachable."""
        return url_for("topics.show", slug=self.slug)

    @property
    def other_names(self) -> list[str]:
        """All names except the preferred one."""
        return [name.name for name in self.names if name.kind is not NameKind.PREFERRED]


class TopicName(Model):
    """One name of a topic. The same name may belong to several topics ('DCP'), but only once to each."""

    __tablename__ = "topic_names"
    __table_args__ = (sa.UniqueConstraint("topic_id", "key"), sa.Index("ix_topic_names_key", "key"))

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id", ondelete="CASCADE"))
    name: Mapped[str] = mapped_column(sa.String(200))
    key: Mapped[str] = mapped_column(sa.String(200))
    kind: Mapped[NameKind] = mapped_column(enum_column(NameKind))

    topic: Mapped[Topic] = relationship(back_populates="names")


class TopicRelation(Model):
    """A relation from one topic to another."""

    __tablename__ = "topic_relations"
    __table_args__ = (sa.UniqueConstraint("topic_id", "other_id", "kind"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id", ondelete="CASCADE"))
    other_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id", ondelete="CASCADE"), index=True)
    kind: Mapped[RelationKind] = mapped_column(enum_column(RelationKind))

    topic: Mapped[Topic] = relationship(foreign_keys=[topic_id], overlaps="relations")
    other: Mapped[Topic] = relationship(foreign_keys=[other_id])


class TopicRevision(Revision, Model):
    """One version of a topic's page: the overview, its references, and who reviewed it."""

    __tablename__ = "topic_revisions"
    __table_args__ = (sa.UniqueConstraint("topic_id", "number"),)

    topic_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id"))
    overview_source: Mapped[str] = mapped_column(sa.Text)
    overview_html: Mapped[str] = mapped_column(RenderedHTML)
    # [{"text": ..., "url": ... or null}] in the order of their numbers.
    references: Mapped[list[dict[str, str | None]]] = mapped_column("reference_list", sa.JSON)
    reviewed_by: Mapped[str | None] = mapped_column(sa.String(200))
    reviewed_on: Mapped[date | None]
    next_review_due: Mapped[date | None]

    topic: Mapped[Topic] = relationship(foreign_keys=[topic_id])
