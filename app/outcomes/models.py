"""The counts: the answers of each counted story, and their totals."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import Person
from app.foundation.database import Model
from app.stories.models import Story
from app.topics.models import Topic

Answers = dict[str, Any]
"""The answers of a story about a treatment: the codes by the names of `cells.QUESTIONS`, `stop_reasons` as a list,
`side_effects` as severity by topic id, and `flags`, those of `cells.FLAGS` that hold."""

Tally = dict[str, Any]
"""Numbers of stories: for each of `cells.QUESTIONS` by answer, `stop_reasons` by reason, `side_effects` by topic id and
severity, and for each of `cells.FLAGS`."""


class OutcomeCell(Model):
    """The totals for one condition and one treatment: the sum of their `CountedStory` rows.

    `tally` is the number of stories for each answer to each question, see `Tally`. It is never queried by its
    content, so it is stored as one value.
    """

    __tablename__ = "outcome_cells"

    condition_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id"), primary_key=True)
    treatment_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id"), primary_key=True, index=True)
    stories: Mapped[int] = mapped_column(default=0)
    tally: Mapped[Tally] = mapped_column(sa.JSON, default=dict)

    condition: Mapped[Topic] = relationship(foreign_keys=[condition_id])
    treatment: Mapped[Topic] = relationship(foreign_keys=[treatment_id])


class CountedStory(Model):
    """A story that counts for a condition and a treatment, with the answers as they were counted.

    The answers are stored here as well as in the story, so that they can be subtracted again whatever has become of the
    story since. One person counts once in a cell.
    """

    __tablename__ = "counted_stories"
    __table_args__ = (sa.UniqueConstraint("condition_id", "treatment_id", "author_id"),)

    condition_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id"), primary_key=True)
    treatment_id: Mapped[int] = mapped_column(sa.ForeignKey("topics.id"), primary_key=True, index=True)
    story_id: Mapped[int] = mapped_column(sa.ForeignKey("stories.id"), primary_key=True, index=True)
    author_id: Mapped[int] = mapped_column(sa.ForeignKey("people.id"), index=True)
    answers: Mapped[Answers] = mapped_column(sa.JSON)

    story: Mapped[Story] = relationship()
    author: Mapped[Person] = relationship()
