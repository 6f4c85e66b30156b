"""Telling how it is now: sending a follow-up to one's own story, and the next version of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from app.accounts.models import Origin, Person
from app.follow_ups import drafts
from app.follow_ups.models import FollowUp, FollowUpRevision, TreatmentNow
from app.foundation.access import require
from app.foundation.contributions import authorship, erasure_requests, publication
from app.foundation.database import db
from app.foundation.errors import Conflict, Refused
from app.foundation.text import markup
from app.foundation.text.markup import RENDERER_VERSION
from app.foundation.text.rendered_text import RenderedText
from app.foundation.text.strings import has_words
from app.stories.answers import BackAgain, Effect, StillUsing
from app.stories.models import Story
from app.topics.models import Topic

LONGEST = 5_000
MOST = 40
"""Follow-ups of one story: one a month for some years."""


@dataclass(frozen=True)
class HowItIs:
    """How one treatment of the story is seen now; None where they did not say."""

    topic: Topic
    effect: Effect | None = None
    still_using: StillUsing | None = None

    @property
    def says_something(self) -> bool:
        """Whether anything was answered."""
        return bool(self.effect or self.still_using)


@dataclass(frozen=True)
class FollowUpContent:
    """Everything a version of a follow-up says. Any of it may be missing, but not all."""

    body: RenderedText
    back_again: BackAgain | None = None
    treatments: Sequence[HowItIs] = ()

    def check(self) -> None:
        """Raise Refused when it says nothing or too much."""
        if len(self.body.source) > LONGEST:
            length = len(self.body.source)
            raise Refused(f"A follow-up has at most {LONGEST:,} characters; this one has {length:,}.", "body")
        answered = self.back_again or any(each.says_something for each in self.treatments)
        if not (answered or has_words(markup.plain(self.body.html))):
            raise Refused("Please tell how it is now: in words, or with one of the answers.", "body")


def tell(actor: Person, story: Story, content: FollowUpContent, key: str) -> FollowUp:
    """Send a follow-up to one's own story for review. Its author may, while the story is public.

    `key` comes with the form: sending the same form twice answers with the follow-up of the first time; words that
    changed in between wait as its next version. The draft of it is done with. Raises Refused when it says nothing or
    too much, NotAllowed for anybody else, Conflict when the story is not public.
    """
    require(authorship.may_edit(actor, story), "Only the author of a story can follow it up.")
    authorship.check_may_write(actor)
    mine = sa.select(FollowUp).where(FollowUp.author_id == actor.id, FollowUp.submission_key == key)
    sent = db.session.scalar(mine)
    if sent is not None:
        drafts.discard_of(actor, story)
        return _sent_again(actor, sent, content)
    content.check()
    erasure_requests.lock(story)
    if not publication.is_public(story):
        raise Conflict("Your story is not public now. Your text is kept on this page.")
    if _count(story) >= MOST:
        raise Refused(f"A story has at most {MOST} follow-ups. You can change an earlier one.", "body")
    follow_up = FollowUp(
        author_id=actor.id, story=story, submission_key=key, is_invented=actor.origin is Origin.DEMONSTRATION
    )
    is_new = publication.add_once(follow_up, mine)
    drafts.discard_of(actor, story)
    if not is_new:
        return _sent_again(actor, db.session.scalars(mine).one(), content)
    publication.add_revision(follow_up, revision_of(content))
    return follow_up


def change(actor: Person, follow_up: FollowUp, content: FollowUpContent) -> None:
    """Send a new version of one's own follow-up. The public one stays until this is approved.

    Raises Refused when it says nothing or too much, NotAllowed for anybody but the author, Conflict when it is to be
    erased, or its story is.
    """
    require(authorship.may_edit(actor, follow_up), "Only its author can change a follow-up.")
    authorship.check_may_write(actor)
    content.check()
    erasure_requests.lock_and_check(follow_up.story)
    drafts.discard_of(actor, follow_up.story, follow_up)
    publication.replace_revision(follow_up, revision_of(content))


def revision_of(content: FollowUpContent) -> FollowUpRevision:
    """A version made of this content, not yet part of a follow-up."""
    said = [each for each in content.treatments if each.says_something]
    return FollowUpRevision(
        renderer_version=RENDERER_VERSION,
        body_source=content.body.source,
        body_html=content.body.html,
        back_again=content.back_again,
        treatments=[
            TreatmentNow(topic=each.topic, position=position, effect=each.effect, still_using=each.still_using)
            for position, each in enumerate(said)
        ],
    )


def _sent_again(actor: Person, follow_up: FollowUp, content: FollowUpContent) -> FollowUp:
    """The same form once more: a double click changes nothing; other words, after going back, are a new version."""
    latest: FollowUpRevision = publication.latest_of(follow_up)
    said = {each.topic.id: (each.effect, each.still_using) for each in content.treatments if each.says_something}
    before = {each.topic_id: (each.effect, each.still_using) for each in latest.treatments}
    same = (latest.body_source, latest.back_again, before) == (content.body.source, content.back_again, said)
    if not same:
        change(actor, follow_up, content)
    return follow_up


def _count(story: Story) -> int:
    return db.session.scalar(sa.select(sa.func.count(FollowUp.id)).where(FollowUp.story_id == story.id)) or 0
