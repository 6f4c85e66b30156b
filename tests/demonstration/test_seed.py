"""`flask seed`: what is there afterwards, and when it happened."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import sqlalchemy as sa
from click.testing import Result
from flask import Flask

from app.articles.models import Article, ComparisonCell
from app.comments.models import Comment, CommentRevision
from app.demonstration import content
from app.demonstration.entries import Outcome
from app.follow_ups import queries
from app.follow_ups.models import FollowUp, FollowUpRevision
from app.foundation import clock
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db
from app.moderation.decisions.models import Action, Decision
from app.moderation.queue import filters
from app.moderation.queue.filters import QueueFilters
from app.stories.models import Story, StoryRevision
from app.topics.models import Topic, TopicRevision
from tests.demonstration.conftest import Seeded

STATES = {
    Outcome.PUBLISHED: RevisionState.APPROVED,
    Outcome.PENDING: RevisionState.PENDING,
    Outcome.REJECTED: RevisionState.REJECTED,
    Outcome.CHANGES_REQUESTED: RevisionState.CHANGES_REQUESTED,
}


def seed(app: Flask) -> Result:
    return app.test_cli_runner().invoke(args=["seed"])


def count(what: type[object]) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(what)) or 0


def first_versions(revision: type[StoryRevision | FollowUpRevision | CommentRevision]) -> Counter[RevisionState]:
    rows = db.session.execute(
        sa.select(revision.state, sa.func.count()).where(revision.number == 1).group_by(revision.state)
    )
    return Counter(dict(rows.all()))


def test_everything_in_the_files_is_there(either_app: Flask) -> None:
    files = content.read(content.FOLDER)

    result = seed(either_app)

    assert result.exit_code == 0, result.output
    with either_app.app_context():
        assert count(Topic) == len(files.topics)
        assert count(TopicRevision) == sum(1 for topic in files.topics if topic.overview)
        assert count(Article) == len(files.articles)
        cells = [each.comparison.expanded_cells() for each in files.articles if each.comparison]
        assert count(ComparisonCell) == sum(map(len, cells))
        assert first_versions(StoryRevision) == Counter(STATES[story.outcome] for story in files.stories)
        assert first_versions(FollowUpRevision) == Counter(STATES[told.outcome] for told in files.follow_ups)
        assert first_versions(CommentRevision) == Counter(STATES[comment.outcome] for comment in files.comments)
        assert count(StoryRevision) == len(files.stories) + len(files.edits)
        assert 12 <= filters.count_all() <= 15


def test_it_is_about_the_size_that_was_promised() -> None:
    files = content.read(content.FOLDER)

    assert 58 <= len(files.stories) <= 70
    assert 50 <= len(files.comments) <= 60


def test_the_summary_accounts_for_everything(seeded: Seeded) -> None:
    files = content.read(content.FOLDER)
    stories = Counter(story.outcome for story in files.stories)

    output = seeded.output

    assert f"{len(files.topics)} topics, " in output
    assert f"{len(files.articles)} articles" in output
    assert (
        f"{stories.total()} stories: {stories[Outcome.PUBLISHED]} published, {stories[Outcome.PENDING]} waiting"
        in output
    )
    assert f"{len(files.follow_ups)} follow-ups: " in output
    assert f"{len(files.comments)} comments: " in output
    assert "items wait for a moderator" in output
    assert "search rebuild" in output


def test_whatever_is_invented_says_so(demonstration: Flask) -> None:
    with demonstration.app_context():
        assert set(db.session.scalars(sa.select(Story.is_invented))) == {True}
        assert set(db.session.scalars(sa.select(FollowUp.is_invented))) == {True}
        assert set(db.session.scalars(sa.select(Comment.is_invented))) == {True}
        assert all("(demonstration)" in (by or "") for by in db.session.scalars(sa.select(TopicRevision.reviewed_by)))


# --- The past ---------------------------------------------------------------------------------------------------


def test_everything_happened_on_the_days_of_the_files(demonstration: Flask) -> None:
    files = content.read(content.FOLDER)

    with demonstration.app_context():
        published = {story.key: story for story in files.stories if story.outcome is Outcome.PUBLISHED}
        for story in db.session.scalars(sa.select(Story).where(Story.public())):
            sent = published.pop(story.submission_key)
            assert (story.created_at, story.published_at) == (sent.sent_at, sent.decided_at)
        assert published == {}
        for article in files.articles:
            assert (
                db.session.scalar(sa.select(Article.published_at).filter_by(slug=article.table.slug))
                == article.published_at
            )


def test_follow_ups_came_when_their_authors_were_asked(demonstration: Flask) -> None:
    with demonstration.app_context():
        story = db.session.scalars(sa.select(Story).filter_by(submission_key="hand-warts-after-years-of-trying")).one()
        assert [told.time_later for told in queries.timeline(story)] == ["3 months later", "12 months later"]
        for told in db.session.scalars(sa.select(FollowUp)):
            assert told.author_id == told.story.author_id
            assert any(told.time_later == f"{months} months later" for months in queries.REMINDER_MONTHS)


def test_what_waits_has_waited_since_it_was_sent(demonstration: Flask) -> None:
    with demonstration.app_context():
        revisions = [
            item for item in filters.items_page(QueueFilters(), 50) if item.revision and item.task == "revision"
        ]
        assert all(item.waiting_since == item.revision.created_at for item in revisions)
        assert all(item.waiting_since < clock.now() for item in filters.items_page(QueueFilters(), 50))


def test_decisions_came_hours_later_and_in_order(demonstration: Flask) -> None:
    with demonstration.app_context():
        made = db.session.scalars(sa.select(Decision).order_by(Decision.id)).all()
        assert [each.created_at for each in made] == sorted(each.created_at for each in made)
        for each in made:
            assert each.revision is not None
            assert timedelta(hours=1) < each.created_at - each.revision.created_at < timedelta(hours=8)
            assert (each.note is not None) == (each.action is not Action.APPROVE)


def test_nothing_comes_from_the_future_where_the_clock_is_behind() -> None:
    usual = content.read(content.FOLDER)
    behind = usual.last_moment - timedelta(days=400)

    moved = content.read(content.FOLDER, before=behind)

    assert timedelta() < behind - moved.last_moment <= timedelta(days=1)
    back = usual.last_moment - moved.last_moment
    assert back == timedelta(days=back.days)
    assert usual.first_moment - moved.first_moment == back
