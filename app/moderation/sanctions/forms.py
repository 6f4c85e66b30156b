"""The form for imposing a sanction."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import DateField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Optional

from app.foundation.web.forms import Form, one_line
from app.moderation.decisions.forms import reason_choices
from app.moderation.lengths import at_most
from app.moderation.sanctions import sanctions
from app.moderation.sanctions.models import SanctionKind


class DayField(DateField):
    """A date field. Input that is not a date is shown again on one line, as in every other field."""

    def _value(self) -> str:
        return one_line(super()._value())


class SanctionForm(Form):
    """The form to impose a warning, a suspension or a ban."""

    kind = RadioField(
        _("What do you want to do?"),
        [InputRequired(_("Choose what to do."))],
        choices=[
            SelectChoice(SanctionKind.WARNING.value, _("Warn: they have to read it before they can write again")),
            SelectChoice(SanctionKind.SUSPENSION.value, _("Suspend: they can’t write until a date")),
            SelectChoice(SanctionKind.BAN.value, _("Ban: they can’t write again")),
        ],
    )
    until = DayField(_("Suspended until"), [Optional()])
    reason = SelectField(_("Reason"), [InputRequired(_("Choose a reason."))], choices=reason_choices, default="")
    words = TextAreaField(
        _("Message to the person"),
        [InputRequired(_("Say why. The person will read it.")), at_most(sanctions.WORDS_MAX_LENGTH)],
    )
