"""The answers of a follow-up as labelled words, for staff pages and differences."""

from __future__ import annotations

from flask_babel import gettext as _

from app.follow_ups.models import FollowUpRevision


def labelled(revision: FollowUpRevision) -> list[tuple[str, str]]:
    """Everything a version says besides its words, as (label, words)."""
    rows = [(_("Is it back?"), str(revision.back_again.words) if revision.back_again else "")]
    for each in revision.treatments:
        words = [str(label) for label in (each.effect_label, each.still_using_label) if label]
        rows.append((_("%(treatment)s now", treatment=each.topic.name), " · ".join(words)))
    return [(label, words) for label, words in rows if words]
