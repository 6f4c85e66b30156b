"""Reasons one can read, and a second look by somebody else."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts import registration
from app.foundation import clock
from app.foundation.access import Role
from app.foundation.contributions import publication
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.publication import pending_of
from app.foundation.contributions.revisions import RevisionState
from app.foundation.database import db, transaction
from app.foundation.errors import Conflict, NotAllowed, Refused
from app.moderation.appeals import appeals, statements
from app.moderation.appeals.models import Appeal, AppealState
from app.moderation.audit.audit_log import AuditEntry
from app.moderation.decisions import decisions, undo
from app.moderation.decisions.models import Action, Decision
from app.moderation.queue.models import QueueItem, Task
from app.moderation.reasons import REASONS
from app.notifications import notices
from app.stories import authoring
from app.stories.models import Story
from tests.client import Page, StrictClient
from tests.factories.comments import a_pending_comment
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story, a_story_content
from tests.statements import counted

TITLE = "Half a year, week by week"
NOTE = "Your street is named <in the second part>.\nPlease leave it out."
WORDS = "There is no street in it, only a kind of plant."
RESTRICT: dict[str, Any] = {
    "reject": lambda actor, story: decisions.reject(actor, pending_of(story), "privacy", NOTE),
    "changes": lambda actor, story: decisions.request_changes(actor, pending_of(story), "privacy", NOTE),
    "hide": lambda actor, story: decisions.hide(actor, story, "privacy", NOTE),
}


def restricted(what: str = "reject", *, author: str = "quietfern", by: str = "marlow") -> Decision:
    """A decision against a text of the author, by the moderator. Within a transaction."""
    person = registration.find_by_username(author) or a_person(author)
    moderator = registration.find_by_username(by) or a_moderator(by)
    story = a_published_story(person, title=TITLE) if what == "hide" else a_pending_story(person, title=TITLE)
    decision: Decision = RESTRICT[what](moderator, story)
    return decision


@pytest.fixture
def author(app: Flask) -> StrictClient:
    return logged_in(app, "quietfern")


@pytest.fixture
def decision_id(app: Flask, author: StrictClient) -> int:
    with app.app_context(), transaction():
        return restricted().id


def without_token(html: str) -> str:
    """A page without what is new each second."""
    return re.sub(r'name="csrf_token" value="[^"]*"', "", html)


def statement(client: StrictClient, decision_id: int, status: int = 200) -> Page:
    return client.get_page(f"/account/decisions/{decision_id}", status=status)


def send(client: StrictClient, decision_id: int, words: str = WORDS, status: int = 200) -> Page:
    form = statement(client, decision_id).form("Send appeal").fill("What should we look at again?", words)
    return client.submit(form, status=status)


def respond(client: StrictClient, button: str, words: str = "We read it again.", status: int = 200) -> Page:
    form = client.get_page("/moderation/appeals/1").form(button).fill("Answer to the author", words)
    return client.submit(form, button, status=status)


# --- The statement ---


@pytest.mark.parametrize(
    ("what", "heading"),
    [
        ("reject", "Why your story wasn’t published"),
        ("changes", "Why we asked for changes to your story"),
        ("hide", "Why your story is hidden"),
    ],
)
def test_the_author_reads_what_was_decided_on_what_and_why_but_not_by_whom(
    app: Flask, author: StrictClient, what: str, heading: str
) -> None:
    with app.app_context(), transaction():
        restricted(what)

    page = author.click(author.get_page("/account/contributions"), f"Find out why, and how to appeal: {TITLE}")

    assert page.h1 == heading
    assert page.select("blockquote")[0].text == NOTE
    assert str(REASONS["privacy"].title) in page.text
    assert "one of our moderators. Decisions here are never made by a machine" in page.text
    assert TITLE in page.text
    assert "marlow" not in page.html
    assert author.click(page, str(REASONS["privacy"].title)).one(f"#{REASONS['privacy'].anchor}") is not None


@pytest.mark.parametrize("who", ["nobody", "member", "editor"])
def test_to_others_it_answers_like_one_that_is_not_there(app: Flask, decision_id: int, who: str) -> None:
    client = app.test_client() if who == "nobody" else logged_in(app, "tallowby", Role(who))

    there, missing = (client.get(f"/account/decisions/{each}") for each in (decision_id, 9999))

    assert there.status_code == missing.status_code == (302 if who == "nobody" else 404)
    if who != "nobody":
        assert without_token(there.text) == without_token(missing.text)


def test_moderators_read_it_but_cannot_appeal(app: Flask, decision_id: int) -> None:
    page = statement(logged_in(app, "marlow", Role.MODERATOR), decision_id)

    assert "This is what the person concerned sees" in page.text
    assert "Send appeal" not in page.text


def test_an_approval_has_no_statement(app: Flask, author: StrictClient) -> None:
    with app.app_context(), transaction():
        a_published_story(registration.find_by_username("quietfern"))

    statement(author, 1, status=404)


@pytest.mark.parametrize(
    ("made", "until"),
    [((2026, 1, 15), (2026, 7, 15)), ((2026, 8, 31), (2027, 2, 28)), ((2027, 8, 30), (2028, 2, 29))],
)
def test_one_can_appeal_for_six_months(app: Flask, made: tuple[int, ...], until: tuple[int, ...]) -> None:
    begin, end = datetime(*made, 12, tzinfo=UTC), datetime(*until, 12, tzinfo=UTC)
    with app.app_context(), transaction():
        with clock.at(begin):
            decision = restricted()
        person = decision.contribution.author
        assert statements.appeal_until(decision) == end
        with clock.at(end), pytest.raises(Refused, match="6 months"):
            appeals.submit(person, decision, WORDS)
        with clock.at(end - timedelta(seconds=1)):
            assert appeals.submit(person, decision, WORDS).is_open


# --- Appealing ---


def test_an_appeal_waits_in_the_queue_and_among_the_appeals(app: Flask, author: StrictClient, decision_id: int) -> None:
    page = send(author, decision_id)

    assert "A different moderator will look at it." in page.text
    assert WORDS in page.texts("blockquote")
    other = logged_in(app, "lanternhill", Role.MODERATOR)
    assert other.click(other.get_page("/moderation?kind=appeal"), TITLE).h1 == f"Appeal: {TITLE}"
    page = other.click(other.get_page("/moderation/appeals"), TITLE)
    assert WORDS in page.texts("blockquote")
    assert NOTE.split("\n", maxsplit=1)[0] in page.text


def test_what_was_decided_before_an_appeal_is_undone_from_its_page(
    app: Flask, author: StrictClient, decision_id: int
) -> None:
    send(author, decision_id)
    with app.app_context(), transaction(), clock.at(clock.now() - timedelta(hours=1)):
        a_pending_story(title="Read before the appeal")
    other = logged_in(app, "lanternhill", Role.MODERATOR)
    page = other.click(other.get_page("/moderation"), "Read before the appeal", css=".queue a")

    page = other.submit(page.form("Approve"), "Approve")

    assert page.h1 == f"Appeal: {TITLE}"
    assert "Approved. It’s public now." in page.texts(".undo")[0]
    assert other.submit(page.form("Undo"), "Undo").h1 == "Read before the appeal"


def test_sending_an_appeal_twice_makes_one(app: Flask, author: StrictClient, decision_id: int) -> None:
    form = statement(author, decision_id).form("Send appeal").fill("What should we look at again?", WORDS)

    author.submit(form)
    author.submit(form)

    with app.app_context():
        assert db.session.scalar(sa.select(sa.func.count(Appeal.id))) == 1
        assert db.session.scalar(sa.select(sa.func.count()).where(QueueItem.task == Task.APPEAL)) == 1


def test_a_second_appeal_in_other_words_is_refused_and_keeps_them(
    app: Flask, author: StrictClient, decision_id: int
) -> None:
    first, second = statement(author, decision_id), statement(author, decision_id)
    author.submit(first.form("Send appeal").fill("What should we look at again?", WORDS))

    other = second.form("Send appeal").fill("What should we look at again?", "The second tab says more.")
    page = author.submit(other, status=409)

    assert "You’ve already appealed against this" in page.texts("#words-error")[0]
    assert [field.text.strip() for field in page.select("textarea#words")] == ["The second tab says more."]
    with app.app_context():
        assert db.session.scalars(sa.select(Appeal.words)).all() == [WORDS]


@pytest.mark.parametrize("words", ["", " \n ", "x" * (appeals.WORDS_MAX_LENGTH + 1)])
def test_an_appeal_needs_words_and_keeps_them(author: StrictClient, decision_id: int, words: str) -> None:
    page = send(author, decision_id, words, status=422)

    assert page.texts("#words-error")
    assert page.form("Send appeal").value("What should we look at again?") == words.strip()


def test_nobody_appeals_for_somebody_else(app: Flask, decision_id: int) -> None:
    with app.app_context(), transaction():
        decision = db.session.get(Decision, decision_id)
        for other in (a_person(), a_moderator(), decision.moderator):
            with pytest.raises(NotAllowed):
                appeals.submit(other, decision, WORDS)


def withdraw(decision: Decision) -> None:
    publication.withdraw(decision.contribution.author, decision.contribution)


def restore(decision: Decision) -> None:
    decisions.restore(a_moderator(), decision.contribution)


def hide_again(decision: Decision) -> None:
    restore(decision)
    decisions.hide(a_moderator(), decision.contribution, "disrespect")


@pytest.mark.parametrize(
    ("what", "meanwhile"), [("reject", withdraw), ("hide", restore), ("hide", hide_again), ("hide", withdraw)]
)
def test_what_does_not_hold_any_more_cannot_be_appealed(
    app: Flask, author: StrictClient, what: str, meanwhile: Any
) -> None:
    with app.app_context(), transaction():
        decision = restricted(what)
        number = decision.id
        meanwhile(decision)
        with pytest.raises(Conflict):
            appeals.submit(decision.contribution.author, decision, WORDS)

    assert "There’s nothing left to appeal." in statement(author, number).text


# --- Answering ---


@pytest.mark.parametrize("what", RESTRICT)
def test_overturning_publishes_and_keeps_the_old_decision(either_app: Flask, what: str) -> None:
    with either_app.app_context(), transaction():
        decision = restricted(what)
        story = decision.contribution
        asked = appeals.submit(story.author, decision, WORDS)
        other = a_moderator()

        appeals.answer(other, asked, AppealState.OVERTURNED, "You were right.")

        assert story.state is PublicationState.PUBLISHED
        assert story.live.state is RevisionState.APPROVED
        assert asked.item.closed_at is not None
        *_before, old, new = decisions.history(story)
        assert (old.id, old.action) == (decision.id, decision.action)
        assert new.action is (Action.RESTORE if what == "hide" else Action.APPROVE)
        assert (new.moderator_id, new.note.text) == (other.id, "You were right.")
        assert undo.last(other) is None
        lines = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.actor_id == other.id)).all()
        assert [(line.action, line.subject_id, line.reason) for line in lines] == [("overturn", story.id, "privacy")]


def test_the_author_reads_the_answer_and_who_gave_it_nowhere(
    app: Flask, author: StrictClient, decision_id: int
) -> None:
    send(author, decision_id)
    respond(logged_in(app, "lanternhill", Role.MODERATOR), "Let the decision stand", "We looked: the street is there.")

    page = author.get_page("/account/contributions")
    assert "the decision stands" in page.text
    [answer] = [link for link in page.links_in(".is-new a") if link.text.startswith("Read the answer")]
    page = author.get_page(answer.address)
    assert "We looked: the street is there." in page.texts("blockquote")
    assert "lanternhill" not in page.html
    assert "Send appeal" not in page.text


@pytest.mark.parametrize("role", [Role.MODERATOR, Role.ADMIN])
def test_whoever_decided_does_not_answer_and_is_told_who_can(app: Flask, author: StrictClient, role: Role) -> None:
    with app.app_context(), transaction():
        a_person("marlow", role)
        number = restricted().id
    send(author, number)
    marlow = logged_in(app, "marlow")

    page = marlow.get_page("/moderation/appeals/1")

    assert "Another moderator answers this" in page.text
    assert "There’s no one else who can answer yet." in page.text
    assert "There’s no other moderator to answer it at the moment." in statement(author, number).text
    token = marlow.csrf_token()
    data = {"csrf_token": token, "outcome": "overturn", "answer": "I think so."}
    assert marlow.post("/moderation/appeals/1", data=data).status_code == 403
    with app.app_context():
        assert db.session.get(Appeal, 1).is_open
    with app.app_context(), transaction():
        a_person("adair", Role.ADMIN)
    assert "nobody else" not in statement(author, number).text


def test_nobody_answers_their_own_appeal(app: Flask) -> None:
    with app.app_context(), transaction():
        a_person("adair", Role.ADMIN)
        decision = restricted(author="adair")
        person = decision.contribution.author
        asked = appeals.submit(person, decision, WORDS)

        with pytest.raises(NotAllowed):
            appeals.answer(person, asked, AppealState.OVERTURNED, "Of course.")
        assert not appeals.has_eligible_moderator(asked)


@pytest.mark.parametrize("button", ["Let the decision stand", "Overturn it"])
@pytest.mark.parametrize("words", ["", "  ", "x" * (appeals.ANSWER_MAX_LENGTH + 1)])
def test_an_answer_needs_words_and_keeps_them(
    app: Flask, author: StrictClient, decision_id: int, button: str, words: str
) -> None:
    send(author, decision_id)

    page = respond(logged_in(app, "lanternhill", Role.MODERATOR), button, words, status=422)

    assert page.form(button).value("Answer to the author") == words.strip()
    with app.app_context():
        assert db.session.get(Appeal, 1).is_open


def test_an_answer_that_came_too_late_changes_nothing(app: Flask, author: StrictClient, decision_id: int) -> None:
    send(author, decision_id)
    other = logged_in(app, "lanternhill", Role.MODERATOR)
    form = other.get_page("/moderation/appeals/1").form("Overturn it").fill("Answer to the author", "My answer.")
    with app.app_context(), transaction():
        appeals.answer(a_moderator(), db.session.get(Appeal, 1), AppealState.UPHELD, "It stands.")

    page = other.submit(form, "Overturn it", status=409)

    assert "Your answer came too late" in page.text
    assert "My answer." in page.html
    with app.app_context():
        assert db.session.get(Appeal, 1).answer == "It stands."
        assert db.session.get(Story, 1).state is PublicationState.UNPUBLISHED


def test_overturning_does_not_bring_an_old_text_back_over_a_newer_one(app: Flask) -> None:
    with app.app_context(), transaction():
        decision = restricted()
        story, first = decision.contribution, decision.revision
        asked = appeals.submit(story.author, decision, WORDS)
        authoring.submit_edit(story.author, story, a_story_content(title="A newer title"))
        decisions.approve(a_moderator(), pending_of(story))

        appeals.answer(a_moderator(), asked, AppealState.OVERTURNED, "You were right, and the new one is better.")

        assert story.live.title == "A newer title"
        assert first.state is RevisionState.SUPERSEDED


def test_overturning_leaves_alone_what_its_author_withdrew(app: Flask) -> None:
    with app.app_context(), transaction():
        decision = restricted("hide")
        story = decision.contribution
        asked = appeals.submit(story.author, decision, WORDS)
        publication.withdraw(story.author, story)

        appeals.answer(a_moderator(), asked, AppealState.OVERTURNED, "You were right.")

        assert story.state is PublicationState.WITHDRAWN
        assert asked.state is AppealState.OVERTURNED


def test_the_author_is_told_of_the_answer_once(app: Flask) -> None:
    with app.app_context(), transaction():
        decision = restricted()
        person = decision.contribution.author
        asked = appeals.submit(person, decision, WORDS)
        notices.mark_seen(person)

        appeals.answer(a_moderator(), asked, AppealState.OVERTURNED, "You were right.")

        assert notices.count_unseen(person) == 1


def test_a_comment_is_appealed_like_a_story(app: Flask, author: StrictClient) -> None:
    with app.app_context(), transaction():
        comment = a_pending_comment(
            a_published_story(), registration.find_by_username("quietfern"), "A word of comfort."
        )
        number = decisions.reject(a_moderator("marlow"), pending_of(comment), "off_topic").id

    assert statement(author, number).h1 == "Why your comment wasn’t published"
    send(author, number)
    respond(logged_in(app, "lanternhill", Role.MODERATOR), "Overturn it")

    assert "A word of comfort." in author.get_page("/stories/1", follow_redirects=True).text


def test_nobody_but_the_staff_reads_an_appeal(app: Flask, author: StrictClient, decision_id: int) -> None:
    send(author, decision_id, "zzappealword in it")

    for client in (app.test_client(), logged_in(app, "tallowby"), logged_in(app, "emory", Role.EDITOR)):
        for address in (f"/account/decisions/{decision_id}", "/moderation/appeals", "/moderation/appeals/1"):
            assert "zzappealword" not in client.get(address, follow_redirects=True).text


def test_reports_have_an_address_of_their_own(app: Flask) -> None:
    client = logged_in(app, "marlow", Role.MODERATOR)

    assert client.get_page("/moderation/reports", follow_redirects=True).h1 == "Moderation"


def test_the_list_of_appeals_costs_no_more_when_there_are_more(app: Flask) -> None:
    with app.app_context(), transaction():
        for number in range(12):
            decision = restricted(author=f"somebody{number}", by=f"judge{number}")
            appeals.submit(decision.contribution.author, decision, WORDS)
    client = logged_in(app, "lanternhill", Role.MODERATOR)

    with counted(app) as sent:
        page = client.get_page("/moderation/appeals")

    assert len(page.select(".queue li")) == 12
    assert len(sent) <= 8
