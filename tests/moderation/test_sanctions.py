"""Measures against people: what each of them stops, what it leaves open, and notes that nobody else reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import registration
from app.accounts.models import LoginSession, Person
from app.comments import authoring as comment_authoring
from app.foundation import clock
from app.foundation.access import Role
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.foundation.errors import Conflict, NotAllowed, Refused
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import render_text
from app.moderation.appeals import appeals
from app.moderation.appeals.models import AppealState
from app.moderation.audit.audit_log import AuditEntry
from app.moderation.decisions import decisions
from app.moderation.people import notes
from app.moderation.people.models import StaffNote
from app.moderation.sanctions import sanctions
from app.moderation.sanctions.models import Sanction
from app.notifications import notices
from app.stories import authoring
from app.stories.models import Story
from tests.client import Page, StrictClient
from tests.factories.comments import a_pending_comment
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story, a_story_content
from tests.moderation.decisions.test_races import at_once, token_of
from tests.moderation.test_appeals import without_token

WORDS = "Three of your comments called somebody names. Please write as you would speak to a guest."
PERSON = "/moderation/people/quietfern"


def day(days: int) -> Any:
    return clock.now() + timedelta(days=days)


IMPOSE: dict[str, Callable[[Person, Person], Sanction]] = {
    "warning": lambda actor, person: sanctions.warn(actor, person, "disrespect", WORDS),
    "suspension": lambda actor, person: sanctions.suspend(actor, person, "disrespect", WORDS, day(7)),
    "ban": lambda actor, person: sanctions.ban(actor, person, "disrespect", WORDS),
}


@pytest.fixture
def person(app: Flask) -> StrictClient:
    return logged_in(app, "quietfern")


def impose(client: StrictClient, what: str, until: str = "", status: int = 200, words: str = WORDS) -> Page:
    form = (
        client.get_page(PERSON)
        .form("Warn, suspend or ban")
        .check({"warning": "Warn", "suspension": "Suspend", "ban": "Ban"}[what])
    )
    form.fill("Suspended until", until).choose("Reason", "Be kind").fill("Message to the person", words)
    return client.submit(form, status=status)


def every_way_to_write(person: Person) -> list[Callable[[], Any]]:
    public, own = a_published_story(), a_pending_story(person)
    comment, words = a_pending_comment(public, person), render_text("Other words.", Profile.COMMENT)
    return [
        lambda: authoring.submit(person, a_story_content(), "another-key"),
        lambda: authoring.submit_edit(person, own, a_story_content()),
        lambda: comment_authoring.submit(person, public, words, "another-key"),
        lambda: comment_authoring.submit_edit(person, comment, words),
    ]


@pytest.mark.parametrize("what", IMPOSE)
def test_nothing_is_sent_under_a_sanction(either_app: Flask, what: str) -> None:
    with either_app.app_context(), transaction():
        person = a_person()
        ways = every_way_to_write(person)
        IMPOSE[what](a_moderator(), person)

        for write in ways:
            with pytest.raises(NotAllowed, match="Your contributions"):
                write()


@pytest.mark.parametrize("what", IMPOSE)
def test_the_person_comes_in_reads_why_and_appeals(app: Flask, what: str) -> None:
    with app.app_context(), transaction():
        IMPOSE[what](a_moderator("marlow"), a_person("quietfern"))

    client = logged_in(app, "quietfern")
    page = client.click(client.get_page("/about"), "Find out why")
    [link] = [link for link in page.links_in(".is-new a") if link.text.startswith("Find out why, and how to appeal")]
    page = client.get_page(link.address)

    assert WORDS in page.texts("blockquote")
    assert "Be kind" in page.text
    assert "marlow" not in page.html
    form = page.form("Send appeal").fill("What should we look at again?", "It was a quote.")
    assert "A different moderator" in client.submit(form).text


def test_a_warning_is_read_before_one_writes_again(app: Flask, person: StrictClient, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        a_published_story()
    form = person.get_page("/stories/1", follow_redirects=True).form("Add a comment").fill("Comment", "Words to keep.")
    impose(moderator, "warning")

    page = person.submit(form, status=403)
    assert "Read it in ‘Your contributions’ first" in page.text
    assert page.form("Add a comment").value("Comment") == "Words to keep."
    person.submit(person.get_page("/account/sanctions/1").form("I’ve read this"))

    assert "with our moderators" in person.submit(page.form("Add a comment")).text
    assert "Find out why" not in person.get_page("/about").text


@pytest.mark.parametrize("what", ["suspension", "ban"])
def test_a_suspension_ends_every_session_and_what_is_written_is_given_back(
    app: Flask, person: StrictClient, moderator: StrictClient, what: str
) -> None:
    with app.app_context(), transaction():
        a_published_story()
    form = person.get_page("/stories/1", follow_redirects=True).form("Add a comment").fill("Comment", "Words to keep.")

    impose(moderator, what, until=f"{day(7):%Y-%m-%d}" if what == "suspension" else "")

    page = person.submit(form, status=401)
    assert "Words to keep." in page.texts("main textarea")
    with app.app_context():
        owner = registration.find_by_username("quietfern")
        assert db.session.scalar(sa.select(sa.func.count()).where(LoginSession.person_id == owner.id)) == 0


def test_a_suspension_ends_by_itself_after_its_last_day(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        a_person("quietfern")
    last = day(3)
    impose(moderator, "suspension", until=f"{last:%Y-%m-%d}")

    with app.app_context():
        owner = registration.find_by_username("quietfern")
        with clock.at(last.replace(hour=23, minute=59)):
            assert owner.is_suspended
            assert not db.session.scalar(sa.select(Person.not_suspended()).where(Person.id == owner.id))
        with clock.at(last + timedelta(days=1)):
            assert not owner.is_suspended
            assert db.session.scalar(sa.select(Person.not_suspended()).where(Person.id == owner.id))


@pytest.mark.parametrize("until", ["", "2020-01-01", "9999-12-31", "soon"])
def test_a_suspension_ends_on_a_day_within_a_year(
    app: Flask, person: StrictClient, moderator: StrictClient, until: str
) -> None:
    page = impose(moderator, "suspension", until=until, status=422)

    assert page.texts("#until-error")
    assert page.form("Warn, suspend or ban").value("Message to the person") == WORDS
    with app.app_context():
        assert not registration.find_by_username("quietfern").is_suspended


def test_no_sanction_without_reason_and_words(app: Flask, person: StrictClient, moderator: StrictClient) -> None:
    assert impose(moderator, "ban", words=" ", status=422).texts("#words-error")
    with app.app_context(), transaction():
        actor, whom = registration.find_by_username("marlow"), registration.find_by_username("quietfern")
        for reason, words in (("nonsense", WORDS), ("", WORDS), ("privacy", " "), ("privacy", "x" * 2_001)):
            with pytest.raises(Refused):
                sanctions.ban(actor, whom, reason, words)


@pytest.mark.parametrize(
    ("actor", "whom", "allowed"),
    [
        (Role.MODERATOR, Role.MEMBER, True),
        (Role.MODERATOR, Role.EDITOR, False),
        (Role.MODERATOR, Role.MODERATOR, False),
        (Role.MODERATOR, Role.ADMIN, False),
        (Role.ADMIN, Role.MODERATOR, True),
        (Role.EDITOR, Role.MEMBER, False),
        (Role.MEMBER, Role.MEMBER, False),
    ],
)
def test_who_may_impose_and_lift(app: Flask, actor: Role, whom: Role, allowed: bool) -> None:
    with app.app_context(), transaction():
        imposing, person = a_person(role=actor), a_person(role=whom)
        held = sanctions.ban(a_person(role=Role.ADMIN), person, "disrespect", WORDS)
        if allowed:
            sanctions.lift(imposing, held)
            assert not person.is_suspended
            sanctions.warn(imposing, person, "disrespect", WORDS)
            return
        with pytest.raises(NotAllowed):
            sanctions.lift(imposing, held)
        with pytest.raises(NotAllowed):
            sanctions.warn(imposing, person, "disrespect", WORDS)


def test_nobody_sanctions_themselves_and_a_suspended_moderator_is_a_reader(app: Flask) -> None:
    client = logged_in(app, "marlow", Role.MODERATOR)
    with app.app_context(), transaction():
        marlow = registration.find_by_username("marlow")
        with pytest.raises(NotAllowed):
            sanctions.warn(marlow, marlow, "disrespect", WORDS)
        sanctions.suspend(a_person(role=Role.ADMIN), marlow, "disrespect", WORDS, day(3))
        with pytest.raises(NotAllowed):
            decisions.approve(marlow, pending_of(a_pending_story()))

    client = logged_in(app, "marlow")
    for address in ("/moderation", "/moderation/log", "/moderation/people/marlow"):
        client.get_page(address, status=404)


def test_what_holds_is_the_longest_of_several(app: Flask) -> None:
    with app.app_context(), transaction():
        admin, person = a_person(role=Role.ADMIN), a_person()
        short, long = (sanctions.suspend(admin, person, "disrespect", WORDS, day(days)) for days in (2, 9))
        assert person.suspended_until == long.until
        banned = sanctions.ban(admin, person, "disrespect", WORDS)
        assert (person.is_suspended, person.suspended_until) == (True, None)

        sanctions.lift(admin, banned)
        assert person.suspended_until == long.until
        sanctions.lift(admin, long)
        assert person.suspended_until == short.until
        sanctions.lift(admin, short)
        assert not person.is_suspended
        with pytest.raises(Conflict):
            sanctions.lift(admin, short)


def test_each_act_is_a_line_of_the_log_and_the_person_is_told(app: Flask) -> None:
    with app.app_context(), transaction():
        admin, person = a_person(role=Role.ADMIN), a_person()
        for domain_function in IMPOSE.values():
            domain_function(admin, person)
        assert notices.count_unseen(person) == 3
        notices.mark_seen(person)
        sanctions.lift(admin, sanctions.sanctions_against(person)[0])

        assert notices.count_unseen(person) == 1
        lines = db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)).all()
        assert [line.action for line in lines] == ["warn", "suspend", "ban", "lift"]
        assert {(line.kind, line.subject_id, line.person_id) for line in lines} == {("person", person.id, person.id)}


def test_an_appeal_that_is_overturned_lifts_it(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        whom = a_person("quietfern")
        appeals.submit(whom, sanctions.ban(a_moderator("lanternhill"), whom, "disrespect", WORDS), "It was a quote.")
    page = moderator.click(moderator.get_page("/moderation/appeals"), "Ban")

    moderator.submit(page.form("Overturn it").fill("Answer to the author", "It was."), "Overturn it")

    with app.app_context():
        whom = registration.find_by_username("quietfern")
        assert not whom.is_suspended
        assert sanctions.sanctions_against(whom)[0].lifted_by.username == "marlow"
    assert "We’ve answered your appeal" in logged_in(app, "quietfern").get_page("/account/contributions").text


def test_whoever_banned_does_not_answer_the_appeal(app: Flask) -> None:
    with app.app_context(), transaction():
        marlow, whom = a_moderator("marlow"), a_person()
        asked = appeals.submit(whom, sanctions.ban(marlow, whom, "disrespect", WORDS), "It was a quote.")
        with pytest.raises(NotAllowed):
            appeals.answer(marlow, asked, AppealState.OVERTURNED, "Of course.")


@pytest.mark.parametrize("what", IMPOSE)
def test_the_statement_of_a_sanction_is_for_the_person_alone(app: Flask, person: StrictClient, what: str) -> None:
    with app.app_context(), transaction():
        IMPOSE[what](a_moderator(), registration.find_by_username("quietfern"))

    for client in (logged_in(app, "tallowby"), logged_in(app, "emory", Role.EDITOR)):
        there, missing = (without_token(client.get(f"/account/sanctions/{each}").text) for each in (1, 99))
        assert there == missing
        token = token_of(client)
        for act in ("read", "appeal"):
            answer = client.post(f"/account/sanctions/1/{act}", data={"csrf_token": token, "words": "Please."})
            assert answer.status_code == 404


def test_nobody_reads_a_warning_for_somebody_else(app: Flask, person: StrictClient, moderator: StrictClient) -> None:
    impose(moderator, "warning")

    assert moderator.post("/account/sanctions/1/read", data={"csrf_token": token_of(moderator)}).status_code == 403
    with app.app_context():
        assert registration.find_by_username("quietfern").warned_at is not None


# --- The race ---


@pytest.mark.parametrize("number", [6])
def test_a_text_is_sent_before_a_suspension_or_not_at_all(either_app: Flask, number: int) -> None:
    moderator = logged_in(either_app, "marlow", Role.MODERATOR)
    token = token_of(moderator)
    with either_app.app_context(), transaction():
        a_published_story()
    fields = {"csrf_token": token, "kind": "ban", "reason": "disrespect", "words": WORDS}
    for each in range(number):
        writer = logged_in(either_app, f"writer{each}")
        comment = {"csrf_token": token_of(writer), "body": f"A word from writer {each}.", "key": f"a-key-of-{each:04}"}

        answers = at_once(
            lambda comment=comment, writer=writer: writer.post("/comments/new/story/1", data=comment).status_code,
            lambda name=f"writer{each}": (
                moderator.post(f"/moderation/people/{name}/sanctions", data=fields).status_code
            ),
        )

        with either_app.app_context():
            banned = db.session.scalars(sa.select(Sanction).order_by(Sanction.id.desc())).first()
            sent = [
                revision.created_at
                for story in db.session.scalars(sa.select(Story))
                for comment in db.session.scalars(
                    sa.select(comment_authoring.Comment).where(comment_authoring.on_subject(story))
                )
                if comment.author_id == banned.person_id
                for revision in comment.revisions
            ]
        assert answers[1] == 302
        assert (answers[0] == 302) == (len(sent) == 1)
        assert answers[0] in (302, 401, 403)


# --- Notes ---


def test_a_note_is_for_the_staff_and_says_whose_it_is(
    app: Flask, person: StrictClient, moderator: StrictClient
) -> None:
    with app.app_context(), transaction():
        a_published_story(registration.find_by_username("quietfern"))
    page = moderator.get_page(PERSON)
    page = moderator.submit(page.form("Save note").fill("Note for staff", "zznoteperson <b>\nsecond line"))
    assert "zznoteperson <b>\nsecond line" in [quote.text for quote in page.select("blockquote")]
    page = moderator.get_page("/moderation/stories/1")
    page = moderator.submit(page.form("Save note").fill("Note for staff", "zznotestory"))
    assert "zznotestory" in page.text
    assert "zznotestory" in logged_in(app, "lanternhill", Role.MODERATOR).get_page("/moderation/stories/1").text

    for client in (app.test_client(), person, logged_in(app, "emory", Role.EDITOR)):
        for address in ("/account/contributions", "/stories/1", "/moderation/stories/1", PERSON, "/moderation/log"):
            assert "zznote" not in client.get(address, follow_redirects=True).text
    with app.app_context():
        lines = db.session.scalars(sa.select(AuditEntry.action).where(AuditEntry.action == "note")).all()
        assert len(lines) == 2


def test_a_moderator_does_not_read_notes_on_themselves(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        marlow, other = registration.find_by_username("marlow"), a_moderator()
        story = a_published_story(marlow, other)
        notes.add(other, marlow, "zznoteperson")
        notes.add(other, story, "zznotestory")
        for on in (marlow, story):
            with pytest.raises(NotAllowed):
                notes.add(marlow, on, "I am fine.")
        # Neither the domain function nor the pages give them away.
        assert [notes.readable_by(marlow, on) for on in (marlow, story)] == [[], []]
        assert [len(notes.readable_by(other, on)) for on in (marlow, story)] == [1, 1]

    for address in ("/moderation/people/marlow", "/moderation/stories/1"):
        assert "zznote" not in moderator.get_page(address).text


@pytest.mark.parametrize("text", ["", "  ", "x" * (notes.MAX_LENGTH + 1)])
def test_a_note_has_words_and_an_end(app: Flask, person: StrictClient, moderator: StrictClient, text: str) -> None:
    form = moderator.get_page(PERSON).form("Save note").fill("Note for staff", text)

    page = moderator.submit(form, status=422)

    assert page.form("Save note").value("Note for staff") == text.strip()
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(StaffNote.id))) == 0


@pytest.mark.parametrize("text", ["", "  ", "x" * (notes.MAX_LENGTH + 1)])
def test_a_note_on_a_story_that_is_refused_stays_in_its_form(app: Flask, moderator: StrictClient, text: str) -> None:
    with app.app_context(), transaction():
        a_published_story()
    form = moderator.get_page("/moderation/stories/1").form("Save note").fill("Note for staff", text)

    page = moderator.submit(form, status=422)

    assert page.texts("#text-error")
    assert page.form("Save note").value("Note for staff") == text.strip()
    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(StaffNote.id))) == 0


def test_the_page_of_a_person_says_how_they_fared(app: Flask, person: StrictClient, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        author = registration.find_by_username("quietfern")
        a_published_story(author)
        decisions.reject(a_moderator(), pending_of(a_pending_story(author)), "privacy")
    impose(moderator, "ban")

    page = moderator.get_page(PERSON)

    assert page.h1 == "quietfern"
    assert "Banned" in page.text
    assert WORDS in page.texts("blockquote")
    assert "1 published · 1 rejected · 1 sanction" in " ".join(page.texts(".author-record"))
    page = moderator.submit(page.form(css="form[action$='/lift']"))
    assert "lifted by marlow" in page.text
    moderator.get_page("/moderation/people/nobodyhere", status=404)
