"""The form for the screening rules."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, TextAreaField
from wtforms.validators import InputRequired

from app.foundation.web.forms import Form
from app.moderation.rules import rules


class RulesForm(Form):
    """The form of the screening rules. `Rules.check` applies their limits."""

    blocked = TextAreaField(_("Words we refuse"))
    suspect = TextAreaField(_("Words to check"))
    most_links = IntegerField(_("Links"), [InputRequired(_("Enter a number."))], default=rules.Rules.most_links)
    alike_percent = IntegerField(
        _("Nearly the same"), [InputRequired(_("Enter a number."))], default=rules.Rules.alike_percent
    )
    rejected_percent = IntegerField(
        _("Often rejected"), [InputRequired(_("Enter a number."))], default=rules.Rules.rejected_percent
    )
    lane_approved = IntegerField(
        _("Contributions needed to comment at once"),
        [InputRequired(_("Enter a number."))],
        default=rules.Rules.lane_approved,
    )
    lane_percent = IntegerField(
        _("Highest share rejected"), [InputRequired(_("Enter a number."))], default=rules.Rules.lane_percent
    )
