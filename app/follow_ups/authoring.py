"""Submitting and editing follow-ups. Only the author of the story may do so."""

from __future__ import annotations

import sqlalchemy as sa
from flask_babel import gettext as _

from app.accounts.models import Origin, Person
from app.follow_ups import drafts, policy
from app.follow_ups.models import FollowUp, FollowUpRevision
from app.foundation.access import require
from app.foundation.contributions import authorship, erasure_requests, publication
from app.foundation.database import db
from app.foundation.errors import Conflict, Refused
from app.foundation.text import markup
from app.foundation.text.strings import has_words
from app.questionnaires.questions import check, fields_of
from app.stories.models import Story

MAX_FOLLOW_UPS = 40
"""The highest number of follow-ups of one story: one a month for more than three years."""


def check_not_blank(revision: FollowUpRevision) -> None:
    """Raise Refused if a revision has neither an answer nor a text, or breaks a limit.

    The revision need not be in the session.
    """
    check(revision)
    answered = revision.back_again or revision.treatments
    if not (answered or has_words(markup.plain(revision.body_html))):
        raise Refused(_("Say how it is now, in words or with one of the answers."), "body")


def submit(actor: Person, story: Story, revision: FollowUpRevision, key: str) -> FollowUp:
    """Submit a follow-up of one's own story for review, and return it. Its author may, while the story is public.

    `revision` holds the answers and has not been added to the session. `key` is the random key of the form: if the same
    form is submitted twice, the follow-up of the first submission is returned, and a changed text becomes its next
    revision. Deletes the draft. Raises NotAllowed for anybody but the author, Refused if it is empty or breaks a limit,
    and Conflict if the story is not public or is to be erased.
    """
    require(policy.may_follow_up(actor, story), _("Only the author of a story can follow it up."))
    authorship.check_may_write(actor)
    same_form = sa.select(FollowUp).where(FollowUp.author_id == actor.id, FollowUp.submission_key == key)
    sent = db.session.scalar(same_form)
    if sent is not None:
        drafts.discard_of(actor, story)
        return _resubmit(actor, sent, revision)
    check_not_blank(revision)
    erasure_requests.lock(story)
    if not publication.is_public(story):
        raise Conflict(_("Your story isn’t public at the moment. Your words are still here."))
    if _follow_up_count(story) >= MAX_FOLLOW_UPS:
        raise Refused(
            _("A story can have up to %(most)s follow-ups. You can change an earlier one.", most=MAX_FOLLOW_UPS), "body"
        )
    follow_up = FollowUp(
        author_id=actor.id, story=story, submission_key=key, is_invented=actor.origin is Origin.DEMONSTRATION
    )
    is_new = publication.add_once(follow_up, same_form)
    drafts.discard_of(actor, story)
    if not is_new:
        return _resubmit(actor, db.session.scalars(same_form).one(), revision)
    publication.add_revision(follow_up, revision)
    return follow_up


def submit_edit(actor: Person, follow_up: FollowUp, revision: FollowUpRevision) -> None:
    """Submit a new revision of one's own follow-up for review. Only its author may.

    The public revision stays until the new one is approved; a pending revision is superseded, and the draft is deleted.
    Raises Refused if it is empty or breaks a limit, NotAllowed for anybody but the author, and Conflict if the
    follow-up or its story is to be erased.
    """
    require(policy.may_edit(actor, follow_up), _("Only its author can change a follow-up."))
    authorship.check_may_write(actor)
    check_not_blank(revision)
    erasure_requests.lock_and_check(follow_up.story)
    drafts.discard_of(actor, follow_up.story, follow_up)
    publication.replace_revision(follow_up, revision)


def _resubmit(actor: Person, follow_up: FollowUp, revision: FollowUpRevision) -> FollowUp:
    """Handle a form that was submitted before: add a revision only if the answers differ from the latest one."""
    if fields_of(publication.latest_of(follow_up)) != fields_of(revision):
        submit_edit(actor, follow_up, revision)
    return follow_up


def _follow_up_count(story: Story) -> int:
    return db.session.scalar(sa.select(sa.func.count(FollowUp.id)).where(FollowUp.story_id == story.id)) or 0
