"""Drafts of stories: new ones, and the next version of one that was sent. All of it is the author's own business."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from app.accounts.models import Person
from app.foundation.access import require
from app.foundation.contributions import authorship, drafts, publication
from app.foundation.database import db
from app.stories.content import fields_of
from app.stories.models import Story, StoryDraft, StoryRevision
from app.topics import lookup


def save(actor: Person, key: str, fields: Mapping[str, list[str]], story: Story | None = None) -> StoryDraft:
    """Keep the form as it stands, finished or not. Any member may, for themselves.

    Raises Refused when it is too large or when there are too many drafts already.
    """
    # A draft is one's own business: who may not send it now keeps the words all the same.
    require(actor.is_authenticated and (story is None or authorship.may_edit(actor, story)))
    mine = sa.select(StoryDraft).where(StoryDraft.author_id == actor.id)
    same = mine.where(StoryDraft.story_id == story.id) if story else mine.where(StoryDraft.key == key)

    def begin() -> StoryDraft:
        # The key ties a new story to its draft; the next version of a story is found by the story.
        return StoryDraft(author_id=actor.id, key=drafts.own_key() if story else key, story=story, fields={})

    return drafts.keep(same, begin, fields)


def keep_typing(
    actor: Person, key: str, fields: Mapping[str, list[str]], story: Story | None = None
) -> StoryDraft | None:
    """Keep what is being typed, as `save` does, unless it was sent meanwhile: a late arrival must not bring the
    draft of a sent story back. Answers None then.
    """
    mine = sa.select(Story).where(Story.author_id == actor.id, Story.submission_key == key)
    sent = story or db.session.scalar(mine)
    if sent is not None and _typed(fields) == _typed(fields_of(publication.latest_of(sent))):
        return None
    return save(actor, key, fields, story)


def _typed(fields: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What fields say, to compare what was typed with what was sent: without empty ones, topics by whatever name."""
    typed = {name: sorted(text for value in values if (text := str(value).strip())) for name, values in fields.items()}
    return {
        name: _topics(values) if _NAMES_A_TOPIC.search(name) else values for name, values in typed.items() if values
    }


_NAMES_A_TOPIC = re.compile(r"(^condition|-treatment|side_effects-\d+-effect)$")


def _topics(names: Sequence[str]) -> list[str]:
    found = (lookup.find(name, None) for name in names)
    return [topic.name if topic else name for topic, name in zip(found, names, strict=True)]


def of(story: Story) -> StoryDraft | None:
    """The draft of the next version of a story."""
    return db.session.scalar(sa.select(StoryDraft).where(StoryDraft.story_id == story.id))


def hand_back(revision: StoryRevision) -> None:
    """Leave the author a draft to begin from when changes are asked for, unless they have one already."""
    story = revision.story
    if of(story) is None:
        fields = fields_of(revision)
        db.session.add(StoryDraft(author_id=story.author_id, key=drafts.own_key(), story=story, fields=fields))


def take_back(revision: StoryRevision) -> None:
    """Undo `hand_back`: the draft goes, unless its author has begun to write in it."""
    draft = of(revision.story)
    if draft is not None and draft.fields == fields_of(revision):
        db.session.delete(draft)
        db.session.flush()


def discard_of(story: Story) -> None:
    """Throw away the draft of the next version of a story, if there is one."""
    db.session.execute(sa.delete(StoryDraft).where(StoryDraft.story_id == story.id))
