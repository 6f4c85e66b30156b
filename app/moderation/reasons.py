"""The reasons for a decision: each is a section of the guidelines, with a friendly text to start from."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _


@dataclass(frozen=True)
class Reason:
    """A guideline: its code in the database, its title and anchor on the guidelines page, a note to the author."""

    code: str
    title: str
    anchor: str
    note: str


REASONS: dict[str, Reason] = {
    reason.code: reason
    for reason in (
        Reason(
            "privacy",
            _("Protect privacy"),
            "s-protect-privacy",
            _(
                "Thank you for writing. Something in your text could show who you or somebody else is. Please leave"
                " out names, places and exact dates; a neutral word in their place does as well."
            ),
        ),
        Reason(
            "medical_advice",
            _("Tell, don't prescribe"),
            "s-tell-don-t-prescribe",
            _(
                "Thank you for wanting to help. One passage tells others what to take or do. Please tell what you did"
                " and how it went, and leave doses and instructions to the people who treat them."
            ),
        ),
        Reason(
            "advertising",
            _("No advertising"),
            "s-no-advertising",
            _(
                "Your text names a seller, a price or a link that sells something. Readers come here to hear from each"
                " other, so we leave such passages out. You are welcome to send it again without them."
            ),
        ),
        Reason(
            "disrespect",
            _("Be kind"),
            "s-be-kind",
            _(
                "We understand that this is hard. Some words in your text would hurt somebody who reads it. Please say"
                " it once more without them: what you lived through deserves to be heard."
            ),
        ),
        Reason(
            "off_topic",
            _("Stay with the subject"),
            "s-stay-with-the-subject",
            _(
                "Thank you for writing. Your text is about something other than this page, where the readers who could"
                " use it would not find it."
            ),
        ),
        Reason(
            "not_own_experience",
            _("Tell what you lived"),
            "s-tell-what-you-lived",
            _(
                "Stories here are what people lived through themselves, or with somebody they care for. Please tell"
                " your own part of it."
            ),
        ),
        Reason(
            "too_little",
            _("Give readers something to go on"),
            "s-give-readers-something-to-go-on",
            _(
                "Thank you for beginning. A few more sentences would help readers: what you tried, for how long, and"
                " what changed."
            ),
        ),
        Reason(
            "safety",
            _("Safety first"),
            "s-safety-first",
            _(
                "A passage in your text could lead somebody to harm themselves. We cannot publish it like this. If you"
                " are in distress yourself, please talk to somebody you trust or to a help line today."
            ),
        ),
    )
}
