"""Cookies: who gets one, and what protects it."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask

from app.factory import create_app
from app.foundation.database import db, transaction
from app.topics.models import TopicKind
from config import ConfigurationError, Production
from tests.client import StrictClient
from tests.factories.comments import a_published_comment
from tests.factories.pages import a_topic, an_article
from tests.factories.people import PASSWORD, a_person, logged_in
from tests.factories.stories import a_published_story

HOST = "https://salve.example"

# Pages whose form needs a session to be safe: a cookie is set because the reader is about to send something.
WITH_A_FORM = {
    *("accounts.login", "accounts.register", "topics.request_form"),
    *("reports.report_story", "reports.report_comment", "reports.report_follow_up"),
}


@pytest.fixture
def production(migrated_sqlite: Path, tmp_path: Path) -> Iterator[Flask]:
    """The application as it is served to the world."""
    shutil.copyfile(migrated_sqlite, tmp_path / "salve.sqlite3")
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SALVE_DATA", str(tmp_path))
        environment.setenv("SALVE_SECRET_KEY", "for tests only")
        environment.setenv("SALVE_HOSTS", "salve.example, www.salve.example")
        environment.delenv("SALVE_DATABASE_URL", raising=False)
        app = create_app(Production())
    app.test_client_class = StrictClient
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()


def log_in(app: Flask, base_url: str) -> str:
    """Logs somebody in and answers the Set-Cookie header that came of it."""
    with app.app_context(), transaction():
        a_person("quietfern")
    client = app.test_client()
    page = client.get_page("/login", base_url=base_url)
    token = page.one("input[name=csrf_token]").get("value")
    data = {"csrf_token": token, "username": "quietfern", "password": PASSWORD}
    response = client.post("/login", base_url=base_url, headers={"Referer": page.url}, data=data)
    assert response.status_code == 302
    [header] = response.headers.getlist("Set-Cookie")
    return header


def flags(header: str) -> set[str]:
    """What stands in a Set-Cookie header, without its value and the day it ends."""
    name, *rest = (part.strip() for part in header.split(";"))
    return {name.split("=")[0], *(part for part in rest if not part.startswith("Expires="))}


def fill(app: Flask) -> None:
    with app.app_context(), transaction():
        a_topic("Warts", TopicKind.CONDITION, page="About warts.")
        a_published_comment(a_published_story())
        an_article()


def public_pages(app: Flask) -> list[str]:
    values = {
        "slug": "warts",
        "story_id": 1,
        "comment_id": 1,
        "follow_up_id": 1,
        "digest": "0",
        "name": "main.css",
        "filename": "img/mark.svg",
    }
    found = []
    for rule in app.url_map.iter_rules():
        access = getattr(app.view_functions[rule.endpoint], "access", None)
        is_public = rule.endpoint == "static" or (access is not None and access.level == "public")
        if is_public and "GET" in rule.methods and rule.endpoint not in WITH_A_FORM:
            with app.test_request_context():
                found.append(app.url_for(rule.endpoint, **{name: values[name] for name in rule.arguments}))
    return [
        *found,
        "/articles/how-to-read-a-figure",
        "/stories/1/half-a-year-week-by-week",
        "/search?q=warts",
        "/nothing",
    ]


def test_a_cookie_of_the_test_site_is_kept_from_scripts_and_other_sites(app: Flask) -> None:
    header = log_in(app, "http://localhost")

    assert flags(header) == {"salve", "HttpOnly", "SameSite=Lax", "Path=/"}
    assert "Expires=" in header


def test_a_cookie_in_production_also_belongs_to_the_host_and_needs_tls(production: Flask) -> None:
    header = log_in(production, HOST)

    assert flags(header) == {"__Host-salve", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"}


def test_production_does_not_start_without_the_names_of_its_hosts(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("SALVE_DATA", str(tmp_path))
    for hosts in ("", " , "):
        monkeypatch.setenv("SALVE_HOSTS", hosts)
        with pytest.raises(ConfigurationError, match="SALVE_HOSTS"):
            Production()


@pytest.mark.parametrize("host", ["salve.example", "www.salve.example", "salve.example:443"])
def test_production_answers_to_its_own_names(production: Flask, host: str) -> None:
    assert production.test_client().get("/about", base_url=f"https://{host}").status_code == 200


@pytest.mark.parametrize("host", ["evil.example", "salve.example.evil.example", "localhost", 'a"b<c', ""])
@pytest.mark.parametrize("address", ["/about", "/login", "/static/img/mark.svg", "/nothing"])
def test_production_answers_to_no_other_name(production: Flask, host: str, address: str) -> None:
    client = production.test_client()

    response = client.get(address, base_url=HOST, headers={"Host": host})

    assert response.status_code == 400
    assert "b<c" not in response.text
    assert client.post(address, base_url=HOST, headers={"Host": host}).status_code == 400


def test_a_form_sent_from_another_site_is_refused_in_production(production: Flask) -> None:
    client = production.test_client()
    token = client.get_page("/login", base_url=HOST).one("input[name=csrf_token]").get("value")

    for headers in ({}, {"Referer": "https://evil.example/login"}):
        response = client.post("/login", base_url=HOST, headers=headers, data={"csrf_token": token})

        assert response.status_code == 400


def test_a_reader_gets_no_cookie(app: Flask) -> None:
    fill(app)
    pages = public_pages(app)
    assert len(pages) > 15

    for address in pages:
        response = app.test_client().get(address, buffered=True)
        assert "Set-Cookie" not in response.headers, address


def test_a_reader_who_is_logged_in_gets_no_new_cookie_with_every_page(app: Flask) -> None:
    fill(app)
    client = logged_in(app, "quietfern")
    client.get_page("/")  # the first page after logging in keeps the token of its forms

    for address in public_pages(app):
        if address != "/logout":
            assert "Set-Cookie" not in client.get(address, buffered=True).headers, address


def test_the_pages_with_a_form_are_the_only_public_ones_with_a_cookie(app: Flask) -> None:
    fill(app)

    for address in ("/login", "/register", "/stories/1/report", "/comments/1/report"):
        assert "Set-Cookie" in app.test_client().get(address).headers, address
