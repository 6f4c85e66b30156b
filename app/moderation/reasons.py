"""The reasons for a decision: each is a section of the guidelines, with a friendly text to start from."""

from __future__ import annotations

from dataclasses import dataclass

from flask_babel import lazy_gettext as _

from app.foundation.text.markdown import heading_id


@dataclass(frozen=True)
class Reason:
    """A guideline: its code in the database, its title, which is its heading on the guidelines page, and a note to the
    author.
    """

    code: str
    title: str
    note: str

    @property
    def anchor(self) -> str:
        """Where it stands on the guidelines page, in the language of the reader."""
        return heading_id(str(self.title))


REASONS: dict[str, Reason] = {
    reason.code: reason
    for reason in (
        Reason(
            "privacy",
            _("Protect privacy"),
            _(
                "Thank you for writing. Something in your text could show who you or someone else is. Could you take"
                " out names, places and exact dates, or use more general words instead?"
            ),
        ),
        Reason(
            "medical_advice",
            _("Share, don’t prescribe"),
            _(
                "Thank you for wanting to help. Part of your text tells people what to take or do. Could you say what"
                " you did and how it went instead? Leave doses and instructions to the people treating them."
            ),
        ),
        Reason(
            "advertising",
            _("No advertising"),
            _(
                "Your text mentions a seller, a price or a link to a shop. People come here to learn from each other,"
                " so we leave these out. You’re welcome to send it again without them."
            ),
        ),
        Reason(
            "disrespect",
            _("Be kind"),
            _(
                "We know this is hard. Some of the words in your text could hurt someone who reads them. Could you say"
                " it again without them? What you’ve been through deserves to be heard."
            ),
        ),
        Reason(
            "off_topic",
            _("Stay on topic"),
            _(
                "Thank you for writing. Your text isn’t about the topic of this page, so the people it could help"
                " wouldn’t find it here."
            ),
        ),
        Reason(
            "not_own_experience",
            _("Share your own experience"),
            _(
                "Stories here are about what people have been through themselves, or with someone they care for. Could"
                " you share your own part in it?"
            ),
        ),
        Reason(
            "too_little",
            _("Give readers something to go on"),
            _(
                "Thank you for making a start. A few more sentences would help readers: what you tried, for how long,"
                " and what changed."
            ),
        ),
        Reason(
            "safety",
            _("Safety first"),
            _(
                "Part of your text could lead someone to harm themselves, so we can’t publish it as it is. If you’re"
                " struggling yourself, talk to someone you trust or call a help line today."
            ),
        ),
    )
}


def titles() -> dict[str, str]:
    """What the guidelines are called, by their codes."""
    return {code: str(reason.title) for code, reason in REASONS.items()}
