"""Which stories count, and that the counts are right the moment something changes."""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from app.accounts.models import Person
from app.follow_ups import authoring as follow_ups_authoring
from app.follow_ups.models import FollowUp, FollowUpRevision
from app.foundation import events
from app.foundation.access import Role
from app.foundation.contributions import erasure, erasure_requests, publication
from app.foundation.contributions.models import PublicationState
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.foundation.outbox import OutboxRow
from app.moderation.decisions import decisions
from app.outcomes import counting, summaries
from app.outcomes.models import OutcomeCell
from app.outcomes.summaries import SummaryRow
from app.stories import authoring
from app.stories.answers import Again, BackAgain, Effect, FirstEffect, Severity, Status, StopReason
from app.stories.models import Story, TreatmentTried
from app.topics import vocabulary
from app.topics.models import Topic, TopicKind
from tests.factories.building import made
from tests.factories.follow_ups import a_follow_up_content, a_pending_follow_up, a_published_follow_up, a_treatment_now
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story, a_story_content, a_treatment
from tests.moderation.decisions.test_races import at_once, decide, token_of, waiting

NOBODY = dict.fromkeys(Effect, 0)


def tried(effect: Effect | None, treatment: Topic | None = None, **more: Any) -> list[dict[str, Any]]:
    return [a_treatment(treatment or a_topic("Imiquimod", TopicKind.TREATMENT), effect=effect, **more)]


def told(effect: Effect | None = Effect.VERY_WELL, author: Person | None = None, **more: Any) -> Story:
    """A public story whose author agreed to be counted."""
    content = {"statistics": True, "treatments": tried(effect), **more}
    return a_published_story(author, **content)


def row(condition: str = "Warts", treatment: str = "Imiquimod") -> SummaryRow | None:
    db.session.rollback()
    about, of = vocabulary.find(condition), vocabulary.find(treatment)
    return summaries.rows_between({about.id}, {of.id}).get((about.id, of.id)) if about and of else None


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
            publication.withdraw(story.author, story)
        assert effects() == {"slightly": 1}


def test_the_last_story_that_goes_leaves_nothing(context: Any) -> None:
    with transaction():
        story = told()
    with transaction():
        publication.withdraw(story.author, story)
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


def test_how_it_worked_is_what_the_latest_public_follow_up_says(context: Any) -> None:
    with transaction():
        story, moderator = told(Effect.VERY_WELL), a_moderator()
        first = a_published_follow_up(story, effect=Effect.MODERATELY)
        a_published_follow_up(story, back_again=BackAgain.YES)
        waiting = a_pending_follow_up(story, effect=Effect.NOT_AT_ALL)
    assert effects() == counting_anew() == {"moderately": 1}

    with transaction():
        decisions.approve(moderator, pending_of(waiting))
    assert effects() == counting_anew() == {"not_at_all": 1}
    with transaction():
        decisions.hide(moderator, waiting, "privacy")
    assert effects() == counting_anew() == {"moderately": 1}
    with transaction():
        follow_ups_authoring.submit_edit(story.author, first, a_follow_up_content(effect=Effect.SLIGHTLY))
        decisions.approve(moderator, pending_of(first))
    assert effects() == counting_anew() == {"slightly": 1}
    with transaction():
        publication.withdraw(story.author, first)
    assert effects() == counting_anew() == {"very_well": 1}


def test_a_follow_up_says_nothing_of_what_its_story_does_not_tell(context: Any) -> None:
    with transaction():
        freezing = a_topic("Freezing", TopicKind.TREATMENT)
        a_published_follow_up(told(Effect.SLIGHTLY), treatments=[a_treatment_now(freezing, Effect.VERY_WELL)])
        a_published_follow_up(told(Effect.SLIGHTLY, statistics=False), effect=Effect.VERY_WELL)
    assert effects() == {"slightly": 1}
    assert effects(treatment="Freezing") == {}


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
    assert (found.stories, found.unanswered) == (4, 1)
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
    events.run_periodic_tasks()
    assert effects() == {"very_well": 1}


def everything() -> dict[tuple[int, int], tuple[int, Any]]:
    cells = db.session.execute(
        sa.select(OutcomeCell.condition_id, OutcomeCell.treatment_id, OutcomeCell.stories, OutcomeCell.tally)
    )
    return {(row[0], row[1]): (row[2], row[3]) for row in cells if row[2]}


class Life:
    """What may happen to some stories and their follow-ups, one thing after the other by chance."""

    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.authors, self.moderator = [a_person() for _ in range(3)], a_moderator()
        self.treatments = [a_topic(name, TopicKind.TREATMENT) for name in ("Imiquimod", "Freezing")]
        self.itch = a_topic("Itch", TopicKind.EFFECT)
        self.things: list[Story | FollowUp] = []

    def goes_on(self) -> None:
        if len(self.things) < 3 or self.chance.random() < 0.25:
            self.things.append(a_pending_story(self.chance.choice(self.authors), **self.content()))
            return
        thing = self.chance.choice(self.things)
        for each in (thing, getattr(thing, "story", thing)):
            if erasure_requests.is_requested(each):
                self.regret(each)
                return
        waits = pending_of(thing)
        if waits is not None and self.chance.random() < 0.3:
            decisions.reject(self.moderator, waits, "privacy")
        elif waits is not None:
            decisions.approve(self.moderator, waits)
        elif thing.state is PublicationState.HIDDEN:
            self.chance.choice([self.restore, self.restore, self.withdraw, self.remove])(thing)
        elif thing.state is PublicationState.WITHDRAWN:
            self.write_again(thing)
        elif thing.state is PublicationState.PUBLISHED:
            likely = [self.write_again, self.follow_up, self.follow_up, self.follow_up]
            self.chance.choice([self.hide, self.withdraw, self.remove, self.erase, *likely])(thing)

    def hide(self, thing: Story | FollowUp) -> None:
        decisions.hide(self.moderator, thing, "privacy")

    def restore(self, thing: Story | FollowUp) -> None:
        decisions.restore(self.moderator, thing)

    def remove(self, thing: Story | FollowUp) -> None:
        decisions.remove(self.moderator, thing, "privacy")

    def withdraw(self, thing: Story | FollowUp) -> None:
        publication.withdraw(thing.author, thing)

    def erase(self, thing: Story | FollowUp) -> None:
        erasure.request(thing.author, thing)

    def regret(self, thing: Story | FollowUp) -> None:
        """Their author has it after all, or not, which the worker sees to."""
        if erasure_requests.is_done(thing):
            return
        if self.chance.random() < 0.5:
            erasure.cancel(thing.author, thing)
        else:
            asked = erasure_requests.request_for(thing) or erasure._add(thing, timedelta(0))
            erasure._erase(asked.id)

    def write_again(self, thing: Story | FollowUp) -> None:
        if isinstance(thing, Story):
            authoring.submit_edit(thing.author, thing, a_story_content(**self.content()))
        else:
            follow_ups_authoring.submit_edit(thing.author, thing, self.later())

    def follow_up(self, thing: Story | FollowUp) -> None:
        if isinstance(thing, Story):
            self.things.append(
                follow_ups_authoring.submit(thing.author, thing, self.later(), f"key-number-{len(self.things)}")
            )

    def later(self) -> FollowUpRevision:
        said = [a_treatment_now(each, self.chance.choice([None, *Effect])) for each in self.treatments]
        return a_follow_up_content(treatments=said)

    def content(self) -> dict[str, Any]:
        return {
            "condition": self.chance.choice(["Warts", "Eczema"]),
            "statistics": self.chance.random() < 0.8,
            "treatments": [self.answers() for _ in range(self.chance.randrange(1, 4))],
        }

    def answers(self) -> dict[str, Any]:
        chance = self.chance
        return a_treatment(
            chance.choice(self.treatments),
            status=chance.choice([None, *Status]),
            effect=chance.choice([None, *Effect]),
            side_effects_overall=chance.choice([None, *Severity]),
            side_effects={self.itch: chance.choice([Severity.MILD, Severity.SEVERE])} if chance.random() < 0.4 else {},
            stop_reasons=frozenset(chance.sample(list(StopReason), chance.randrange(3))),
            again=chance.choice([None, *Again]),
        )


def by_hand() -> dict[tuple[int, int], tuple[int, Any]]:
    """What the stories add up to, read story by story and with nothing of what counts them."""
    latest: dict[tuple[int, int, int], tuple[Story, TreatmentTried]] = {}
    for story in db.session.scalars(sa.select(Story).order_by(Story.id)):
        live = story.live
        if story.state is PublicationState.PUBLISHED and live is not None and live.statistics_consent_at is not None:
            for one in live.treatments:
                latest[live.condition_id, one.topic_id, story.author_id] = story, one
    sums: dict[tuple[int, int], Counter[str]] = defaultdict(Counter)
    for (condition, treatment, _author), (story, one) in latest.items():
        sums[condition, treatment]["stories"] += 1
        told: dict[str, Any] = {"effect": as_told_last(story, one), "again": one.again}
        told |= {"side_effects_overall": one.side_effects_overall}
        told |= {f"{each.topic_id}": each.severity for each in one.side_effects}
        # Whoever says why they stopped did stop.
        told |= {f"stopped for {each.reason}": each.reason for each in one.stop_reasons}
        sums[condition, treatment].update(f"{name}: {answer}" for name, answer in told.items() if answer)
    return {cell: (counts.pop("stories"), counts) for cell, counts in sums.items()}


def as_told_last(story: Story, one: TreatmentTried) -> Effect | None:
    """How well it worked: as the latest public follow-up says that says it, else as the story does."""
    later = sa.select(FollowUp).where(FollowUp.story_id == story.id).order_by(FollowUp.created_at, FollowUp.id)
    found = one.effect
    for each in db.session.scalars(later):
        if each.state is PublicationState.PUBLISHED and each.live is not None:
            said = [now.effect for now in each.live.treatments if now.topic_id == one.topic_id and now.effect]
            found = said[0] if said else found
    return found


def as_kept() -> dict[tuple[int, int], tuple[int, Any]]:
    """The cells, worded as `by_hand` words them."""
    found: dict[tuple[int, int], tuple[int, Any]] = {}
    for cell, (stories, tally) in everything().items():
        told = Counter(
            {
                f"{name}: {answer}": number
                for name in ("effect", "again", "side_effects_overall")
                for answer, number in tally[name].items()
            }
        )
        for topic_id, by_severity in tally["side_effects"].items():
            told.update({f"{topic_id}: {severity}": number for severity, number in by_severity.items()})
        told.update({f"stopped for {reason}: {reason}": number for reason, number in tally["stop_reasons"].items()})
        found[cell] = stories, +told
    return found


one_database = settings(
    deadline=None,
    # One database for all examples: each begins with new people, and with sums that are right.
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow, HealthCheck.data_too_large],
    # A run of fifty decisions takes too long to be made smaller: what failed is reported as it was.
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
# Seeds, not `st.randoms`: that prefers small numbers, and runs in which nearly nothing but the first choice happens.
random_lives = given(chance=st.integers(0, 2**32).map(random.Random), steps=st.integers(30, 60))


@settings(one_database, max_examples=6)
@random_lives
def test_whatever_happens_the_counts_are_those_of_counting_from_nothing(
    context: Any, chance: random.Random, steps: int
) -> None:
    expect_the_counts_of_counting_from_nothing(chance, steps)


@pytest.mark.long
@settings(one_database, max_examples=40)
@random_lives
def test_whatever_happens_many_times_the_counts_are_right(context: Any, chance: random.Random, steps: int) -> None:
    expect_the_counts_of_counting_from_nothing(chance, steps)


def expect_the_counts_of_counting_from_nothing(chance: random.Random, steps: int) -> None:
    with transaction():
        counting.recount_all()
        life = Life(chance)
    for _ in range(steps):
        with transaction():
            life.goes_on()
    kept = everything()
    assert as_kept() == by_hand()
    db.session.rollback()
    with transaction():
        counting.recount_all()
    assert kept == everything()


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
