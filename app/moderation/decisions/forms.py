"""Forms for decisions."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Optional

from app.foundation.web.forms import Form
from app.moderation.decisions import decisions, redaction
from app.moderation.lengths import at_most
from app.moderation.reasons import REASONS


def reason_choices() -> list[SelectChoice]:
    """The reasons as choices of a select field, with an empty one first."""
    return [
        SelectChoice("", _("Choose a reason")),
        *(SelectChoice(reason.code, reason.title) for reason in REASONS.values()),
    ]


class ReasonForm(Form):
    """The reason of a decision and a note to the author."""

    reason = SelectField(_("Reason"), [Optional()], choices=reason_choices, default="")
    note = TextAreaField(_("Note to the author"), [at_most(decisions.NOTE_MAX_LENGTH)])


class PublishedForm(ReasonForm):
    """A decision on a published contribution."""

    passage = TextAreaField(_("Passage"), [at_most(redaction.PASSAGE_MAX_LENGTH)])
    replacement = StringField(
        _("Replace it with"), [at_most(redaction.REPLACEMENT_MAX_LENGTH)], default=lambda: str(_("[left out]"))
    )


class DecisionForm(PublishedForm):
    """A decision on an item of the queue."""

    words = TextAreaField(_("For the other moderator"), [at_most(decisions.NOTE_MAX_LENGTH)])
