"""The columns by which tables of moderation point at a contribution and at one of its revisions.

There is one pair of foreign keys for each kind in the registry, and a CHECK that exactly one contribution is named:
rows stay tied to what they are about, whatever kinds there are.
"""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, mapped_column, relationship

from app.accounts.models import Person
from app.foundation import kinds
from app.foundation.contributions.models import Contribution
from app.foundation.contributions.revisions import Revision
from app.foundation.kinds import AnyKind

kinds.seal()

EXACTLY_ONE_CONTRIBUTION = (
    " + ".join(f"(CASE WHEN {kind.id_column} IS NULL THEN 0 ELSE 1 END)" for kind in kinds.all_kinds()) + " = 1"
)


def columns(kind: str, contribution_id: int, revision_id: int | None) -> dict[str, int | None]:
    """The values of a `ContributionReference` to this contribution and revision, by the names of their columns."""
    named = kinds.get(kind)
    return {named.id_column: contribution_id, named.revision_id_column: revision_id}


class ContributionReference:
    """Mixin: points at exactly one contribution, and at the revision of it that was read, if there was one.

    For a kind called 'story' its subclasses get the columns `story_id` and `story_revision_id`, and the relationships
    `story` and `story_revision`.
    """

    def __init_subclass__(cls, **options: object) -> None:
        """Add the columns and relationships of every kind, before SQLAlchemy maps the class.

        Raises TypeError where the name of a kind is that of an attribute the class has already.
        """
        for kind in kinds.all_kinds():
            contributions, revisions = kind.model.__tablename__, kind.revision_model.__tablename__
            attributes = {
                kind.id_column: mapped_column(sa.ForeignKey(f"{contributions}.id"), nullable=True, index=True),
                kind.revision_id_column: mapped_column(sa.ForeignKey(f"{revisions}.id"), nullable=True),
                kind.name: relationship(kind.model),
                f"{kind.name}_revision": relationship(kind.revision_model),
            }
            for name, attribute in attributes.items():
                if name in cls.__dict__ or name in cls.__annotations__:
                    raise TypeError(f"{cls.__name__} has an attribute {name} already: call the kind something else")
                setattr(cls, name, attribute)
        super().__init_subclass__(**options)

    @classmethod
    def id_of(cls, kind: str | AnyKind) -> InstrumentedAttribute[int]:
        """The column with the id of a contribution of this kind."""
        column: InstrumentedAttribute[int] = getattr(cls, _named(kind).id_column)
        return column

    @classmethod
    def revision_id_of(cls, kind: str | AnyKind) -> InstrumentedAttribute[int]:
        """The column with the id of a revision of this kind."""
        column: InstrumentedAttribute[int] = getattr(cls, _named(kind).revision_id_column)
        return column

    @classmethod
    def contribution_of(cls, kind: AnyKind) -> InstrumentedAttribute[Contribution]:
        """The relationship to a contribution of this kind."""
        attribute: InstrumentedAttribute[Contribution] = getattr(cls, kind.name)
        return attribute

    @classmethod
    def revision_of(cls, kind: AnyKind) -> InstrumentedAttribute[Revision]:
        """The relationship to a revision of this kind."""
        attribute: InstrumentedAttribute[Revision] = getattr(cls, f"{kind.name}_revision")
        return attribute

    @classmethod
    def about(cls, contribution: Contribution) -> sa.ColumnElement[bool]:
        """The condition that a row is about this contribution."""
        return cls.id_of(contribution.kind) == contribution.id

    @classmethod
    def written_by(cls, person: Person) -> sa.ColumnElement[bool]:
        """The condition that a row is about something this person wrote."""
        # Each kind by its own index: these tables grow for ever.
        theirs = (
            cls.id_of(kind).in_(sa.select(kind.model.id).where(kind.model.author_id == person.id))
            for kind in kinds.all_kinds()
        )
        return sa.or_(*theirs)

    @property
    def kind(self) -> str:
        """The name of the kind it is about: 'story', 'comment', ..."""
        return next(kind.name for kind in kinds.all_kinds() if getattr(self, kind.id_column) is not None)

    @property
    def contribution_id(self) -> int:
        """The id of the contribution it is about; does not load the contribution."""
        return int(getattr(self, kinds.get(self.kind).id_column))

    @property
    def contribution(self) -> Contribution:
        """The contribution it is about."""
        thing: Contribution = getattr(self, self.kind)
        return thing

    @property
    def revision(self) -> Revision | None:
        """The revision it is about, if it is about one."""
        version: Revision | None = getattr(self, f"{self.kind}_revision")
        return version

    def is_about(self, contribution: Contribution) -> bool:
        """Whether this row is about this contribution."""
        return (self.kind, self.contribution_id) == (contribution.kind, contribution.id)


def _named(kind: str | AnyKind) -> AnyKind:
    return kinds.get(kind) if isinstance(kind, str) else kind
