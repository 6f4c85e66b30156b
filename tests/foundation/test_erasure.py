"""What its author erases is out of sight at once, comes back only if they say so in time, and is then gone for good."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import registration
from app.accounts.models import Person
from app.comments import authoring as comment_authoring
from app.comments.models import Comment
from app.follow_ups import authoring as follow_ups_authoring
from app.follow_ups import drafts as follow_up_drafts
from app.foundation import clock, events, kinds
from app.foundation.access import Role
from app.foundation.contributions import erasure
from app.foundation.contributions.erasure_requests import Erasure
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.publication import latest_of, pending_of
from app.foundation.database import db, transaction
from app.foundation.errors import Conflict, NotAllowed
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import render_text
from app.moderation.appeals import appeals
from app.moderation.appeals.models import Appeal, AppealState
from app.moderation.decisions import decisions, redaction, undo
from app.moderation.decisions.models import Decision
from app.moderation.people import notes
from app.moderation.queue import filters
from app.moderation.queue.filters import QueueFilters
from app.moderation.queue.models import QueueItem
from app.moderation.reports import reports
from app.search.index.registry import INDEXES, engine
from app.search.query import suggestions
from app.stories import authoring, drafts, thanks
from app.stories.answers import AgeBand, Effect, Sex
from app.stories.models import Story, Thanks
from app.topics import vocabulary
from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories.comments import a_published_comment
from tests.factories.follow_ups import a_follow_up_content, a_pending_follow_up, a_published_follow_up
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story, a_story_content, a_treatment
from tests.moderation.decisions.test_races import at_once, decide, token_of, waiting
from tests.outcomes.test_counting import effects
from tests.search.searching import search_for

WORD = "zzquincewort"
LONG = f"It went on for half a year with {WORD} in it, week by week, and this is how it was, honestly told."
REGRET = timedelta(days=7)


@pytest.fixture
def site(either_app: Flask) -> Iterator[Flask]:
    """A site on either database, whose context is open."""
    with either_app.app_context():
        yield either_app


def ask(thing: Any) -> Erasure:
    with transaction():
        found = db.session.get_one(type(thing), thing.id)
        return erasure.request(found.author, found)


def take_back(thing: Any) -> None:
    with transaction():
        found = db.session.get_one(type(thing), thing.id)
        erasure.cancel(found.author, found)


def days_pass(number: int = 8) -> None:
    """The worker works on, this many days later."""
    db.session.rollback()
    with clock.at(clock.now() + timedelta(days=number)):
        events.run_periodic_tasks()
        events.drain_all()
    db.session.rollback()


def state(thing: Any) -> PublicationState:
    db.session.rollback()
    return PublicationState(db.session.get_one(type(thing), thing.id).state)


# --- At once ---


def a_site_with_everything() -> tuple[Story, Comment]:
    """A public story about which everything was said that can be, each time with the word; and a comment likewise."""
    author, moderator, colleague, reader = a_person("quietfern"), a_moderator(), a_moderator(), a_person("tallowby")
    luck = a_treatment(a_topic("Imiquimod", TopicKind.TREATMENT), effect=Effect.VERY_WELL)
    said = {
        "title": f"Telling of {WORD}",
        "body": LONG,
        "advice": f"Mind the {WORD}.",
        "body_place": WORD,
        "age_band": next(iter(AgeBand)),
        "sex": next(iter(Sex)),
        "treatments": [luck],
    }
    story = a_published_story(author, moderator, statistics=True, **said)
    redaction.redact(moderator, story.live, "half a year", "a while", f"we masked {WORD}")
    reports.report(reader, story, "other", f"a report with {WORD}")
    notes.add(moderator, story, f"a note with {WORD}")
    for each in (a_person(), a_person(), a_person()):
        thanks.thank(each, story)
    # Versions that were refused, with an appeal that was answered and one that was not.
    for number, answered in enumerate((True, False)):
        unlisted = vocabulary.unlisted_topic(f"{WORD} {number}", TopicKind.TREATMENT)
        authoring.submit_edit(author, story, a_story_content(**{**said, "treatments": [unlisted]}))
        refused = decisions.reject(moderator, pending_of(story), "privacy", f"refused for {WORD}")
        objection = appeals.submit(author, refused, f"an appeal with {WORD}")
        if answered:
            appeals.answer(colleague, objection, AppealState.UPHELD, f"an answer with {WORD}")
    authoring.submit_edit(author, story, a_story_content(**said))
    drafts.save(author, "another-key", {"title": [WORD]}, story)
    a_published_follow_up(story, LONG, effect=Effect.SLIGHTLY, moderator=moderator)
    a_pending_follow_up(story, LONG)
    follow_up_drafts.save(author, "key-of-later", {"body": [WORD]}, story)
    # What others say to it, in words of their own.
    comment = a_published_comment(a_published_story(moderator=moderator), author, LONG, moderator=moderator)
    for on, parent in ((story, None), (comment.subject, comment)):
        a_published_comment(on, reader, "zzothers own words", parent=parent, moderator=moderator)
    reports.report(reader, comment, "other", f"a report with {WORD}")
    comment_authoring.submit_edit(author, comment, render_text(LONG, Profile.COMMENT))
    return story, comment


def found() -> dict[str, int]:
    return {kind: search_for(WORD, kind=kind).total for kind in ("story", "comment")}


def test_with_the_next_request_nobody_else_can_read_find_or_count_it(site: Flask) -> None:
    with transaction():
        story, comment = a_site_with_everything()
        luck = a_treatment(a_topic("Imiquimod", TopicKind.TREATMENT), effect=Effect.SLIGHTLY)
        told = a_published_story(statistics=True, treatments=[luck])
        topic = a_topic("Warts", page="About warts.")
    events.drain_all()
    address = db.session.get_one(Story, story.id).slug
    assert found() == {"story": 1, "comment": 1}
    assert thread_of(told) == 0

    ask(story)
    ask(comment)
    db.session.rollback()

    # The worker has not run yet.
    assert found() == {"story": 0, "comment": 0}
    assert search_for("zzothers", kind="comment").total == 0
    offered = search_for(condition="warts")
    assert offered.counts["story"] == 2
    assert WORD not in str(offered)
    assert suggestions.suggest(WORD[:6]) == []
    reader = site.test_client()
    for page in ("/", "/stories", "/topics/warts", "/topics/warts/stories"):
        assert WORD not in reader.get_page(page).text
    gone = reader.get(f"/stories/{story.id}/{address}")
    assert gone.status_code == 410
    assert "has withdrawn it" in gone.text
    assert reader.get(f"/comments/{comment.id}").status_code == 410
    assert filters.counts(QueueFilters())["all"] == 0
    assert topic.id


def thread_of(subject: Any) -> int:
    return comment_authoring.count_by_subject([subject]).get(subject.kind, {}).get(subject.id, 0)


def test_what_it_adds_to_the_sums_is_taken_away_at_once(site: Flask) -> None:
    with transaction():
        story, _comment = a_site_with_everything()
    assert effects() == {"slightly": 1}
    ask(story)
    assert effects() == {}


@pytest.mark.parametrize("become", ["pending", "changes", "rejected", "published", "withdrawn", "hidden", "removed"])
def test_in_every_state_it_can_be_erased_and_taken_back(context: Any, become: str) -> None:
    with transaction():
        moderator = a_moderator()
        published = become in ("published", "hidden", "removed", "withdrawn")
        thing = a_published_story(moderator=moderator) if published else a_pending_story()
        actions: dict[str, Callable[[], object]] = {
            "changes": lambda: decisions.request_changes(moderator, pending_of(thing), "too_little"),
            "rejected": lambda: decisions.reject(moderator, pending_of(thing), "privacy"),
            "withdrawn": lambda: authoring.withdraw(thing.author, thing),
            "hidden": lambda: decisions.hide(moderator, thing, "privacy"),
            "removed": lambda: decisions.remove(moderator, thing, "privacy"),
        }
        actions.get(become, lambda: None)()
    left = {"hidden": PublicationState.HIDDEN, "removed": PublicationState.REMOVED}
    expected = left.get(become, PublicationState.WITHDRAWN)

    ask(thing)
    assert state(thing) is expected
    assert pending_of(thing) is None
    take_back(thing)
    assert state(thing) is expected
    assert latest_of(thing).body_source
    ask(thing)
    days_pass()
    assert latest_of(thing).body_source == ""
    with pytest.raises(Conflict, match="too late"):
        take_back(thing)


# --- Nothing brings it back ---


def test_no_decision_brings_it_back(site: Flask) -> None:
    with transaction():
        moderator, colleague = a_moderator("marlow"), a_moderator("lanternhill")
        hidden, rejected = a_published_story(moderator=moderator), a_pending_story()
        against = decisions.hide(moderator, hidden, "privacy")
        refused = decisions.reject(moderator, pending_of(rejected), "privacy")
        objection = appeals.submit(hidden.author, against, "words of an appeal")
    for thing in (hidden, rejected):
        ask(thing)

    def tried(act: Callable[[], object]) -> None:
        with pytest.raises(Conflict), transaction():
            act()

    tried(lambda: decisions.restore(colleague, db.session.merge(hidden)))
    tried(lambda: undo.undo(db.session.merge(moderator), db.session.get_one(Decision, refused.id)))
    tried(lambda: appeals.submit(rejected.author, db.session.get_one(Decision, refused.id), "words"))
    tried(lambda: authoring.submit_edit(rejected.author, db.session.merge(rejected), a_story_content()))
    with transaction():
        appeals.answer(
            db.session.merge(colleague), db.session.get_one(Appeal, objection.id), AppealState.OVERTURNED, "we agree"
        )
    assert state(hidden) is PublicationState.HIDDEN
    assert state(rejected) is PublicationState.WITHDRAWN
    days_pass()
    tried(lambda: decisions.restore(db.session.merge(colleague), db.session.merge(hidden)))


def test_undoing_an_approval_lets_nothing_wait_that_is_to_be_erased(site: Flask) -> None:
    with transaction():
        moderator = a_moderator()
        story = a_published_story(moderator=moderator)
        authoring.submit_edit(story.author, story, a_story_content(title="Another title"))
        approval = decisions.approve(moderator, pending_of(story))
    check_undo_is_refused_once_erasing_is_asked(story, moderator, approval, "changed at the same moment")


def test_undoing_a_refusal_lets_nothing_wait_of_what_was_hidden(context: Any) -> None:
    with transaction():
        moderator = a_moderator()
        story = a_published_story(moderator=moderator)
        decisions.hide(moderator, story, "privacy")
        authoring.submit_edit(story.author, story, a_story_content(title="Another title"))
        refused = decisions.reject(moderator, pending_of(story), "privacy")
    check_undo_is_refused_once_erasing_is_asked(story, moderator, refused, "has asked to erase")


def check_undo_is_refused_once_erasing_is_asked(
    story: Story, moderator: Person, decision: Decision, message: str
) -> None:
    ask(story)
    with pytest.raises(Conflict, match=message), transaction():
        undo.undo(db.session.merge(moderator), db.session.get_one(Decision, decision.id))
    assert pending_of(story) is None


def test_an_appeal_that_waits_leaves_the_queue_and_returns_when_it_is_taken_back(context: Any) -> None:
    with transaction():
        moderator = a_moderator()
        story = a_published_story(moderator=moderator)
        appeals.submit(story.author, decisions.hide(moderator, story, "privacy"), "words of an appeal")
    assert filters.counts(QueueFilters())["all"] == 1
    ask(story)
    assert filters.counts(QueueFilters())["all"] == 0
    take_back(story)
    assert filters.counts(QueueFilters())["all"] == 1


def test_nothing_is_told_later_under_a_story_that_is_to_be_erased(context: Any) -> None:
    with transaction():
        story = a_published_story()
        later, waits = a_published_follow_up(story), a_pending_follow_up(story)
    ask(story)
    assert pending_of(waits) is None
    for act in (
        lambda: follow_ups_authoring.submit(story.author, db.session.merge(story), a_follow_up_content(), "a-new-key"),
        lambda: follow_ups_authoring.submit_edit(
            story.author, db.session.merge(later), a_follow_up_content("Other words.")
        ),
    ):
        with pytest.raises(Conflict), transaction():
            act()


def test_only_its_author_erases_or_takes_back(context: Any) -> None:
    with transaction():
        story, other = a_published_story(), a_moderator()
        for domain_function in (erasure.request, erasure.cancel):
            with pytest.raises(NotAllowed):
                domain_function(other, story)
        with pytest.raises(Conflict, match="isn’t waiting"):
            erasure.cancel(story.author, story)


def test_while_a_moderator_decides_nothing_becomes_public_and_two_clicks_are_one(either_app: Flask) -> None:
    items = waiting(either_app, 12)
    author, moderator = logged_in(either_app, "quietfern"), logged_in(either_app, "marlow", Role.MODERATOR)
    tokens = token_of(author), token_of(moderator)

    def press(number: int) -> Callable[[], int]:
        address = f"/account/contributions/stories/{number}/erase"
        return lambda: author.post(address, data={"csrf_token": tokens[0]}).status_code

    with either_app.app_context():
        stories = {item.id: item.contribution_id for item in db.session.scalars(sa.select(QueueItem))}
    for item in items:
        erase = press(stories[item[0]])
        answers = at_once(erase, decide(moderator, tokens[1], item, "approve"))
        assert set(answers) <= {302, 409}
        if answers[0] == 409:
            assert at_once(erase, erase) == [302, 302]
    with either_app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Story.id)).where(Story.public())) == 0
        assert db.session.scalar(sa.select(sa.func.count(Erasure.id))) == 12
        assert filters.counts(QueueFilters())["all"] == 0


def test_restoring_at_the_same_moment_never_wins(either_app: Flask) -> None:
    author, moderator = logged_in(either_app, "quietfern"), logged_in(either_app, "marlow", Role.MODERATOR)
    tokens = token_of(author), token_of(moderator)
    with either_app.app_context():
        with transaction():
            person, staff = registration.find_by_username("quietfern"), registration.find_by_username("marlow")
            stories = [a_published_story(person, staff) for _ in range(12)]
            for story in stories:
                decisions.hide(staff, story, "privacy")
        ids = [story.id for story in stories]
    for story_id in ids:
        erase, restore = (
            lambda client=client, address=address, fields=fields: client.post(address, data=fields).status_code
            for client, address, fields in (
                (author, f"/account/contributions/stories/{story_id}/erase", {"csrf_token": tokens[0]}),
                (moderator, f"/moderation/stories/{story_id}", {"csrf_token": tokens[1], "decision": "restore"}),
            )
        )
        answers = at_once(erase, restore)
        assert answers[0] == 302
        assert answers[1] in (302, 409)
    with either_app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Story.id)).where(Story.public())) == 0
        assert db.session.scalar(sa.select(sa.func.count(Erasure.id))) == 12


# --- When the time of regret is over ---


def everywhere() -> list[str]:
    """The columns of all tables in which the word stands."""
    places = []
    for table in db.metadata.sorted_tables:
        for column in table.columns:
            text = sa.cast(column, sa.Text)
            if db.session.scalar(sa.select(sa.func.count()).select_from(table).where(text.contains(WORD))):
                places.append(f"{table.name}.{column.name}")
    return places


def in_files(folder: Path) -> list[str]:
    """The files below a folder in which the word stands, as text or as part of something longer."""
    return [str(path) for path in sorted(folder.rglob("*")) if path.is_file() and WORD.encode() in path.read_bytes()]


def test_afterwards_the_word_is_in_no_column_and_in_no_file(site: Flask) -> None:
    data = Path(site.config["SALVE_DATA"])
    with transaction():
        asked = [(type(thing), thing.id) for thing in a_site_with_everything()]
    events.run_periodic_tasks()
    events.drain_all()
    db.session.remove()
    # The test would see it: in these columns, in the database and in both indexes.
    assert {"story_revisions.title", "reports.words", "appeals.answer", "staff_notes.text"} <= set(everywhere())
    assert {"decision_notes.text", "unlisted_names.name", "follow_up_revisions.body_html"} <= set(everywhere())
    assert {"story_drafts.fields", "follow_up_drafts.fields", "comment_revisions.body_source"} <= set(everywhere())
    folders = {Path(name).relative_to(data).parts[0] for name in in_files(data)}
    assert {"search", "search-comments"} <= folders
    assert db.engine.dialect.name != "sqlite" or folders & {"salve.sqlite3", "salve.sqlite3-wal"}

    for kind, number in asked:
        ask(db.session.get_one(kind, number))
    events.drain_all()
    assert everywhere()
    db.session.remove()
    days_pass()

    assert everywhere() == []
    db.session.remove()
    assert in_files(data) == []


def test_what_was_decided_stays_on_record_without_a_word(context: Any) -> None:
    with transaction():
        story, _comment = a_site_with_everything()
    before = [tuple(row) for row in db.session.execute(sa.select(Decision.id, Decision.action, Decision.created_at))]
    ask(story)
    days_pass()

    after = [tuple(row) for row in db.session.execute(sa.select(Decision.id, Decision.action, Decision.created_at))]
    assert after == before
    erased = db.session.get_one(Story, story.id)
    assert (erased.live, erased.helpful, erased.published_at is not None) == (None, 0, True)
    for version in erased.revisions:
        assert (version.treatments, version.unlisted, version.topics) == ([], [], [])
        assert (version.age_band, version.sex, version.body_place) == (None, None, "")
    tombstones = db.session.execute(sa.select(Erasure.kind, Erasure.done_at.is_not(None)).order_by(Erasure.id)).all()
    assert [tuple(row) for row in tombstones] == [("story", True), ("follow_up", True), ("follow_up", True)]


def test_it_waits_for_its_day_and_running_it_again_changes_nothing(context: Any) -> None:
    with transaction():
        story = a_published_story()
    ask(story)
    days_pass(6)
    assert latest_of(story).body_source
    days_pass()
    done = db.session.scalar(sa.select(Erasure.done_at))
    days_pass(30)
    assert done is not None
    assert db.session.scalar(sa.select(Erasure.done_at)) == done


def test_what_others_said_of_other_stories_stays(context: Any) -> None:
    with transaction():
        erased, other, reader = a_published_story(), a_published_story(), a_person()
        for story in (erased, other):
            thanks.thank(reader, story)
    ask(erased)
    days_pass()

    assert db.session.scalars(sa.select(Thanks.story_id)).all() == [other.id]


def test_one_that_fails_keeps_no_other_from_being_erased(context: Any) -> None:
    with transaction():
        story = a_published_story()
        # As if of a kind that was taken out since: its room is not there any more, and nothing of it.
        db.session.add(Erasure(kind="story", contribution_id=999, person_id=story.author_id, due_at=clock.now()))
    ask(story)
    days_pass()
    assert latest_of(story).body_source == ""
    open_ones = sa.select(Erasure.contribution_id).where(Erasure.done_at.is_(None))
    assert list(db.session.scalars(open_ones)) == [999]


def test_an_index_that_never_had_the_words_is_not_built_anew(context: Any) -> None:
    with transaction():
        story = a_published_story()
    events.run_periodic_tasks()
    built = [engine(index).built_at() for index in INDEXES]
    ask(story)
    events.drain_all()
    # On the day itself the worker has other things to do; a day after it was built it is built anew.
    with clock.at(clock.now() + REGRET - timedelta(hours=1)):
        events.run_periodic_tasks()
    assert [engine(index).built_at() for index in INDEXES] == built
    days_pass()
    assert all(after > before for after, before in zip((engine(i).built_at() for i in INDEXES), built, strict=True))


# --- Pages ---


def press(client: StrictClient, label: str, kinds: str, number: int = 1) -> None:
    page = client.get_page(f"/account/contributions/{kinds}/{number}/erase")
    assert "This can’t be undone, not even by us" in page.text
    client.submit(page.form(label))


@pytest.mark.parametrize("kinds", ["stories", "comments", "follow-ups"])
def test_the_author_erases_takes_back_and_erases_by_pages(app: Flask, kinds: str) -> None:
    author = logged_in(app, "quietfern")
    with app.app_context(), transaction():
        person, moderator = registration.find_by_username("quietfern"), a_moderator("marlow")
        story = a_published_story(person, moderator)
        a_published_comment(story, person, moderator=moderator)
        a_published_follow_up(story, moderator=moderator)
    page = author.get_page("/account/contributions")
    assert len([link for link in page.links if link.text.startswith("Delete permanently")]) == 3

    press(author, "Delete permanently", kinds)
    page = author.get_page("/account/contributions")
    assert "It will be deleted on" in page.text
    author.submit(page.form(css="form[action$='/keep']"))
    page = author.get_page("/account/contributions")
    assert "withdrawn by you" in page.text
    assert "It will be erased" not in page.text

    press(author, "Delete permanently", kinds)
    # Changing it is for later, if ever.
    room = {"stories": "stories", "comments": "comments", "follow-ups": "follow-ups"}[kinds]
    assert author.get(f"/{room}/1/edit").status_code == 409
    with app.app_context():
        days_pass()
    page = author.get_page("/account/contributions")
    assert "deleted by you" in page.text
    assert author.get(f"/{room}/1", follow_redirects=True).status_code == 410
    reader = app.test_client()
    gone = reader.get(f"/{room}/1", follow_redirects=True)
    assert (gone.status_code, "has deleted it" in gone.text) == (410, True)


def test_the_page_speaks_of_readers_only_where_there_are_any(app: Flask) -> None:
    author = logged_in(app, "quietfern")
    with app.app_context(), transaction():
        person = registration.find_by_username("quietfern")
        public, unread = a_published_story(person).id, a_pending_story(person).id

    of_public = author.get_page(f"/account/contributions/stories/{public}/erase").text
    of_waiting = author.get_page(f"/account/contributions/stories/{unread}/erase").text

    assert "It disappears from every page" in of_public
    assert "Its comments and your follow-ups" in of_public
    assert "It isn’t public now" in of_waiting
    assert "It disappears from every page" not in of_waiting
    assert "The comments on it" not in of_waiting


def test_every_page_of_the_staff_opens_with_what_is_erased(app: Flask) -> None:
    staff, author = logged_in(app, "marlow", Role.ADMIN), logged_in(app, "quietfern")
    with app.app_context():
        with transaction():
            moderator = registration.find_by_username("marlow")
            person, colleague = registration.find_by_username("quietfern"), a_moderator()
            story = a_published_story(person, moderator, body=LONG)
            redaction.redact(moderator, story.live, WORD, "something")
            later = a_published_follow_up(story, LONG, moderator=moderator)
            comment = a_published_comment(story, person, LONG, moderator=moderator)
            for thing in (comment, later, story):
                reports.report(colleague, thing, "privacy")
                appeals.submit(person, decisions.hide(moderator, thing, "privacy"), "words of an appeal")
            for thing in (a_pending_story(person), a_pending_story(person)):
                refused = decisions.reject(moderator, pending_of(thing), "privacy")
                appeals.answer(colleague, appeals.submit(person, refused, "words"), AppealState.UPHELD, "an answer")
        for kind in kinds.all_kinds():
            for thing in db.session.scalars(sa.select(kind.model)).all():
                ask(thing)
        days_pass()
        items = list(db.session.scalars(sa.select(QueueItem.id)))
        decided = list(db.session.scalars(sa.select(Decision.id)))
        objections = list(db.session.scalars(sa.select(Appeal.id)))

    assert "deleted by its author" in staff.get_page("/moderation/stories/1").text
    pages = ["/moderation", "/moderation/log", "/moderation/appeals", "/moderation/appeals?answered=1"]
    pages += ["/moderation/people/quietfern", "/moderation/rules", "/moderation/statistics", "/moderation/afterwards"]
    pages += [f"/moderation/{kinds}/1" for kinds in ("stories", "comments", "follow-ups")]
    pages += [f"/moderation/{number}" for number in items] + [f"/moderation/appeals/{each}" for each in objections]
    pages += [f"/account/decisions/{number}" for number in decided]
    for client in (staff, author):
        for address in [*pages, "/account/contributions", "/stories/1", "/follow-ups/1", "/comments/1"]:
            response = client.get(address, follow_redirects=True)
            assert response.status_code in (200, 404, 410), address
            assert WORD not in response.text
