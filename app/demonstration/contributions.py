"""Stories, new versions of them, follow-ups, comments and reports, as their files tell of them.

The files give days. The time of day is made from the key, always the same, so that a queue looks lived in.
"""

from __future__ import annotations

import zlib
from datetime import UTC, datetime, time, timedelta

from app.demonstration.entries import (
    Answers,
    CommentEntry,
    EditEntry,
    FollowUpEntry,
    NowEntry,
    Outcome,
    ReportEntry,
    Sent,
    StoryEntry,
    Target,
    Telling,
    TriedEntry,
)
from app.demonstration.facts import Facts, Keys
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import RenderedText, render_text
from app.moderation.reasons import REASONS
from app.moderation.reports.reports import OTHER_CATEGORY
from app.stories.answers import (
    About,
    Again,
    AgeBand,
    BackAgain,
    Companion,
    Duration,
    Effect,
    FirstEffect,
    Severity,
    Sex,
    Status,
    StillUsing,
    StopReason,
)
from app.topics.models import TopicKind

MORNING = time(8, tzinfo=UTC)
# As long as a submission key may be.
KEY_LONGEST = 40


def story(keys: Keys, facts: Facts) -> StoryEntry:
    """A story with its treatments."""
    telling = Telling(
        title=facts.text("title"),
        body=render_text(facts.text("body"), Profile.STORY),
        advice=render_text(facts.text("advice"), Profile.STORY) if facts.has("advice") else RenderedText.EMPTY,
        about=facts.choice("about", About),
        confirmed_by_clinician=facts.flag("confirmed_by_clinician"),
        age_band=facts.maybe_choice("age_band", AgeBand),
        sex=facts.maybe_choice("sex", Sex),
        body_place=facts.maybe_text("body_place"),
        statistics=facts.flag("consent_statistics"),
        follow_up=facts.flag("consent_followup"),
    )
    return StoryEntry(
        sent=_sent(facts, facts.text("key"), facts.text("author")),
        condition=facts.one_of("condition", keys.topics_that_are(TopicKind.CONDITION)),
        treatments=facts.tables("treatments", lambda each: _tried(keys, each)),
        telling=telling,
    )


def edit(keys: Keys, facts: Facts) -> EditEntry:
    """A new version of a story, by its author."""
    of_story = facts.one_of("story", keys.stories)
    return EditEntry(
        sent=_sent(facts, of_story, keys.stories[of_story]),
        story=of_story,
        title=facts.text("title"),
        body=render_text(facts.text("body"), Profile.STORY),
    )


def follow_up(keys: Keys, facts: Facts) -> FollowUpEntry:
    """What the author of a story tells of it months later."""
    of_story = facts.one_of("story", keys.stories)
    return FollowUpEntry(
        sent=_sent(facts, facts.text("key"), keys.stories[of_story]),
        story=of_story,
        body=render_text(facts.text("text"), Profile.STORY),
        back_again=facts.maybe_choice("back_again", BackAgain),
        treatments=facts.tables("treatments", lambda each: _now(keys, each)),
    )


def comment(keys: Keys, facts: Facts) -> CommentEntry:
    """A comment on a topic, an article or a story."""
    return CommentEntry(
        sent=_sent(facts, facts.text("key"), facts.text("author")),
        on=_target(facts, keys, "topic", "article", "story"),
        parent=facts.one_of("parent", keys.comments) if facts.has("parent") else None,
        body=render_text(facts.text("text"), Profile.COMMENT),
    )


def report(keys: Keys, facts: Facts) -> ReportEntry:
    """A reader's report on a story or a comment."""
    return ReportEntry(
        where=facts.where,
        on=_target(facts, keys, "story", "comment"),
        reporter=facts.maybe_text("author") or None,
        made_at=_moment(facts, "date", facts.text("on")),
        category=facts.one_of("category", (*REASONS, OTHER_CATEGORY)),
        words=facts.maybe_text("words"),
    )


def _tried(keys: Keys, facts: Facts) -> TriedEntry:
    effects = keys.topics_that_are(TopicKind.EFFECT)
    answers = Answers(
        status=facts.maybe_choice("status", Status),
        duration=facts.maybe_choice("duration", Duration),
        effect=facts.maybe_choice("effect", Effect),
        first_effect=facts.maybe_choice("first_effect", FirstEffect),
        side_effects_overall=facts.maybe_choice("side_effects_overall", Severity),
        stop_reasons=facts.choices("stopped_because", StopReason),
        companions=facts.choices("used_with", Companion),
        again=facts.maybe_choice("again", Again),
    )
    noticed = facts.tables(
        "side_effects", lambda each: (each.one_of("effect", effects), each.choice("severity", Severity))
    )
    return TriedEntry(facts.one_of("treatment", keys.topics_that_are(TopicKind.TREATMENT)), dict(noticed), answers)


def _now(keys: Keys, facts: Facts) -> NowEntry:
    return NowEntry(
        treatment=facts.one_of("treatment", keys.topics_that_are(TopicKind.TREATMENT)),
        effect=facts.maybe_choice("effect", Effect),
        still_using=facts.maybe_choice("still_using", StillUsing),
    )


def _sent(facts: Facts, key: str, author: str) -> Sent:
    if len(key) > KEY_LONGEST:
        raise facts.mistake("key", f"has more than {KEY_LONGEST} characters")
    sent_at = _moment(facts, "date", key)
    outcome = facts.choice("state", Outcome)
    refused = outcome in (Outcome.CHANGES_REQUESTED, Outcome.REJECTED)
    return Sent(
        where=facts.where,
        key=key,
        author=author,
        sent_at=sent_at,
        decided_at=None if outcome is Outcome.PENDING else _hours_later(sent_at, key),
        outcome=outcome,
        reason=facts.one_of("reason", REASONS) if refused else "",
        note=facts.maybe_text("note"),
    )


def _target(facts: Facts, keys: Keys, *kinds: str) -> Target:
    kind, _, key = facts.one_of("on", keys.targets(*kinds)).partition(":")
    return Target(kind, key)


def _moment(facts: Facts, key: str, name: str) -> datetime:
    """Between eight and two, so that the decision falls on the same day."""
    return datetime.combine(facts.day(key), MORNING) + timedelta(minutes=zlib.crc32(name.encode()) % 360)


def _hours_later(sent_at: datetime, name: str) -> datetime:
    return sent_at + timedelta(minutes=90 + zlib.crc32(name[::-1].encode()) % 300)
