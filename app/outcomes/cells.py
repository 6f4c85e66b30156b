"""The cells of outcomes, one for each condition and treatment: locking them, and adding and removing stories."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from app.foundation.database import db
from app.outcomes.models import Answers, CountedStory, OutcomeCell, Tally
from app.questionnaires.question_types import OneOf
from app.questionnaires.questions import questions_of
from app.stories.models import TreatmentTried

Cell = tuple[int, int]
"""The ids of a condition and a treatment."""

# The counted questions with a single answer, as attributes of `TreatmentTried`.
QUESTIONS = tuple(
    question.attribute
    for question in questions_of(TreatmentTried)
    if question.is_counted and isinstance(question, OneOf)
)
# Answered the question about side effects; answered that about the status; stopped early; invented for a demonstration.
FLAGS = ("told_side_effects", "told_status", "stopped", "invented")

_KEY = (OutcomeCell.condition_id, OutcomeCell.treatment_id)
_INSERT = {"sqlite": sqlite.insert, "postgresql": postgresql.insert}


@dataclass(frozen=True)
class StoryCount:
    """A story counted in a cell: its id, that of its author, and the answers it was counted with."""

    cell: Cell
    story_id: int
    author_id: int
    answers: Answers


def lock(cells: Collection[Cell]) -> None:
    """Lock these cells until the end of the transaction, always in the same order. Creates those that do not exist.

    PostgreSQL runs decisions concurrently, and each would otherwise overwrite the sums of the other.
    """
    values = [{"condition_id": condition, "treatment_id": treatment} for condition, treatment in sorted(cells)]
    name = db.session.get_bind().dialect.name
    made: Any = _INSERT[name](OutcomeCell).values([{**value, "stories": 0, "tally": empty()} for value in values])
    db.session.execute(made.on_conflict_do_nothing())
    if name == "postgresql":
        among = OutcomeCell.condition_id.in_({cell[0] for cell in cells})
        db.session.execute(sa.select(*_KEY).where(among).order_by(*_KEY).with_for_update())


def replace(removed: Sequence[StoryCount], added: Sequence[StoryCount]) -> None:
    """Remove the stories `removed` from their cells, with the answers they were counted with, and add `added`.

    The caller has locked the cells.
    """
    _write_stories(removed, added)
    _write_cells(removed, added)


def _write_stories(removed: Iterable[StoryCount], added: Iterable[StoryCount]) -> None:
    for each in removed:
        own = (CountedStory.story_id == each.story_id, CountedStory.treatment_id == each.cell[1])
        db.session.execute(
            sa.delete(CountedStory)
            .where(CountedStory.condition_id == each.cell[0], *own)
            .execution_options(synchronize_session=False)
        )
    values = [
        {
            "condition_id": each.cell[0],
            "treatment_id": each.cell[1],
            "story_id": each.story_id,
            "author_id": each.author_id,
            "answers": each.answers,
        }
        for each in added
    ]
    if values:
        db.session.execute(sa.insert(CountedStory), values)


def _write_cells(removed: Sequence[StoryCount], added: Sequence[StoryCount]) -> None:
    changed = {each.cell for each in (*removed, *added)}
    if not changed:
        return
    rows = db.session.execute(
        sa.select(*_KEY, OutcomeCell.stories, OutcomeCell.tally).where(
            OutcomeCell.condition_id.in_({cell[0] for cell in changed}),
            OutcomeCell.treatment_id.in_({cell[1] for cell in changed}),
        )
    ).all()
    cells = {(row[0], row[1]): {"stories": row[2], **row[3]} for row in rows}
    for each, sign in (*((each, -1) for each in removed), *((each, 1) for each in added)):
        _add(cells[each.cell], each.answers, sign)
    for condition_id, treatment_id in sorted(changed):
        tally = dict(cells[condition_id, treatment_id])
        db.session.execute(
            sa.update(OutcomeCell)
            .where(OutcomeCell.condition_id == condition_id, OutcomeCell.treatment_id == treatment_id)
            .values(stories=tally.pop("stories"), tally=tally)
            .execution_options(synchronize_session=False)
        )


def _add(tally: Tally, answers: Answers, sign: int) -> None:
    """Add the answers of a story to a tally (sign 1), or subtract them (sign -1)."""
    _change(tally, "stories", sign)
    for flag in answers["flags"]:
        _change(tally, flag, sign)
    for question in QUESTIONS:
        if question in answers:
            # Tallies stored before a question was added do not contain it.
            _change(tally.setdefault(question, {}), answers[question], sign)
    for reason in answers["stop_reasons"]:
        _change(tally["stop_reasons"], reason, sign)
    for topic_id, severity in answers["side_effects"].items():
        _change(tally["side_effects"].setdefault(topic_id, {}), severity, sign)
        if not tally["side_effects"][topic_id]:
            del tally["side_effects"][topic_id]


def _change(numbers: dict[str, int], name: str, by: int) -> None:
    numbers[name] = numbers.get(name, 0) + by
    if not numbers[name] and name not in ("stories", *FLAGS):
        del numbers[name]


def empty() -> Tally:
    """The tally of a cell without stories."""
    return {**dict.fromkeys(FLAGS, 0), **{question: {} for question in (*QUESTIONS, "stop_reasons", "side_effects")}}
