"""Redaction: a passage that could identify somebody is replaced, and the rest of the text stays.

The result is another revision, made by the moderator: the author's own stays on record. The author is told which
passage was replaced, and may send a version of their own.
"""

from __future__ import annotations

from flask_babel import gettext as _

from app.accounts.models import Person
from app.foundation import kinds
from app.foundation.access import require
from app.foundation.contributions import erasure_requests, publication
from app.foundation.contributions.models import Contribution
from app.foundation.contributions.revisions import Revision, RevisionState
from app.foundation.database import db
from app.foundation.errors import Conflict, Refused
from app.foundation.events import RevisionSetAside, record
from app.foundation.text.markup import RENDERER_VERSION, clean_input
from app.foundation.text.rendered_text import render_text
from app.foundation.text.strings import has_words
from app.moderation import policy
from app.moderation.decisions import decisions
from app.moderation.decisions.decisions import DecisionRecord
from app.moderation.decisions.models import Action, Decision
from app.moderation.queue import queue

PASSAGE_MAX_LENGTH = 500
REPLACEMENT_MAX_LENGTH = 100


def redact(actor: Person, revision: Revision, passage: str, replacement: str, note: str = "") -> Decision:
    """Replace a passage wherever it stands in a pending or live revision. Moderators may, on what others wrote.

    The redacted revision takes the place of a pending one in the queue, and that of a live one at once, since it says
    less. The author is told, with the note. Raises Refused if the passage is not in the text, Conflict if the revision
    is neither pending nor live any more, or if its author has asked to erase it.
    """
    contribution = revision.contribution
    require(policy.may_decide(actor, contribution), str(decisions.NOT_YOUR_OWN))
    _check(passage, replacement)
    redacted = _redacted(actor, revision, passage.strip(), clean_input(replacement).strip())
    before = decisions.state_before(contribution)
    note = note.strip() or str(
        _(
            "Part of your text could show who someone is, so we replaced it with ‘%(words)s’. If that"
            " changes what you meant, you can send a new version in other words.",
            words=replacement.strip(),
        )
    )
    if revision.is_pending:
        _replace_pending(revision, redacted)
    elif contribution.live_revision_id == revision.id:
        _replace_live(contribution, redacted)
    else:
        raise Conflict(_("This version is no longer waiting or public."))
    erasure_requests.lock_and_check(contribution)
    return decisions.record_decision(
        actor, DecisionRecord(Action.REDACT, contribution, redacted, before, "privacy", note)
    )


def _check(passage: str, replacement: str) -> None:
    """Raise Refused for a passage or a replacement that cannot be used."""
    if not passage.strip() or len(passage) > PASSAGE_MAX_LENGTH:
        raise Refused(_("Enter the passage to hide, up to %(most)d characters.", most=PASSAGE_MAX_LENGTH), "passage")
    if not has_words(replacement) or len(replacement) > REPLACEMENT_MAX_LENGTH:
        raise Refused(
            _("Enter what to replace it with, up to %(most)d characters.", most=REPLACEMENT_MAX_LENGTH), "replacement"
        )
    if passage.strip() in replacement:
        raise Refused(_("The replacement still contains the passage. Use other words."), "replacement")


def _redacted(actor: Person, revision: Revision, passage: str, replacement: str) -> Revision:
    """A copy of the revision with the passage replaced in every text. Raises Refused if it is in none of them."""
    kind = kinds.of(revision)
    changes: dict[str, str] = {}
    for text in kind.texts:
        words = text.of(revision)
        if passage not in words:
            continue
        replaced = words.replace(passage, replacement)
        if text.html is None:
            changes[text.source] = replaced[: text.longest]
        else:
            rendered = render_text(replaced, kind.profile)
            changes |= {text.source: rendered.source, text.html: rendered.html}
    if not changes:
        raise Refused(_("Those words aren’t in the text. Copy them exactly as they appear."), "passage")
    return publication.copy_revision(revision, **changes, editor_id=actor.id, renderer_version=RENDERER_VERSION)


def _replace_pending(revision: Revision, redacted: Revision) -> None:
    """Make the redacted revision pending instead, at the same place in the queue."""
    old_item = queue.open_item_of(revision)
    message = _("Someone else decided on this, or the author sent a newer version, while you were reading it.")
    publication.transition(revision, RevisionState.SUPERSEDED, message=message)
    record(RevisionSetAside(revision.kind, revision.contribution.id, revision.id))
    publication.add_revision(revision.contribution, redacted)
    item = queue.open_item_of(redacted)
    if old_item is not None and item is not None:
        item.waiting_since, item.due_at, item.priority = old_item.waiting_since, old_item.due_at, old_item.priority
        item.escalated_by_id = old_item.escalated_by_id
        db.session.flush()


def _replace_live(contribution: Contribution, redacted: Revision) -> None:
    """Make the redacted revision the one the public reads."""
    redacted.state = RevisionState.APPROVED
    publication.append_revision(contribution, redacted)
    publication.make_live(contribution, redacted)
