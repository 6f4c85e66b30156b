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


@dataclass(frozen=True)
class Operator:
    """Who runs the site, as its settings say: a name, an e-mail address or web address, and the grace period in days
    of an erasure. Either text may be empty.
    """

    name: str
    contact: str
    erase_after_days: int


@cache
def text_page(
    name: str, operator: Operator, language: str = "en", *, post_moderation: bool = False, unread_stories: bool = False
) -> TextPage:
    """Return the text with this name, in English where there is none in this language. Texts change only with the code,
    so each is rendered once.

    What it says about when contributions are read depends on `post_moderation`, whether the fast lane is on, and on
    `unread_stories`, whether there are stories that were imported unread.
    """
    translated = FOLDER / f"{name}.{language}.md"
    file = translated if translated.is_file() else FOLDER / f"{name}.md"
    about, body = frontmatter.split(file.read_text(encoding="utf-8"))
    sentences = [
        ("reading", [about.get("some_afterwards" if post_moderation else "all_before", "")]),
        ("reading", [about.get("unread_stories", "")] if unread_stories else []),
        ("operator", [about.get("operator", "")] if operator.name else []),
        ("contact", [about.get("contact" if operator.contact else "no_contact", "")]),
    ]
    for place in ("reading", "operator", "contact"):
        chosen = [sentence for at, texts in sentences if at == place for sentence in texts]
        body = body.replace(f"{{{place}}}", " ".join(chosen))
    # What operators wrote goes last, so that braces in it mean nothing.
    body = body.replace("{days}", str(operator.erase_after_days))
    body = body.replace("{contact}", _link(operator.contact)).replace("{operator}", markup.escape_plain(operator.name))
    return TextPage(str(about["title"]), markup.render(body, Profile.EDITORIAL))


def _link(contact: str) -> str:
    """A contact as a link in Markdown."""
    address = contact if contact.startswith("https://") else f"mailto:{contact}"
    return f"[{markup.escape_plain(contact)}](<{address}>)" if contact else ""
