"""What stands in the content files, in types. Other entries are named by their keys, topics by their slugs.

An entry knows `where` it stands, for error messages, and at which moment it happened.
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypedDict

from app.articles.models import Evidence
from app.foundation.text.rendered_text import RenderedText
from app.stories.answers import (
    About,
    Again,
    AgeBand,
    BackAgain,
    Companion,
    Duration,
    Effect,
    FirstEffect,
    Severity,
    Sex,
    Status,
    StillUsing,
    StopReason,
)
from app.topics.models import RelationKind
from app.topics.pages import Overview
from app.topics.vocabulary import Entry

Reference = dict[str, str | None]


class Outcome(enum.StrEnum):
    """What became of something that was sent."""

    PUBLISHED = "published"
    PENDING = "pending"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"


@dataclass(frozen=True)
class TopicEntry:
    """A topic; without an overview it is vocabulary only. `relations` are (how, to which slug)."""

    where: str
    slug: str
    entry: Entry
    relations: tuple[tuple[RelationKind, str], ...]
    overview: Overview | None = None
    published_at: datetime | None = None


@dataclass(frozen=True)
class CellEntry:
    """A cell of a comparison; `criterion` and `reference` as the comparison names and numbers them."""

    condition: str
    option: str
    criterion: str
    text: str
    figure: str | None
    evidence: Evidence | None
    reference: int | None


@dataclass(frozen=True)
class ComparisonEntry:
    """The tables of a comparison; `criteria` are (name, explanation)."""

    options: tuple[str, ...]
    criteria: tuple[tuple[str, str], ...]
    conditions: tuple[str, ...]
    cells: tuple[CellEntry, ...]


@dataclass(frozen=True)
class ArticleEntry:
    """An article; with a `comparison` it is one."""

    where: str
    slug: str
    title: str
    excerpt: str
    body: RenderedText
    topics: tuple[str, ...]
    published_at: datetime
    references: tuple[Reference, ...]
    comparison: ComparisonEntry | None = None


@dataclass(frozen=True)
class Sent:
    """Something that somebody sent for review, and what a moderator made of it."""

    where: str
    key: str
    author: str
    sent_at: datetime
    decided_at: datetime | None
    outcome: Outcome
    reason: str
    note: str


class Answers(TypedDict):
    """What is said about a treatment without naming topics; the names are those of `TreatmentAnswers`."""

    status: Status | None
    duration: Duration | None
    effect: Effect | None
    first_effect: FirstEffect | None
    side_effects_overall: Severity | None
    stop_reasons: frozenset[StopReason]
    companions: frozenset[Companion]
    again: Again | None


@dataclass(frozen=True)
class TriedEntry:
    """A treatment tried."""

    treatment: str
    side_effects: Mapping[str, Severity]
    answers: Answers


class Telling(TypedDict):
    """What a story says without naming topics; the names are those of `StoryContent`."""

    title: str
    body: RenderedText
    advice: RenderedText
    about: About
    confirmed_by_clinician: bool
    age_band: AgeBand | None
    sex: Sex | None
    body_place: str
    statistics: bool
    follow_up: bool


@dataclass(frozen=True)
class StoryEntry:
    """A story."""

    sent: Sent
    condition: str
    treatments: tuple[TriedEntry, ...]
    telling: Telling


@dataclass(frozen=True)
class EditEntry:
    """A new version of a story: another title and text, everything else as it was."""

    sent: Sent
    story: str
    title: str
    body: RenderedText


@dataclass(frozen=True)
class NowEntry:
    """How a treatment of the story is seen at the time of a follow-up."""

    treatment: str
    effect: Effect | None
    still_using: StillUsing | None


@dataclass(frozen=True)
class FollowUpEntry:
    """What the author of a story told of it months later."""

    sent: Sent
    story: str
    body: RenderedText
    back_again: BackAgain | None
    treatments: tuple[NowEntry, ...]


@dataclass(frozen=True)
class Target:
    """What a comment or report is about: a kind ('story', 'comment', ...) and the key or slug."""

    kind: str
    key: str


@dataclass(frozen=True)
class CommentEntry:
    """A comment, perhaps in answer to another one."""

    sent: Sent
    on: Target
    parent: str | None
    body: RenderedText


@dataclass(frozen=True)
class ReportEntry:
    """A reader's report; without a reporter, one of somebody who was not logged in."""

    where: str
    on: Target
    reporter: str | None
    made_at: datetime
    category: str
    words: str


@dataclass(frozen=True)
class Content:
    """Everything the files say, in their order."""

    topics: tuple[TopicEntry, ...]
    articles: tuple[ArticleEntry, ...]
    stories: tuple[StoryEntry, ...]
    edits: tuple[EditEntry, ...]
    follow_ups: tuple[FollowUpEntry, ...]
    comments: tuple[CommentEntry, ...]
    reports: tuple[ReportEntry, ...]

    @property
    def first_moment(self) -> datetime:
        """When the first of it happened."""
        return min(self._moments())

    @property
    def last_moment(self) -> datetime:
        """When the last of it happened."""
        return max(self._moments())

    @property
    def sent(self) -> list[Sent]:
        """Everything that was sent for review."""
        return [
            *(story.sent for story in self.stories),
            *(edit.sent for edit in self.edits),
            *(follow_up.sent for follow_up in self.follow_ups),
            *(comment.sent for comment in self.comments),
        ]

    def _moments(self) -> list[datetime]:
        return [
            *(topic.published_at for topic in self.topics if topic.published_at),
            *(article.published_at for article in self.articles),
            *(each.sent_at for each in self.sent),
            *(each.decided_at for each in self.sent if each.decided_at),
            *(report.made_at for report in self.reports),
        ]
