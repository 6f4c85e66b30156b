"""The moderators' desk with 10,000 items in the queue: opening the queue, reading an item, deciding on it.

    python -m benchmarks.desk [--waiting 10000]

A new SQLite site is filled through the domain functions (stories with signals, comments, reports) and then requested in
process, so that only the page and its statements are measured. In the same run, for comparison: a view of one line, and
the same pages with 100 items. Prints medians and 95th percentiles in milliseconds, and the number of statements.
"""

from __future__ import annotations

import argparse
import os
import re
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import flask_migrate
import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from app.accounts import passwords, registration
from app.accounts.models import Person
from app.comments import authoring as comment_authoring
from app.factory import create_app
from app.foundation.access import Role
from app.foundation.contributions.publication import pending_of
from app.foundation.database import analyze, db, transaction
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import render_text
from app.moderation.decisions import decisions
from app.moderation.queue import filters
from app.moderation.queue.filters import QueueFilters
from app.moderation.queue.models import QueueItem
from app.moderation.reports import reports
from app.questionnaires.questions import version_of
from app.stories import authoring
from app.stories.models import Story, StoryRevision
from app.topics import vocabulary
from app.topics.models import Topic, TopicKind
from benchmarks import corpus

PASSWORD = "plum bucket sailing tuesday"
ROUNDS, BATCH, AUTHORS = 30, 250, 300
Topics = dict[TopicKind, list[Topic]]


def site(folder: Path, waiting: int) -> Flask:
    """Create a site with this many items in its queue: of every ten, seven stories, two comments and a report."""
    os.environ |= {"SALVE_DATA": str(folder), "SALVE_ENV": "development"}
    app = create_app()
    with app.app_context():
        flask_migrate.upgrade()
        rows = enumerate(corpus.story_rows(2 * waiting))
        with transaction():
            people, topics = _people_and_topics()
        with transaction():
            public = _publish(list(islice(rows, max(1, waiting // 10))), people, topics)
        for first in range(0, waiting, BATCH):
            with transaction():
                for made in range(first, min(first + BATCH, waiting)):
                    writer = db.session.get_one(Person, people[(made + 7) % AUTHORS])
                    story = db.session.get_one(Story, public[made % len(public)])
                    if made < waiting * 0.7:
                        number, row = next(rows)
                        authoring.submit(writer, _content(row, number, topics), f"story-{number:08}")
                    elif made < waiting * 0.9:
                        text = render_text(f"Thank you for this, number {made}.", Profile.COMMENT)
                        comment_authoring.submit(writer, story, text, f"comment-{made:08}")
                    else:
                        reports.report(writer, story, "privacy")
        analyze()
    return app


def _people_and_topics() -> tuple[list[int], Topics]:
    """Create a moderator, authors and topics; return the authors' ids and the topics by kind."""
    hashed = passwords.make_hash(PASSWORD)
    registration.create_account("marlow", "m@example.org", hashed, role=Role.MODERATOR)
    people = [registration.create_account(f"writer{n}", f"w{n}@example.org", hashed) for n in range(AUTHORS)]
    topics = {
        kind: [vocabulary.add(vocabulary.Entry(f"{kind.value} {n}", kind))[0] for n in range(30)]
        for kind in (TopicKind.CONDITION, TopicKind.TREATMENT)
    }
    db.session.flush()
    return [person.id for person in people], topics


def _content(row: dict[str, Any], number: int, topics: Topics) -> StoryRevision:
    """A story that contains an e-mail address and a date, so that it gets signals."""
    words = f"{row['text']}. Write to me, writer{number}@example.org, I was there on 3 May 2024."
    answers = {
        "title": row["title"],
        "body": render_text(words, Profile.STORY),
        "condition": topics[TopicKind.CONDITION][number % 30],
        "treatments": [{"treatment": topics[TopicKind.TREATMENT][number % 30]}],
        "publish": True,
    }
    return version_of(StoryRevision, answers)


def _publish(rows: list[tuple[int, dict[str, Any]]], people: list[int], topics: Topics) -> list[int]:
    """Submit and approve these stories; return their ids."""
    moderator = registration.find_by_username("marlow")
    assert moderator is not None
    submitted = [
        authoring.submit(db.session.get_one(Person, people[n % AUTHORS]), _content(row, n, topics), f"public-{n:08}")
        for n, row in rows
    ]
    for story in submitted:
        decisions.approve(moderator, pending_of(story))
    return [story.id for story in submitted]


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """Context manager: collect the SQL statements that are executed in the block."""
    with app.app_context():
        engine = db.engine
    statements: list[str] = []

    def note(*arguments: Any) -> None:
        if not arguments[2].startswith("BEGIN"):
            statements.append(arguments[2])

    sa.event.listen(engine, "before_cursor_execute", note)
    yield statements
    sa.event.remove(engine, "before_cursor_execute", note)


def logged_in(app: Flask) -> FlaskClient:
    """A client that is logged in as the moderator."""
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert token is not None
    client.post("/login", data={"csrf_token": token[1], "username": "marlow", "password": PASSWORD})
    return client


def questions(app: Flask) -> dict[str, Callable[[list[str]], float | None]]:
    """What is measured, by name. Each function gets the list of statements, which it clears if only a part of what it
    does is measured; then it returns the seconds that part took, and None otherwise.
    """
    client = logged_in(app)
    with app.app_context():
        items = [item.id for item in filters.items_page(QueueFilters(kind="story"), 20, 5)]
        last = db.session.scalar(sa.select(sa.func.max(QueueItem.id)))

    def get(address: str) -> Callable[[list[str]], None]:
        def ask(_statements: list[str]) -> None:
            answer = client.get(address)
            assert answer.status_code == 200, (address, answer.status_code)

        return ask

    return {
        "a view of one line": get("/healthz"),
        "the queue": get("/moderation"),
        "the queue, page 300": get("/moderation?page=300"),
        "the queue of a topic": get("/moderation?topic=condition-3"),
        "the queue of an author": get("/moderation?author=writer7"),
        "the queue of a signal": get("/moderation?signal=identifying"),
        "an item, near the front": get(f"/moderation/{items[0]}"),
        "an item, at the end": get(f"/moderation/{last}"),
        "deciding": lambda statements: _decide(client, statements),
    }


def _decide(client: FlaskClient, statements: list[str]) -> float:
    """Approve the first story in the queue. Returns the seconds of the decision alone, without finding the item."""
    queue = client.get("/moderation?kind=story").text
    first = re.search(r'href="/moderation/(\d+)\?kind=story"', queue)
    assert first is not None
    page = client.get(f"/moderation/{first[1]}?kind=story").text
    fields = {
        name: re.search(rf'name="{name}" value="([^"]+)"', page)[1]  # type: ignore[index]
        for name in ("csrf_token", "revision")
    }
    statements.clear()
    start = time.perf_counter()
    answer = client.post(f"/moderation/{first[1]}?kind=story", data={**fields, "decision": "approve"})
    took = time.perf_counter() - start
    assert answer.status_code == 302, answer.status_code
    return took


def measure(app: Flask) -> dict[str, tuple[float, float, int]]:
    """Median and 95th percentile in milliseconds, and the number of statements, by name."""
    asked = questions(app)
    times: dict[str, list[float]] = {name: [] for name in asked}
    counts: dict[str, int] = {}
    for number in range(ROUNDS + 1):
        for name, ask in asked.items():
            with counted(app) as statements:
                start = time.perf_counter()
                measured = ask(statements)
                took = measured or time.perf_counter() - start
            if number:  # not the first round, in which templates are compiled
                times[name].append(took * 1000)
                counts[name] = len(statements)
    return {
        name: (statistics.median(taken), statistics.quantiles(taken, n=20)[-1], counts[name])
        for name, taken in times.items()
    }


def main() -> None:
    """Run the benchmark and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--waiting", type=int, default=10_000)
    given = parser.parse_args()
    found = {}
    for waiting in (100, given.waiting):
        with tempfile.TemporaryDirectory() as name:
            app = site(Path(name), waiting)
            found[waiting] = measure(app)
    few, many = found[100], found[given.waiting]
    print(f"load {os.getloadavg()[0]:.1f}; milliseconds; deciding is the decision alone, not finding the item")
    print(f"{'':<26} {'100: median':>12} {f'{given.waiting:,}: median':>16} {'p95':>8} {'ratio':>6} {'statements':>11}")
    for name, (median, high, number) in many.items():
        print(
            f"{name:<26} {few[name][0]:>12.1f} {median:>16.1f} {high:>8.1f} {median / few[name][0]:>6.1f} {number:>11}"
        )


if __name__ == "__main__":
    main()
