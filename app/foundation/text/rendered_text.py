"""A text as it was written, together with what it looks like: the form in which verbs take texts.

Rendering is slow and needs no database, so it happens before the transaction; verbs take the finished pair.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from app.foundation.text import markup
from app.foundation.text.markup import Profile


@dataclass(frozen=True)
class RenderedText:
    """A source text and its safe HTML."""

    source: str
    html: Markup

    EMPTY: ClassVar[RenderedText]


def render_text(source: str, profile: Profile) -> RenderedText:
    """Clean and render a text. Length is for the caller to limit before."""
    cleaned = markup.clean_input(source).strip()
    return RenderedText(cleaned, markup.render(cleaned, profile))


RenderedText.EMPTY = render_text("", Profile.COMMENT)
