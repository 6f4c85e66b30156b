"""The audit log: one line for every act of the staff, which nobody can change, and no word of anybody in it."""

from __future__ import annotations

import csv
import io
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from app.accounts import registration
from app.accounts.models import Person
from app.foundation import clock
from app.foundation.access import Role
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.foundation.errors import NotAllowed
from app.moderation.audit import audit_log
from app.moderation.audit.audit_log import AuditEntry, LogFilters
from app.moderation.decisions import decisions, undo
from app.moderation.decisions.models import Action
from app.topics import vocabulary
from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories.comments import a_pending_comment
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story
from tests.statements import counted

LOG = "/moderation/log"


def lines() -> list[AuditEntry]:
    return list(db.session.scalars(sa.select(AuditEntry).order_by(AuditEntry.id)))


def of(line: AuditEntry) -> tuple[str, str, int | None, int | None, str | None]:
    return line.action, line.kind, line.subject_id, line.revision_id, line.reason


# --- What is in it ---


def test_every_decision_is_one_line_of_ids_and_codes(either_app: Flask) -> None:
    with either_app.app_context(), transaction():
        author, marlow = a_person("quietfern"), a_moderator("marlow")
        story = a_pending_story(author)
        first = pending_of(story)
        decisions.approve(marlow, first, "a note that is not in the log")
        comment = a_pending_comment(story, author)
        decisions.reject(marlow, pending_of(comment), "disrespect", "nor this one")
        decisions.hide(marlow, story, "privacy")
        decisions.restore(marlow, story)

        assert [of(line) for line in lines()] == [
            ("approve", "story", story.id, first.id, None),
            ("reject", "comment", comment.id, comment.revisions[0].id, "disrespect"),
            ("hide", "story", story.id, first.id, "privacy"),
            ("restore", "story", story.id, first.id, None),
        ]
        assert {(line.actor_id, line.person_id) for line in lines()} == {(marlow.id, author.id)}


def test_a_decision_taken_back_is_two_lines(app: Flask) -> None:
    with app.app_context(), transaction():
        marlow = a_moderator("marlow")
        story = a_pending_story()
        undo.undo(marlow, decisions.reject(marlow, pending_of(story), "privacy"))

        assert [(line.action, line.subject_id, line.actor_id) for line in lines()] == [
            ("reject", story.id, marlow.id),
            ("undo", story.id, marlow.id),
        ]


def test_settling_a_name_is_one_line_that_does_not_say_which(app: Flask, moderator: StrictClient) -> None:
    with app.app_context(), transaction():
        a_pending_story(a_person("quietfern"), condition=vocabulary.unlisted_topic("Zzlurgy", TopicKind.CONDITION))
    form = moderator.get_page("/moderation/1").form("Add it to the list")

    page = moderator.submit(form.fill("Which one do they mean", "Zzlurgitis"), "Add it to the list")
    moderator.submit(form, "Add it to the list", status=409)

    assert "Not in the vocabulary" not in page.text
    log = moderator.get_page(LOG)
    [row] = log.texts("tbody tr")
    assert "marlow matched a name in story 1 quietfern" in row
    assert "lurg" not in log.text
    with app.app_context():
        assert [of(line) for line in lines()] == [("settle_name", "story", 1, 1, None)]


def test_a_decision_that_is_not_made_leaves_no_line(app: Flask) -> None:
    client = logged_in(app, "marlow", Role.MODERATOR)
    with app.app_context(), transaction():
        a_pending_story()
    form = client.get_page("/moderation/1").form("Reject")

    client.submit(form, status=422)

    with app.app_context():
        assert lines() == []


@pytest.mark.parametrize("words", ["I itch", "Privacy", "", "a" * 41, "a\nb", "é"])
def test_words_do_not_come_in(context: object, words: str) -> None:
    with pytest.raises(ValueError, match="codes, not words"):
        audit_log.record(None, words, None, kind="log")
    if words:
        with pytest.raises(ValueError, match="codes, not words"):
            audit_log.record(None, "approve", None, kind="log", reason=words)


def test_every_decision_has_words_in_the_log() -> None:
    assert {action.value for action in Action} <= set(audit_log.ACTION_LABELS)


# --- Nobody changes it ---


FORBIDDEN = {
    "update": "UPDATE audit_log SET action = 'approve'",
    "update of one column": "UPDATE audit_log SET reason = NULL WHERE id = 1",
    "delete": "DELETE FROM audit_log",
    "delete one": "DELETE FROM audit_log WHERE id = 1",
    "replace": "INSERT OR REPLACE INTO audit_log (id, at, action, kind) VALUES (1, '2026-01-01', 'keep', 'story')",
    "update or replace": "UPDATE OR REPLACE audit_log SET id = 2 WHERE id = 1",
    "truncate": "TRUNCATE audit_log",
    "upsert": "INSERT INTO audit_log (id, at, action, kind) VALUES (1, '2026-01-01', 'keep', 'story')"
    " ON CONFLICT (id) DO UPDATE SET action = 'keep'",
}
ONLY_ON = {"replace": "sqlite", "update or replace": "sqlite", "truncate": "postgresql"}


@pytest.mark.parametrize("what", FORBIDDEN)
def test_the_database_refuses_to_change_a_line(either_app: Flask, what: str) -> None:
    with either_app.app_context():
        if ONLY_ON.get(what, db.engine.dialect.name) != db.engine.dialect.name:
            pytest.skip("no such statement on this database")
        with transaction():
            a_published_story()
            a_published_story()
        before = [of(line) for line in lines()]
        db.session.rollback()

        with pytest.raises(DBAPIError, match="append-only"), db.engine.begin() as connection:
            connection.exec_driver_sql(FORBIDDEN[what])

        assert [of(line) for line in lines()] == before != []


def test_the_session_cannot_change_a_line_either(either_app: Flask) -> None:
    with either_app.app_context():
        with transaction():
            a_published_story()
        for change in (lambda line: setattr(line, "reason", "privacy"), db.session.delete):
            with transaction():
                change(lines()[0])
                with pytest.raises(DBAPIError, match="append-only"):
                    db.session.flush()
                db.session.rollback()


# --- Reading it ---


@pytest.fixture
def site(app: Flask) -> Flask:
    """Three decisions by two moderators on three days."""
    with app.app_context(), transaction():
        author, marlow, emory = a_person("quietfern"), a_moderator("marlow"), a_moderator("lanternhill")
        days = [datetime(2026, 3, day, 12, tzinfo=UTC) for day in (1, 2, 3)]
        with clock.at(days[0]):
            story = a_published_story(author, marlow)
        with clock.at(days[1]):
            decisions.hide(emory, story, "privacy")
        with clock.at(days[2]):
            decisions.reject(marlow, pending_of(a_pending_comment(a_published_story(None, emory))), "disrespect")
    return app


def told(client: StrictClient, query: str = "") -> list[str]:
    return [text for row in client.get_page(LOG + query).select("tbody tr") for text in [" ".join(row.itertext())]]


@pytest.mark.parametrize(
    ("query", "number"),
    [
        ("", 4),
        ("?person=marlow", 2),
        ("?person=QuietFern", 2),
        ("?person=nobodyhere", 0),
        ("?action=hide", 1),
        ("?kind=comment", 1),
        ("?kind=story&action=approve", 2),
        ("?since=2026-03-02", 3),
        ("?until=2026-03-02", 2),
        ("?since=2026-03-02&until=2026-03-02", 1),
        ("?since=2026-03-03&until=2026-03-02", 0),
        ("?since=yesterday&until=9999-12-31", 4),
        ("?action=nonsense", 0),
        ("?person=%00&kind=%ff", 0),
        ("?before=1", 0),
        ("?after=²&before=-1", 4),
    ],
)
def test_the_log_can_be_filtered(site: Flask, query: str, number: int) -> None:
    assert len(told(logged_in(site, "adair", Role.ADMIN), query)) == number


def test_a_line_says_who_did_what_to_what_and_why(site: Flask) -> None:
    client = logged_in(site, "adair", Role.ADMIN)

    page = client.get_page(f"{LOG}?action=hide")

    row = " ".join(page.texts("tbody tr"))
    assert "2 March 2026, 12:00" in row
    assert "lanternhill hid story 1 quietfern Protect privacy" in row
    assert client.click(page, "story 1").h1 == "Half a year, week by week"


def test_the_pages_of_the_log_hold_every_line_once_in_both_directions(app: Flask) -> None:
    with app.app_context(), transaction():
        marlow = a_moderator("lanternhill")
        for _ in range(audit_log.PER_PAGE * 2 + 7):
            audit_log.record(marlow, "approve", marlow)
    client = logged_in(app, "marlow", Role.MODERATOR)

    page, seen = client.get_page(f"{LOG}?kind=person"), []
    while True:
        seen.append(len(page.select("tbody tr")))
        if not any(link.text == "Older" for link in page.links):
            break
        page = client.click(page, "Older")
    back = [len(page.select("tbody tr"))]
    while any(link.text == "Newer" for link in page.links):
        page = client.click(page, "Newer")
        back.append(len(page.select("tbody tr")))

    assert seen == [50, 50, 7]
    assert sum(back) == 107


def test_a_page_of_the_log_costs_no_more_when_there_is_more(app: Flask) -> None:
    with app.app_context(), transaction():
        for number in range(30):
            audit_log.record(a_moderator(), "approve", a_person(f"somebody{number}"))
    client = logged_in(app, "marlow", Role.MODERATOR)

    with counted(app) as statements:
        client.get_page(LOG)

    assert len(statements) <= 5


# --- Taking it along ---


def exported(client: StrictClient, **filters: str) -> list[list[str]]:
    form = client.get_page(LOG, query_string=filters).form("Download as CSV")
    response = client.post("/moderation/log.csv", data=dict(form.pairs()))
    assert response.status_code == 200
    assert response.mimetype == "text/csv"
    assert response.headers["Cache-Control"] == "no-store"
    return list(csv.reader(io.StringIO(response.text)))


def test_an_administrator_takes_the_lines_along_and_that_is_a_line(site: Flask) -> None:
    client = logged_in(site, "adair", Role.ADMIN)

    heading, *rows = exported(client, action="hide")

    assert heading == list(audit_log.COLUMNS)
    assert [row[2:] for row in rows] == [["lanternhill", "hide", "story", "1", "1", "quietfern", "privacy"]]
    assert rows[0][1] == "2026-03-02T12:00:00+00:00"
    [_heading, last, *others] = exported(client)
    assert last[2:5] == ["adair", "export_log", "log"]
    assert len(others) == 5


def test_the_export_goes_on_over_many_batches_and_ends_at_its_limit(
    either_app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(audit_log, "EXPORT_BATCH", 3)
    monkeypatch.setattr(audit_log, "MAX_EXPORTED", 9)
    client = logged_in(either_app, "adair", Role.ADMIN)
    with either_app.app_context(), transaction():
        for _ in range(12):
            audit_log.record(registration.find_by_username("adair"), "approve", registration.find_by_username("adair"))

    _heading, *rows = exported(client)

    ids = [int(row[0]) for row in rows]
    assert len(ids) == 9
    assert ids == sorted(set(ids), reverse=True)


def test_no_name_becomes_a_formula(app: Flask) -> None:
    with app.app_context(), transaction():
        somebody = a_person("somebody")
        audit_log.record(somebody, "approve", somebody)
        db.session.execute(sa.update(Person).where(Person.id == somebody.id).values(username="=cmd()"))

    _heading, _own, row = exported(logged_in(app, "adair", Role.ADMIN))

    assert row[2] == "'=cmd()"


def test_moderators_read_but_do_not_take_it_along(site: Flask) -> None:
    client = logged_in(site, "marlow", Role.MODERATOR)
    page = client.get_page(LOG)
    token = page.select("input[name=csrf_token]")[0].get("value")

    assert "CSV" not in page.text
    assert client.post("/moderation/log.csv", data={"csrf_token": token}).status_code == 404
    with site.app_context(), transaction(), pytest.raises(NotAllowed):
        audit_log.export(registration.find_by_username("marlow"), LogFilters())


def test_the_desk_leads_to_the_log(site: Flask) -> None:
    client = logged_in(site, "marlow", Role.MODERATOR)

    assert client.click(client.get_page("/moderation"), "Log").h1 == "Moderation log"


def test_the_time_of_a_line_is_that_of_the_act(app: Flask) -> None:
    moment = datetime(2026, 1, 2, 3, 4, tzinfo=UTC)
    with app.app_context(), transaction():
        with clock.at(moment):
            audit_log.record(None, "approve", None, kind="log")
        with clock.at(moment + timedelta(hours=1)):
            db.session.flush()

        assert lines()[0].at == moment
