"""Writing stories: sending for review, new versions, withdrawing. All of it is the author's own business."""

from __future__ import annotations

import sqlalchemy as sa

from app.accounts.models import Origin, Person
from app.foundation.access import require
from app.foundation.contributions import authorship, publication
from app.foundation.database import db
from app.questionnaires.questions import check, fields_of
from app.stories import drafts, policy, unlisted_names
from app.stories.models import Story, StoryDraft, StoryRevision


def submit(actor: Person, revision: StoryRevision, key: str) -> Story:
    """Send a new story for review. Any member may.

    `revision` is made of the answers and not yet in the session. `key` comes with the form: sending the same form twice
    answers with the story of the first time; a text that changed in between waits as its next version. The draft with
    this key is deleted. Raises Refused when a limit is broken.
    """
    authorship.check_may_write(actor)
    check(revision)
    mine = sa.select(Story).where(Story.author_id == actor.id, Story.submission_key == key)
    story = Story(author=actor, submission_key=key, is_invented=actor.origin is Origin.DEMONSTRATION)
    is_new = publication.add_once(story, mine)
    db.session.execute(sa.delete(StoryDraft).where(StoryDraft.author_id == actor.id, StoryDraft.key == key))
    if not is_new:
        return _sent_again(actor, db.session.scalars(mine).one(), revision)
    unlisted_names.use_stand_ins(revision)
    publication.add_revision(story, revision)
    return story


def _sent_again(actor: Person, story: Story, revision: StoryRevision) -> Story:
    """The same form once more: a double click changes nothing; other words, after going back, are a new version."""
    if fields_of(publication.latest_of(story)) != fields_of(revision):
        submit_edit(actor, story, revision)
    return story


def submit_edit(actor: Person, story: Story, revision: StoryRevision) -> None:
    """Send a new version of one's own story. The public one stays until this is approved; a version that waits is
    replaced. `revision` is not yet in the session. Raises Refused when a limit is broken, NotAllowed for anybody but
    the author.
    """
    require(policy.may_edit(actor, story), "Only its author can change a story.")
    authorship.check_may_write(actor)
    check(revision)
    drafts.discard_of(story)
    unlisted_names.use_stand_ins(revision)
    publication.replace_revision(story, revision)


def withdraw(actor: Person, story: Story) -> None:
    """Take one's own story back, published or waiting. Raises NotAllowed for anybody but the author."""
    publication.withdraw(actor, story)
    drafts.discard_of(story)
