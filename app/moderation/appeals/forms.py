"""Forms for making and answering an appeal."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from app.foundation.web.forms import Form
from app.moderation.appeals import appeals
from app.moderation.lengths import at_most


class AppealForm(Form):
    """An author's objection."""

    words = TextAreaField(
        _("What should we look at again?"),
        [
            InputRequired(_("Say what we should look at again.")),
            at_most(appeals.WORDS_MAX_LENGTH),
        ],
    )


class AnswerForm(Form):
    """The answer to an appeal."""

    answer = TextAreaField(
        _("Answer to the author"),
        [InputRequired(_("Write an answer. The author will read it.")), at_most(appeals.ANSWER_MAX_LENGTH)],
    )
