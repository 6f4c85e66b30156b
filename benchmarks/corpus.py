"""A site of invented stories, as many as one likes, always the same: what the benchmarks of search look for things in.

Words and lengths are drawn from real posts by patients, where they are at hand (`../shared/data`), else from the
demonstration site. Words are drawn by Zipf's law over a vocabulary that begins with the real words in the order of
their frequency and goes on with invented ones, since a large corpus has more words than a small one. Words that search
leaves out of a query and others take turns at the top: otherwise no word in 40 % of all stories could be looked for.
"""

from __future__ import annotations

import csv
import os
import re
import subprocess
import sys
import tomllib
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import sqlalchemy as sa

from app.search.query.analysis import is_stop_word

ROOT = Path(__file__).parents[1]
REAL_POSTS = ROOT.parent / "shared" / "data" / "psytar-posts.csv"
DEMONSTRATION = ROOT / "app" / "demonstration" / "content" / "stories.toml"
SEED = 20260314

VOCABULARY = 60_000
CONDITIONS, TREATMENTS, EFFECTS = 150, 250, 100
BATCH = 5_000
OUTCOMES = ("not_at_all", "slightly", "moderately", "very_well", "too_early")
SYLLABLES = (
    "ba",
    "cor",
    "dex",
    "fen",
    "gly",
    "hal",
    "imi",
    "ker",
    "lo",
    "met",
    "nor",
    "ox",
    "pra",
    "quin",
    "ro",
    "tac",
)


def real_texts() -> list[str]:
    """What people wrote."""
    if REAL_POSTS.exists():
        with REAL_POSTS.open(encoding="utf-8") as rows:
            return [f"{row['side_effects']} {row['comment']}" for row in csv.DictReader(rows)]
    return [story["body"] for story in tomllib.loads(DEMONSTRATION.read_text(encoding="utf-8"))["story"]]


def _name(number: int) -> str:
    """An invented word, another one for each number."""
    parts = []
    number += len(SYLLABLES)
    while number:
        number, place = divmod(number, len(SYLLABLES))
        parts.append(SYLLABLES[place])
    return "".join(parts)


class Language:
    """The words there are, how often each is said, and how long texts are."""

    def __init__(self) -> None:
        texts = [re.findall(r"[a-z']+", text.lower()) for text in real_texts()]
        real = [word for word, _count in Counter(word for text in texts for word in text).most_common()]
        idle, telling = ([word for word in real if is_stop_word(word) is idle] for idle in (True, False))
        turns = [word for pair in zip(idle, telling, strict=False) for word in pair]
        invented = (_name(number) for number in range(VOCABULARY))
        self.words = np.array([*turns, *telling[len(idle) :], *invented][:VOCABULARY], dtype=object)
        weights = 1 / (np.arange(VOCABULARY) + 2.7)
        self.chances = np.cumsum(weights / weights.sum())
        self.lengths = np.array([max(10, len(text)) for text in texts])

    def draw(self, chance: np.random.Generator, count: int) -> list[str]:
        """Some words, by lot."""
        places = np.searchsorted(self.chances, chance.random(count)).clip(max=VOCABULARY - 1)
        return list(self.words[places])


def topic_rows() -> list[dict[str, Any]]:
    """The topics: conditions, treatments and side effects in this order, ids from 1."""
    kinds = ["condition"] * CONDITIONS + ["treatment"] * TREATMENTS + ["effect"] * EFFECTS
    return [
        {"id": number, "about": about, "name": f"{_name(90_000 + number)} {about}".capitalize()}
        for number, about in enumerate(kinds, start=1)
    ]


def story_rows(stories: int) -> Iterator[dict[str, Any]]:
    """The stories, one after the other: title, text, condition, treatments with outcomes, side effects, time."""
    chance = np.random.default_rng(SEED)
    language = Language()
    begin = datetime(2016, 1, 1, tzinfo=UTC)
    for number in range(1, stories + 1):
        text = " ".join(language.draw(chance, int(chance.choice(language.lengths))))
        # As everywhere, few topics are common and many rare.
        tried = [1 + CONDITIONS + _rank(chance, TREATMENTS) for _ in range(1 + int(chance.integers(0, 3)))]
        yield {
            "id": number,
            "title": " ".join(language.draw(chance, int(chance.integers(2, 9)))).capitalize(),
            "text": text,
            "condition": 1 + _rank(chance, CONDITIONS),
            "treatments": [(topic, OUTCOMES[int(chance.integers(0, 5))]) for topic in dict.fromkeys(tried)],
            "effects": [1 + CONDITIONS + TREATMENTS + _rank(chance, EFFECTS)] if chance.random() < 0.4 else [],
            "at": begin + timedelta(minutes=int(chance.integers(0, 10 * 365 * 24 * 60))),
        }


def _rank(chance: np.random.Generator, most: int) -> int:
    return min(most - 1, int(most ** chance.random()) - 1)


# --- As a site --------------------------------------------------------------------------------------------------


def environment(data: Path) -> dict[str, str]:
    """The environment of commands on a site in a folder."""
    return {**os.environ, "SALVE_DATA": str(data), "SALVE_ENV": "development"}


def flask(data: Path, *arguments: str) -> None:
    """Run a command on a site."""
    command = [sys.executable, "-m", "flask", "--app", "wsgi", *arguments]
    subprocess.run(command, cwd=ROOT, env=environment(data), check=True, stdout=subprocess.DEVNULL)


def comment_rows(row: dict[str, Any], comments: int) -> Iterator[dict[str, Any]]:
    """Comments on a story, in words from it; every third answers the one before."""
    words = row["text"].split()
    for place in range(comments):
        start = place * 17 % len(words)
        yield {
            "id": row["id"] * comments + place,
            "parent_id": row["id"] * comments + place - 1 if place % 3 == 2 else None,
            "text": " ".join(words[start : start + 20 + 13 * place % 40]),
            "at": row["at"] + timedelta(hours=place + 1),
        }


def site(folder: Path, stories: int, comments: int = 0) -> Path:
    """The folder of a site with so many stories and so many comments on each, made unless it is there. It has no index
    yet.
    """
    data = folder / (f"site-{stories}-{comments}" if comments else f"site-{stories}")
    if not (data / "complete").exists():
        data.mkdir(parents=True, exist_ok=True)
        print(f"making a site of {stories:,} stories in {data}", file=sys.stderr)
        flask(data, "db", "upgrade")
        _fill(data, stories, comments)
        (data / "complete").touch()
    # One that was made earlier may be older than the last migration.
    flask(data, "db", "upgrade")
    return data


def _fill(data: Path, stories: int, comments: int) -> None:
    os.environ.update(environment(data))
    from app.factory import create_app
    from app.foundation.database import db

    app = create_app()
    with app.app_context():
        tables = db.metadata.tables
        with db.engine.begin() as connection:
            _write_topics(connection, tables)
            batch: list[dict[str, Any]] = []
            for row in story_rows(stories):
                batch.append(row)
                if len(batch) == BATCH:
                    _write_stories(connection, tables, batch)
                    _write_comments(connection, tables, batch, comments)
                    batch.clear()
            _write_stories(connection, tables, batch)
            _write_comments(connection, tables, batch, comments)
        db.engine.dispose()


def _write_topics(connection: Any, tables: Any) -> None:
    from app.foundation.text.strings import name_key, slugify

    now = datetime(2026, 3, 14, tzinfo=UTC)
    topics = topic_rows()
    connection.execute(sa.insert(tables["people"]), [{"id": 1, "origin": "imported", "created_at": now}])
    connection.execute(
        sa.insert(tables["topics"]),
        [
            {**row, "slug": slugify(row["name"]), "definition": "", "state": "unpublished", "created_at": now}
            for row in topics
        ],
    )
    connection.execute(
        sa.insert(tables["topic_names"]),
        [
            {"topic_id": row["id"], "name": name, "key": name_key(name), "kind": kind}
            for row in topics
            for name, kind in ((row["name"], "preferred"), (_name(190_000 + row["id"]), "brand"))
        ],
    )


def _write_stories(connection: Any, tables: Any, rows: list[dict[str, Any]]) -> None:
    from app.foundation.text.markup import highlight

    if not rows:
        return
    common = [{"id": row["id"], "created_at": row["at"]} for row in rows]
    connection.execute(
        sa.insert(tables["stories"]),
        [
            {**each, "author_id": 1, "state": "published", "published_at": row["at"], "is_invented": True}
            for each, row in zip(common, rows, strict=True)
        ],
    )
    connection.execute(
        sa.insert(tables["story_revisions"]),
        [
            {
                **each,
                "story_id": row["id"],
                "number": 1,
                "state": "approved",
                "renderer_version": 1,
                "title": row["title"],
                "body_source": row["text"],
                "body_html": highlight(row["text"], []),
                "advice_source": "",
                "advice_html": highlight("", []),
                "condition_id": row["condition"],
                "about": "myself",
                "confirmed_by_clinician": False,
                "body_place": "",
            }
            for each, row in zip(common, rows, strict=True)
        ],
    )
    stories = tables["stories"]
    connection.execute(
        sa.update(stories)
        .where(stories.c.id.between(rows[0]["id"], rows[-1]["id"]))
        .values(live_revision_id=stories.c.id)
    )
    tried = [
        {"id": row["id"] * 10 + at, "revision_id": row["id"], "position": at, "topic_id": topic, "effect": outcome}
        for row in rows
        for at, (topic, outcome) in enumerate(row["treatments"])
    ]
    connection.execute(sa.insert(tables["treatments_tried"]), tried)
    noticed = [
        {"tried_id": row["id"] * 10, "topic_id": topic, "severity": "mild"} for row in rows for topic in row["effects"]
    ]
    connection.execute(sa.insert(tables["side_effects"]), noticed)


def _write_comments(connection: Any, tables: Any, stories: list[dict[str, Any]], each: int) -> None:
    from app.foundation.text.markup import highlight

    rows = [{**row, "story": story["id"]} for story in stories for row in comment_rows(story, each)]
    if not rows:
        return
    common = [{"id": row["id"], "created_at": row["at"]} for row in rows]
    of_comment = [
        {
            **columns,
            "author_id": 1,
            "story_id": row["story"],
            "parent_id": row["parent_id"],
            "state": "published",
            "published_at": row["at"],
            "is_invented": True,
        }
        for columns, row in zip(common, rows, strict=True)
    ]
    of_version = [
        {
            **columns,
            "comment_id": row["id"],
            "number": 1,
            "state": "approved",
            "renderer_version": 1,
            "body_source": row["text"],
            "body_html": highlight(row["text"], []),
        }
        for columns, row in zip(common, rows, strict=True)
    ]
    above = [{"comment_id": row["id"], "ancestor_id": row["parent_id"]} for row in rows if row["parent_id"]]
    comments = tables["comments"]
    connection.execute(sa.insert(comments), of_comment)
    connection.execute(sa.insert(tables["comment_revisions"]), of_version)
    written = comments.c.id.between(rows[0]["id"], rows[-1]["id"])
    connection.execute(sa.update(comments).where(written).values(live_revision_id=comments.c.id))
    if above:
        connection.execute(sa.insert(tables["comment_ancestors"]), above)
