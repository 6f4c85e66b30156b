"""The fast lane: who comments at once, what waits all the same, and that somebody reads it afterwards."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import sqlalchemy as sa
import time_machine
from flask import Flask

from app.accounts import registration
from app.accounts.models import Person
from app.comments import authoring
from app.comments.models import Comment
from app.foundation import clock
from app.foundation.access import Role
from app.foundation.contributions import models, publication
from app.foundation.contributions.publication import pending_of
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db, transaction
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import render_text
from app.foundation.web.pagination import PER_PAGE
from app.moderation.audit.audit_log import AuditEntry
from app.moderation.decisions import decisions
from app.moderation.decisions.models import Decision
from app.moderation.people.author_history import AuthorHistory
from app.moderation.post_moderation import fast_lane
from app.moderation.post_moderation.models import RulePublication
from app.moderation.queue.models import QueueItem
from app.moderation.rules import dry_run, rules
from app.moderation.rules.rules import Rules
from app.moderation.sanctions import sanctions
from app.moderation.statistics import response_times, statistics
from app.moderation.threads import closing
from app.notifications.models import Notice
from app.stories.models import Story
from tests.client import Page, StrictClient
from tests.factories.comments import a_pending_comment, a_published_comment
from tests.factories.follow_ups import a_published_follow_up
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story
from tests.moderation.decisions.test_races import at_once, token_of

WORDS = "It helped me to count the days."
STORY = "/stories/1"


def plant(app: Flask, approved: int = 2) -> None:
    """A story of somebody else, and a member of whom so many contributions were approved."""
    with app.app_context(), transaction():
        moderator = a_moderator("lanternhill")
        story = a_published_story(a_person("mossywood"), moderator)
        author = a_person("quietfern")
        for number in range(approved):
            a_published_comment(story, author, f"Words of the {number}th evening.", moderator=moderator)


def open_lane(app: Flask, approved: int = 2, percent: int = 10, **more: object) -> None:
    with app.app_context(), transaction():
        in_force = Rules(lane_approved=approved, lane_percent=percent, **more)  # type: ignore[arg-type]
        rules.save(registration.find_by_username("lanternhill"), in_force, based_on=rules.newest_id())


def change(app: Flask, how: Callable[[Person, Person], object]) -> None:
    """Let something happen to the member, by the moderator."""
    with app.app_context(), transaction():
        how(registration.find_by_username("quietfern"), registration.find_by_username("lanternhill"))


def comment(client: StrictClient, words: str = WORDS, on: str = STORY) -> Page:
    form = client.get_page(on, follow_redirects=True).form("Add a comment")
    return client.submit(form.fill("Comment", words), "Add a comment")


def everybody_sees(app: Flask, words: str = WORDS) -> bool:
    return words in app.test_client().get_page(STORY, follow_redirects=True).text


@pytest.mark.parametrize(
    ("approved", "rejected", "passes"), [(9, 1, False), (10, 1, True), (1, 0, False), (2, 0, True), (0, 0, False)]
)
def test_the_history_has_to_be_better_than_the_rule_says(approved: int, rejected: int, passes: bool) -> None:
    """At least 2 published, less than 10 % refused."""
    history = AuthorHistory(approved=approved, rejected=rejected)

    assert fast_lane.meets_threshold(history, Rules(lane_approved=2, lane_percent=10)) is passes


def test_the_list_of_what_was_not_read_has_as_many_pages_as_it_needs(app: Flask) -> None:
    plant(app, approved=30)
    open_lane(app)
    with app.app_context(), transaction():
        author, story = registration.find_by_username("quietfern"), db.session.get_one(Story, 1)
        for number in range(PER_PAGE + 1):
            words = render_text(f"It took {number} weeks, and then some patience.", Profile.COMMENT)
            authoring.submit(author, story, words, f"submission-key-{number}")
    moderator = logged_in(app, "marlow", Role.MODERATOR)

    first, second = (moderator.get_page(f"/moderation/afterwards?page={number}") for number in (1, 2))

    assert [len(page.select(".afterwards > li")) for page in (first, second)] == [PER_PAGE, 1]


def test_without_a_rule_every_comment_waits(app: Flask) -> None:
    plant(app, approved=5)
    author = logged_in(app, "quietfern")

    page = comment(author)

    assert "is with our moderators" in page.text
    assert not everybody_sees(app)
    assert "A moderator reads everything sent to us before it appears." in author.get_page("/guidelines").text
    assert "every story and comment sent to us before it appears" in author.get_page("/").text


def test_with_the_rule_a_comment_is_public_at_once_and_read_afterwards(app: Flask) -> None:
    plant(app)
    moderator = logged_in(app, "marlow", Role.MODERATOR)
    form = moderator.get_page("/moderation/rules").form("Save rules")
    form.fill("Contributions needed to comment at once", "2").fill("Highest share rejected", "10")
    moderator.submit(form, "Save rules")
    author = logged_in(app, "quietfern")

    page = comment(author)

    # Told as it is, public, and in no queue.
    assert "Your comment is public. A moderator will read it later." in page.text
    assert everybody_sees(app)
    assert "published" in author.get_page("/account/contributions").text
    assert "Nothing is waiting" in moderator.get_page("/moderation").text
    for address in ("/guidelines", "/about"):
        assert "most comments" in author.get_page(address).text
        assert "very contribution before it appears" not in author.get_page(address).text
    assert "and most comments" in author.get_page("/").text
    assert "it may appear straight away" in author.get_page(STORY, follow_redirects=True).text

    # Moderators find it, see that nobody has read it, and say that they have.
    page = moderator.click(moderator.get_page("/moderation"), "Read afterwards (1)")
    assert WORDS in page.text
    about = moderator.click(page, f"Hide, remove or hide a passage: {WORDS}")
    assert "published at once" in about.text
    assert "no one has read it since" in about.text
    page = moderator.submit(page.form(f"Mark as read: {WORDS}"))
    assert "There’s nothing to read." in page.text
    assert WORDS in moderator.get_page("/moderation/afterwards?read=1").text
    assert "read by marlow" in moderator.get_page("/moderation/comments/3").text
    log = moderator.get_page("/moderation/log").texts("tbody tr")
    assert "read and kept" in log[0]
    assert "a site rule published at once" in " ".join(log[1].split())
    assert everybody_sees(app)


def test_what_the_lane_published_can_be_hidden_and_that_was_reading_it(app: Flask) -> None:
    plant(app)
    open_lane(app)
    comment(logged_in(app, "quietfern"))
    moderator = logged_in(app, "marlow", Role.MODERATOR)

    page = moderator.click(moderator.get_page("/moderation/afterwards"), f"Hide, remove or hide a passage: {WORDS}")
    moderator.submit(page.form("Hide").choose("Reason", "Be kind"), "Hide")

    assert not everybody_sees(app)
    assert "There’s nothing to read." in moderator.get_page("/moderation/afterwards").text
    # It was a person who hid it: the author reads so, and can appeal.
    author = logged_in(app, "quietfern")
    page = author.click(author.get_page("/account/contributions"), f"Find out why, and how to appeal: {WORDS}")
    assert "one of our moderators. Decisions here are never made by a machine" in page.text


def test_nobody_marks_their_own_as_read_and_only_one_does(app: Flask) -> None:
    plant(app)
    open_lane(app)
    change(app, lambda person, _moderator: setattr(person, "role", Role.MODERATOR))
    own = logged_in(app, "quietfern")
    comment(own)
    token = token_of(own)

    answer = own.post("/moderation/afterwards/1", data={"csrf_token": token}, unchecked="a form of one's own making")

    assert answer.status_code == 403
    other = logged_in(app, "marlow", Role.MODERATOR)
    form = other.get_page("/moderation/afterwards").form(f"Mark as read: {WORDS}")
    other.submit(form)
    assert other.submit(form, status=409)
    assert other.post("/moderation/afterwards/99", data={"csrf_token": token_of(other)}).status_code == 404


def warn(person: Person, moderator: Person) -> None:
    warning = sanctions.warn(moderator, person, "disrespect", "Please be kind.")
    sanctions.acknowledge(person, warning)


def refuse(person: Person, moderator: Person) -> None:
    story = db.session.get(Story, 1)
    decisions.reject(moderator, pending_of(a_pending_comment(story, person, "You are silly.")), "disrespect")


def take_down(person: Person, moderator: Person) -> None:
    [last] = db.session.scalars(sa.select(Comment).where(Comment.author_id == person.id).order_by(-Comment.id).limit(1))
    decisions.hide(moderator, last, "disrespect")


@pytest.mark.parametrize(
    ("approved", "happened", "words"),
    [
        (1, None, WORDS),
        (3, refuse, WORDS),
        (3, take_down, WORDS),
        (3, warn, WORDS),
        (3, None, "I look at https://example.org/a every day."),
        (3, None, "Write to me, quietfern@example.org."),
        (3, None, "It was a miracle cure."),
    ],
    ids=["too few", "rejected", "taken down", "warned", "a link", "an address", "a suspect word"],
)
def test_what_waits_all_the_same(
    app: Flask, approved: int, happened: Callable[[Person, Person], object] | None, words: str
) -> None:
    plant(app, approved)
    if happened:
        change(app, happened)
    open_lane(app, suspect=("miracle",))
    author = logged_in(app, "quietfern")

    page = comment(author, words)

    assert "is with our moderators" in page.text
    assert not everybody_sees(app, words)
    assert logged_in(app, "marlow", Role.MODERATOR).get_page("/moderation").texts(".queue li")


def test_edits_stories_and_follow_ups_wait(app: Flask) -> None:
    plant(app, 3)
    open_lane(app)
    author = logged_in(app, "quietfern")
    comment(author)

    form = author.get_page("/comments/4/edit").form("Send for review")
    page = author.submit(form.fill("Comment", "Other words altogether."))

    assert "is with our moderators" in page.text
    assert not everybody_sees(app, "Other words altogether.")
    assert everybody_sees(app)
    with app.app_context():
        with transaction():
            person = registration.find_by_username("quietfern")
            story = a_pending_story(person)
        assert story.state is models.PublicationState.UNPUBLISHED
        assert pending_of(story) is not None
        with transaction():
            decisions.approve(registration.find_by_username("lanternhill"), pending_of(story))
            later = a_published_follow_up(story, moderator=registration.find_by_username("lanternhill"))
        assert db.session.scalar(sa.select(sa.func.count(RulePublication.id))) == 1
        assert later.live is not None


def test_what_was_withdrawn_and_comes_back_waits(app: Flask) -> None:
    plant(app, 3)
    open_lane(app)
    author = logged_in(app, "quietfern")
    comment(author)
    author.submit(author.get_page("/comments/4/withdraw").form("Withdraw comment"))

    author.submit(author.get_page("/comments/4/edit").form("Send for review").fill("Comment", "Once more."))

    assert not everybody_sees(app, "Once more.")


def test_sanctions_of_long_ago_and_lifted_ones_do_not_count(app: Flask) -> None:
    plant(app, 3)
    change(app, warn)
    with time_machine.travel(clock.now() + timedelta(days=366), tick=True):
        open_lane(app)
        comment(logged_in(app, "quietfern"))

        assert everybody_sees(app)


def test_unread_comments_count_for_nothing_until_somebody_reads_them(app: Flask) -> None:
    plant(app, 2)
    open_lane(app)
    author = logged_in(app, "quietfern")
    comment(author)
    open_lane(app, approved=3)

    comment(author, "The next evening was better.")
    assert not everybody_sees(app, "The next evening was better.")

    moderator = logged_in(app, "marlow", Role.MODERATOR)
    moderator.submit(moderator.get_page("/moderation/afterwards").form(f"Mark as read: {WORDS}"))
    comment(author, "And the one after that.")
    assert everybody_sees(app, "And the one after that.")


def test_an_account_of_which_nothing_was_read_never_passes(app: Flask) -> None:
    plant(app, 0)
    with app.app_context():
        with pytest.raises(Exception, match="Enter a number"), transaction():
            rules.save(registration.find_by_username("lanternhill"), Rules(lane_approved=-1), based_on=0)
        assert not fast_lane.meets_threshold(fast_lane.AuthorHistory(), Rules(lane_approved=0))
    open_lane(app, approved=1)

    # A version that its author replaced was never read by anybody: they are as new as before.
    author = logged_in(app, "quietfern")
    comment(author, "The first words of mine.")
    author.submit(author.get_page("/comments/1/edit").form("Send for review").fill("Comment", "Or rather these."))
    comment(author)

    assert not everybody_sees(app)


@pytest.mark.parametrize("where", ["under what is hidden", "in answer to what is hidden", "in a closed discussion"])
def test_nothing_is_published_where_nothing_may_be_written(app: Flask, where: str) -> None:
    plant(app, 3)
    open_lane(app)
    with app.app_context(), transaction():
        person, moderator = registration.find_by_username("quietfern"), registration.find_by_username("lanternhill")
        story = db.session.get(Story, 1)
        parent = a_published_comment(story, moderator=moderator)
        body = render_text(WORDS, Profile.COMMENT)
        # It passes every check of the form, and what it stands under is taken down before the lane looks at it.
        waits = authoring.Comment(author=person, story=story, parent=parent, submission_key="key-of-the-test")
        db.session.add(waits)
        revision = authoring._new_revision(body)
        publication.append_revision(waits, revision)
        assert fast_lane.is_eligible(revision, rules.current())

        if where == "under what is hidden":
            decisions.hide(moderator, story, "privacy")
        elif where == "in answer to what is hidden":
            decisions.hide(moderator, parent, "privacy")
        else:
            closing.close(moderator, story)

        assert not fast_lane.is_eligible(revision, rules.current())


def test_a_rule_is_no_decision_of_a_person(either_app: Flask) -> None:
    plant(either_app, 3)
    open_lane(either_app)
    with either_app.app_context():
        times = statistics.current().all_times, response_times.recent("comment", min_decisions=1)
        before = [db.session.scalar(sa.select(sa.func.count(each.id))) for each in (Decision, Notice)]
    comment(logged_in(either_app, "quietfern"))

    with either_app.app_context():
        assert (statistics.current().all_times, response_times.recent("comment", min_decisions=1)) == times
        # Nobody decided, so nobody is told of a decision.
        assert [db.session.scalar(sa.select(sa.func.count(each.id))) for each in (Decision, Notice)] == before
        line = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1)).one()
        assert (line.actor_id, line.action, line.kind, line.subject_id) == (None, "publish_at_once", "comment", 4)
        assert db.session.scalar(sa.select(sa.func.count(QueueItem.id)).where(QueueItem.closed_at.is_(None))) == 0
        assert (fast_lane.count_unread(), fast_lane.count_read()) == (1, 0)


def test_of_a_form_sent_twice_at_once_one_comment_is_published(either_app: Flask) -> None:
    plant(either_app, 3)
    open_lane(either_app)
    client, twin = logged_in(either_app, "quietfern"), either_app.test_client()
    token = token_of(client)
    twin.set_cookie("salve", client.get_cookie("salve").value)

    for number in range(6):
        fields = {"csrf_token": token, "body": f"Words of evening {number}.", "key": f"key-of-comment-{number}"}

        def post(browser: StrictClient, fields: dict[str, str] = fields) -> int:
            return browser.post("/comments/new/story/1", data=fields).status_code

        assert at_once(lambda post=post: post(client), lambda post=post: post(twin)) == [302, 302]

    with either_app.app_context():
        assert fast_lane.count_unread() == 6
        published = sa.select(sa.func.count(Comment.id)).where(Comment.public(), Comment.id > 3)
        assert db.session.scalar(published) == 6
        lines = sa.select(sa.func.count(AuditEntry.id)).where(AuditEntry.action == "publish_at_once")
        assert db.session.scalar(lines) == 6


def test_a_trial_says_what_the_lane_would_have_published(either_app: Flask) -> None:
    plant(either_app, 4)
    with either_app.app_context():
        with transaction():
            story, person = db.session.get(Story, 1), registration.find_by_username("quietfern")
            a_pending_comment(story, person, "It was no miracle, only patience.")
            a_pending_comment(story, person, "See https://example.org/a for it.")

        # The third and fourth had two approved before them; of those that wait one has a listed word, one a link.
        tried = dry_run.dry_run(Rules(lane_approved=2, suspect=("miracle",)))
        assert (tried.comments, len(tried.fast_lane)) == (6, 2)
        assert len(dry_run.dry_run(Rules(lane_approved=2)).fast_lane) == 3
        assert dry_run.dry_run(Rules()).comments == 0
        with transaction():
            sanctions.warn(registration.find_by_username("lanternhill"), person, "disrespect", "Please be kind.")
            refuse_before = dry_run.dry_run(Rules(lane_approved=2)).fast_lane
        # What happened since does not change what was known then.
        assert len(refuse_before) == 3
    moderator = logged_in(either_app, "marlow", Role.MODERATOR)
    form = moderator.get_page("/moderation/rules").form("Save rules")
    page = moderator.submit(form.fill("Contributions needed to comment at once", "2"), "Try on the last texts")
    assert "Of the last 6 comments by members, 3 would have appeared at once." in page.text
    with either_app.app_context():
        assert not rules.current().has_fast_lane
        states = db.session.scalars(sa.select(authoring.CommentRevision.state)).all()
        assert states.count(RevisionState.PENDING) == 2
