"""Forms of the moderators, and the report form of every reader."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.foundation.forms import Form
from app.moderation import decisions, masking, reports, rules
from app.moderation.reasons import REASONS


def _reasons() -> list[SelectChoice]:
    return [
        SelectChoice("", _("choose a reason")),
        *(SelectChoice(reason.code, reason.title) for reason in REASONS.values()),
    ]


class DecisionForm(Form):
    """A decision on a version, or on what is public."""

    reason = SelectField(_("Reason"), [Optional()], choices=_reasons, default="")
    note = TextAreaField(_("Note to the author"), [Length(max=decisions.NOTE_LONGEST)])
    passage = TextAreaField(_("Passage"), [Length(max=masking.PASSAGE_LONGEST)])
    replacement = StringField(
        _("Words instead"), [Length(max=masking.REPLACEMENT_LONGEST)], default=lambda: str(_("[left out]"))
    )
    words = TextAreaField(_("For the second reader"), [Length(max=decisions.NOTE_LONGEST)])


class ReportForm(Form):
    """A reader's report."""

    category = RadioField(
        _("What is wrong with it?"),
        [InputRequired(_("Please say what is wrong with it."))],
        choices=lambda: [
            *(SelectChoice(reason.code, reason.title) for reason in REASONS.values()),
            SelectChoice(reports.OTHER, _("Something else")),
        ],
    )
    words = TextAreaField(_("In your words"), [Length(max=reports.WORDS_LONGEST)])


class RulesForm(Form):
    """The rules of screening. Their limits are checked where they are saved."""

    blocked = TextAreaField(_("Refused words"))
    suspect = TextAreaField(_("Suspect words"))
    most_links = IntegerField(_("Links"), [InputRequired(_("Please give a number."))], default=rules.Rules.most_links)
    alike_percent = IntegerField(
        _("Nearly the same"), [InputRequired(_("Please give a number."))], default=rules.Rules.alike_percent
    )
    rejected_percent = IntegerField(
        _("Often rejected"), [InputRequired(_("Please give a number."))], default=rules.Rules.rejected_percent
    )
