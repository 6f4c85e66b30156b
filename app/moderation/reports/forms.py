"""The form for reporting a contribution."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length

from app.foundation.web.forms import Form
from app.moderation.reasons import REASONS
from app.moderation.reports import reports


class ReportForm(Form):
    """The form with which a reader reports a contribution."""

    category = RadioField(
        _("Which guideline does it go against?"),
        [InputRequired(_("Please say what is wrong with it. ‘Something else’ is an answer too."))],
        choices=lambda: [
            *(SelectChoice(reason.code, reason.title) for reason in REASONS.values()),
            SelectChoice(reports.OTHER_CATEGORY, _("Something else")),
        ],
    )
    words = TextAreaField(_("In your words"), [Length(max=reports.WORDS_MAX_LENGTH)])
