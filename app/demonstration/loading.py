"""Loading the demonstration: what the files tell of happens once more, in order, through the verbs real people use.

Nothing is written around the verbs. Each thing happens under the clock of its day, so that the dates, the time things
waited, the decisions and what people were told of them are as if it had all been lived; and it happens in order,
because a comment can only be written under what is public by then.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
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
from app.demonstration.entries import (
    ArticleEntry,
    CommentEntry,
    ComparisonEntry,
    Content,
    EditEntry,
    FollowUpEntry,
    Outcome,
    ReportEntry,
    Sent,
    StoryEntry,
    TopicEntry,
)
from app.demonstration.facts import ContentError
from app.follow_ups import authoring as follow_ups_authoring
from app.follow_ups.authoring import FollowUpContent, HowItIs
from app.follow_ups.models import FollowUp
from app.foundation import clock
from app.foundation.contributions import publication
from app.foundation.database import db
from app.foundation.errors import DomainError, Refused
from app.foundation.text.strings import name_key
from app.moderation.decisions import decisions
from app.moderation.reports import reports
from app.notifications import notices
from app.stories import authoring
from app.stories.content import StoryContent, TreatmentAnswers
from app.stories.models import Story
from app.topics import pages, vocabulary
from app.topics.models import NameKind, Topic


@dataclass
class Site:
    """What there is so far, by the keys of the files."""

    people: Mapping[str, Person]
    moderator: Person
    topics: dict[str, Topic] = field(default_factory=dict)
    articles: dict[str, Article] = field(default_factory=dict)
    stories: dict[str, Story] = field(default_factory=dict)
    stories_told: dict[str, StoryContent] = field(default_factory=dict)
    follow_ups: dict[str, FollowUp] = field(default_factory=dict)
    comments: dict[str, Comment] = field(default_factory=dict)


@dataclass(frozen=True)
class Happening:
    """Something that happens at a moment, and where in the files it stands."""

    moment: datetime
    where: str
    act: Callable[[], None]


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
    """Let everything happen, inside the caller's transaction.

    Raises ContentError, with the place in the files, when a verb refuses something.
    """
    site = Site(people, moderator)
    # Sorting keeps the order of what happens at the same moment: the vocabulary comes first.
    for happening in sorted(_happenings(site, content), key=attrgetter("moment")):
        try:
            with clock.at(happening.moment):
                happening.act()
                # A row takes its times when it is written: that has to be while the clock says this moment.
                db.session.flush()
        except DomainError as error:
            raise ContentError(f"{happening.where}: {error.message}") from None


def _happenings(site: Site, content: Content) -> Iterator[Happening]:
    for topic in content.topics:
        yield Happening(content.first_moment, topic.where, partial(load_topic, site, topic))
    for topic in content.topics:
        yield Happening(content.first_moment, topic.where, partial(load_relations, site, topic))
        if topic.published_at is not None:
            yield Happening(topic.published_at, topic.where, partial(load_page, site, topic))
    for article in content.articles:
        yield Happening(article.published_at, article.where, partial(load_article, site, article))
    for story in content.stories:
        yield from _sent_and_decided(site, story.sent, partial(load_story, site, story), site.stories)
    for edit in content.edits:
        yield from _sent_and_decided(site, edit.sent, partial(load_edit, site, edit), site.stories)
    for follow_up in content.follow_ups:
        yield from _sent_and_decided(site, follow_up.sent, partial(load_follow_up, site, follow_up), site.follow_ups)
    for comment in content.comments:
        yield from _sent_and_decided(site, comment.sent, partial(load_comment, site, comment), site.comments)
    for report in content.reports:
        yield Happening(report.made_at, report.where, partial(load_report, site, report))


def _sent_and_decided(
    site: Site, sent: Sent, act: Callable[[], None], loaded: Mapping[str, Story | FollowUp | Comment]
) -> Iterator[Happening]:
    yield Happening(sent.sent_at, sent.where, act)
    if sent.decided_at is not None:
        yield Happening(sent.decided_at, sent.where, lambda: decide(site, sent, loaded[sent.key]))


def load_topic(site: Site, entry: TopicEntry) -> None:
    """A topic with its names, not yet its page. One that an import brought before is completed."""
    site.topics[entry.slug], _ = vocabulary.add(entry.entry)


def load_relations(site: Site, entry: TopicEntry) -> None:
    """How a topic stands to others, once they are all there."""
    for kind, other in entry.relations:
        vocabulary.relate(site.topics[entry.slug], kind, site.topics[other])


def load_page(site: Site, entry: TopicEntry) -> None:
    """The page of a topic. Whoever writes a page names and defines its topic, also one that was imported before.

    Raises Refused if another topic has its address, because other pages link to it there.
    """
    topic = site.topics[entry.slug]
    if topic.slug != entry.slug:
        raise Refused(f"another topic has the address /topics/{entry.slug} already.")
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
        title=entry.title,
        excerpt=entry.excerpt,
        body=entry.body,
        topics=[site.topics[slug] for slug in entry.topics],
        references=entry.references,
        comparison=_comparison(site, entry.comparison) if entry.comparison else None,
    )
    site.articles[entry.slug] = publishing.publish(entry.slug, content)


def _comparison(site: Site, entry: ComparisonEntry) -> publishing.Comparison:
    cells = [
        publishing.Cell(
            condition=site.topics[cell.condition],
            option=site.topics[cell.option],
            criterion=cell.criterion,
            text=cell.text,
            figure=cell.figure,
            evidence=cell.evidence,
            reference=cell.reference,
        )
        for cell in entry.cells
    ]
    options = [site.topics[slug] for slug in entry.options]
    conditions = [site.topics[slug] for slug in entry.conditions]
    return publishing.Comparison(options, entry.criteria, conditions, cells)


def load_story(site: Site, entry: StoryEntry) -> None:
    """A story, sent for review by its author."""
    treatments = tuple(
        TreatmentAnswers(
            topic=site.topics[tried.treatment],
            side_effects={site.topics[slug]: severity for slug, severity in tried.side_effects.items()},
            **tried.answers,
        )
        for tried in entry.treatments
    )
    content = StoryContent(condition=site.topics[entry.condition], treatments=treatments, publish=True, **entry.telling)
    site.stories_told[entry.sent.key] = content
    site.stories[entry.sent.key] = authoring.submit(_author(site, entry.sent), content, entry.sent.key)


def load_edit(site: Site, entry: EditEntry) -> None:
    """A new version of a story, sent by its author; everything but its title and text is as it was."""
    content = replace(site.stories_told[entry.story], title=entry.title, body=entry.body)
    authoring.submit_edit(_author(site, entry.sent), site.stories[entry.story], content)


def load_follow_up(site: Site, entry: FollowUpEntry) -> None:
    """A follow-up, sent for review by the author of its story."""
    story = site.stories.get(entry.story)
    if story is None:
        raise Refused("it is earlier than the story it follows.")
    told_of = {tried.topic.id for tried in site.stories_told[entry.story].treatments}
    treatments = [HowItIs(site.topics[now.treatment], now.effect, now.still_using) for now in entry.treatments]
    if not all(now.topic.id in told_of for now in treatments):
        raise Refused("it speaks of a treatment that its story does not name.")
    content = FollowUpContent(entry.body, entry.back_again, treatments)
    site.follow_ups[entry.sent.key] = follow_ups_authoring.tell(
        _author(site, entry.sent), story, content, entry.sent.key
    )


def load_comment(site: Site, entry: CommentEntry) -> None:
    """A comment, sent for review by its author."""
    on: dict[str, Mapping[str, comment_authoring.Subject]] = {
        "topic": site.topics,
        "article": site.articles,
        "story": site.stories,
    }
    subject = on[entry.on.kind].get(entry.on.key)
    parent = site.comments.get(entry.parent) if entry.parent else None
    if subject is None or (entry.parent and parent is None):
        raise Refused("it is earlier than what it answers.")
    author = _author(site, entry.sent)
    site.comments[entry.sent.key] = comment_authoring.write(author, subject, entry.body, entry.sent.key, parent)


def load_report(site: Site, entry: ReportEntry) -> None:
    """A report by a reader, with an account or without."""
    on: dict[str, Mapping[str, Story | Comment]] = {"story": site.stories, "comment": site.comments}
    contribution = on[entry.on.kind].get(entry.on.key)
    if contribution is None or not contribution.is_published:
        raise Refused("it is earlier than what it is about, which was never public by then.")
    reporter = site.people[entry.reporter] if entry.reporter else AnonymousUserMixin()
    reports.report(reporter, contribution, entry.category, entry.words)


def decide(site: Site, sent: Sent, contribution: Story | FollowUp | Comment) -> None:
    """The moderator's decision on what was sent."""
    revision = publication.pending_of(contribution)
    if revision is None:
        raise Refused("it was replaced before the decision on it.")
    if sent.outcome is Outcome.PUBLISHED:
        decisions.approve(site.moderator, revision, sent.note)
    elif sent.outcome is Outcome.CHANGES_REQUESTED:
        decisions.request_changes(site.moderator, revision, sent.reason, sent.note)
    elif sent.outcome is Outcome.REJECTED:
        decisions.reject(site.moderator, revision, sent.reason, sent.note)


def _author(site: Site, sent: Sent) -> Person:
    person = site.people[sent.author]
    # Who comes back to write has seen what they were told the last time.
    notices.mark_seen(person)
    return person
