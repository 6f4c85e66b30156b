"""The enumerations of the structured answers in stories and follow-ups: codes, and the words that people read."""

from __future__ import annotations

from flask_babel import lazy_gettext as _

from app.questionnaires.declaration import Answer


class Status(Answer):
    """Whether the author still uses the treatment."""

    STILL_USING = "still_using", _("still using it")
    FINISHED = "finished", _("finished the course")
    STOPPED = "stopped", _("stopped early")


class Duration(Answer):
    """How long the treatment was used."""

    UNDER_1_MONTH = "under_1_month", _("under 1 month")
    MONTHS_1_3 = "1_3_months", _("1 to 3 months")
    MONTHS_3_6 = "3_6_months", _("3 to 6 months")
    MONTHS_6_12 = "6_12_months", _("6 to 12 months")
    OVER_12_MONTHS = "over_12_months", _("over 12 months")


class Effect(Answer):
    """How well the treatment worked."""

    NOT_AT_ALL = "not_at_all", _("not at all")
    SLIGHTLY = "slightly", _("slightly")
    MODERATELY = "moderately", _("moderately")
    VERY_WELL = "very_well", _("very well")
    TOO_EARLY = "too_early", _("too early to tell")


class FirstEffect(Answer):
    """When the author first noticed an effect."""

    WITHIN_2_WEEKS = "within_2_weeks", _("within 2 weeks")
    WEEKS_2_4 = "2_4_weeks", _("2 to 4 weeks")
    MONTHS_1_3 = "1_3_months", _("1 to 3 months")
    LATER = "later", _("later")
    NEVER = "never", _("never")


class Severity(Answer):
    """How bad side effects were: one of them, or all taken together."""

    NONE = "none", _("none")
    MILD = "mild", _("mild")
    MODERATE = "moderate", _("moderate")
    SEVERE = "severe", _("severe")


class StopReason(Answer):
    """Why a treatment was stopped early."""

    SIDE_EFFECTS = "side_effects", _("side effects")
    DID_NOT_WORK = "did_not_work", _("it did not work")
    COST = "cost", _("cost")
    DOCTORS_ADVICE = "doctors_advice", _("doctor’s advice")
    BOTHER = "bother", _("too much bother")
    PREGNANCY = "pregnancy", _("pregnancy")
    OTHER = "other", _("something else")


class Companion(Answer):
    """What a treatment was used together with."""

    OTHER_TREATMENTS = "other_treatments", _("other treatments")
    LIGHT_THERAPY = "light_therapy", _("light therapy")
    MOISTURISER = "moisturiser", _("moisturiser")


class Again(Answer):
    """Whether the author would choose the treatment again."""

    YES = "yes", _("yes")
    NO = "no", _("no")
    NOT_SURE = "not_sure", _("not sure")


class About(Answer):
    """Who the story is about."""

    MYSELF = "myself", _("myself")
    SOMEONE_I_CARE_FOR = "someone_i_care_for", _("someone I care for")


class AgeBand(Answer):
    """How old the person is whom the story is about, in bands wide enough not to identify anybody."""

    UNDER_18 = "under_18", _("under 18")
    AGE_18_29 = "18_29", _("18 to 29")
    AGE_30_39 = "30_39", _("30 to 39")
    AGE_40_49 = "40_49", _("40 to 49")
    AGE_50_59 = "50_59", _("50 to 59")
    AGE_60_69 = "60_69", _("60 to 69")
    OVER_70 = "70_over", _("70 or over")


class Sex(Answer):
    """The sex of the person whom the story is about, as the author states it."""

    FEMALE = "female", _("female")
    MALE = "male", _("male")
    OTHER = "other", _("other")


class BackAgain(Answer):
    """Whether the condition has come back, as answered in a follow-up."""

    NO = "no", _("it has not come back")
    A_LITTLE = "a_little", _("it came back a little")
    YES = "yes", _("it came back")
    NEVER_GONE = "never_gone", _("it never went away")


class StillUsing(Answer):
    """Whether a treatment is still in use, as answered in a follow-up."""

    YES = "yes", _("still using it")
    NO = "no", _("not using it any more")
