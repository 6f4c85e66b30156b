"""Counting: which stories count for a condition and a treatment, and how they answered.

A story counts if it is public and its author agreed to that in the live revision. One person counts once for a
condition and a treatment, with their latest story; if a story names a treatment twice, the last use counts. How well
it worked is taken from the latest public follow-up that says so, everything else from the story.

When a story changes, everything its author has told is looked at again: what counted before is subtracted from the
cells with the answers it was counted with, and what counts now is added. The cost does not depend on how many
stories a cell has.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence

import sqlalchemy as sa

from app.follow_ups.models import FollowUp, TreatmentNow
from app.foundation.database import db, transaction
from app.foundation.events import PublicChanged
from app.outcomes import cells as outcomes_cells
from app.outcomes.cells import FLAGS, QUESTIONS, Cell, StoryCount
from app.outcomes.models import Answers, CountedStory, OutcomeCell
from app.questionnaires.declaration import Answer
from app.stories.answers import Effect, Status
from app.stories.models import ReasonStopped, SideEffect, Story, StoryRevision, TreatmentTried
from app.topics.models import Topic

# The number of authors whose stories are processed together when everything is counted again.
BATCH = 1_000


def recount(events: Sequence[PublicChanged]) -> None:
    """Event handler: update the counts for these stories, in the transaction that changed them."""
    stories = {event.id for event in events if event.kind == Story.kind}
    told_later = {event.id for event in events if event.kind == FollowUp.kind}
    if told_later:
        stories |= set(db.session.scalars(sa.select(FollowUp.story_id).where(FollowUp.id.in_(told_later))))
    if stories:
        _count(*_affected(StoryRevision.story_id.in_(stories)))


def recount_all() -> int:
    """Count everything from scratch; returns how many cells have a story. For the command and the worker."""
    db.session.execute(sa.delete(CountedStory))
    db.session.execute(sa.update(OutcomeCell).values(stories=0, tally=outcomes_cells.empty()))
    authors = db.session.scalars(sa.select(Story.author_id).where(Story.public()).distinct().order_by(Story.author_id))
    for batch in authors.partitions(BATCH):
        _count(*_affected(Story.author_id.in_(batch)))
    return db.session.scalar(sa.select(sa.func.count()).select_from(OutcomeCell).where(OutcomeCell.stories > 0)) or 0


def count_if_never_counted() -> None:
    """Periodic task: count everything if nothing has ever been counted, as on a site that was just upgraded."""
    anything = db.session.scalar(sa.select(sa.exists(sa.select(OutcomeCell.condition_id))))
    due = not anything and db.session.execute(_latest().limit(1)).first() is not None
    db.session.rollback()
    if due:
        with transaction():
            recount_all()


def counted_stories(
    condition: Topic | None, treatment: Topic | None, effect: Effect | None = None
) -> sa.ColumnElement[bool]:
    """Return the SQL condition that a story is counted: for this condition, this treatment, both, or at all; and with
    this answer to how well it worked, which may come from a follow-up.
    """
    counted = sa.select(CountedStory.story_id)
    if condition is not None:
        counted = counted.where(CountedStory.condition_id == condition.id)
    if treatment is not None:
        counted = counted.where(CountedStory.treatment_id == treatment.id)
    if effect is not None:
        counted = counted.where(CountedStory.answers["effect"].as_string() == effect.value)
    return Story.id.in_(counted)


def _affected(chosen: sa.ColumnElement[bool]) -> tuple[set[int], set[Cell]]:
    """Return the authors of these stories, and the cells to which any revision of them belongs."""
    affected = (
        sa.select(Story.author_id, StoryRevision.condition_id, TreatmentTried.topic_id)
        .select_from(StoryRevision)
        .join(StoryRevision.treatments)
        .join(Story, Story.id == StoryRevision.story_id)
        .where(chosen)
        .distinct()
    )
    rows = db.session.execute(affected).all()
    return {author_id for author_id, *_cell in rows}, {(row[1], row[2]) for row in rows}


def _count(authors: Collection[int], cells: Collection[Cell]) -> None:
    """Recount the stories of these people in these cells."""
    if not cells:
        return
    outcomes_cells.lock(cells)
    stored, current = _stored_counts(authors, cells), _current_counts(authors, cells)
    removed = [each for key, each in stored.items() if current.get(key) != each]
    added = [each for key, each in current.items() if stored.get(key) != each]
    outcomes_cells.replace(removed, added)


def _stored_counts(authors: Collection[int], cells: Collection[Cell]) -> dict[tuple[Cell, int], StoryCount]:
    rows = db.session.execute(
        sa.select(
            CountedStory.condition_id,
            CountedStory.treatment_id,
            CountedStory.story_id,
            CountedStory.author_id,
            CountedStory.answers,
        ).where(CountedStory.author_id.in_(authors))
    )
    counted = (StoryCount((row[0], row[1]), *row[2:]) for row in rows)
    return {(each.cell, each.story_id): each for each in counted if each.cell in cells}


def _current_counts(authors: Collection[int], cells: Collection[Cell]) -> dict[tuple[Cell, int], StoryCount]:
    """Return the stories that count now. One statement, and three more if there are any."""
    latest = _latest(Story.author_id.in_(authors)).subquery()
    tried = TreatmentTried
    rows = db.session.execute(
        sa.select(latest.c.condition_id, latest.c.treatment_id, latest.c.story_id, Story.author_id, Story.is_invented)
        .add_columns(tried.id, tried.status, *(getattr(tried, question) for question in QUESTIONS))
        .join(Story, Story.id == latest.c.story_id)
        .join(tried, tried.revision_id == Story.live_revision_id)
        .where(tried.topic_id == latest.c.treatment_id, tried.is_last_for_topic())
    ).all()
    chosen = [row for row in map(tuple, rows) if (row[0], row[1]) in cells]
    if not chosen:
        return {}
    effects, reasons = _side_effects_and_reasons([row[5] for row in chosen])
    follow_up_effects = _follow_up_effects({row[2] for row in chosen})
    counted = [
        StoryCount(
            (row[0], row[1]),
            row[2],
            row[3],
            _answers(row[4:], effects[row[5]], reasons[row[5]]) | follow_up_effects.get((row[2], row[1]), {}),
        )
        for row in chosen
    ]
    return {(each.cell, each.story_id): each for each in counted}


def _follow_up_effects(stories: Collection[int]) -> dict[tuple[int, int], Answers]:
    """Return the latest answer of public follow-ups to how well a treatment worked, by story and treatment."""
    rows = db.session.execute(
        sa.select(FollowUp.story_id, TreatmentNow.topic_id, TreatmentNow.effect)
        .join(TreatmentNow, TreatmentNow.revision_id == FollowUp.live_revision_id)
        .where(FollowUp.story_id.in_(stories), FollowUp.public(), TreatmentNow.effect.is_not(None))
        .order_by(FollowUp.created_at, FollowUp.id)
    )
    return {(story_id, topic_id): {"effect": effect.value} for story_id, topic_id, effect in rows if effect}


def _latest(*among: sa.ColumnElement[bool]) -> sa.Select[int, int, int]:
    """Select condition, treatment and story: the latest story of each person for each condition and treatment."""
    return (
        sa.select(
            StoryRevision.condition_id.label("condition_id"),
            TreatmentTried.topic_id.label("treatment_id"),
            sa.func.max(Story.id).label("story_id"),
        )
        .select_from(Story)
        .join(StoryRevision, StoryRevision.id == Story.live_revision_id)
        .join(TreatmentTried, TreatmentTried.revision_id == StoryRevision.id)
        .where(Story.public(), StoryRevision.statistics_consent_at.is_not(None), *among)
        .group_by(StoryRevision.condition_id, TreatmentTried.topic_id, Story.author_id)
    )


def _side_effects_and_reasons(tried: Collection[int]) -> tuple[Mapping[int, dict[str, str]], Mapping[int, list[str]]]:
    """Return side effects and reasons for stopping, by the id of the treatment tried."""
    effects: dict[int, dict[str, str]] = defaultdict(dict)
    reasons: dict[int, list[str]] = defaultdict(list)
    severities = sa.select(SideEffect.tried_id, SideEffect.topic_id, SideEffect.severity)
    for tried_id, topic_id, severity in db.session.execute(severities.where(SideEffect.tried_id.in_(tried))):
        effects[tried_id][str(topic_id)] = severity.value
    stop_reasons = sa.select(ReasonStopped.tried_id, ReasonStopped.reason).order_by(ReasonStopped.reason)
    for tried_id, reason in db.session.execute(stop_reasons.where(ReasonStopped.tried_id.in_(tried))):
        reasons[tried_id].append(reason.value)
    return effects, reasons


def _answers(
    row: tuple[bool, int, Status | None, *tuple[Answer | None, ...]], effects: dict[str, str], reasons: list[str]
) -> Answers:
    invented, _tried_id, status, *given = row
    answers: Answers = {
        question: answer.value for question, answer in zip(QUESTIONS, given, strict=True) if answer is not None
    }
    flags = {
        "told_side_effects": "side_effects_overall" in answers or bool(effects),
        "told_status": status is not None or bool(reasons),
        "stopped": status is Status.STOPPED or bool(reasons),
        "invented": invented,
    }
    return {
        **answers,
        "side_effects": effects,
        "stop_reasons": reasons,
        "flags": [name for name in FLAGS if flags[name]],
    }
