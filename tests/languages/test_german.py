"""The site in German: the proof that everything people read can be in another language."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask import Flask

from app.moderation.reasons import REASONS
from tests.client import StrictClient

CATALOGUE = Path(__file__).parents[2] / "app" / "translations" / "de" / "LC_MESSAGES" / "messages.mo"

pytestmark = pytest.mark.skipif(not CATALOGUE.is_file(), reason="the messages are not compiled (make setup)")


@pytest.fixture
def german(app: Flask, monkeypatch: pytest.MonkeyPatch) -> StrictClient:
    # What SALVE_LOCALE sets when the application is made.
    monkeypatch.setattr(app.extensions["babel"], "default_locale", "de_DE")
    return app.test_client()


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("/", "ärztlicher Rat"),
        ("/login", "Benutzername"),
        ("/about", "Erfahrung"),
        ("/privacy", "Was wir speichern"),
        ("/guidelines", "Privatsphäre schützen"),
        ("/topics", "Themen"),
    ],
)
def test_pages_are_in_german(german: StrictClient, address: str, words: str) -> None:
    page = german.get_page(address)
    assert '<html lang="de-DE">' in page.html
    assert words in page.text


def test_every_guideline_is_found_under_its_german_name(app: Flask, german: StrictClient) -> None:
    page = german.get_page("/guidelines")
    with app.test_request_context():
        anchors = [reason.anchor for reason in REASONS.values()]
    assert all(page.one(f"#{anchor}") is not None for anchor in anchors)
