"""The rules of screening: tried before they are saved, saved as versions, none of them ever lost."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from app.foundation.access import Role
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.foundation.errors import Conflict, NotAllowed, Refused
from app.moderation.decisions import decisions
from app.moderation.rules import dry_run, rules
from app.moderation.rules.models import RulesVersion
from app.moderation.rules.rules import Rules
from app.moderation.screening.models import SignalRow
from app.screening.word_list import MAX_LIST_LENGTH
from tests.factories.comments import a_pending_comment
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story


def test_tried_then_saved_then_in_force(app: Flask) -> None:
    with app.app_context(), transaction():
        a_pending_story(
            title="The miracle of week six", body="It was no miracle, only patience, crusts and weeks of waiting."
        )
        a_pending_story(
            title="The seller", body="Somebody sold me snake oil for it, and I was silly enough to put it on."
        )
        a_pending_story(
            title="The harmless", body="I put it on every night and after some weeks there was nothing left."
        )
    moderator = logged_in(app, "marlow", Role.MODERATOR)
    form = moderator.get_page("/moderation/rules").form("Save rules")
    form.fill("Words we refuse", "snake oil\n\n snake  oil ").fill("Words to check", "Miracle")

    tried = moderator.submit(form, "Try on the last texts")

    assert "These rules would have refused 1 text. They would have marked 1 for a closer look." in tried.text
    assert [link.text for link in tried.links if link.text in {"The seller", "The miracle of week six"}] == [
        "The seller",
        "The miracle of week six",
    ]
    with app.app_context():
        assert rules.current() == Rules()
    saved = moderator.submit(tried.form("Save rules"), "Save rules")
    assert "Rules saved" in saved.text
    assert "added snake oil" in saved.text
    with app.app_context():
        assert (rules.current().blocked, rules.current().suspect) == (("snake oil",), ("Miracle",))


def test_a_trial_counts_links_and_every_kind_of_text(app: Flask) -> None:
    with app.app_context(), transaction():
        story = a_published_story(body="See https://example.org/a and https://example.org/b for the pictures of it.")
        a_pending_comment(story, body="What a miracle!")

        assert len(dry_run.dry_run(Rules(most_links=2)).flagged) == 1
        assert len(dry_run.dry_run(Rules(suspect=("miracle",))).flagged) == 1
        assert dry_run.dry_run(Rules()).texts == 2


def test_a_trial_changes_nothing(app: Flask) -> None:
    with app.app_context():
        with transaction():
            a_pending_story()
            before = db.session.scalar(sa.select(sa.func.count()).select_from(SignalRow))
        dry_run.dry_run(Rules(blocked=("week",)))

        assert db.session.scalar(sa.select(sa.func.count()).select_from(SignalRow)) == before
        assert not db.session.dirty


@pytest.mark.parametrize(
    ("written", "field"),
    [
        (Rules(blocked=tuple(f"word{n}" for n in range(MAX_LIST_LENGTH + 1))), "blocked"),
        (Rules(suspect=("x" * 61,)), "suspect"),
        (Rules(suspect=("ab",)), "suspect"),
        (Rules(suspect=("**",)), "suspect"),
        (Rules(most_links=0), "most_links"),
        (Rules(alike_percent=101), "alike_percent"),
    ],
)
def test_limits(app: Flask, written: Rules, field: str) -> None:
    with app.app_context(), pytest.raises(Refused) as refused, transaction():
        rules.save(a_moderator(), written, based_on=0)

    assert refused.value.field == field


def test_of_two_who_save_at_once_the_second_is_told(app: Flask) -> None:
    with app.app_context():
        with transaction():
            moderator = a_moderator()
            rules.save(moderator, Rules(suspect=("miracle",)), based_on=0)

        with pytest.raises(Conflict), transaction():
            rules.save(moderator, Rules(suspect=("wonder",)), based_on=0)

        assert rules.current().suspect == ("miracle",)


def test_only_moderators_save(app: Flask) -> None:
    with app.app_context(), pytest.raises(NotAllowed), transaction():
        rules.save(a_person(), Rules(), based_on=0)


def test_the_history_says_who_changed_what(app: Flask) -> None:
    with app.app_context():
        with transaction():
            first, second = a_moderator("marlow"), a_moderator("linden")
            rules.save(first, Rules(suspect=("miracle",)), based_on=0)
            rules.save(second, Rules(suspect=("wonder",), most_links=5), based_on=rules.newest_id())

        newest, oldest = rules.history()

        assert (newest.version.editor.username, oldest.version.editor.username) == ("linden", "marlow")
        assert [(each.name, each.added, each.removed) for each in oldest.changes] == [("suspect", ("miracle",), ())]
        assert newest.changes[0].removed == ("miracle",)
        assert (newest.changes[1].old, newest.changes[1].new) == (3, 5)
        assert db.session.scalar(sa.select(sa.func.count()).select_from(RulesVersion)) == 2


def test_what_cannot_be_a_number_comes_back_with_everything(app: Flask) -> None:
    moderator = logged_in(app, "marlow", Role.MODERATOR)
    form = moderator.get_page("/moderation/rules").form("Save rules")
    form.fill("Words to check", "miracle").fill("Links", "many")

    page = moderator.submit(form, "Save rules", status=422)

    form = page.form("Save rules")
    assert form.error("Links")
    assert form.value("Words to check") == "miracle"


def test_a_trial_finds_what_stands_in_another_text(either_app: Flask) -> None:
    body = " ".join(f"On the {n}th evening I put it on and it {what}." for n, what in enumerate(["stung", "ached"] * 9))
    with either_app.app_context():
        with transaction():
            a_pending_story(title="The first", body=body)
            a_pending_story(title="The copy", body=f"{body} And that was that.")
            a_pending_story(title="The other", body="I waited for a whole year and did nothing but read about it here.")

        [caught] = dry_run.dry_run(Rules(alike_percent=70)).flagged
        assert caught.revision.title == "The copy"
        assert "is also in another text" in caught.explanations[0]
        with transaction():
            a_pending_story(title="In part", body=f"{body[: len(body) * 4 // 5]} But then I stopped, and it came back.")
        assert [each.revision.title for each in dry_run.dry_run(Rules(alike_percent=60)).flagged] == [
            "In part",
            "The copy",
        ]
        assert [each.revision.title for each in dry_run.dry_run(Rules(alike_percent=90)).flagged] == ["The copy"]


def test_a_trial_knows_of_each_author_what_was_known_when_it_was_sent(either_app: Flask) -> None:
    with either_app.app_context():
        with transaction():
            author, moderator = a_person(), a_moderator()
            for _each in range(2):
                a_published_story(author, moderator)
            for _each in range(2):
                decisions.reject(moderator, pending_of(a_pending_story(author)), "too_little")
            a_pending_story(author, title="The fifth")

        held = dry_run.dry_run(Rules(rejected_percent=50, alike_percent=100)).flagged
        last = [each for each in held if each.revision.title == "The fifth"]
        assert "50%" in " ".join(last[0].explanations)
        others = [each for each in held if each.revision.title != "The fifth"]
        assert not any("rejected" in why for each in others for why in each.explanations)
        assert not any(
            "rejected" in " ".join(each.explanations) for each in dry_run.dry_run(Rules(rejected_percent=51)).flagged
        )
