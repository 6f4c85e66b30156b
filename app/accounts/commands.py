"""`flask accounts ...`: create an account, and set a new password for somebody who has lost theirs."""

from __future__ import annotations

import sys

import click
from flask.cli import AppGroup

from app.accounts import passwords, registration
from app.foundation.access import Role
from app.foundation.database import transaction
from app.foundation.errors import Refused

accounts_cli = AppGroup("accounts", help="Create accounts and set passwords.")


@accounts_cli.command("create")
@click.option("--username", required=True, help="User name.")
@click.option("--email", required=True, help="E-mail address.")
@click.option("--role", type=click.Choice([role.value for role in Role]), default=Role.MEMBER.value, show_default=True)
def create(username: str, email: str, role: str) -> None:
    """Create an account; the password is read from standard input."""
    password = _password()
    try:
        registration.check_details(username, email, password, Role(role))
        password_hash = passwords.make_hash(password)
        with transaction():
            registration.create_account(username, email, password_hash, role=Role(role))
    except Refused as error:
        raise click.ClickException(error.message) from None
    click.echo(f"Created {username} ({role}).")


@accounts_cli.command("reset-password")
@click.option("--username", required=True, help="User name.")
def reset_password(username: str) -> None:
    """Set a new password, read from standard input, and log the person out everywhere."""
    password = _password()
    try:
        passwords.check_strength(password, username)
    except Refused as error:
        raise click.ClickException(error.message) from None
    password_hash = passwords.make_hash(password)
    with transaction():
        person = registration.find_by_username(username)
        if person is None or person.username is None:
            raise click.ClickException(f"There is no account named {username}.")
        registration.set_password(person, password_hash)
    click.echo(f"New password set for {username}; every session of theirs is ended.")


def _password() -> str:
    """Read the password from standard input: with a prompt at a terminal, otherwise the first line."""
    if sys.stdin.isatty():
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True))
    try:
        return sys.stdin.readline().rstrip("\r\n")
    except UnicodeDecodeError:
        raise click.ClickException("The password on standard input is not valid UTF-8.") from None
