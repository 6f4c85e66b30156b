"""A moderator clears forty items by keyboard: how many keys, how much scrolling, how long.

    python -m benchmarks.desk_journey [--pictures FOLDER]

The demonstration site is served with a queue of forty: stories, comments, new versions of published ones, reports and
an appeal, some of them with signals. A browser of 1280 x 800 then does what a moderator does with each: scroll with the
space bar until the whole text has been seen, decide, send. Reading and thinking are left out, so that the seconds are
those that the page takes, from one item to the next.
"""

from __future__ import annotations

import argparse
import os
import random
import re
import statistics
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import cycle
from pathlib import Path

import sqlalchemy as sa
from playwright.sync_api import Page

from app.accounts import registration
from app.accounts.models import Person
from app.comments import authoring as comment_authoring
from app.comments.models import Comment, CommentRevision
from app.factory import create_app
from app.foundation.access import Role
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import render_text
from app.moderation.appeals import appeals
from app.moderation.decisions import decisions
from app.moderation.queue import filters
from app.moderation.reports import reports
from app.questionnaires.questions import version_of
from app.stories import authoring
from app.stories.answers import Duration, Effect
from app.stories.models import Story, StoryRevision
from app.topics.models import Topic, TopicKind
from tests import servers
from tests.browser import people, serving

ITEMS = 40
SIZE = {"width": 1280, "height": 800}
SIGNALS = "Write to me at harebell.writes@example.org. Dr Ellery saw me on 3 May 2024. You should take 20 mg a day."
# The text to be read, wherever it is on the page: what is folded away is not counted.
WORDS = "main .words, main .note--whole"
RECORD = ".author-record"


# --- The queue ---


class Queue:
    """Adds items to the queue of the demonstration site until there are forty. The same ones every time."""

    def __init__(self) -> None:
        self.random = random.Random(40)
        bodies = db.session.scalars(sa.select(StoryRevision.body_source)).all()
        self.sentences = [part for body in bodies for part in re.split(r"(?<=[.!?])\s+", body) if len(part) > 25]
        self.remarks = db.session.scalars(sa.select(CommentRevision.body_source)).all()
        self.topics = {kind: _topics(kind) for kind in (TopicKind.CONDITION, TopicKind.TREATMENT)}
        members = sa.select(Person).where(Person.role == Role.MEMBER, Person.password_hash.is_not(None))
        self.people = list(db.session.scalars(members.order_by(Person.id).limit(1)))
        self.people += [
            registration.create_account(f"journeyer{n}", f"j{n}@example.org", self.people[0].password_hash or "")
            for n in range(8)
        ]
        self.judge = db.session.scalars(sa.select(Person).where(Person.role == Role.ADMIN)).first()
        self.authors, self.keys = cycle(self.people[1:]), (f"journey-{number:06}" for number in range(1000))

    def fill(self) -> None:
        """Add the items."""
        makers = cycle([self.story, self.comment, self.edit, self.story, self.report])
        self.appeal()
        while filters.count_all() < ITEMS:
            next(makers)()
            db.session.flush()

    def content(self, sentences: list[str]) -> StoryRevision:
        """A story in paragraphs of four sentences, with one to three treatments."""
        body = "\n\n".join(" ".join(sentences[at : at + 4]) for at in range(0, len(sentences), 4))
        pick = self.random
        tried = [
            {"treatment": topic, "effect": pick.choice(list(Effect)), "duration": pick.choice(list(Duration))}
            for topic in pick.sample(self.topics[TopicKind.TREATMENT], pick.randint(1, 3))
        ]
        answers = {
            "title": sentences[0][:70],
            "body": render_text(body, Profile.STORY),
            "condition": pick.choice(self.topics[TopicKind.CONDITION]),
            "treatments": tried,
            "publish": True,
        }
        return version_of(StoryRevision, answers)

    def some(self, *more: str) -> list[str]:
        """Some sentences, and then these."""
        return [*self.random.sample(self.sentences, self.random.randint(8, 20)), *more]

    def story(self) -> None:
        """A story, every second one with signals."""
        authoring.submit(next(self.authors), self.content(self.some(*self._signals())), next(self.keys))

    def edit(self) -> None:
        """A published story of which three sentences were changed."""
        author, sentences = next(self.authors), self.some()
        story = authoring.submit(author, self.content(sentences), next(self.keys))
        decisions.approve(self.judge, pending_of(story))
        for at in (2, 5, 7):
            sentences[at] = self.random.choice(self.sentences)
        authoring.submit_edit(author, story, self.content(sentences))

    def comment(self) -> None:
        """A comment that answers another."""
        answered = self.random.choice(db.session.scalars(sa.select(Comment).where(Comment.public())).all())
        words = " ".join([self.random.choice(self.remarks), *self._signals()])
        text = render_text(words, Profile.COMMENT)
        comment_authoring.submit(next(self.authors), answered.subject, text, next(self.keys), parent=answered)

    def report(self) -> None:
        """A published story that somebody reports."""
        story = self.random.choice(db.session.scalars(sa.select(Story).where(Story.public())).all())
        reports.report(next(self.authors), story, "privacy", "The second paragraph names a clinic.")

    def appeal(self) -> None:
        """A rejected story whose author appeals."""
        author = next(self.authors)
        story = authoring.submit(author, self.content(self.some()), next(self.keys))
        decision = decisions.reject(self.judge, pending_of(story), "off_topic")
        appeals.submit(author, decision, "It is about this from the first sentence to the last. Please look again.")

    def _signals(self) -> list[str]:
        return [SIGNALS] if self.random.random() < 0.5 else []


def _topics(kind: TopicKind) -> list[Topic]:
    return list(db.session.scalars(sa.select(Topic).where(Topic.about == kind, Topic.listed()).order_by(Topic.id)))


def fill(folder: Path) -> None:
    """Fill the queue of the seeded site in this folder."""
    os.environ |= {"SALVE_DATA": str(folder), "SALVE_ENV": "development"}
    app = create_app()
    with app.app_context(), transaction():
        Queue().fill()


# --- The journey ---


@dataclass
class Item:
    """What one item took. `begins` is where its words begin, in pixels from the top of the page."""

    kind: str
    begins: float
    pixels: float = 0.0
    scrolls: int = 0
    keys: int = 0
    seconds: float = 0.0
    record_in_sight: bool = False


@dataclass
class Journey:
    """A moderator at the keyboard."""

    page: Page
    pictures: Path | None = None
    items: list[Item] = field(default_factory=list)
    decisions: Iterator[str] = field(default_factory=lambda: cycle("aacar"))

    def run(self) -> None:
        """Decide on one item after the other, until none is left."""
        self.page.goto("/moderation")
        self._load("j")
        while self.page.locator(".decision").count():
            self._item()
            assert len(self.items) <= ITEMS, "an item came back"

    def _item(self) -> None:
        page, start = self.page, time.perf_counter()
        kind = re.split(r"\s*·", page.locator(".kicker").inner_text())[0].strip().lower()
        top, bottom = page.evaluate(_EXTENT, WORDS)
        item = Item(kind, begins=top, pixels=max(0.0, bottom - SIZE["height"]))
        item.record_in_sight = page.evaluate(_IN_SIGHT, RECORD)
        self.items.append(item)
        if self.pictures:
            page.screenshot(path=self.pictures / f"{len(self.items):02}-{kind.split()[0]}.png")
        while bottom > page.evaluate("scrollY") + SIZE["height"]:
            before = page.evaluate("scrollY")
            self._press("Space")
            item.scrolls += 1
            page.wait_for_function("before => scrollY > before", arg=before)
            page.evaluate(_SETTLED)  # the browser scrolls smoothly
        self._decide(kind)
        item.seconds = time.perf_counter() - start

    def _decide(self, kind: str) -> None:
        if "appeal" in kind:
            self._press("a")
            self._type("It names nothing that people with this condition would look for.")
            return self._load("Control+Enter")
        action = "a" if "report" in kind else next(self.decisions)
        if action == "a":
            return self._load("a")
        self._press(action)
        self._press("7")
        return self._load("Enter")

    def _press(self, key: str) -> None:
        self.items[-1].keys += 1
        self.page.keyboard.press(key)

    def _type(self, words: str) -> None:
        """Words for a person are typed whatever the page is like: they are not counted."""
        self.page.keyboard.type(words)

    def _load(self, key: str) -> None:
        """Press a key that leads to another page."""
        with self.page.expect_navigation():
            if self.items:
                self._press(key)
            else:
                self.page.keyboard.press(key)


_EXTENT = """selector => {
    const seen = [...document.querySelectorAll(selector)].filter((each) => each.checkVisibility());
    const boxes = seen.map((each) => each.getBoundingClientRect());
    return [Math.min(...boxes.map((box) => box.top)) + scrollY, Math.max(...boxes.map((box) => box.bottom)) + scrollY];
}"""
_IN_SIGHT = """selector => {
    const record = document.querySelector(selector);
    return Boolean(record?.checkVisibility()) && record.getBoundingClientRect().bottom <= innerHeight;
}"""

_SETTLED = """async () => {
    for (let last = -1; last !== scrollY; ) {
        last = scrollY;
        await new Promise((done) => setTimeout(done, 50));
    }
}"""


def print_figures(items: list[Item]) -> None:
    """Print what the items took."""

    def each(name: str) -> str:
        values = [getattr(item, name) for item in items]
        return f"{statistics.mean(values):>9.1f} {statistics.median(values):>9.1f} {max(values):>9.1f}"

    kinds = Counter(item.kind for item in items)
    print(f"{len(items)} items: {', '.join(f'{number} {kind}' for kind, number in kinds.items())}")
    print(f"{'':<34} {'mean':>9} {'median':>9} {'most':>9}")
    for label, name in (
        ("the words begin at, px", "begins"),
        ("scrolled to see all of them, px", "pixels"),
        ("presses of the space bar", "scrolls"),
        ("keys, these included", "keys"),
        ("seconds", "seconds"),
    ):
        print(f"{label:<34} {each(name)}")
    print(f"the author's record in sight at once: {sum(item.record_in_sight for item in items)} of {len(items)}")
    print(f"in all: {sum(item.keys for item in items)} keys, {sum(item.pixels for item in items):,.0f} px, no clicks")


def main() -> None:
    """Run the benchmark and print the figures."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pictures", type=Path, help="a folder for a screenshot of each item")
    given = parser.parse_args()
    if given.pictures:
        given.pictures.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as name, servers.browser() as browser:
        if browser is None:
            raise SystemExit(str(servers.why_no_browser()))
        folder = Path(name) / "site"
        serving.seed(folder)
        fill(folder)
        with serving.serve(folder) as site:
            page = browser.new_page(base_url=site.url, viewport=SIZE, locale="en-GB", reduced_motion="reduce")
            people.log_in(page, site.accounts["moderator"])
            journey = Journey(page, given.pictures)
            journey.run()
            page.close()
    print_figures(journey.items)


if __name__ == "__main__":
    main()
