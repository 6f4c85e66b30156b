"""Reading follow-ups: the timeline of a story, and the stories whose authors are due to be asked for one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import joinedload, selectinload

from app.accounts.models import Person
from app.follow_ups.models import FollowUp, FollowUpRevision, TreatmentNow, months_between
from app.foundation import clock
from app.foundation.contributions.models import PublicationState
from app.foundation.database import db
from app.stories.models import Story, StoryRevision

REMINDER_MONTHS = (12, 3)
"""After how many months an author who agreed is asked for a follow-up, in descending order."""

# A loader option for every answer of a revision.
ANSWER_LOADERS = selectinload(FollowUpRevision.treatments).joinedload(TreatmentNow.topic)


def load_answers(versions: Iterable[FollowUpRevision]) -> None:
    """Load the answers of these revisions into the session. Two statements, whatever the number of revisions."""
    db.session.scalars(
        sa.select(FollowUpRevision)
        .options(ANSWER_LOADERS)
        .where(FollowUpRevision.id.in_([version.id for version in versions]))
    ).all()


def timeline(story: Story) -> Sequence[FollowUp]:
    """The public follow-ups of a story with their answers, oldest first. At most two statements."""
    return db.session.scalars(
        sa.select(FollowUp)
        .options(joinedload(FollowUp.live).options(ANSWER_LOADERS))
        .where(FollowUp.story_id == story.id, FollowUp.public())
        .order_by(FollowUp.created_at, FollowUp.id)
    ).all()


@dataclass(frozen=True)
class DueFollowUp:
    """A story whose author is due to be asked for a follow-up.

    `months` is the last of REMINDER_MONTHS that has been reached, `months_passed` the whole months since publication.
    """

    story: Story
    months: int
    months_passed: int


def due_follow_ups(person: Person) -> list[DueFollowUp]:
    """The stories of a person for which they are due to be asked for a follow-up, oldest first.

    These are public, their author has agreed to be asked, and no follow-up has been submitted since the last of
    REMINDER_MONTHS was reached.
    """
    stories = db.session.scalars(
        sa.select(Story)
        .options(joinedload(Story.live).load_only(StoryRevision.title))
        .join(StoryRevision, StoryRevision.id == Story.live_revision_id)
        .where(Story.author_id == person.id, Story.public(), StoryRevision.follow_up_consent_at.is_not(None))
        .order_by(Story.published_at)
    ).all()
    if not stories:
        return []
    last_rows = db.session.execute(
        sa.select(FollowUp.story_id, sa.func.max(FollowUp.created_at, type_=FollowUp.created_at.type))
        .where(
            FollowUp.story_id.in_([story.id for story in stories]),
            FollowUp.state != PublicationState.WITHDRAWN,
        )
        .group_by(FollowUp.story_id)
    )
    last = {row[0]: row[1] for row in last_rows}
    due_stories = []
    for story in stories:
        published_at = story.published_at or story.created_at
        months_passed = months_between(published_at, clock.now())
        due_after = next((each for each in REMINDER_MONTHS if months_passed >= each), None)
        if due_after and (story.id not in last or months_between(published_at, last[story.id]) < due_after):
            due_stories.append(DueFollowUp(story, due_after, months_passed))
    return due_stories
