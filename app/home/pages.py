"""The texts about the site, such as the guidelines: Markdown files that come with the code."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path

from markupsafe import Markup

from app.foundation.text import frontmatter, markup
from app.foundation.text.markup import Profile

FOLDER = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class TextPage:
    """A page of text: its title and its body."""

    title: str
    html: Markup


@cache
def text_page(name: str, *, post_moderation: bool = False, unread_stories: bool = False) -> TextPage:
    """Return the text with this name. Texts change only with the code, so each is rendered once.

    What it says about when contributions are read depends on `post_moderation`, whether the fast lane is on, and on
    `unread_stories`, whether there are stories that were imported unread.
    """
    about, body = frontmatter.split((FOLDER / f"{name}.md").read_text(encoding="utf-8"))
    reading = [about["some_afterwards" if post_moderation else "all_before"]]
    body = body.replace("{reading}", " ".join([*reading, about["unread_stories"]] if unread_stories else reading))
    return TextPage(str(about["title"]), markup.render(body, Profile.EDITORIAL))
