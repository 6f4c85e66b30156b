"""Which stories count, and that the counts are right the moment something changes."""

from __future__ import annotations

import random
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from app.accounts.models import Person
from app.foundation import contributions, events
from app.foundation.access import Role
from app.foundation.contributions import PublicationState, pending_of
from app.foundation.database import db, transaction
from app.foundation.outbox import OutboxRow
from app.moderation import decisions
from app.outcomes import counting, reading
from app.outcomes.models import OutcomeCell
from app.outcomes.reading import Row
from app.stories import authoring
from app.stories.authoring import TreatmentAnswers
from app.stories.experience import Again, Effect, FirstEffect, Severity, Status, StopReason
from app.stories.models import Story
from app.topics import vocabulary
from app.topics.models import Topic, TopicKind
from tests.factories import (
    a_moderator,
    a_pending_story,
    a_person,
    a_published_story,
    a_story_content,
    a_topic,
    logged_in,
    made,
)
from tests.moderation.test_races import at_once, decide, token_of, waiting

NOBODY = dict.fromkeys(Effect, 0)


def tried(effect: Effect | None, treatment: Topic | None = None, **more: Any) -> list[TreatmentAnswers]:
    return [TreatmentAnswers(treatment or a_topic("Imiquimod", TopicKind.TREATMENT), effect=effect, **more)]


def told(effect: Effect | None = Effect.VERY_WELL, author: Person | None = None, **more: Any) -> Story:
    """A public story whose author agreed to be counted."""
    content = {"statistics": True, "treatments": tried(effect), **more}
    return a_published_story(author, **content)


def row(condition: str = "Warts", treatment: str = "Imiquimod") -> Row | None:
    db.session.rollback()
    about, of = vocabulary.find(condition), vocabulary.find(treatment)
    return reading.between({about.id}, {of.id}).get((about.id, of.id)) if about and of else None


def effects(**at: str) -> dict[str, int]:
    found = row(**at)
    return {str(effect): number for effect, number in found.effects.items() if number} if found else {}


def test_a_story_counts_in_the_transaction_that_publishes_it(either_app: Flask) -> None:
    with either_app.app_context():
        with transaction():
            story = a_pending_story(statistics=True, treatments=tried(Effect.VERY_WELL))
            assert effects_inside() == {}
            decisions.approve(a_moderator(), pending_of(story))
            assert effects_inside() == {"very_well": 1}
        # Nothing that counts is left to the worker.
        assert set(db.session.scalars(sa.select(OutboxRow.reaction))) <= {"search", "search names"}


def effects_inside() -> dict[str, int]:
    """The counts as the running transaction sees them."""
    cells = db.session.execute(sa.select(OutcomeCell.tally).where(OutcomeCell.stories > 0)).scalars()
    return next((dict(tally["effect"]) for tally in cells), {})


def test_hiding_restoring_and_withdrawing_are_counted_at_once(either_app: Flask) -> None:
    with either_app.app_context():
        with transaction():
            story, moderator = told(), a_moderator()
            told(Effect.SLIGHTLY)
        assert effects() == {"very_well": 1, "slightly": 1}
        with transaction():
            decisions.hide(moderator, db.session.merge(story), "privacy")
        assert effects() == {"slightly": 1}
        with transaction():
            decisions.restore(moderator, db.session.merge(story))
        assert effects() == {"very_well": 1, "slightly": 1}
        with transaction():
            story = db.session.merge(story)
            contributions.withdraw(story.author, story)
        assert effects() == {"slightly": 1}


def test_the_last_story_that_goes_leaves_nothing(context: Any) -> None:
    with transaction():
        story = told()
    with transaction():
        contributions.withdraw(story.author, story)
    assert row() is None


@pytest.mark.parametrize("state", ["pending", "rejected", "sent back"])
def test_what_is_not_public_does_not_count(context: Any, state: str) -> None:
    with transaction():
        told(Effect.SLIGHTLY)
        story = a_pending_story(statistics=True, treatments=tried(Effect.VERY_WELL))
        if state == "rejected":
            decisions.reject(a_moderator(), pending_of(story), "privacy")
        elif state == "sent back":
            decisions.request_changes(a_moderator(), pending_of(story), "privacy")
    assert effects() == {"slightly": 1}
    assert counting_anew() == {"slightly": 1}


def counting_anew() -> dict[str, int]:
    with transaction():
        counting.recount_all()
    return effects()


def test_who_did_not_agree_is_not_counted(context: Any) -> None:
    with transaction():
        told(Effect.VERY_WELL, statistics=False)
        told(Effect.SLIGHTLY)
    assert effects() == {"slightly": 1}


def test_taking_back_the_agreement_with_a_new_version_takes_the_story_out(context: Any) -> None:
    with transaction():
        story = told()
        authoring.submit_edit(
            story.author, story, a_story_content(statistics=False, treatments=tried(Effect.VERY_WELL))
        )
    assert effects() == {"very_well": 1}  # until the new version is approved
    with transaction():
        decisions.approve(a_moderator(), pending_of(story))
    assert row() is None


def test_a_new_version_moves_the_story_to_another_condition(context: Any) -> None:
    with transaction():
        story = told()
        content = a_story_content(condition="Eczema", statistics=True, treatments=tried(Effect.SLIGHTLY))
        authoring.submit_edit(story.author, story, content)
        decisions.approve(a_moderator(), pending_of(story))
    assert row() is None
    assert effects(condition="Eczema") == {"slightly": 1}


def test_one_person_counts_once_with_the_latest_story(context: Any) -> None:
    with transaction():
        author = a_person()
        told(Effect.NOT_AT_ALL, author)
        told(Effect.SLIGHTLY, author)
        latest = told(Effect.VERY_WELL, author)
        told(Effect.MODERATELY, author, condition="Eczema")
    assert effects() == {"very_well": 1}
    assert effects(condition="Eczema") == {"moderately": 1}

    with transaction():
        decisions.hide(a_moderator(), latest, "privacy")
    assert effects() == {"slightly": 1}


def test_a_treatment_told_of_twice_counts_as_it_went_last(context: Any) -> None:
    with transaction():
        imiquimod, freezing = a_topic("Imiquimod", TopicKind.TREATMENT), a_topic("Freezing", TopicKind.TREATMENT)
        first, between, last = (
            tried(effect, treatment)[0]
            for effect, treatment in (
                (Effect.NOT_AT_ALL, imiquimod),
                (Effect.SLIGHTLY, freezing),
                (Effect.VERY_WELL, imiquimod),
            )
        )
        told(treatments=[first, between, last])
    assert effects() == {"very_well": 1}
    assert effects(treatment="Freezing") == {"slightly": 1}


def test_every_answer_is_counted_and_silence_is_silence(context: Any) -> None:
    with transaction():
        itch, burn = a_topic("Itch", TopicKind.EFFECT), a_topic("Burning", TopicKind.EFFECT)
        told(
            treatments=tried(
                Effect.SLIGHTLY,
                status=Status.STOPPED,
                first_effect=FirstEffect.WEEKS_2_4,
                side_effects_overall=Severity.MODERATE,
                side_effects={itch: Severity.SEVERE, burn: Severity.MILD},
                stop_reasons=frozenset({StopReason.COST, StopReason.SIDE_EFFECTS}),
                again=Again.NO,
            )
        )
        told(treatments=tried(Effect.VERY_WELL, side_effects={itch: Severity.MILD}, again=Again.YES))
        told(treatments=tried(None, side_effects_overall=Severity.NONE, status=Status.FINISHED))
        told(treatments=tried(Effect.TOO_EARLY))
    found = row()
    assert (found.stories, found.silent) == (4, 1)
    assert (found.works.part, found.works.whole) == (1, 2)
    assert {each.name: (each.share.part, each.share.whole) for each in found.side_effects} == {
        "Itch": (2, 3),
        "Burning": (1, 3),
    }
    assert found.side_effects[0].severities == {Severity.MILD: 1, Severity.MODERATE: 0, Severity.SEVERE: 1}
    assert (found.any_side_effects.part, found.any_side_effects.whole) == (1, 2)
    assert (found.stopped.part, found.stopped.whole) == (1, 2)
    assert [(each.reason, each.share.part, each.share.whole) for each in found.stop_reasons] == [
        (StopReason.SIDE_EFFECTS, 1, 1),
        (StopReason.COST, 1, 1),
    ]
    assert (found.again.part, found.again.whole) == (1, 2)
    assert found.first_effect is None  # one answer is too few


def test_counting_anew_changes_nothing_and_mends_what_was_spoiled(app: Flask) -> None:
    with app.app_context():
        with transaction():
            told(Effect.VERY_WELL)
            told(Effect.SLIGHTLY, condition="Eczema")
        before = [effects(), effects(condition="Eczema")]
        with transaction():
            db.session.execute(sa.update(OutcomeCell).values(stories=99, tally={}))
    result = app.test_cli_runner().invoke(args=["outcomes", "recount"])
    assert result.output == "Counted 2 pairs of a condition and a treatment.\n"
    with app.app_context():
        assert [effects(), effects(condition="Eczema")] == before


def test_a_site_that_is_older_than_its_counts_is_counted_by_the_worker(context: Any) -> None:
    with transaction():
        told(Effect.VERY_WELL)
        db.session.execute(sa.delete(OutcomeCell))
    assert row() is None
    events.keep_up()
    assert effects() == {"very_well": 1}


def everything() -> dict[tuple[int, int], tuple[int, Any]]:
    cells = db.session.execute(
        sa.select(OutcomeCell.condition_id, OutcomeCell.treatment_id, OutcomeCell.stories, OutcomeCell.tally)
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in cells if row[2]}


@pytest.mark.parametrize("seed", range(5))
def test_whatever_happens_the_counts_are_those_of_counting_from_nothing(context: Any, seed: int) -> None:
    chance = random.Random(seed)
    with transaction():
        authors, moderator = [a_person() for _ in range(3)], a_moderator()
        treatments = [a_topic(name, TopicKind.TREATMENT) for name in ("Imiquimod", "Freezing")]
        itch = a_topic("Itch", TopicKind.EFFECT)
    stories: list[Story] = []

    def answers() -> TreatmentAnswers:
        return TreatmentAnswers(
            chance.choice(treatments),
            status=chance.choice([None, *Status]),
            effect=chance.choice([None, *Effect]),
            side_effects_overall=chance.choice([None, *Severity]),
            side_effects={itch: chance.choice([Severity.MILD, Severity.SEVERE])} if chance.random() < 0.4 else {},
            stop_reasons=frozenset(chance.sample(list(StopReason), chance.randrange(3))),
            again=chance.choice([None, *Again]),
        )

    def content() -> dict[str, Any]:
        return {
            "condition": chance.choice(["Warts", "Eczema"]),
            "statistics": chance.random() < 0.8,
            "treatments": [answers() for _ in range(chance.randrange(1, 4))],
        }

    def change() -> None:
        story = chance.choice(stories)
        waits = pending_of(story)
        if waits is not None and chance.random() < 0.3:
            decisions.reject(moderator, waits, "privacy")
        elif waits is not None:
            decisions.approve(moderator, waits)
        elif story.state is PublicationState.HIDDEN:
            decisions.restore(moderator, story)
        elif story.state is PublicationState.PUBLISHED:
            changes = [
                lambda: decisions.hide(moderator, story, "privacy"),
                lambda: contributions.withdraw(story.author, story),
                lambda: authoring.submit_edit(story.author, story, a_story_content(**content())),
            ]
            chance.choice(changes)()

    for _ in range(40):
        with transaction():
            if len(stories) < 3 or chance.random() < 0.3:
                stories.append(a_pending_story(chance.choice(authors), **content()))
            else:
                change()
    kept = everything()
    with transaction():
        counting.recount_all()
    assert kept == everything()
    assert kept


def test_two_decisions_at_the_same_moment_are_both_counted(either_app: Flask) -> None:
    made(either_app, lambda: a_topic("Imiquimod", TopicKind.TREATMENT))
    with either_app.app_context(), transaction():
        for _ in range(12):
            a_pending_story(statistics=True, treatments=tried(Effect.VERY_WELL))
    items = waiting(either_app, 0)
    first, second = (logged_in(either_app, name, Role.MODERATOR) for name in ("marlow", "lanternhill"))
    tokens = token_of(first), token_of(second)

    for one, other in zip(items[::2], items[1::2], strict=True):
        answers = at_once(decide(first, tokens[0], one, "approve"), decide(second, tokens[1], other, "approve"))
        assert answers == [302, 302]

    with either_app.app_context():
        assert effects() == {"very_well": 12}
