"""What the moderators' desk costs with 10,000 waiting: looking at the queue, reading an item, deciding on it.

    python -m benchmarks.desk [--waiting 10000]

A new SQLite site is filled through the verbs of real life (stories with signals, comments, reports), then asked in
process, so that nothing but the page and its statements is measured. Beside it, in turns in the same run: a view of
one line, and the same pages with 100 waiting. Prints medians and the 95th percentile in milliseconds, and statements.
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

import sqlalchemy as sa
from flask import Flask
from flask.testing import FlaskClient

from benchmarks import corpus

PASSWORD = "plum bucket sailing tuesday"
ROUNDS, BATCH, AUTHORS = 30, 250, 300


def site(folder: Path, waiting: int) -> Flask:
    """A site with this many items in its queue: seven stories, two comments and a report in ten."""
    os.environ |= {"SALVE_DATA": str(folder), "SALVE_ENV": "development"}
    from app.accounts import passwords, registration
    from app.comments import threads
    from app.factory import create_app
    from app.foundation.access import Role
    from app.foundation.composing import compose
    from app.foundation.contributions import pending_of
    from app.foundation.database import analyze, db, transaction
    from app.foundation.markup import Profile
    from app.moderation import decisions, reports
    from app.stories import authoring
    from app.stories.content import StoryContent, TreatmentAnswers
    from app.topics import vocabulary
    from app.topics.models import TopicKind

    app = create_app()
    with app.app_context():
        import flask_migrate

        flask_migrate.upgrade()
        hashed = passwords.make_hash(PASSWORD)
        with transaction():
            moderator = registration.create_account("marlow", "m@example.org", hashed, role=Role.MODERATOR)
            people = [registration.create_account(f"writer{n}", f"w{n}@example.org", hashed) for n in range(AUTHORS)]
            topics = {
                kind: [vocabulary.add(vocabulary.Entry(f"{kind.value} {n}", kind))[0] for n in range(30)]
                for kind in (TopicKind.CONDITION, TopicKind.TREATMENT)
            }
            db.session.flush()
            person_ids = [person.id for person in people]

        def content(row: dict[str, Any], number: int) -> StoryContent:
            return StoryContent(
                title=row["title"],
                body=compose(
                    f"{row['text']}. Write to me, writer{number}@example.org, I was there on 3 May 2024.", Profile.STORY
                ),
                condition=topics[TopicKind.CONDITION][number % 30],
                treatments=(TreatmentAnswers(topics[TopicKind.TREATMENT][number % 30]),),
                publish=True,
            )

        person = type(moderator)
        rows = enumerate(corpus.story_rows(2 * waiting))
        with transaction():
            published = [
                authoring.submit(db.session.get(person, person_ids[n % AUTHORS]), content(row, n), f"public-{n:08}")
                for n, row in islice(rows, max(1, waiting // 10))
            ]
            for told in published:
                decisions.approve(moderator, pending_of(told))
            ids, story_model = [told.id for told in published], type(published[0])
        made = 0
        while made < waiting:
            with transaction():
                for _each in range(min(BATCH, waiting - made)):
                    writer = db.session.get(person, person_ids[(made + 7) % AUTHORS])
                    story = db.session.get(story_model, ids[made % len(ids)])
                    if made < waiting * 0.7:
                        number, row = next(rows)
                        authoring.submit(writer, content(row, number), f"story-{number:08}")
                    elif made < waiting * 0.9:
                        text = compose(f"Thank you for this, number {made}.", Profile.COMMENT)
                        threads.write(writer, story, text, f"comment-{made:08}")
                    else:
                        reports.report(writer, story, "privacy")
                    made += 1
        analyze()
    return app


@contextmanager
def counted(app: Flask) -> Iterator[list[str]]:
    """The statements run meanwhile."""
    from app.foundation.database import db

    with app.app_context():
        engine = db.engine
    said: list[str] = []

    def note(*arguments: Any) -> None:
        if not arguments[2].startswith("BEGIN"):
            said.append(arguments[2])

    sa.event.listen(engine, "before_cursor_execute", note)
    yield said
    sa.event.remove(engine, "before_cursor_execute", note)


def logged_in(app: Flask) -> FlaskClient:
    """The moderator's browser."""
    client = app.test_client()
    token = re.search(r'name="csrf_token" value="([^"]+)"', client.get("/login").text)
    assert token is not None
    client.post("/login", data={"csrf_token": token[1], "username": "marlow", "password": PASSWORD})
    return client


def questions(app: Flask) -> dict[str, Callable[[list[str]], None]]:
    """What is measured, by name; each is handed the list of statements, to begin it anew where measuring begins."""
    from app.foundation.database import db
    from app.moderation import choosing
    from app.moderation.choosing import Choice

    client = logged_in(app)
    with app.app_context():
        items = [item.id for item in choosing.waiting(Choice(kind="story"), 20, 5)]
        last = db.session.scalar(sa.select(sa.func.max(choosing.QueueItem.id)))

    def get(address: str) -> Callable[[list[str]], None]:
        def ask(_said: list[str]) -> None:
            answer = client.get(address)
            assert answer.status_code == 200, (address, answer.status_code)

        return ask

    def decide(said: list[str]) -> None:
        queue = client.get("/moderation?kind=story").text
        first = re.search(r'href="/moderation/(\d+)\?kind=story"', queue)
        assert first is not None
        page = client.get(f"/moderation/{first[1]}?kind=story").text
        fields = {
            name: re.search(rf'name="{name}" value="([^"]+)"', page)[1]  # type: ignore[index]
            for name in ("csrf_token", "revision")
        }
        said.clear()
        start = time.perf_counter()
        answer = client.post(f"/moderation/{first[1]}?kind=story", data={**fields, "decision": "approve"})
        decide.took = time.perf_counter() - start  # type: ignore[attr-defined]
        assert answer.status_code == 302, answer.status_code

    return {
        "a view of one line": get("/healthz"),
        "the queue": get("/moderation"),
        "the queue, page 300": get("/moderation?page=300"),
        "the queue of a topic": get("/moderation?topic=condition-3"),
        "the queue of an author": get("/moderation?author=writer7"),
        "the queue of a signal": get("/moderation?signal=identifying"),
        "an item, near the front": get(f"/moderation/{items[0]}"),
        "an item, at the end": get(f"/moderation/{last}"),
        "deciding": decide,
    }


def measure(app: Flask) -> dict[str, tuple[float, float, int]]:
    """Median and 95th percentile in milliseconds, and statements, each asked in turn."""
    asked = questions(app)
    times: dict[str, list[float]] = {name: [] for name in asked}
    statements: dict[str, int] = {}
    for number in range(ROUNDS + 1):
        for name, ask in asked.items():
            with counted(app) as said:
                start = time.perf_counter()
                ask(said)
                took = getattr(ask, "took", time.perf_counter() - start)
            if number:  # the first time templates are compiled
                times[name].append(took * 1000)
                statements[name] = len(said)
    return {
        name: (statistics.median(each), statistics.quantiles(each, n=20)[-1], statements[name])
        for name, each in times.items()
    }


def main() -> None:
    """Measure, and print the table."""
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
