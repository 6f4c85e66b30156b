"""The form for requesting a topic."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import StringField
from wtforms.validators import InputRequired, Length

from app.foundation.web.forms import Form
from app.topics.requests import MAX_LENGTH


class TopicRequestForm(Form):
    """A request for a topic that is missing."""

    words = StringField(
        _("Topic"),
        [
            InputRequired(_("Enter the topic you’re looking for")),
            Length(max=MAX_LENGTH, message=_("Use %(max)d characters or fewer")),
        ],
    )
