"""Forms of the moderators, and the report form of every reader."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import DateField, IntegerField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from app.foundation.forms import Form, one_line
from app.moderation import appeals, decisions, masking, notes, reports, rules, sanctions
from app.moderation.reasons import REASONS
from app.moderation.redress_models import SanctionKind


def _reasons() -> list[SelectChoice]:
    return [
        SelectChoice("", _("choose a reason")),
        *(SelectChoice(reason.code, reason.title) for reason in REASONS.values()),
    ]


class ReasonForm(Form):
    """Why, in the words of a guideline and of the moderator."""

    reason = SelectField(_("Reason"), [Optional()], choices=_reasons, default="")
    note = TextAreaField(_("Note to the author"), [Length(max=decisions.NOTE_LONGEST)])


class PublishedForm(ReasonForm):
    """A decision on what is public."""

    passage = TextAreaField(_("Passage"), [Length(max=masking.PASSAGE_LONGEST)])
    replacement = StringField(
        _("Words instead"), [Length(max=masking.REPLACEMENT_LONGEST)], default=lambda: str(_("[left out]"))
    )


class DecisionForm(PublishedForm):
    """A decision on an item of the queue."""

    words = TextAreaField(_("For the second reader"), [Length(max=decisions.NOTE_LONGEST)])


class ReportForm(Form):
    """A reader's report."""

    category = RadioField(
        _("Which guideline does it go against?"),
        [InputRequired(_("Please say what is wrong with it. ‘Something else’ is an answer too."))],
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
    lane_approved = IntegerField(
        _("Comments at once"), [InputRequired(_("Please give a number."))], default=rules.Rules.lane_approved
    )
    lane_percent = IntegerField(
        _("Rejected, less than"), [InputRequired(_("Please give a number."))], default=rules.Rules.lane_percent
    )


class AppealForm(Form):
    """An author's objection."""

    words = TextAreaField(
        _("What should we look at again?"),
        [InputRequired(_("Please say in your words what we should look at again.")), Length(max=appeals.WORDS_LONGEST)],
    )


class AnswerForm(Form):
    """The answer to an appeal."""

    answer = TextAreaField(
        _("Answer to the author"),
        [InputRequired(_("Please answer in words: the author reads them.")), Length(max=appeals.ANSWER_LONGEST)],
    )


class NoteForm(Form):
    """A note of the staff."""

    text = TextAreaField(
        _("Note for the staff"), [InputRequired(_("Please write something first.")), Length(max=notes.LONGEST)]
    )


class DayField(DateField):
    """A day; what is none comes back cleaned, as every other text does."""

    def _value(self) -> str:
        return one_line(super()._value())


class SanctionForm(Form):
    """A measure against a person."""

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
    reason = SelectField(_("Reason"), [InputRequired(_("Please choose the reason."))], choices=_reasons, default="")
    words = TextAreaField(
        _("Words to the person"),
        [InputRequired(_("Please say in words why: the person reads them.")), Length(max=sanctions.WORDS_LONGEST)],
    )
