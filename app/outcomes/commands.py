"""`flask outcomes ...`: recounting from the command line."""

from __future__ import annotations

import click
from flask.cli import AppGroup

from app.foundation.database import transaction
from app.outcomes import counting

outcomes_cli = AppGroup("outcomes", help="What the stories add up to.")


@outcomes_cli.command("recount")
def recount() -> None:
    """Count everything again from the stories. Needed only after changes made outside the application."""
    with transaction():
        cells = counting.recount_all()
    click.echo(f"Counted {cells} pairs of a condition and a treatment.")
