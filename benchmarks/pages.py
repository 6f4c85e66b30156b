"""Uncached pages, as readers see them: milliseconds and SQL statements.

    python -m benchmarks.pages --site DIR [--times 15]

DIR is a site with an index, such as the one that `make bench-search` leaves. It is copied. In the copy every story
consents to being counted, the commonest condition and treatment get a page, an article gets 50 comments and the newest
story 3,000: every third one replies to the one before it, and of the first 900, two of three reply to the very first.
Pages are requested in process, after one request to warm up, with nothing cached. Processor time is printed beside the
time by the clock, which on a busy machine says more about other processes. The yardstick is a view of one line.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from flask import Flask
from sqlalchemy import event


def prepare(app: Flask) -> tuple[str, str]:
    """Let every story be counted and give the commonest condition and treatment a page; returns their slugs."""
    from app.foundation import database, events
    from app.foundation.database import db, transaction
    from app.foundation.text.markup import Profile
    from app.foundation.text.rendered_text import render_text
    from app.outcomes import counting
    from app.stories.models import StoryRevision, TreatmentTried
    from app.topics import pages
    from app.topics.models import Topic

    with app.app_context():
        with transaction():
            uncounted = sa.update(StoryRevision).where(StoryRevision.statistics_consent_at.is_(None))
            db.session.execute(uncounted.values(statistics_consent_at=StoryRevision.created_at))
            slugs = []
            for column in (StoryRevision.condition_id, TreatmentTried.topic_id):
                number = sa.func.count().desc()
                commonest = db.session.scalars(sa.select(column).group_by(column).order_by(number).limit(1)).one()
                topic = db.session.get_one(Topic, commonest)
                pages.publish(topic, pages.Overview(render_text("What is known of it. " * 100, Profile.EDITORIAL)))
                slugs.append(topic.slug)
            counting.recount_all()
        events.drain_all()
        database.analyze()
    return slugs[0], slugs[1]


def add_comments(app: Flask) -> dict[str, str]:
    """Add 50 comments to an article and 3,000 to a story; returns the addresses of pages that show them, by name."""
    from app.accounts import passwords, registration
    from app.articles import publishing
    from app.comments import authoring, threads
    from app.comments.models import Comment
    from app.foundation import database
    from app.foundation.access import Role
    from app.foundation.contributions.publication import pending_of
    from app.foundation.database import db, transaction
    from app.foundation.events import drain_all
    from app.foundation.text.markup import Profile
    from app.foundation.text.rendered_text import render_text
    from app.moderation.decisions import decisions
    from app.stories import queries as stories

    with app.app_context(), app.test_request_context():
        with transaction():
            hashed = passwords.make_hash("plum bucket sailing tuesday")
            writers = [registration.create_account(f"writer{n}", f"w{n}@example.org", hashed) for n in range(50)]
            moderator = registration.create_account("marlow", "m@example.org", hashed, role=Role.MODERATOR)
            body = render_text("What is known of it. " * 100, Profile.EDITORIAL)
            article = publishing.publish("an-article", publishing.ArticleContent("An article", "Of it.", body, []))
            story = db.session.scalars(stories.select_newest().limit(1)).unique().one()
            text = render_text(
                "That is how it went for me as well, **slowly** at first and then better.", Profile.COMMENT
            )
            for subject, number, chained in ((article, 50, 0), (story, 3_000, 900)):
                written: list[Comment] = []
                for n in range(number):
                    parent = written[-1] if n % 3 == 2 else written[0] if written and n < chained else None
                    key = f"{subject.kind}-comment-{n:05}"
                    written.append(authoring.submit(writers[n % len(writers)], subject, text, key, parent))
                    revision = pending_of(written[-1])
                    assert revision is not None, "a new comment is pending"
                    decisions.approve(moderator, revision)
            last = threads.address_of(written[-1])
            answers = f"/comments/{written[0].id}/answers"
            addresses = {
                "an article with 50 comments": article.url,
                "a story with 3,000 comments": story.url,
                "the last page of its threads": last.partition("#")[0],
                "the answers in its longest thread": answers,
            }
        drain_all()
        database.analyze()
    return addresses


def measure(client: Any, address: str, times: int, statements: list[str]) -> tuple[float, float, int]:
    """Median milliseconds by the clock and of processor time, and the number of statements."""
    client.get(address)
    clocks, own = [], []
    for _ in range(times):
        statements.clear()
        clock, process = time.perf_counter(), time.process_time()
        response = client.get(address)
        clocks.append(1_000 * (time.perf_counter() - clock))
        own.append(1_000 * (time.process_time() - process))
        assert response.status_code == 200, address
    return statistics.median(clocks), statistics.median(own), len(statements)


def main(arguments: Sequence[str] | None = None) -> None:
    """Copy the site, prepare it, measure the pages and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--site", type=Path, required=True)
    parser.add_argument("--times", type=int, default=15)
    asked = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as folder:
        data = Path(folder) / "site"
        shutil.copytree(asked.site, data)
        # Production, as readers see it: in development, style sheets are assembled again for every request.
        os.environ |= {"SALVE_DATA": str(data), "SALVE_ENV": "production", "SALVE_HOSTS": "localhost"}
        import flask_migrate

        from app.factory import create_app
        from app.foundation.database import db
        from app.search.index import indexing

        app = create_app()
        with app.app_context():
            flask_migrate.upgrade()
            indexing.rebuild_if_needed()
        condition, treatment = prepare(app)
        discussions = add_comments(app)
        statements: list[str] = []
        with app.app_context():
            event.listen(
                db.engine,
                "before_cursor_execute",
                lambda _connection, _cursor, statement, *_more: (
                    None if statement.startswith("BEGIN") else statements.append(statement)
                ),
            )
        one_line = Flask("one line")
        one_line.add_url_rule("/", view_func=lambda: "one line")
        both = f"condition={condition}&treatment={treatment}"
        pages = {
            "the front page": "/",
            **discussions,
            "a topic with its sums (condition)": f"/topics/{condition}",
            "a topic with its sums (treatment)": f"/topics/{treatment}",
            "all stories": "/stories",
            "all stories, most helpful first": "/stories?sort=helpful",
            "of a condition": f"/stories?condition={condition}",
            "of a condition, a treatment, very well": f"/stories?{both}&effect=very_well",
            "of a treatment, slightly, in 2019": f"/stories?treatment={treatment}&effect=slightly&year=2019",
            "a topic's stories": f"/topics/{condition}/stories",
            "behind a bar of the sums": f"/stories?{both}&effect=very_well&counted=yes",
        }
        print(f"{'page':42}{'clock':>9}{'process':>9}{'SQL':>5}")
        client = app.test_client()
        for name, address in pages.items():
            clock, own, number = measure(client, address, asked.times, statements)
            print(f"{name:42}{clock:6.1f} ms{own:6.1f} ms{number:5}")
        clock, own, _number = measure(one_line.test_client(), "/", 200, statements)
        print(f"{'a view of one line':42}{clock:6.2f} ms{own:6.2f} ms{0:5}")


if __name__ == "__main__":
    main()
