"""Redaction: a passage that could identify somebody is replaced by neutral words, and the author is notified.

What a person sent is never changed: the redacted text is another revision, with the moderator as its editor. The author
sees what was replaced, and may send another version.
"""

from __future__ import annotations

from typing import Any

from flask_babel import gettext as _

from app.accounts.models import Person
from app.foundation import kinds
from app.foundation.access import require
from app.foundation.contributions import erasure_requests, publication, revisions
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db
from app.foundation.errors import Conflict, Refused
from app.foundation.events import RevisionSetAside, record
from app.foundation.text.markup import RENDERER_VERSION, clean_input
from app.foundation.text.rendered_text import render_text
from app.foundation.text.strings import has_words
from app.moderation import policy
from app.moderation.decisions import decisions
from app.moderation.decisions.models import Action, Decision
from app.moderation.queue import queue

PASSAGE_LONGEST = 500
REPLACEMENT_LONGEST = 100


def redact(actor: Person, revision: Any, passage: str, replacement: str, note: str = "") -> Decision:
    """Replace every occurrence of a passage in a pending or live revision. Moderators may, on what others wrote.

    The redacted revision takes the place of the pending one, or becomes live at once, since it only says less. The
    author is notified, with the note. Raises Refused if the passage is not in the text, Conflict if the revision is
    neither pending nor live any more, or is to be erased.
    """
    contribution = revision.contribution
    require(policy.may_decide(actor, contribution), "Somebody else has to decide on what you wrote.")
    _check(passage, replacement)
    masked = _masked(actor, revision, passage.strip(), clean_input(replacement).strip())
    before = decisions.state_before(contribution)
    note = note.strip() or str(
        _(
            "We replaced a passage that could show who somebody is by ‘%(words)s’. If that changes"
            " what you meant, please send your text again in other words.",
            words=replacement.strip(),
        )
    )
    if revision.is_pending:
        _wait_instead(revision, masked)
    elif contribution.live_revision_id == revision.id:
        _be_public_instead(contribution, masked)
    else:
        raise Conflict("This version neither waits nor is public any more.")
    erasure_requests.lock_and_check(contribution)
    return decisions.record_decision(actor, Action.MASK, contribution, masked, "privacy", note, None, before)


def _check(passage: str, replacement: str) -> None:
    if not passage.strip() or len(passage) > PASSAGE_LONGEST:
        raise Refused(f"A passage to mask has 1 to {PASSAGE_LONGEST} characters.", "passage")
    if not has_words(replacement) or len(replacement) > REPLACEMENT_LONGEST:
        raise Refused(f"Say in 1 to {REPLACEMENT_LONGEST} characters what stands there instead.", "replacement")
    if passage.strip() in replacement:
        raise Refused("The words instead still say what was to be masked.", "replacement")


def _masked(actor: Person, revision: Any, passage: str, replacement: str) -> Any:
    kind = kinds.of(revision)
    changes: dict[str, Any] = {}
    for text in kind.texts:
        words = text.of(revision)
        if passage not in words:
            continue
        redacted = words.replace(passage, replacement)
        if text.html is None:
            changes[text.source] = redacted[: text.longest]
        else:
            rendered = render_text(redacted, kind.profile)
            changes |= {text.source: rendered.source, text.html: rendered.html}
    if not changes:
        raise Refused("These words are not in the text. Copy them from it exactly as they stand there.", "passage")
    return publication.copy_revision(revision, **changes, editor_id=actor.id, renderer_version=RENDERER_VERSION)


def _wait_instead(revision: Any, masked: Any) -> None:
    """Give the redacted revision the place of the other one in the queue."""
    waited = queue.waiting_for(revision)
    told = "Somebody decided on this, or the author sent a newer version, while you were reading it."
    revisions.transition(revision, RevisionState.SUPERSEDED, message=told)
    record(RevisionSetAside(revision.kind, revision.contribution.id, revision.id))
    publication.add_revision(revision.contribution, masked)
    waits = queue.waiting_for(masked)
    if waited is not None and waits is not None:
        waits.waiting_since, waits.due_at, waits.priority = waited.waiting_since, waited.due_at, waited.priority
        waits.escalated_by_id = waited.escalated_by_id
        db.session.flush()


def _be_public_instead(contribution: Any, masked: Any) -> None:
    masked.state = RevisionState.APPROVED
    publication.number(contribution, masked)
    publication.make_live(contribution, masked)
