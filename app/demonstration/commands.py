"""`flask seed`: the demonstration site, on a site that has nothing yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click
from flask import current_app
from flask.cli import with_appcontext
from sqlalchemy.exc import OperationalError, ProgrammingError

from app.foundation import clock
from app.foundation.database import transaction
from app.foundation.errors import DomainError
from app.moderation.queue import filters

if TYPE_CHECKING:
    from app.demonstration.content import Content
    from app.demonstration.people import Login

# What each outcome of a submission is called in the summary.
OUTCOMES = {
    "published": "published",
    "pending": "waiting",
    "changes_requested": "sent back for changes",
    "rejected": "rejected",
}


@click.command("seed")
@click.option("--if-empty", is_flag=True, help="Do nothing, quietly, on a site that has content.")
@with_appcontext
def seed(*, if_empty: bool) -> None:
    """Load the demonstration site; refuses on a site that has content.

    Everything on it is invented and says so. Where the configuration allows demonstration accounts (development and
    testing), prints one for each role, with a new password that is shown this once.
    """
    # Imported here because every process of the site imports this module, and only this command needs msgspec.
    from app.demonstration import content, loading, people
    from app.demonstration.references import ContentError

    try:
        if if_empty and loading.has_content():
            return
        files = content.read(content.FOLDER, before=clock.now())
        logins = people.make_logins() if current_app.config["DEMONSTRATION_ACCOUNTS"] else []
        with transaction():
            if loading.has_content():
                raise click.ClickException(
                    "This site has content already; the demonstration goes on an empty one. Nothing changed."
                )
            everybody = people.create(files, logins)
            loading.load(files, everybody, everybody[people.MODERATOR])
            people.remove_roles(everybody, logins)
    except ContentError as error:
        raise click.ClickException(f"The demonstration content cannot be loaded. {error}") from None
    except DomainError as error:
        raise click.ClickException(error.message) from None
    except (OperationalError, ProgrammingError) as error:
        raise click.ClickException(
            f"The database cannot be used ({error.orig}). Has `flask --app wsgi db upgrade` been run?"
        ) from None
    _summarise(files)
    _print_accounts(logins)


def _summarise(files: Content) -> None:
    pages = sum(1 for topic in files.topics if topic.overview)
    click.echo("The demonstration site is loaded. Everything on it is invented.")
    click.echo(f"  {len(files.topics)} topics, {pages} of them with a page")
    click.echo(f"  {len(files.articles)} articles")
    for submissions, name in (
        (files.stories, "stories"),
        (files.follow_ups, "follow-ups"),
        (files.comments, "comments"),
    ):
        states = [submission.outcome.value for submission in submissions]
        parts = [f"{states.count(outcome)} {words}" for outcome, words in OUTCOMES.items() if outcome in states]
        click.echo(f"  {len(states)} {name}: {', '.join(parts)}")
    click.echo(f"  {filters.count_all()} items wait for a moderator")
    click.echo("The worker builds the search index; `flask --app wsgi search rebuild` does it at once.")


def _print_accounts(logins: list[Login]) -> None:
    if not logins:
        click.echo("It has no accounts to log in with: those exist in development only.")
        return
    click.echo("\nAccounts, for this machine only. The passwords are not shown again:\n")
    for cells in (("role", "user name", "password"), *((each.role, each.username, each.password) for each in logins)):
        click.echo("  {:<12}{:<14}{}".format(*cells))
