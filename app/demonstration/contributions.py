"""Submissions: stories, edits, follow-ups and comments from the content files, with their texts rendered and dated.

The files give days. The time of day is calculated from the key, so it is the same every time, and the queue looks like
one on a real site.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Generic, TypeVar

from app.demonstration.entries import (
    CommentTable,
    EditTable,
    FollowUpTable,
    Outcome,
    ReportTable,
    StoryTable,
    SubmissionTable,
)
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import RenderedText, render_text

MORNING = time(8, tzinfo=UTC)

Table = TypeVar("Table", bound=SubmissionTable)
Table_co = TypeVar("Table_co", bound=SubmissionTable, covariant=True)


@dataclass(frozen=True)
class Submission(Generic[Table_co]):
    """Something that was sent for review: its table, who sent it and when, and when it was decided on."""

    where: str
    key: str
    author: str
    table: Table_co
    sent_at: datetime
    decided_at: datetime | None
    body: RenderedText
    advice: RenderedText = RenderedText.EMPTY

    @property
    def outcome(self) -> Outcome:
        """What the moderator decided."""
        return self.table.state


@dataclass(frozen=True)
class Report:
    """A reader's report and when it was made; `where` is its place in the files."""

    where: str
    table: ReportTable
    made_at: datetime


def story(table: StoryTable, where: str) -> Submission[StoryTable]:
    """A story."""
    advice = render_text(table.advice, Profile.STORY) if table.advice else RenderedText.EMPTY
    return _submission(table, where, table.key, table.author, render_text(table.body, Profile.STORY), advice)


def edit(table: EditTable, where: str, author: str) -> Submission[EditTable]:
    """A new version of a story."""
    return _submission(table, where, table.story, author, render_text(table.body, Profile.STORY))


def follow_up(table: FollowUpTable, where: str, author: str) -> Submission[FollowUpTable]:
    """A follow-up."""
    return _submission(table, where, table.key, author, render_text(table.text, Profile.STORY))


def comment(table: CommentTable, where: str) -> Submission[CommentTable]:
    """A comment."""
    return _submission(table, where, table.key, table.author, render_text(table.text, Profile.COMMENT))


def report(table: ReportTable, where: str) -> Report:
    """A report."""
    return Report(where, table, _moment(table.date, table.on))


def _submission(
    table: Table,
    where: str,
    key: str,
    author: str,
    body: RenderedText,
    advice: RenderedText = RenderedText.EMPTY,
) -> Submission[Table]:
    sent_at = _moment(table.date, key)
    decided_at = None if table.state is Outcome.PENDING else _hours_later(sent_at, key)
    return Submission(where, key, author, table, sent_at, decided_at, body, advice)


def _moment(day: date, key: str) -> datetime:
    """A time between eight and two, so that the decision is made on the same day."""
    return datetime.combine(day, MORNING) + timedelta(minutes=zlib.crc32(key.encode()) % 360)


def _hours_later(sent_at: datetime, key: str) -> datetime:
    return sent_at + timedelta(minutes=90 + zlib.crc32(key[::-1].encode()) % 300)
