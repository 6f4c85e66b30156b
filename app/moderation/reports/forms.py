"""The form for reporting a contribution."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired

from app.foundation.web.forms import Form
from app.moderation.lengths import at_most
from app.moderation.reports import reports


class ReportForm(Form):
    """The form with which a reader reports a contribution."""

    category = RadioField(
        _("What’s wrong with it?"),
        [InputRequired(_("Choose what’s wrong with it. If nothing fits, choose ‘Something else’."))],
        choices=lambda: [SelectChoice(code, words) for code, words in reports.CATEGORIES.items()],
    )
    words = TextAreaField(
        _("In your words"),
        [at_most(reports.WORDS_MAX_LENGTH)],
    )
