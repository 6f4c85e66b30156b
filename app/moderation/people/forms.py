"""The form for staff notes."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import TextAreaField
from wtforms.validators import InputRequired

from app.foundation.web.forms import Form
from app.moderation.lengths import at_most
from app.moderation.people import notes


class NoteForm(Form):
    """The form to add a staff note."""

    text = TextAreaField(_("Note for staff"), [InputRequired(_("Write your note first.")), at_most(notes.MAX_LENGTH)])
