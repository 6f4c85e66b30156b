"""Loading the demonstration: every event in the content files is repeated, in order, by calling the domain functions.

Nothing is written to the database in another way. The clock is set to the time of each event, so dates, waiting times,
decisions and notices are those of a site that was really used. The order matters because comments can only be written
on what is public at that time.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from operator import attrgetter

import sqlalchemy as sa
from flask_login import AnonymousUserMixin

from app.accounts.models import Person
from app.articles import publishing
from app.articles.models import Article
from app.comments import authoring as comment_authoring
from app.comments.models import Comment
from app.demonstration.content import Content
from app.demonstration.contributions import Report, Submission
from app.demonstration.entries import (
    CommentTable,
    ComparisonTable,
    EditTable,
    FollowUpTable,
    Outcome,
    StoryTable,
    SubmissionTable,
)
from app.demonstration.pages import ArticleEntry, TopicEntry
from app.demonstration.references import ContentError
from app.follow_ups import authoring as follow_ups_authoring
from app.follow_ups.models import FollowUp, FollowUpRevision
from app.foundation import clock
from app.foundation.contributions import publication
from app.foundation.database import db
from app.foundation.errors import DomainError, Refused
from app.foundation.text.strings import name_key
from app.moderation.decisions import decisions
from app.moderation.reports import reports
from app.notifications import notices
from app.questionnaires.declaration import Answers
from app.questionnaires.questions import version_of
from app.stories import authoring
from app.stories.models import Story, StoryRevision
from app.topics import pages, vocabulary
from app.topics.models import NameKind, Topic


@dataclass
class Site:
    """The objects created so far, by their keys in the files."""

    people: Mapping[str, Person]
    moderator: Person
    topics: dict[str, Topic] = field(default_factory=dict)
    articles: dict[str, Article] = field(default_factory=dict)
    stories: dict[str, Story] = field(default_factory=dict)
    story_answers: dict[str, Answers] = field(default_factory=dict)
    follow_ups: dict[str, FollowUp] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)


@dataclass(frozen=True)
class ScheduledAction:
    """An event that is to happen at a moment; `where` is its place in the files."""

    moment: datetime
    where: str
    run: Callable[[], None]


def has_content() -> bool:
    """Whether there is anything on this site but vocabulary and people."""
    something = (
        sa.select(Story.id),
        sa.select(Article.id),
        sa.select(Comment.id),
        sa.select(Topic.id).where(Topic.public()),
    )
    return any(db.session.scalar(each.limit(1)) is not None for each in something)


def load(content: Content, people: Mapping[str, Person], moderator: Person) -> None:
    """Repeat all events, inside the caller's transaction.

    Raises ContentError, with the place in the files, when a domain function refuses one of them.
    """
    site = Site(people, moderator)
    # Sorting keeps the order of what happens at the same moment: the vocabulary comes first.
    for action in sorted(_scheduled_actions(site, content), key=attrgetter("moment")):
        try:
            with clock.at(action.moment):
                action.run()
                # A row takes its times when it is written: that has to be while the clock says this moment.
                db.session.flush()
        except DomainError as error:
            raise ContentError(f"{action.where}: {error.message}") from None


def _scheduled_actions(site: Site, content: Content) -> Iterator[ScheduledAction]:
    for topic in content.topics:
        yield ScheduledAction(content.first_moment, topic.where, partial(load_topic, site, topic))
    for topic in content.topics:
        yield ScheduledAction(content.first_moment, topic.where, partial(load_relations, site, topic))
        if topic.published_at is not None:
            yield ScheduledAction(topic.published_at, topic.where, partial(load_page, site, topic))
    for article in content.articles:
        yield ScheduledAction(article.published_at, article.where, partial(load_article, site, article))
    for story in content.stories:
        yield from _sent_and_decided(site, story, partial(load_story, site, story), site.stories)
    for edit in content.edits:
        yield from _sent_and_decided(site, edit, partial(load_edit, site, edit), site.stories)
    for follow_up in content.follow_ups:
        yield from _sent_and_decided(site, follow_up, partial(load_follow_up, site, follow_up), site.follow_ups)
    for comment in content.comments:
        yield from _sent_and_decided(site, comment, partial(load_comment, site, comment), site.comments)
    for report in content.reports:
        yield ScheduledAction(report.made_at, report.where, partial(load_report, site, report))


def _sent_and_decided(
    site: Site,
    sent: Submission[SubmissionTable],
    run: Callable[[], None],
    loaded: Mapping[str, Story | FollowUp | Comment],
) -> Iterator[ScheduledAction]:
    yield ScheduledAction(sent.sent_at, sent.where, run)
    if sent.decided_at is not None:
        yield ScheduledAction(sent.decided_at, sent.where, lambda: decide(site, sent, loaded[sent.key]))


def load_topic(site: Site, entry: TopicEntry) -> None:
    """A topic with its names, not yet its page. One that an import brought before is completed."""
    site.topics[entry.table.slug], _ = vocabulary.add(entry.entry)


def load_relations(site: Site, entry: TopicEntry) -> None:
    """How a topic stands to others, once they are all there."""
    for relation in entry.table.relations:
        vocabulary.relate(site.topics[entry.table.slug], relation.kind, site.topics[relation.to])


def load_page(site: Site, entry: TopicEntry) -> None:
    """The page of a topic. Whoever writes a page names and defines its topic, also one that was imported before.

    Raises Refused if another topic has its address, because other pages link to it there.
    """
    topic = site.topics[entry.table.slug]
    if topic.slug != entry.table.slug:
        raise Refused(f"another topic has the address /topics/{entry.table.slug} already.")
    if entry.overview is None:
        return
    topic.definition = entry.entry.definition
    if name_key(topic.name) == name_key(entry.entry.name):
        topic.name = entry.entry.name
        for name in topic.names:
            if name.kind is NameKind.PREFERRED:
                name.name = topic.name
    pages.publish(topic, entry.overview)


def load_article(site: Site, entry: ArticleEntry) -> None:
    """An article, or a comparison with its tables."""
    content = publishing.ArticleContent(
        title=entry.table.title,
        excerpt=entry.table.excerpt,
        body=entry.body,
        topics=[site.topics[slug] for slug in entry.table.topics],
        references=entry.references,
        comparison=_comparison(site, entry.comparison) if entry.comparison else None,
    )
    site.articles[entry.table.slug] = publishing.publish(entry.table.slug, content)


def _comparison(site: Site, table: ComparisonTable) -> publishing.Comparison:
    criteria = {str(criterion.key): (str(criterion.name), str(criterion.explanation)) for criterion in table.criteria}
    # Readers count references from one.
    numbers = {str(reference.key): number for number, reference in enumerate(table.references, start=1)}
    cells = [
        publishing.Cell(
            condition=site.topics[cell.condition],
            option=site.topics[cell.option],
            criterion=criteria[cell.criterion][0],
            text=cell.text,
            figure=cell.figure or None,
            evidence=cell.evidence,
            reference=numbers[cell.reference] if cell.reference else None,
        )
        for cell in table.expanded_cells()
    ]
    options = [site.topics[slug] for slug in table.options]
    conditions = [site.topics[slug] for slug in table.conditions]
    return publishing.Comparison(options, tuple(criteria.values()), conditions, cells)


def load_story(site: Site, entry: Submission[StoryTable]) -> None:
    """A story, sent for review by its author."""
    table = entry.table
    treatments = [
        {
            "treatment": site.topics[tried.treatment],
            "side_effects": [
                {"effect": site.topics[noticed.effect], "severity": noticed.severity} for noticed in tried.side_effects
            ],
            **tried.answers(),
        }
        for tried in table.treatments
    ]
    answers = {
        "condition": site.topics[table.condition],
        "treatments": treatments,
        "publish": True,
        "body": entry.body,
        "advice": entry.advice,
        **table.answers(),
    }
    site.story_answers[entry.key] = answers
    revision = version_of(StoryRevision, answers)
    site.stories[entry.key] = authoring.submit(_author(site, entry), revision, entry.key)


def load_edit(site: Site, entry: Submission[EditTable]) -> None:
    """A new version of a story, sent by its author; everything but its title and text is as it was."""
    answers = {**site.story_answers[entry.key], "title": entry.table.title, "body": entry.body}
    authoring.submit_edit(_author(site, entry), site.stories[entry.key], version_of(StoryRevision, answers))


def load_follow_up(site: Site, entry: Submission[FollowUpTable]) -> None:
    """A follow-up, sent for review by the author of its story."""
    story = site.stories.get(entry.table.story)
    if story is None:
        raise Refused("it is earlier than the story it follows.")
    named = [tried["treatment"] for tried in site.story_answers[entry.table.story]["treatments"]]
    treatments = [
        {"topic": site.topics[now.treatment], "effect": now.effect, "still_using": now.still_using}
        for now in entry.table.treatments
    ]
    if not all(now["topic"] in named for now in treatments):
        raise Refused("it speaks of a treatment that its story does not name.")
    answers = {"body": entry.body, "back_again": entry.table.back_again, "treatments": treatments}
    revision = version_of(FollowUpRevision, answers)
    site.follow_ups[entry.key] = follow_ups_authoring.submit(_author(site, entry), story, revision, entry.key)


def load_comment(site: Site, entry: Submission[CommentTable]) -> None:
    """A comment, sent for review by its author."""
    on: dict[str, Mapping[str, comment_authoring.Subject]] = {
        "topic": site.topics,
        "article": site.articles,
        "story": site.stories,
    }
    subject = on[entry.table.on.kind].get(entry.table.on.key)
    parent = site.comments.get(entry.table.parent) if entry.table.parent else None
    if subject is None or (entry.table.parent and parent is None):
        raise Refused("it is earlier than what it answers.")
    author = _author(site, entry)
    site.comments[entry.key] = comment_authoring.submit(author, subject, entry.body, entry.key, parent)


def load_report(site: Site, entry: Report) -> None:
    """A report by a reader, with an account or without."""
    on: dict[str, Mapping[str, Story | Comment]] = {"story": site.stories, "comment": site.comments}
    contribution = on[entry.table.on.kind].get(entry.table.on.key)
    if contribution is None or not contribution.is_published:
        raise Refused("it is earlier than what it is about, which was never public by then.")
    reporter = site.people[entry.table.author] if entry.table.author else AnonymousUserMixin()
    reports.report(reporter, contribution, entry.table.category, entry.table.words)


def decide(site: Site, sent: Submission[SubmissionTable], contribution: Story | FollowUp | Comment) -> None:
    """The moderator's decision on what was sent."""
    revision = publication.pending_of(contribution)
    if revision is None:
        raise Refused("it was replaced before the decision on it.")
    if sent.outcome is Outcome.PUBLISHED:
        decisions.approve(site.moderator, revision, sent.table.note)
    elif sent.outcome is Outcome.CHANGES_REQUESTED:
        decisions.request_changes(site.moderator, revision, sent.table.reason, sent.table.note)
    elif sent.outcome is Outcome.REJECTED:
        decisions.reject(site.moderator, revision, sent.table.reason, sent.table.note)


def _author(site: Site, sent: Submission[SubmissionTable]) -> Person:
    person = site.people[sent.author]
    # Who comes back to write has seen what they were told the last time.
    notices.mark_seen(person)
    return person
