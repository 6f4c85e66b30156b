"""People with accounts, and browsers in which they are logged in."""

from __future__ import annotations

import re

from flask import Flask

from app.accounts import passwords, registration
from app.accounts.models import Person
from app.foundation.access import Role
from app.foundation.database import transaction
from tests.client import StrictClient
from tests.factories.building import a_number

PASSWORD = "plum bucket sailing tuesday"


def a_person(username: str | None = None, role: Role = Role.MEMBER) -> Person:
    """Somebody with an account and the password above."""
    name = username or f"person{a_number()}"
    return registration.create_account(name, f"{name}@example.org", passwords.make_hash(PASSWORD), role=role)


def a_moderator(username: str | None = None) -> Person:
    """Somebody who may decide."""
    return a_person(username, Role.MODERATOR)


def logged_in(app: Flask, username: str, role: Role = Role.MEMBER) -> StrictClient:
    """A browser in which this person, made if need be, is logged in."""
    with app.app_context(), transaction():
        if registration.find_by_username(username) is None:
            a_person(username, role)
    client = app.test_client()
    # Not as a form filled in: that reads the page with a parser, and hundreds of tests begin here.
    page = client.get("/login", unchecked="logging in has tests of its own").text
    token = re.findall(r'name="csrf_token" value="([^"]+)"', page)[0]
    fields = {"csrf_token": token, "username": username, "password": PASSWORD}
    assert client.post("/login", data=fields).status_code == 302
    return client
