"""Take the field that `test_recipe` declares through everything that happens to an answer. In a copy of the project:

    python -m tests.questionnaires.journey FOLDER

Prints 'done' in the end.
"""

from __future__ import annotations

import csv
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import flask_migrate
import sqlalchemy as sa
import time_machine
from flask import Flask

from app.accounts import registration
from app.accounts.models import Person
from app.foundation import clock
from app.foundation.access import Role
from app.foundation.contributions import erasure
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.moderation.decisions import decisions
from app.moderation.queue import queue
from app.stories.answers import Again
from app.stories.models import Story, StoryRevision
from tests.client import StrictClient
from tests.conftest import make_app
from tests.factories.people import a_moderator, logged_in
from tests.stories.story_form import BODY, create_vocabulary, filled_form, typed_values

FIELD = "told_friends"
LABEL = "Did you tell your friends?"


def main(folder: Path) -> None:
    folder.mkdir()
    app = make_app(folder)
    with app.app_context():
        flask_migrate.upgrade()
    create_vocabulary(app)
    staff, author = logged_in(app, "marlow", Role.ADMIN), logged_in(app, "quietfern")
    drafted_and_sent(app, author)
    shown_and_changed(app, staff, author)
    imported(app, folder)
    erased(app)
    print("done")


def answer() -> Any:
    """What the newest version of the story answers."""
    return db.session.scalars(sa.select(getattr(StoryRevision, FIELD)).order_by(StoryRevision.id.desc())).first()


def drafted_and_sent(app: Flask, author: StrictClient) -> None:
    form = filled_form(author).choose(LABEL, "no")
    draft = author.submit(form, "Save draft").form("Send for review")
    assert typed_values(draft)[FIELD] == ["no"]
    redrawn = author.submit(draft, "Add another treatment").form("Send for review")
    assert typed_values(redrawn)[FIELD] == ["no"]
    author.submit(author.submit(redrawn, "Remove treatment 2").form("Send for review"))
    with app.app_context():
        assert answer() is Again.NO


def shown_and_changed(app: Flask, staff: StrictClient, author: StrictClient) -> None:
    with app.app_context(), transaction():
        story = db.session.scalars(sa.select(Story)).one()
        decisions.approve(a_moderator(), pending_of(story))
        url, story_id = f"/stories/{story.id}/{story.slug}", story.id
    assert f"{LABEL} no" in " ".join(author.get_page(url).texts("main"))
    edit = author.get_page(f"/stories/{story_id}/edit").form("Send for review")
    assert typed_values(edit)[FIELD] == ["no"]
    author.submit(edit.choose(LABEL, "yes"))
    with app.app_context():
        assert answer() is Again.YES
        waiting = queue.open_item_of(pending_of(db.session.get_one(Story, story_id)))
        assert waiting is not None
        item = f"/moderation/{waiting.id}"
    assert LABEL in " ".join(staff.get_page(item).texts("main"))


def imported(app: Flask, folder: Path) -> None:
    table = folder / "stories.csv"
    with table.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(["key", "title", "body", "condition", "treatment", FIELD])
        rows.writerow(["1", "From elsewhere", BODY, "Warts", "Imiquimod", "Not sure"])
    result = app.test_cli_runner().invoke(args=["stories", "import", str(table)])
    assert result.exit_code == 0, result.output
    with app.app_context():
        assert answer() is Again.NOT_SURE


def erased(app: Flask) -> None:
    with app.app_context():
        author: Person | None = registration.find_by_username("quietfern")
        assert author is not None
        with transaction():
            story = db.session.scalars(sa.select(Story).where(Story.author_id == author.id)).one()
            erasure.request(author, story)
        with time_machine.travel(clock.now() + timedelta(days=60), tick=True):
            erasure.carry_out_due()
        answers = sa.select(getattr(StoryRevision, FIELD)).where(StoryRevision.story_id == story.id)
        assert set(db.session.scalars(answers)) == {None}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
