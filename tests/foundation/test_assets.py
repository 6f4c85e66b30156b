"""Style sheets and scripts as they are sent."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from app.foundation.access import Role
from app.foundation.web import assets
from tests.client import StrictClient
from tests.factories.people import logged_in


def address_of(app: Flask, name: str) -> str:
    with app.test_request_context():
        return assets.asset(name)


@pytest.mark.parametrize("name", ["main.css", "main.js"])
def test_an_asset_is_sent_compressed_to_whoever_takes_it(app: Flask, name: str) -> None:
    client, address = app.test_client(), address_of(app, name)
    plain = client.get(address, buffered=True)
    packed = client.get(address, headers={"Accept-Encoding": "br, gzip"}, buffered=True)

    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data)
    for answer in (plain, packed):
        assert "Accept-Encoding" in answer.headers["Vary"]
        assert answer.content_length == len(answer.data)


def test_whoever_refuses_gzip_gets_none(app: Flask) -> None:
    answer = app.test_client().get(address_of(app, "main.css"), headers={"Accept-Encoding": "gzip;q=0"}, buffered=True)
    assert "Content-Encoding" not in answer.headers


# --- Pages ---


def gzipped(client: FlaskClient, address: str) -> TestResponse:
    return client.get(
        address, headers={"Accept-Encoding": "gzip"}, buffered=True, unchecked="only its bytes matter here"
    )


def test_a_page_for_everybody_is_compressed(app: Flask) -> None:
    client = app.test_client()
    packed = gzipped(client, "/guidelines")
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == client.get("/guidelines", buffered=True).data
    assert packed.content_length == len(packed.data)
    assert set(packed.headers["Vary"].split(", ")) == {"Accept-Encoding", "Cookie"}


@pytest.mark.parametrize("address", ["/login", "/register", "/missing"])
def test_a_page_with_a_form_or_an_error_is_not_compressed(app: Flask, address: str) -> None:
    assert "Content-Encoding" not in gzipped(app.test_client(), address).headers


def test_no_page_of_somebody_who_is_logged_in_is_compressed(app: Flask) -> None:
    assert "Content-Encoding" not in gzipped(logged_in(app, "quietfern"), "/guidelines").headers


def test_staff_pages_have_a_style_sheet_of_their_own_for_staff_only(app: Flask) -> None:
    def sheets(client: StrictClient, address: str, status: int = 200) -> int:
        return len(client.get_page(address, status=status).select("link[rel=stylesheet]"))

    moderator, member = logged_in(app, "lanternhill", Role.MODERATOR), logged_in(app, "quietfern")
    assert sheets(moderator, "/moderation") == 2
    assert sheets(moderator, "/") == 1
    assert sheets(member, "/moderation", 404) == sheets(member, "/nothing-here", 404) == 1
