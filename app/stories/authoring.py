"""Submitting, editing and withdrawing stories. Only the author of a story may do so."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import gettext as _

from app.accounts.models import Origin, Person
from app.foundation.access import require
from app.foundation.contributions import authorship, publication
from app.foundation.database import db
from app.questionnaires.questions import check, fields_of
from app.stories import drafts, policy, unlisted_names
from app.stories.models import Story, StoryDraft, StoryRevision


def submit(actor: Person, revision: StoryRevision, key: str) -> Story:
    """Submit a new story for review, and return it. Any member who is not suspended may.

    `revision` holds the answers and has not been added to the session. `key` is the random key of the form: if the same
    form is submitted twice, the story of the first submission is returned, and a changed text becomes its next
    revision. Deletes the author's draft with this key. Raises Refused if a limit is broken, and NotAllowed if the
    person may not write at present.
    """
    authorship.check_may_write(actor)
    check(revision)
    same_form = sa.select(Story).where(Story.author_id == actor.id, Story.submission_key == key)
    story = Story(author=actor, submission_key=key, is_invented=actor.origin is Origin.DEMONSTRATION)
    is_new = publication.add_once(story, same_form)
    db.session.execute(sa.delete(StoryDraft).where(StoryDraft.author_id == actor.id, StoryDraft.key == key))
    if not is_new:
        return _resubmit(actor, db.session.scalars(same_form).one(), revision)
    unlisted_names.use_stand_ins(revision)
    publication.add_revision(story, revision)
    return story


def _resubmit(actor: Person, story: Story, revision: StoryRevision) -> Story:
    """Handle a form that was submitted before: add a revision only if the answers differ from the latest one."""
    if fields_of(publication.latest_of(story)) != fields_of(revision):
        submit_edit(actor, story, revision)
    return story


def submit_edit(actor: Person, story: Story, revision: StoryRevision) -> None:
    """Submit a new revision of one's own story for review. Only its author may.

    `revision` has not been added to the session. The public revision stays until the new one is approved; a pending
    revision is superseded, and the draft of the next revision is deleted. Raises Refused if a limit is broken,
    NotAllowed for anybody but the author, and Conflict if the story is to be erased.
    """
    require(policy.may_edit(actor, story), _("Only its author can change a story."))
    authorship.check_may_write(actor)
    check(revision)
    drafts.discard_of(story)
    unlisted_names.use_stand_ins(revision)
    publication.replace_revision(story, revision)


def withdraw(actor: Person, story: Story) -> None:
    """Withdraw one's own story, whether published or pending, and delete the draft of its next revision.

    Raises NotAllowed for anybody but the author, and Conflict if a moderator decides on it at the same moment.
    """
    publication.withdraw(actor, story)
    drafts.discard_of(story)
