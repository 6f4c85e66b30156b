"""The answers of a version as labelled words, for staff pages and differences."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext

from app.stories.answers import Answer
from app.stories.models import StoryRevision, TreatmentTried

YES = lazy_gettext("yes")
NO = lazy_gettext("no")


def labelled(revision: StoryRevision) -> list[tuple[str, str]]:
    """Everything a version says besides its words, as (label, words), in the order of the form."""
    rows = [
        (_("Title"), revision.title),
        (_("Condition"), revision.condition_name),
        (_("Whom it is about"), _words(revision.about)),
        (_("Confirmed by a clinician"), str(YES if revision.confirmed_by_clinician else NO)),
        (_("Age"), _words(revision.age_band)),
        (_("Sex"), _words(revision.sex)),
        (_("Place on the body"), revision.body_place),
        (_("Consent to publish"), str(YES if revision.publish_consent_at else NO)),
        (_("Consent to be counted"), str(YES if revision.statistics_consent_at else NO)),
        (_("Consent to be asked later"), str(YES if revision.follow_up_consent_at else NO)),
    ]
    rows += [
        (_("Treatment %(number)d", number=tried.position + 1), treatment_words(tried)) for tried in revision.treatments
    ]
    return [(label, words) for label, words in rows if words]


def treatment_words(tried: TreatmentTried) -> str:
    """One treatment on one line."""
    first = tried.first_effect
    parts = [
        tried.name,
        tried.effect_label,
        tried.duration_label,
        tried.status_label,
        _("first effect: %(when)s", when=first.words) if first else None,
        tried.side_effects_label,
        tried.stopped_label,
        tried.companions_label,
        tried.again_label,
    ]
    return " · ".join(str(part) for part in parts if part)


def _words(answer: Answer | None) -> str:
    return str(answer.words) if answer else ""
