"""Logging in and out, and what a session is worth."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import quote

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from app.accounts import passwords, registration
from app.accounts.models import LoginSession, Person
from app.foundation import clock
from app.foundation.database import db, transaction
from tests.client import Page, StrictClient
from tests.factories.building import made
from tests.factories.people import PASSWORD, a_person, logged_in

NAME = "quietfern"


@pytest.fixture(autouse=True)
def person(app: Flask) -> None:
    made(app, lambda: a_person(NAME))


def try_to_log_in(client: StrictClient, name: str = NAME, password: str = PASSWORD, status: int = 200) -> Page:
    form = client.get_page("/login").form("Log in").fill("User name", name).fill("Password", password)
    return client.submit(form, status=status)


def is_logged_in(client: StrictClient) -> bool:
    return "Log out" in client.get_page("/about").text


def suspend(app: Flask) -> None:
    with app.app_context(), transaction():
        db.session.execute(sa.update(Person).values(suspended_at=clock.now()))


def session_rows(app: Flask) -> int:
    with app.app_context():
        return db.session.scalar(sa.select(sa.func.count()).select_from(LoginSession)) or 0


@pytest.mark.parametrize(
    "name", [NAME, "QuietFern", " quietfern ", "ｑｕｉｅｔｆｅｒｎ", f"{NAME}@example.org", f"{NAME}@Example.ORG"]
)
def test_one_logs_in_by_name_or_by_address(client: StrictClient, name: str) -> None:
    try_to_log_in(client, name)

    assert is_logged_in(client)


@pytest.mark.parametrize(
    ("name", "password"),
    [
        pytest.param(NAME, "not the password", id="wrong password"),
        pytest.param("nobodyhere", PASSWORD, id="unknown name"),
        pytest.param("nobody@example.org", PASSWORD, id="unknown address"),
        pytest.param(NAME, PASSWORD.upper(), id="other case"),
        pytest.param(NAME, PASSWORD + " ", id="space at the end"),
        pytest.param(NAME, PASSWORD + "\0", id="a NUL at the end"),
        pytest.param("%", PASSWORD, id="a wildcard"),
    ],
)
def test_every_wrong_log_in_is_answered_with_the_same_words(client: StrictClient, name: str, password: str) -> None:
    token = client.get_page("/login").one("input[name=csrf_token]").get("value")

    response = client.post("/login", data={"csrf_token": token, "username": name, "password": password})

    assert response.status_code == 422
    page = Page(response)
    assert page.texts(".error-summary li") == ["That user name or password isn’t right. Try again."]
    assert page.form("Log in").value("User name") == name.strip()
    assert page.form("Log in").value("Password") == ""
    assert not is_logged_in(client)


def test_somebody_suspended_comes_in_to_read_why(app: Flask, client: StrictClient) -> None:
    suspend(app)

    try_to_log_in(client)

    assert is_logged_in(client)
    assert "You can’t post here any more." in client.get_page("/about").text


def test_an_author_without_an_account_cannot_log_in(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        db.session.execute(sa.update(Person).values(password_hash=None))

    try_to_log_in(client, password="", status=422)
    try_to_log_in(client, password="nobody has this password", status=422)

    assert not is_logged_in(client)


@pytest.mark.parametrize(("name", "password", "field"), [("", PASSWORD, "username"), (NAME, "", "password")])
def test_what_was_left_out_is_asked_for(client: StrictClient, name: str, password: str, field: str) -> None:
    page = try_to_log_in(client, name, password, status=422)

    assert [anchor.get("href") for anchor in page.select(".error-summary a")] == [f"#{field}"]
    assert page.texts(f"#{field}-error")


def test_logging_in_begins_a_new_session_with_a_new_cookie(app: Flask, client: StrictClient) -> None:
    client.get_page("/login")
    before = client.get_cookie("salve").value

    try_to_log_in(client)
    first = client.get_cookie("salve").value
    client.submit(client.get_page("/").form("Log out"))
    try_to_log_in(client)

    assert len({before, first, client.get_cookie("salve").value}) == 3
    assert session_rows(app) == 1


def test_the_database_keeps_no_token_that_opens_a_session(app: Flask, client: StrictClient) -> None:
    try_to_log_in(client)

    with client.session_transaction() as session:
        token = session["_user_id"]
    with app.app_context():
        row = db.session.scalars(sa.select(LoginSession)).one()
        assert token not in (row.token_digest, str(row.id), str(row.person_id))


def test_logging_out_ends_the_session_on_the_server(app: Flask) -> None:
    client = logged_in(app, NAME)
    old = client.get_cookie("salve").value

    page = client.submit(client.get_page("/").form("Log out"))

    assert "You’ve logged out." in page.text
    assert session_rows(app) == 0
    thief = app.test_client()
    thief.set_cookie("salve", old)
    assert not is_logged_in(thief)
    assert thief.get("/account/contributions").location == "/login?next=/account/contributions"


def test_logging_out_here_leaves_one_logged_in_elsewhere(app: Flask) -> None:
    here, elsewhere = logged_in(app, NAME), logged_in(app, NAME)

    here.submit(here.get_page("/").form("Log out"))

    assert not is_logged_in(here)
    assert is_logged_in(elsewhere)


def test_a_session_whose_row_is_gone_is_over(app: Flask) -> None:
    client = logged_in(app, NAME)
    with app.app_context(), transaction():
        db.session.execute(sa.delete(LoginSession))

    assert not is_logged_in(client)


def test_a_session_ends_after_its_time(app: Flask) -> None:
    client = logged_in(app, NAME)

    with time_machine.travel(clock.now() + timedelta(days=31), tick=False):
        assert not is_logged_in(client)


def test_a_session_ends_when_the_server_says_so_however_long_its_cookie_lasts(app: Flask) -> None:
    client = logged_in(app, NAME)
    with app.app_context(), transaction():
        db.session.execute(sa.update(LoginSession).values(expires_at=clock.now() - timedelta(seconds=1)))

    assert not is_logged_in(client)


def test_a_new_password_ends_every_session(app: Flask) -> None:
    clients = [logged_in(app, NAME), logged_in(app, NAME)]

    with app.app_context():
        password_hash = passwords.make_hash("another good phrase entirely")
        with transaction():
            registration.set_password(registration.find_by_username(NAME), password_hash)

    assert not any(is_logged_in(client) for client in clients)
    try_to_log_in(clients[0], status=422)
    try_to_log_in(clients[0], password="another good phrase entirely")


@pytest.mark.parametrize("forged", ["x", "1", "eyJfdXNlcl9pZCI6IjEifQ.aaaa.bbbb", "\N{SNOWMAN}"])
def test_a_cookie_that_we_did_not_make_is_nobody(client: StrictClient, forged: str) -> None:
    client.set_cookie("salve", forged)

    assert not is_logged_in(client)


# --- Where one goes afterwards ---

ELSEWHERE = [
    "//evil.example",
    "///evil.example",
    "/\\evil.example",
    "/\\/evil.example",
    "\\\\evil.example",
    "https://evil.example",
    "https:evil.example",
    "http:/evil.example",
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "data:text/html,x",
    "evil.example",
    "@evil.example",
    "/\nevil",
    "/\n/evil.example",
    "\n//evil.example",
    "/\t/evil.example",
    "/\r\nSet-Cookie: x=y",
    " //evil.example",
    "\x00//evil.example",
    "/\x00/evil.example",
    "\u202e//evil.example",
    "",
]


@pytest.mark.parametrize("target", ELSEWHERE, ids=repr)
def test_logging_in_never_leads_away_from_the_site(client: StrictClient, target: str) -> None:
    token = client.get_page("/login").one("input[name=csrf_token]").get("value")
    credentials = {"csrf_token": token, "username": NAME, "password": PASSWORD}

    response = client.post("/login", data={**credentials, "next": target})

    assert (response.status_code, response.location) == (302, "/")
    assert client.get(f"/login?next={quote(target)}").location == "/"
    assert client.get(f"/register?next={quote(target)}").location == "/"


@pytest.mark.parametrize("target", ["/stories/new", "/search?q=wart+cream&page=2", "/topics/alopecia-areata#stories"])
def test_logging_in_leads_on_to_where_one_wanted_to_go(client: StrictClient, target: str) -> None:
    form = client.get_page(f"/login?next={quote(target)}").form("Log in")
    token, kept = (form.element.xpath(f".//input[@name='{name}']")[0].get("value") for name in ("csrf_token", "next"))

    response = client.post("/login", data={"csrf_token": token, "username": NAME, "password": PASSWORD, "next": kept})

    assert (response.status_code, response.location) == (302, target)


def test_whoever_wants_to_write_is_asked_to_log_in_and_then_led_there(client: StrictClient) -> None:
    page = client.get_page("/stories/new")
    links = [link.text for link in page.links_in("main a")]
    assert links == ["Create account", "Log in"]
    page = client.click(page, "Log in", css="main a")

    page = client.submit(page.form("Log in").fill("User name", NAME).fill("Password", PASSWORD))

    assert page.h1 == "Share your story"


def test_a_wrong_try_does_not_forget_where_one_wanted_to_go(client: StrictClient) -> None:
    page = client.get_page("/account/contributions", follow_redirects=True)
    page = client.submit(page.form("Log in").fill("User name", NAME).fill("Password", "wrong"), status=422)

    page = client.submit(page.form("Log in").fill("Password", PASSWORD))

    assert page.h1 == "Your contributions"


def test_logging_in_again_ends_the_session_that_this_browser_had(app: Flask) -> None:
    client = logged_in(app, "tallowby")
    stolen = client.get_cookie("salve").value
    with app.app_context(), transaction():
        a_person("lodestar")

    fields = {"csrf_token": client.csrf_token(), "username": "lodestar", "password": PASSWORD}
    assert client.post("/login", data=fields).status_code == 302

    thief = app.test_client()
    thief.set_cookie("salve", stolen)
    assert thief.get("/account/contributions").status_code == 302
    assert client.get("/account/contributions").status_code == 200


def test_messages_that_nobody_reads_do_not_fill_the_cookie(app: Flask) -> None:
    client = logged_in(app, "tallowby")
    token = client.csrf_token()

    for number in range(40):
        answer = client.post("/topics/requests/new", data={"csrf_token": token, "words": f"A topic of number {number}"})
        assert answer.status_code == 302

    with client.session_transaction() as session:
        assert len(session["_flashes"]) == 3
    assert len(client.get_cookie("salve").value) < 1_500
