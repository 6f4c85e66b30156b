"""The form for the screening rules."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, TextAreaField
from wtforms.validators import InputRequired

from app.foundation.web.forms import Form
from app.moderation.rules import rules


class RulesForm(Form):
    """The form of the screening rules. `Rules.check` applies their limits."""

    blocked = TextAreaField(_("Refused words"))
    suspect = TextAreaField(_("Suspect words"))
    most_links = IntegerField(_("Links"), [InputRequired(_("Please give a number."))], default=rules.Rules.most_links)
    alike_percent = IntegerField(
        _("Nearly the same"), [InputRequired(_("Please give a number."))], default=rules.Rules.alike_percent
    )
    rejected_percent = IntegerField(
        _("Often rejected"), [InputRequired(_("Please give a number."))], default=rules.Rules.rejected_percent
    )
    lane_approved = IntegerField(
        _("Comments at once"), [InputRequired(_("Please give a number."))], default=rules.Rules.lane_approved
    )
    lane_percent = IntegerField(
        _("Rejected, less than"), [InputRequired(_("Please give a number."))], default=rules.Rules.lane_percent
    )
