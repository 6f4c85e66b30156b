"""The form for imposing a sanction."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import DateField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.foundation.web.forms import Form, one_line
from app.moderation.decisions.forms import reason_choices
from app.moderation.sanctions import sanctions
from app.moderation.sanctions.models import SanctionKind


class DayField(DateField):
    """A date field. Input that is not a date is shown again on one line, as in every other field."""

    def _value(self) -> str:
        return one_line(super()._value())


class SanctionForm(Form):
    """The form to impose a warning, a suspension or a ban."""

    kind = RadioField(
        _("What"),
        [InputRequired(_("Please say what."))],
        choices=[
            SelectChoice(SanctionKind.WARNING.value, _("Warn: to be read before they write again")),
            SelectChoice(SanctionKind.SUSPENSION.value, _("Suspend: write nothing until a day")),
            SelectChoice(SanctionKind.BAN.value, _("Ban: write nothing any more")),
        ],
    )
    until = DayField(_("Suspended until"), [Optional()])
    reason = SelectField(
        _("Reason"), [InputRequired(_("Please choose the reason."))], choices=reason_choices, default=""
    )
    words = TextAreaField(
        _("Words to the person"),
        [InputRequired(_("Please say in words why: the person reads them.")), Length(max=sanctions.WORDS_MAX_LENGTH)],
    )
