"""The story form: what the person types, resolved into `StoryContent`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypeVar, cast

from flask_babel import gettext
from flask_babel import lazy_gettext as _
from werkzeug.datastructures import MultiDict
from wtforms import (
    BooleanField,
    FieldList,
    FormField,
    RadioField,
    SelectField,
    SelectMultipleField,
    StringField,
    TextAreaField,
)
from wtforms import Form as PlainForm
from wtforms.fields.choices import SelectChoice
from wtforms.validators import DataRequired, InputRequired, Length, Optional, ValidationError
from wtforms.widgets import CheckboxInput, ListWidget

from app.foundation.text.rendered_text import RenderedText
from app.foundation.text.strings import name_key
from app.foundation.web.forms import Form, one_line
from app.stories import limits
from app.stories.answers import (
    About,
    Again,
    AgeBand,
    Answer,
    Companion,
    Duration,
    Effect,
    FirstEffect,
    Severity,
    Sex,
    Status,
    StopReason,
)
from app.stories.content import StoryContent, TreatmentAnswers
from app.topics import lookup, vocabulary
from app.topics.models import Topic, TopicKind

NAME_LONGEST = 200
Kind = TypeVar("Kind", bound=Answer)
BLANK_SIDE_EFFECTS = 2


def _choices(answers: type[Answer], blank: bool = True) -> list[SelectChoice]:
    offered = [SelectChoice(answer.value, answer.words) for answer in answers]
    return [SelectChoice("", _("not answered")), *offered] if blank else offered


def _select(label: Any, answers: type[Answer]) -> SelectField:
    return SelectField(label, [Optional()], choices=_choices(answers), default="")


class TopicField(StringField):
    """A topic picked by any of its names. After validation `topic` is it."""

    topic: Topic | None = None
    data: str | None

    def __init__(
        self, label: Any, validators: Any = (), *, about: TopicKind, unlisted: str | None = None, **more: Any
    ) -> None:
        super().__init__(label, [*validators, Length(max=NAME_LONGEST)], filters=[one_line], **more)
        self.about = about
        # The field of the same form that says: this is in no list, take it as it is.
        self.unlisted = unlisted

    def post_validate(self, form: Any, validation_stopped: bool) -> None:
        """Find the topic, and show it by its name. Raises ValidationError if there is none and it should be listed."""
        if validation_stopped or not self.data:
            return
        self.topic = lookup.find(self.data, self.about)
        if self.topic is not None:
            self.data = lookup.as_shown(self.topic, self.data)
            if self.unlisted:
                form[self.unlisted].data = False
        elif self.unlisted and form[self.unlisted].data and name_key(self.data):
            self.topic = vocabulary.unlisted(self.data, self.about)
        else:
            raise ValidationError(self._unknown(self.data[:60]))

    def _unknown(self, name: str) -> str:
        told = gettext(
            "We do not know “%(name)s” yet. Please check the spelling or choose a name from the list.", name=name
        )
        return f"{told} {gettext('Or say below that it is not listed.')}" if self.unlisted else str(told)


class SeveralField(SelectMultipleField):
    """Several answers, as ticks."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class SideEffectForm(PlainForm):
    """One side effect and how bad it was."""

    effect = TopicField(_("Side effect"), about=TopicKind.EFFECT)
    # Without Optional(), which would end the validation of an empty field before `validate_severity`.
    severity = SelectField(
        _("How bad"),
        choices=[SelectChoice("", _("choose"))]
        + [SelectChoice(each.value, each.words) for each in Severity if each is not Severity.NONE],
        default="",
    )

    def validate_severity(self, field: SelectField) -> None:
        """A side effect without a severity counts as mild would be guessing: ask."""
        if self.effect.data and not field.data:
            raise ValidationError(gettext("Please say how bad it was."))


class TreatmentForm(PlainForm):
    """One treatment and how it went. Only its name is asked for; every other answer may be left out."""

    treatment = TopicField(
        _("Treatment"), [DataRequired(_("Which treatment was it?"))], about=TopicKind.TREATMENT, unlisted="unlisted"
    )
    unlisted = BooleanField(_("The treatment is not listed: send it under this name"))
    # In the order of the page, in which errors are listed too.
    effect = _select(_("How well did it work?"), Effect)
    first_effect = _select(_("First noticed an effect"), FirstEffect)
    duration = _select(_("Used for"), Duration)
    status = _select(_("Where does it stand?"), Status)
    stop_reasons = SeveralField(_("Why did you stop?"), choices=_choices(StopReason, blank=False))
    again = _select(_("Would you choose it again?"), Again)
    side_effects_overall = _select(_("Side effects overall"), Severity)
    side_effects = FieldList(FormField(SideEffectForm), max_entries=limits.SIDE_EFFECTS_MOST)
    companions = SeveralField(_("Used together with"), choices=_choices(Companion, blank=False))

    def validate_side_effects(self, field: FieldList) -> None:
        """Each side effect once: two severities of one thing cannot be counted."""
        named = [line.form.effect.topic for line in field if line.form.effect.topic is not None]
        if len(set(named)) < len(named):
            raise ValidationError(gettext("A side effect is named twice. Please keep one of the two."))

    def answers(self) -> TreatmentAnswers:
        """What was said. Only after validation."""
        assert self.treatment.topic is not None, "validated"
        # Some questions are asked only of those whom another answer makes them fit. Without scripts all are on the
        # page, and with them an answer may be left over from before: it does not count.
        stopped = self.status.data == Status.STOPPED
        early = self.effect.data == Effect.TOO_EARLY
        spared = self.side_effects_overall.data == Severity.NONE
        return TreatmentAnswers(
            topic=self.treatment.topic,
            status=_answer(Status, self.status),
            duration=_answer(Duration, self.duration),
            effect=_answer(Effect, self.effect),
            first_effect=None if early else _answer(FirstEffect, self.first_effect),
            side_effects_overall=_answer(Severity, self.side_effects_overall),
            side_effects={
                entry.form.effect.topic: Severity(entry.form.severity.data)
                for entry in self.side_effects
                if entry.form.effect.topic is not None and not spared
            },
            stop_reasons=frozenset(StopReason(each) for each in self.stop_reasons.data or ())
            if stopped
            else frozenset(),
            companions=frozenset(Companion(each) for each in self.companions.data or ()),
            again=_answer(Again, self.again),
        )


class StoryForm(Form):
    """The whole story on one page."""

    title = StringField(
        _("Title"), [InputRequired(_("Please give your story a title.")), Length(max=limits.TITLE_LONGEST)]
    )
    body = TextAreaField(_("Your story"), [InputRequired(_("Please tell your story in your own words."))])
    condition = TopicField(
        _("Condition"),
        [DataRequired(_("Which condition is your story about?"))],
        about=TopicKind.CONDITION,
        unlisted="condition_unlisted",
    )
    condition_unlisted = BooleanField(_("The condition is not listed: send it under this name"))
    about = RadioField(_("Whom is it about?"), choices=_choices(About, blank=False), default=About.MYSELF.value)
    confirmed_by_clinician = BooleanField(_("A clinician confirmed the condition"))
    age_band = _select(_("Age"), AgeBand)
    sex = _select(_("Sex"), Sex)
    body_place = StringField(_("Place on the body"), [Length(max=limits.PLACE_LONGEST)])
    treatments = FieldList(FormField(TreatmentForm), min_entries=1, max_entries=limits.TREATMENTS_MOST)
    advice = TextAreaField(_("Advice to someone starting out"), [Length(max=limits.ADVICE_LONGEST)])
    publish = BooleanField(
        _("Publish my story"),
        [
            InputRequired(
                _("To send your story we need your consent to publish it. You can keep it as a draft without.")
            )
        ],
    )
    statistics = BooleanField(_("Count my answers in what the stories add up to"))
    follow_up = BooleanField(_("Ask me later how it went on"))

    def validate_body(self, field: TextAreaField) -> None:
        """Long enough to help, short enough to read."""
        length = len(field.data or "")
        if length < limits.BODY_SHORTEST:
            raise ValidationError(
                gettext(
                    "Please write a little more: a story has at least %(least)d characters, yours has %(length)d.",
                    least=limits.BODY_SHORTEST,
                    length=length,
                )
            )
        if length > limits.BODY_LONGEST:
            raise ValidationError(
                gettext(
                    "Please shorten your story: it may have %(most)d characters, yours has %(length)d.",
                    most=limits.BODY_LONGEST,
                    length=length,
                )
            )

    def content(self, body: RenderedText, advice: RenderedText) -> StoryContent:
        """What the form says, with the texts rendered beforehand. Only after validation."""
        assert self.condition.topic is not None, "validated"
        return StoryContent(
            title=self.title.data or "",
            body=body,
            advice=advice,
            condition=self.condition.topic,
            treatments=tuple(cast("TreatmentForm", entry.form).answers() for entry in self.treatments),
            about=About(self.about.data),
            confirmed_by_clinician=self.confirmed_by_clinician.data,
            age_band=_answer(AgeBand, self.age_band),
            sex=_answer(Sex, self.sex),
            body_place=self.body_place.data or "",
            publish=self.publish.data,
            statistics=self.statistics.data,
            follow_up=self.follow_up.data,
        )

    def offer_blank_side_effects(self) -> None:
        """Leave a few empty lines for side effects under every treatment, for the next thing that comes to mind."""
        for treatment in self.treatments:
            lines = treatment.form.side_effects
            blank = sum(1 for line in lines if not line.form.effect.data)
            while blank < BLANK_SIDE_EFFECTS and len(lines) < limits.SIDE_EFFECTS_MOST:
                lines.append_entry()
                blank += 1


def blank_treatment() -> TreatmentForm:
    """An empty treatment, from which scripts make another one; 'n' stands for its number."""
    form = TreatmentForm(prefix="treatments-n-")
    for _line in range(BLANK_SIDE_EFFECTS):
        form.side_effects.append_entry()
    return form


def _answer(kind: type[Kind], field: SelectField) -> Kind | None:
    return kind(field.data) if field.data else None


def form_from(fields: Mapping[str, list[str]]) -> StoryForm:
    """The form filled from kept fields, a draft's or a version's."""
    form = StoryForm(formdata=MultiDict(fields))
    form.offer_blank_side_effects()
    return form
