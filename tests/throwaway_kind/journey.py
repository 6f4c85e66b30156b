"""Take the throw-away kind through everything that happens to a contribution. Run in a process of its own:

    python -m tests.throwaway_kind.journey FOLDER

since it is registered before the tables of moderation are built. Prints 'done' in the end.
"""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path
from typing import NamedTuple

import sqlalchemy as sa
import time_machine
from flask import Flask

from app.foundation import kinds
from tests.throwaway_kind.remark import REMARK, Remark, RemarkRevision, write

# The one registration; everything below finds the kind by it.
kinds.register(REMARK)

from app.accounts import registration  # noqa: E402 - see above
from app.accounts.models import Person  # noqa: E402
from app.foundation import clock, events  # noqa: E402
from app.foundation.access import Role  # noqa: E402
from app.foundation.contributions import erasure  # noqa: E402
from app.foundation.contributions.models import PublicationState  # noqa: E402
from app.foundation.contributions.publication import is_public, latest_of, pending_of  # noqa: E402
from app.foundation.contributions.revisions import RevisionState  # noqa: E402
from app.foundation.database import db, transaction  # noqa: E402
from app.moderation.appeals import appeals  # noqa: E402
from app.moderation.appeals.models import AppealState  # noqa: E402
from app.moderation.decisions import decisions, redaction  # noqa: E402
from app.moderation.decisions.models import Decision  # noqa: E402
from app.moderation.queue.models import QueueItem  # noqa: E402
from app.moderation.reports import reports  # noqa: E402
from app.moderation.screening.models import SignalKind, SignalRow  # noqa: E402
from app.search.index import indexing  # noqa: E402
from tests.client import StrictClient  # noqa: E402
from tests.conftest import make_app  # noqa: E402
from tests.factories.people import a_moderator, a_person, logged_in  # noqa: E402
from tests.factories.stories import a_published_story  # noqa: E402

WORDS = "Quillwort helped me a great deal, and I would write it down again at any time."


def main(folder: Path) -> None:
    app = make_app(folder)
    with app.app_context():
        db.create_all()
    pages = Pages(app, logged_in(app, "marlow", Role.ADMIN), logged_in(app, "quietfern"))
    remark_id = written_and_queued(pages)
    read_and_approved(pages, remark_id)
    found(pages)
    reported_and_hidden(pages, remark_id)
    not_found(pages)
    appealed_and_restored(pages, remark_id)
    found(pages)
    redacted(pages, remark_id)
    listed(pages, remark_id)
    erased(pages, remark_id)
    not_found(pages)
    erased_with_its_story(pages)
    print("done")


class Pages(NamedTuple):
    """The application, and the browsers of a moderator and of an author."""

    app: Flask
    staff: StrictClient
    author: StrictClient


def person(name: str) -> Person:
    found = registration.find_by_username(name)
    assert found is not None
    return found


def written_and_queued(pages: Pages) -> int:
    with pages.app.app_context():
        with transaction():
            story = a_published_story(a_person(), a_moderator())
            remark = write(person("quietfern"), story, f"{WORDS} Mail me: fern@example.org", summary="In short")
        item = db.session.scalars(sa.select(QueueItem).where(QueueItem.about(remark))).one()
        assert item.kind == "remark"
        assert item.revision is pending_of(remark)
        signals = db.session.scalars(sa.select(SignalRow).where(SignalRow.of_kind == "remark"))
        assert SignalKind.IDENTIFYING in {signal.kind for signal in signals}
        return remark.id


def read_and_approved(pages: Pages, remark_id: int) -> None:
    queue = pages.staff.get_page("/moderation?kind=remark")
    assert "Remarks" in queue.text
    item = pages.staff.click(queue, "Quillwort helped me a great deal, and I would write it down again at any time…")
    assert "fern@example.org" in item.text
    pages.staff.submit(item.form("Approve"), "Approve")
    with pages.app.app_context():
        remark = db.session.get_one(Remark, remark_id)
        assert is_public(remark)
        assert remark.live.state is RevisionState.APPROVED


def reported_and_hidden(pages: Pages, remark_id: int) -> None:
    assert "Report a remark" in pages.app.test_client().get_page(f"/remarks/{remark_id}/report").text
    with pages.app.app_context(), transaction():
        remark = db.session.get_one(Remark, remark_id)
        reports.report(person("marlow"), remark, "privacy")
        decisions.hide(a_moderator("decider"), remark, "privacy")
        assert not is_public(remark)


def appealed_and_restored(pages: Pages, remark_id: int) -> None:
    with pages.app.app_context():
        decision_id = decisions.history(db.session.get_one(Remark, remark_id))[-1].id
    assert "Why your remark is hidden" in pages.author.get_page(f"/account/decisions/{decision_id}").text
    with pages.app.app_context(), transaction():
        appeal = appeals.submit(person("quietfern"), db.session.get_one(Decision, decision_id), "Please look again.")
        appeals.answer(person("marlow"), appeal, AppealState.OVERTURNED, "You are right.")
        assert is_public(db.session.get_one(Remark, remark_id))


def found(pages: Pages) -> None:
    with pages.app.app_context():
        indexing.rebuild()
        events.drain_all()
    page = pages.app.test_client().get_page("/search?q=quillwort")
    assert "1 result." in page.text
    assert "Quillwort helped me" in page.text


def not_found(pages: Pages) -> None:
    with pages.app.app_context():
        events.drain_all()
    assert "1 result." not in pages.app.test_client().get_page("/search?q=quillwort").text


def redacted(pages: Pages, remark_id: int) -> None:
    with pages.app.app_context(), transaction():
        remark = db.session.get_one(Remark, remark_id)
        redaction.redact(person("marlow"), remark.live, "In short", "[left out]")
        assert remark.live.summary == "[left out]"
        assert remark.live.body_source.startswith(WORDS)


def listed(pages: Pages, remark_id: int) -> None:
    assert "Quillwort" in pages.author.get_page("/account/contributions").text
    assert "Decisions so far" in pages.staff.get_page(f"/moderation/remarks/{remark_id}").text
    assert f"remark {remark_id}" in pages.staff.get_page("/moderation/log?kind=remark").text


def erased(pages: Pages, remark_id: int) -> None:
    question_column = pages.author.get_page(f"/account/contributions/remarks/{remark_id}/erase")
    pages.author.submit(question_column.form("Delete permanently"))
    with pages.app.app_context():
        days_pass()
        remark = db.session.get_one(Remark, remark_id)
        assert remark.state is PublicationState.WITHDRAWN
        versions = db.session.scalars(sa.select(RemarkRevision).where(RemarkRevision.remark_id == remark_id)).all()
        assert {(each.body_source, str(each.body_html), each.summary) for each in versions} == {("", "", "")}
        assert not db.session.scalar(sa.select(sa.func.count()).where(SignalRow.of_kind == "remark"))
    page = pages.staff.get_page(f"/moderation/remarks/{remark_id}")
    assert "Its author deleted it" in page.text
    assert "Quillwort" not in page.text


def erased_with_its_story(pages: Pages) -> None:
    with pages.app.app_context():
        with transaction():
            author = a_person()
            story = a_published_story(author, a_moderator())
            remark = write(author, story, WORDS)
            erasure.request(author, story)
        assert latest_of(remark).state is RevisionState.WITHDRAWN
        days_pass()
        assert latest_of(remark).body_source == ""


def days_pass() -> None:
    with time_machine.travel(clock.now() + timedelta(days=60), tick=False):
        erasure.carry_out_due()
    db.session.expire_all()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
