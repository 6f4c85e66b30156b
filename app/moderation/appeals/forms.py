"""Forms for making and answering an appeal."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import TextAreaField
from wtforms.validators import InputRequired, Length

from app.foundation.web.forms import Form
from app.moderation.appeals import appeals


class AppealForm(Form):
    """An author's objection."""

    words = TextAreaField(
        _("What should we look at again?"),
        [
            InputRequired(_("Please say in your words what we should look at again.")),
            Length(max=appeals.WORDS_MAX_LENGTH),
        ],
    )


class AnswerForm(Form):
    """The answer to an appeal."""

    answer = TextAreaField(
        _("Answer to the author"),
        [InputRequired(_("Please answer in words: the author reads them.")), Length(max=appeals.ANSWER_MAX_LENGTH)],
    )
