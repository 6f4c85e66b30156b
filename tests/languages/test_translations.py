"""Everything people read can be translated.

Every page is read in a made-up language in which each message stands between ⟦ and ⟧. What is left outside them has to
be something that people wrote, a name or a date: anything else did not go through gettext.
"""

from __future__ import annotations

import ast
import calendar
import re
from collections.abc import Iterator
from gettext import NullTranslations
from pathlib import Path

import flask_babel
import pytest
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.pofile import read_po
from flask import Flask
from lxml import html

from app.foundation.access import Role
from app.foundation.database import Model, db
from tests.client import StrictClient
from tests.factories.people import logged_in
from tests.house.test_nothing_unapproved_shows import addresses_of_routes, plant

ROOT = Path(__file__).parents[2]
# Names of the site and of formats, and dates and numbers, which have translations of their own.
UNTRANSLATED = {"salve", "csv", "zz", "dpcp", *map(str.casefold, calendar.month_name)}
# Attributes that people see or hear.
READ = ("aria-label", "placeholder", "title", "alt", "content")
UNREAD = ("viewport", "color-scheme", "theme-color", "robots")
# Texts that come with the code as files, one for each language.
FILES = {"/about", "/guidelines", "/privacy"}


class MarkedMessages(NullTranslations):
    """Translations into the made-up language."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, singular: str, plural: str, n: int) -> str:
        return f"⟦{singular if n == 1 else plural}⟧"

    ugettext, ungettext = gettext, ngettext


@pytest.fixture
def marked(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Flask:
    monkeypatch.setattr(flask_babel.Domain, "get_translations", lambda _self: MarkedMessages())
    return app


def written_words(app: Flask) -> set[str]:
    """The words of everything in the database."""
    with app.app_context():
        rows = [row for table in Model.metadata.sorted_tables for row in db.session.execute(table.select())]
    return {word for row in rows for value in row for word in words(str(value))}


def words(text: str) -> Iterator[str]:
    return (word.casefold() for word in re.findall(r"[^\W\d_]{2,}", text))


def outside_messages(text: str) -> str:
    """What is left of a text without its messages, which may contain others."""
    depth, left = 0, []
    for char in text:
        depth += {"⟦": 1, "⟧": -1}.get(char, 0)
        left.append(char if depth == 0 else " ")
    return "".join(left)


def read_texts(page: str) -> Iterator[str]:
    """The text of a page, and each of its attributes that somebody reads."""
    tree = html.document_fromstring(page)
    for unread in tree.cssselect("script, style, [type=hidden]"):
        unread.drop_tree()
    yield " ".join(tree.itertext())
    for element in tree.iter():
        if isinstance(element.tag, str) and element.get("name") not in UNREAD:
            yield from (element.get(name) for name in READ if element.get(name))
            yield from (value for name, value in element.items() if name.startswith("data-") and "⟦" in value)


def untranslated(client: StrictClient, address: str, written: set[str]) -> list[str]:
    response = client.get(address, buffered=True, unchecked="only its language is looked at here")
    if response.mimetype != "text/html" or response.status_code in range(300, 400):
        return []
    left = {word for text in read_texts(response.text) for word in words(outside_messages(text))}
    return sorted(left - written - UNTRANSLATED)


@pytest.mark.parametrize(
    "who",
    [
        "member",
        "administrator",
        pytest.param("stranger", marks=pytest.mark.long),
        pytest.param("moderator", marks=pytest.mark.long),
    ],
)
def test_every_word_that_the_site_says_can_be_translated(marked: Flask, who: str) -> None:
    plant(marked)
    written = written_words(marked)
    client = marked.test_client()
    if who == "member":
        client = logged_in(marked, "tallowby")
    elif who != "stranger":
        client = logged_in(marked, "fieldmouse", Role.MODERATOR if who == "moderator" else Role.ADMIN)
    visited = [address for address in addresses_of_routes(marked) if address not in FILES]
    assert len(visited) > 100
    found = {word: address for address in reversed(visited) for word in untranslated(client, address, written)}
    assert sorted(found.items()) == []


# --- Refusals ---

REFUSALS = {"Refused", "Conflict", "NotAllowed", "Missing", "Removed", "Busy", "require", "flash"}
# Commands speak English, like the logs.
COMMANDS = ("app/transfer", "app/demonstration", "app/foundation/text/text_lines.py", "app/foundation/text/toml_")
OF_COMMANDS = ("commands.py", "vocabulary.py", "vocabulary_import.py", "publishing.py")


def bare_messages() -> Iterator[str]:
    for path in sorted((ROOT / "app").rglob("*.py")):
        name = path.relative_to(ROOT).as_posix()
        if name.startswith(COMMANDS) or path.name in OF_COMMANDS:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in REFUSALS:
                message = node.args[node.func.id == "require" :][:1]
                if any(isinstance(each, (ast.JoinedStr, ast.Constant)) for each in message):
                    yield f"{name}:{node.lineno}"


def test_every_refusal_and_every_message_can_be_translated() -> None:
    assert list(bare_messages()) == []


# --- Catalogues ---

CATALOGUES = sorted((ROOT / "app" / "translations").glob("*/LC_MESSAGES/messages.po"))
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|%%|\{\w*\}")


def messages_of_the_code() -> set[str]:
    """The messages to translate; of those with a plural, the singular."""
    methods = [("**.py", "python"), ("**.html", "jinja2")]
    keywords = {**DEFAULT_KEYWORDS, "_l": None, "lazy_gettext": None}
    found = set()
    for folder in ("app", "templates"):
        for _file, _line, message, _comments, _context in extract_from_dir(ROOT / folder, methods, keywords=keywords):
            found.add(message[0] if isinstance(message, tuple) else message)
    return found


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_catalogue_has_every_message_and_no_other(catalogue: Path) -> None:
    with catalogue.open("rb") as file:
        messages = {
            message.id[0] if isinstance(message.id, tuple) else message.id: message
            for message in read_po(file)
            if message.id
        }
    # To bring it up to date: `make messages`, then translate what is empty.
    assert sorted(messages_of_the_code() ^ set(messages)) == []
    assert sorted(key for key, message in messages.items() if message.fuzzy or not all(forms(message.string))) == []


@pytest.mark.parametrize("catalogue", CATALOGUES, ids=lambda path: path.parts[-3])
def test_a_translation_has_the_placeholders_of_its_message(catalogue: Path) -> None:
    with catalogue.open("rb") as file:
        wrong = [
            (message.id, translated)
            for message in read_po(file)
            if message.id
            for translated in forms(message.string)
            if not placeholders(translated) <= set.union(*map(placeholders, forms(message.id)))
            or not set.intersection(*map(placeholders, forms(message.id))) <= placeholders(translated)
        ]
    assert wrong == []


def forms(text: str | tuple[str, ...] | list[str]) -> list[str]:
    return [text] if isinstance(text, str) else list(text)


def placeholders(text: str) -> set[str]:
    return set(PLACEHOLDER.findall(text))
