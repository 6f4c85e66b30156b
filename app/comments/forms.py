"""The comment form."""

from __future__ import annotations

from flask_babel import lazy_gettext as _
from wtforms import HiddenField, TextAreaField
from wtforms.validators import InputRequired, Length

from app.comments import authoring
from app.foundation.web.forms import Form, new_key


class CommentForm(Form):
    """A comment, or a reply to one."""

    body = TextAreaField(
        _("Comment"),
        [
            InputRequired(_("Write your comment first.")),
            Length(
                max=authoring.BODY_MAX_LENGTH,
                message=_(
                    "Shorten your comment. It can have up to %(most)s characters.",
                    most=f"{authoring.BODY_MAX_LENGTH:,}",
                ),
            ),
        ],
        id="comment-body",
    )
    key = HiddenField(default=new_key, id="comment-key")
