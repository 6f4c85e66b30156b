"""Reading the content files. Everything slow (parsing, rendering) happens here, before any transaction.

`content/` holds one file for each topic page, article and comparison, and one each for the vocabulary, the stories,
their follow-ups and the comments. `entries` declares what they may hold.
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar

from app.demonstration import contributions, pages
from app.demonstration.contributions import Report, Submission
from app.demonstration.entries import (
    CommentsFile,
    CommentTable,
    ComparisonTable,
    EditTable,
    FollowUpsFile,
    FollowUpTable,
    GuideTable,
    StoriesFile,
    StoryTable,
    SubmissionTable,
    TopicPageTable,
    VocabularyFile,
)
from app.demonstration.pages import ArticleEntry, TopicEntry
from app.demonstration.references import ContentError, References
from app.foundation.errors import Refused
from app.foundation.text import frontmatter
from app.foundation.text.toml_structures import convert, entry_label

FOLDER = Path(__file__).parent / "content"

Table = TypeVar("Table")
Raw = dict[str, Any]


@dataclass(frozen=True)
class Content:
    """Everything the files say, in their order."""

    topics: tuple[TopicEntry, ...]
    articles: tuple[ArticleEntry, ...]
    stories: tuple[Submission[StoryTable], ...]
    edits: tuple[Submission[EditTable], ...]
    follow_ups: tuple[Submission[FollowUpTable], ...]
    comments: tuple[Submission[CommentTable], ...]
    reports: tuple[Report, ...]

    @property
    def submissions(self) -> list[Submission[SubmissionTable]]:
        """Everything that was sent for review."""
        return [*self.stories, *self.edits, *self.follow_ups, *self.comments]

    @property
    def first_moment(self) -> datetime:
        """The time of the first event."""
        return min(self._moments())

    @property
    def last_moment(self) -> datetime:
        """The time of the last event."""
        return max(self._moments())

    def _moments(self) -> list[datetime]:
        return [
            *(topic.published_at for topic in self.topics if topic.published_at),
            *(article.published_at for article in self.articles),
            *(submission.sent_at for submission in self.submissions),
            *(submission.decided_at for submission in self.submissions if submission.decided_at),
            *(report.made_at for report in self.reports),
        ]


def read(folder: Path, *, before: datetime | None = None) -> Content:
    """Everything that the files in a folder say. Raises ContentError for the first mistake.

    All events are earlier than `before`: if the clock of this machine is behind the files, every date is moved back by
    the same number of days. Otherwise periodic tasks would not do what was due by these dates.
    """
    content = _read(folder, timedelta())
    if before is not None and content.last_moment >= before:
        late = content.last_moment - before
        content = _read(folder, -timedelta(days=late.days + 1))
    return content


def _read(folder: Path, shift: timedelta) -> Content:
    topics, guides, comparisons, vocabulary, stories, follow_ups, comments = (
        {str(path.relative_to(folder)): _moved(_parsed(path, folder), shift) for path in _files(folder, pattern)}
        for pattern in (
            "topics/*.md",
            "articles/*.md",
            "comparisons/*.toml",
            "vocabulary.toml",
            "stories.toml",
            "follow_ups.toml",
            "comments.toml",
        )
    )
    references = References(
        topics=_keys([*topics.items(), *_tables(vocabulary, "topic")], "slug", "kind"),
        articles=_keys([*guides.items(), *comparisons.items()], "slug"),
        stories=_keys(_tables(stories, "story"), "key", "author"),
        follow_ups=_keys(_tables(follow_ups, "follow_up"), "key"),
        comments=_keys(_tables(comments, "comment"), "key"),
    )

    def structures(files: dict[str, Raw], kind: type[Table]) -> list[tuple[str, Table]]:
        return [(where, _checked(raw, kind, where, references)) for where, raw in files.items()]

    ((_, words),) = structures(vocabulary, VocabularyFile)
    ((_, told),) = structures(stories, StoriesFile)
    ((_, later),) = structures(follow_ups, FollowUpsFile)
    ((_, said),) = structures(comments, CommentsFile)
    authors = references.stories
    return Content(
        topics=(
            *(pages.topic(table, where) for where, table in structures(topics, TopicPageTable)),
            *map(pages.topic, words.topic, _places(vocabulary, "topic")),
        ),
        articles=(
            *(pages.article(table, where) for where, table in structures(guides, GuideTable)),
            *(pages.article(table, where) for where, table in structures(comparisons, ComparisonTable)),
        ),
        stories=tuple(map(contributions.story, told.story, _places(stories, "story"))),
        edits=tuple(
            contributions.edit(table, where, authors[table.story])
            for table, where in zip(told.edit, _places(stories, "edit"), strict=True)
        ),
        follow_ups=tuple(
            contributions.follow_up(table, where, authors[table.story])
            for table, where in zip(later.follow_up, _places(follow_ups, "follow_up"), strict=True)
        ),
        comments=tuple(map(contributions.comment, said.comment, _places(comments, "comment"))),
        reports=tuple(map(contributions.report, said.report, _places(comments, "report"))),
    )


def _files(folder: Path, pattern: str) -> list[Path]:
    found = sorted(folder.glob(pattern))
    if not found:
        raise ContentError(f"{folder / pattern}: there is no such file")
    return found


def _parsed(path: Path, folder: Path) -> Raw:
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".toml":
            return tomllib.loads(text)
        values, body = frontmatter.split(text)
    except ValueError as error:
        # Text that is not UTF-8 and text that is not TOML both raise ValueError.
        raise ContentError(f"{path.relative_to(folder)}: {error}") from None
    return {**values, "body": body}


def _moved(value: Any, shift: timedelta) -> Any:
    """A value from a file with all its dates moved."""
    if isinstance(value, dict):
        return {key: _moved(each, shift) for key, each in value.items()}
    if isinstance(value, list):
        return [_moved(each, shift) for each in value]
    return value + shift if isinstance(value, date) else value


def _tables(files: dict[str, Raw], key: str) -> list[tuple[str, Raw]]:
    """The tables in a list, each with its place. What is not a list of tables is left to the check."""
    places = []
    for where, raw in files.items():
        several = raw.get(key)
        for number, table in enumerate(several if isinstance(several, list) else [], start=1):
            if isinstance(table, dict):
                places.append((f"{where}: {key} {entry_label(table, number)}", table))
    return places


def _places(files: dict[str, Raw], key: str) -> list[str]:
    return [where for where, _ in _tables(files, key)]


def _keys(tables: Iterable[tuple[str, Raw]], key: str, value: str = "") -> dict[str, str]:
    """The keys of these tables, each with another value of its table. Raises ContentError for a key that repeats."""
    found: dict[str, str] = {}
    for where, raw in tables:
        name = str(raw.get(key, ""))
        if name in found:
            raise ContentError(f"{where}: {key!r} is {name!r}, as in another place")
        found[name] = str(raw.get(value, ""))
    return found


def _checked(raw: Raw, kind: type[Table], where: str, references: References) -> Table:
    try:
        return convert(raw, kind, references.check)
    except Refused as error:
        raise ContentError(f"{where}: {error.message}") from None
