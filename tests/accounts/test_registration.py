"""Creating an account."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import usernames
from app.accounts.models import Person
from app.foundation.access import Role
from app.foundation.database import db, transaction
from app.foundation.errors import Refused
from tests.client import Form, Page, StrictClient
from tests.factories.building import made
from tests.factories.people import PASSWORD, a_person, logged_in

NAME, EMAIL = "quietfern", "fern@example.org"


def filled(client: StrictClient, username: str = NAME, email: str = EMAIL, password: str = PASSWORD) -> Form:
    form = client.get_page("/register").form("Create account")
    return form.fill("User name", username).fill("Email", email).fill("Password", password)


def people(app: Flask) -> list[Person]:
    with app.app_context():
        return list(db.session.scalars(sa.select(Person).order_by(Person.id)))


def error_at(page: Page, field: str) -> str:
    return " ".join(page.texts(f"#{field}-error"))


def refused(client: StrictClient, form: Form) -> Page:
    return client.submit(form, status=422)


def test_an_account_is_created_and_the_person_is_logged_in(app: Flask, client: StrictClient) -> None:
    page = client.submit(filled(client))

    assert "Welcome, quietfern" in page.text
    assert "Log out" in page.form("Log out").buttons
    [person] = people(app)
    assert (person.username, person.email, person.role) == (NAME, EMAIL, Role.MEMBER)
    assert person.password_hash.startswith("$argon2id$")


def test_after_registering_one_goes_on_where_one_wanted_to(client: StrictClient) -> None:
    page = client.click(client.get_page("/stories/new", follow_redirects=True), "Create account", css="main a")

    form = page.form("Create account").fill("User name", NAME).fill("Email", EMAIL).fill("Password", PASSWORD)
    page = client.submit(form)

    assert page.h1 == "Share your story"


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("quietfern", id="the same"),
        pytest.param("QuietFern", id="other case"),
        pytest.param("ｑｕｉｅｔｆｅｒｎ", id="full-width letters"),
        pytest.param("quie\u1d57fern", id="superscript letter"),
        pytest.param("  quietfern  ", id="space around it"),
        pytest.param("quiet\u200bfern", id="zero-width space"),
        pytest.param("quiet\u00adfern", id="soft hyphen"),
    ],
)
def test_a_name_that_looks_like_one_that_is_taken_cannot_be_had(app: Flask, client: StrictClient, name: str) -> None:
    made(app, lambda: a_person(NAME))

    page = refused(client, filled(client, name))

    assert re.search("taken|Use letters", error_at(page, "username"))
    assert len(people(app)) == 1


@pytest.mark.parametrize(
    ("taken", "name"),
    [
        pytest.param("tovey", "товеу", id="Cyrillic letters"),
        pytest.param("lodestar", "l0destar", id="zero for o"),
        pytest.param("marlow", "rnarlow", id="rn for m"),
        pytest.param("alice", "alıce", id="i without its dot"),
        pytest.param("alice", "a1ice", id="one for l"),
        pytest.param("Alice", "al1ce", id="one for i"),
        pytest.param("quillan", "quillan_", id="underscore at the end"),
        pytest.param("quillan", "q.uillan", id="dot within"),
        pytest.param("quiet-fern", "quietfern", id="without the hyphen"),
        pytest.param("jose", "José", id="with an accent"),
        pytest.param("marlow", "ｍａｒ１ｏｗ", id="full-width, with a digit"),
    ],
)
def test_a_name_that_can_be_taken_for_another_is_refused(
    app: Flask, client: StrictClient, taken: str, name: str
) -> None:
    made(app, lambda: a_person(taken))

    page = refused(client, filled(client, name))

    assert "too similar to one" in error_at(page, "username")
    assert len(people(app)) == 1


@pytest.mark.parametrize("name", ["quietfen", "quieter-fern", "quietfern2", "fernquiet"])
def test_names_that_are_merely_similar_are_welcome(app: Flask, client: StrictClient, name: str) -> None:
    made(app, lambda: a_person("quietfern"))

    client.submit(filled(client, name))

    assert [person.username for person in people(app)] == ["quietfern", name]


def test_of_two_people_with_names_that_look_alike_both_log_in(app: Flask) -> None:
    """Such accounts exist from the time before names were compared like this."""
    with app.app_context(), transaction():
        a_person("quillan").username_skeleton = None
        db.session.flush()
        a_person("quillan_")

    for name in ("quillan", "quillan_"):
        assert logged_in(app, name).get_page("/account/contributions").h1 == "Your contributions"


def test_a_name_with_a_sharp_s_is_the_same_as_with_two(app: Flask, client: StrictClient) -> None:
    made(app, lambda: a_person("strasse"))

    page = refused(client, filled(client, "straße"))

    assert "taken" in error_at(page, "username")


@pytest.mark.parametrize(
    ("name", "word"),
    [
        pytest.param("ab", "characters", id="too short"),
        pytest.param("a" * 31, "characters", id="too long"),
        pytest.param("quiet fern", "letters", id="space within"),
        pytest.param("fern@example.org", "letters", id="an e-mail address"),
        pytest.param("-fern", "Start", id="begins with a hyphen"),
        pytest.param("f\u0435rn", "alphabet", id="a Cyrillic e among Latin letters"),
        pytest.param("fern\u03bf", "alphabet", id="a Greek o among Latin letters"),
        pytest.param("admin", "runs this site", id="admin"),
        pytest.param("Admin", "runs this site", id="Admin"),
        pytest.param("moderator2", "runs this site", id="moderator2"),
        pytest.param("ｓｔａｆｆ", "runs this site", id="full-width staff"),
        pytest.param("imported", "runs this site", id="imported"),
        pytest.param("salve", "runs this site", id="the site's own name"),
        pytest.param("😀😀😀", "letters", id="emoji"),
        pytest.param("<b>fern", "letters", id="markup"),
    ],
)
def test_names_that_could_deceive_are_refused(app: Flask, client: StrictClient, name: str, word: str) -> None:
    page = refused(client, filled(client, name))

    assert word in error_at(page, "username")
    assert people(app) == []


OFFICIAL = (
    "admins", "adm1n", "M0derators", "theadmin", "salve-team", "TeamSalve", "doctor", "Doctors", "dr.fern", "nurse_joy",
    "real.doctor.uk", "head-dermatologist", "s.t.a.f.f", "supp0rt",
)  # fmt: skip


@pytest.mark.parametrize("name", OFFICIAL)
def test_names_that_sound_official_in_any_form_are_refused(name: str) -> None:
    with pytest.raises(Refused, match="runs this site"):
        usernames.check(name)


def test_marks_that_turn_the_reading_direction_are_left_out_of_a_name(app: Flask, client: StrictClient) -> None:
    client.submit(filled(client, "fe\u202ern\u2069"))

    assert [person.username for person in people(app)] == ["fern"]


@pytest.mark.parametrize(
    "name",
    ["Ζωή", "мария", "ひまわり", "fern.leaf_2-b", "José", "2cats", "stafford", "drake", "modest", "badminton"],
)
def test_names_of_every_alphabet_are_welcome(app: Flask, client: StrictClient, name: str) -> None:
    client.submit(filled(client, name))

    assert [person.username for person in people(app)] == [name]


@pytest.mark.parametrize(
    "email",
    [
        "fern",
        "fern@",
        "@example.org",
        "fern@example",
        "fern example@example.org",
        "a@b@example.org",
        "fern@exa mple.org",
        "fern@-example.org",
        "fern@" + "e" * 250 + ".org",
    ],
)
def test_what_is_no_address_is_refused(app: Flask, client: StrictClient, email: str) -> None:
    page = refused(client, filled(client, email=email))

    assert "Enter an email address in the right format" in error_at(page, "email")
    assert people(app) == []


def test_an_address_that_grows_when_it_is_compared_is_refused(either_app: Flask) -> None:
    # One character that stands for eighteen: no column could hold what makes two such addresses the same.
    client = either_app.test_client()

    page = refused(client, filled(client, email="\ufdfa" * 60 + "@example.org"))

    assert "email address" in error_at(page, "email")


@pytest.mark.parametrize("email", [EMAIL, "Fern@Example.ORG"])
def test_an_address_has_one_account(app: Flask, client: StrictClient, email: str) -> None:
    other = app.test_client()
    other.submit(filled(other))

    page = refused(client, filled(client, "mossywood", email))

    assert "log in with it" in error_at(page, "email")
    assert len(people(app)) == 1


@pytest.mark.parametrize(
    ("password", "word"),
    [
        pytest.param("short", "at least 10", id="short"),
        pytest.param("nine char", "at least 10", id="nine characters"),
        pytest.param("password123", "easy to guess", id="common"),
        pytest.param("aaaaaaaaaaaa", "easy to guess", id="one letter"),
        pytest.param("qwertyuiop", "easy to guess", id="a row of keys"),
        pytest.param("quietfern1", "easy to guess", id="the user name"),
        pytest.param("fern@example.org", "easy to guess", id="the address"),
        pytest.param("x" * 257, "256", id="long"),
    ],
)
def test_passwords_that_are_easily_guessed_are_refused(
    app: Flask, client: StrictClient, password: str, word: str
) -> None:
    page = refused(client, filled(client, password=password))

    assert word in error_at(page, "password")
    assert people(app) == []


@pytest.mark.parametrize(
    "password", [PASSWORD, "zq7#Vw!pLm", "пароль из четырёх слов", " spaces around me too ", "k" * 3 + "9!Rt" * 60]
)
def test_a_password_is_taken_exactly_as_typed(app: Flask, client: StrictClient, password: str) -> None:
    client.submit(filled(client, password=password))
    other = app.test_client()

    form = other.get_page("/login").form("Log in").fill("User name", NAME).fill("Password", password)

    assert "Log out" in other.submit(form).text


def test_errors_stand_at_the_top_and_at_the_fields_and_nothing_but_the_password_is_lost(client: StrictClient) -> None:
    page = refused(client, filled(client, "x", "no address", "short"))

    form = page.form("Create account")
    assert len(page.select(".error-summary li a")) == 3
    assert all(error_at(page, field) for field in ("username", "email", "password"))
    assert "Error:" in form.error("Email")
    assert form.value("User name") == "x"
    assert form.value("Email") == "no address"
    assert form.value("Password") == ""
    assert "short" not in page.html


def test_the_links_at_the_top_lead_to_the_fields(client: StrictClient) -> None:
    page = refused(client, filled(client, "", "", ""))

    targets = [anchor.get("href") for anchor in page.select(".error-summary a")]
    assert targets == ["#username", "#email", "#password"]


def test_whoever_is_logged_in_has_no_use_for_the_form(client: StrictClient) -> None:
    client.submit(filled(client))

    response = client.get("/register?next=/about")

    assert (response.status_code, response.location) == (302, "/about")
