"""Writing stories: sending for review, new versions, withdrawing. All of it is the author's own business."""

from __future__ import annotations

import sqlalchemy as sa

from app.accounts.models import Origin, Person
from app.foundation.access import require
from app.foundation.contributions import authorship, publication
from app.foundation.database import db
from app.stories import drafts, unlisted_names
from app.stories.content import StoryContent, fields_of, revision_of
from app.stories.models import Story, StoryDraft, StoryRevision


def submit(actor: Person, content: StoryContent, key: str) -> Story:
    """Send a new story for review. Any member may.

    `key` comes with the form: sending the same form twice answers with the story of the first time; words that changed
    in between wait as its next version. The draft with this key is done with. Raises Refused when a limit is broken.
    """
    authorship.check_may_write(actor)
    content.check()
    mine = sa.select(Story).where(Story.author_id == actor.id, Story.submission_key == key)
    story = Story(author=actor, submission_key=key, is_invented=actor.origin is Origin.DEMONSTRATION)
    is_new = publication.add_once(story, mine)
    db.session.execute(sa.delete(StoryDraft).where(StoryDraft.author_id == actor.id, StoryDraft.key == key))
    if not is_new:
        return _sent_again(actor, db.session.scalars(mine).one(), content)
    publication.add_revision(story, _as_sent(content))
    return story


def _sent_again(actor: Person, story: Story, content: StoryContent) -> Story:
    """The same form once more: a double click changes nothing; other words, after going back, are a new version."""
    if fields_of(publication.latest_of(story)) != fields_of(revision_of(content)):
        submit_edit(actor, story, content)
    return story


def _as_sent(content: StoryContent) -> StoryRevision:
    revision = revision_of(content)
    unlisted_names.use_stand_ins(revision)
    return revision


def submit_edit(actor: Person, story: Story, content: StoryContent) -> None:
    """Send a new version of one's own story. The public one stays until this is approved; a version that waits is
    replaced. Raises Refused when a limit is broken, NotAllowed for anybody but the author.
    """
    require(authorship.may_edit(actor, story), "Only its author can change a story.")
    authorship.check_may_write(actor)
    content.check()
    drafts.discard_of(story)
    publication.replace_revision(story, _as_sent(content))


def withdraw(actor: Person, story: Story) -> None:
    """Take one's own story back, published or waiting. Raises NotAllowed for anybody but the author."""
    publication.withdraw(actor, story)
    drafts.discard_of(story)
