"""The form of a follow-up: words, and for each treatment of the story how it is seen now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import Field, HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import Length, Optional

from app.follow_ups import authoring
from app.follow_ups.authoring import FollowUpContent, HowItIs
from app.foundation.text import markup
from app.foundation.text.rendered_text import RenderedText
from app.foundation.web.forms import Form, new_key
from app.stories.answers import Answer, BackAgain, Effect, StillUsing
from app.stories.models import Story, TreatmentTried

Kind = TypeVar("Kind", bound=Answer)


def _choices(answers: type[Answer]) -> list[SelectChoice]:
    return [SelectChoice("", _("not answered")), *(SelectChoice(each.value, each.words) for each in answers)]


class FollowUpForm(Form):
    """How it is now."""

    tried: Sequence[TreatmentTried] = ()

    body = TextAreaField(
        _("How is it now?"),
        [Length(max=authoring.LONGEST, message=_("A follow-up has at most %(max)d characters; please shorten it."))],
        id="follow-up-body",
    )
    back_again = RadioField(_("Is it back?"), [Optional()], choices=lambda: _choices(BackAgain), default="")
    key = HiddenField(default=new_key)

    def written(self, sent: MultiDict[str, str]) -> dict[str, list[str]]:
        """What of this was sent, cleaned, finished or not, as a draft keeps it."""
        names = [name for name in self._fields if name != "key" and name in sent]
        return {name: [markup.clean_input(sent[name])] for name in names}

    @property
    def rows(self) -> list[tuple[TreatmentTried, Field, Field]]:
        """Each treatment of the story, as told there, with its two questions."""
        return [(each, self[f"effect_{each.topic_id}"], self[f"still_using_{each.topic_id}"]) for each in self.tried]

    def content(self, body: RenderedText) -> FollowUpContent:
        """What the form says, with the text rendered beforehand. Only after validation."""
        return FollowUpContent(
            body,
            _answer(BackAgain, self.back_again),
            [
                HowItIs(each.topic, _answer(Effect, effect), _answer(StillUsing, using))
                for each, effect, using in self.rows
            ],
        )


def form_about(story: Story, fields: Mapping[str, list[str]] | MultiDict[str, str]) -> FollowUpForm:
    """The form with questions about each treatment the story tells of, filled from fields that were kept or sent."""
    # Of a treatment that the story tells of more than once, its last word, where it stood first.
    tried = {each.topic_id: each for each in (story.live.treatments if story.live else ())}
    questions: dict[str, Any] = {"tried": list(tried.values())}
    for topic_id in tried:
        questions[f"effect_{topic_id}"] = SelectField(
            _("How well did it work, as you see it now?"), [Optional()], choices=_choices(Effect), default=""
        )
        questions[f"still_using_{topic_id}"] = SelectField(
            _("Still using it?"), [Optional()], choices=_choices(StillUsing), default=""
        )
    form: FollowUpForm = type("FollowUpForm", (FollowUpForm,), questions)(formdata=MultiDict(fields))
    return form


def _answer(kind: type[Kind], field: Field) -> Kind | None:
    return kind(field.data) if field.data else None
