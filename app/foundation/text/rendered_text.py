"""A source text together with its rendered HTML: the form in which domain functions take texts.

Rendering is slow and needs no database, so it happens before the write lock is taken; domain functions get the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from app.foundation.text import markup
from app.foundation.text.markup import Profile


@dataclass(frozen=True)
class RenderedText:
    """A source text in Markdown, cleaned, and its safe HTML. `EMPTY` is the empty text."""

    source: str
    html: Markup

    EMPTY: ClassVar[RenderedText]


def render_text(source: str, profile: Profile) -> RenderedText:
    """Clean and render a text. The caller limits its length before."""
    cleaned = markup.clean_input(source).strip()
    return RenderedText(cleaned, markup.render(cleaned, profile))


RenderedText.EMPTY = render_text("", Profile.COMMENT)
