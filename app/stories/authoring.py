"""Writing stories: drafts, sending for review, new versions, withdrawing. All of it is the author's own business."""

from __future__ import annotations

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from app.accounts.models import Origin, Person
from app.foundation import clock, contributions, markup
from app.foundation.access import require
from app.foundation.composing import Composed
from app.foundation.database import db
from app.foundation.errors import Refused
from app.foundation.markup import RENDERER_VERSION
from app.foundation.text import has_words
from app.stories import limits
from app.stories.experience import (
    About,
    Again,
    AgeBand,
    Companion,
    Duration,
    Effect,
    FirstEffect,
    Severity,
    Sex,
    Status,
    StopReason,
)
from app.stories.models import (
    ReasonStopped,
    SideEffect,
    Story,
    StoryDraft,
    StoryRevision,
    TreatmentTried,
    UsedTogether,
)
from app.topics import vocabulary
from app.topics.models import Topic


@dataclass(frozen=True)
class TreatmentAnswers:
    """What the person says about one treatment; None where they did not say."""

    topic: Topic
    status: Status | None = None
    duration: Duration | None = None
    effect: Effect | None = None
    first_effect: FirstEffect | None = None
    side_effects_overall: Severity | None = None
    side_effects: Mapping[Topic, Severity] = field(default_factory=dict)
    stop_reasons: frozenset[StopReason] = frozenset()
    companions: frozenset[Companion] = frozenset()
    again: Again | None = None


@dataclass(frozen=True)
class StoryContent:
    """Everything a version of a story says, ready to be kept: texts rendered, names resolved to topics."""

    title: str
    body: Composed
    condition: Topic
    treatments: tuple[TreatmentAnswers, ...]
    publish: bool
    advice: Composed = Composed.EMPTY
    about: About = About.MYSELF
    confirmed_by_clinician: bool = False
    age_band: AgeBand | None = None
    sex: Sex | None = None
    body_place: str = ""
    statistics: bool = False
    follow_up: bool = False

    def check(self, shortest: int = limits.BODY_SHORTEST) -> None:
        """Raise Refused for the first limit that is broken. Imports may set a lower `shortest`."""
        if not (has_words(self.title) and len(self.title) <= limits.TITLE_LONGEST):
            raise Refused(f"A title has 1 to {limits.TITLE_LONGEST} characters.", "title")
        if not shortest <= len(self.body.source) <= limits.BODY_LONGEST:
            raise Refused(f"A story has {shortest} to {limits.BODY_LONGEST:,} characters.", "body")
        if shortest and not has_words(markup.plain(self.body.html)):
            raise Refused("Please tell your story in words.", "body")
        if len(self.advice.source) > limits.ADVICE_LONGEST:
            raise Refused(f"The advice has at most {limits.ADVICE_LONGEST:,} characters.", "advice")
        if len(self.body_place) > limits.PLACE_LONGEST:
            raise Refused(f"The place on the body has at most {limits.PLACE_LONGEST} characters.", "body_place")
        if not 1 <= len(self.treatments) <= limits.TREATMENTS_MOST:
            raise Refused(f"A story tells of 1 to {limits.TREATMENTS_MOST} treatments.", "treatments")
        if not self.publish:
            raise Refused("Please agree to publication: without it the story can only be kept as a draft.", "publish")


def submit(actor: Person, content: StoryContent, key: str) -> Story:
    """Send a new story for review. Any member may.

    `key` comes with the form: sending the same form twice answers with the story of the first time; words that changed
    in between wait as its next version. The draft with this key is done with. Raises Refused when a limit is broken.
    """
    require(contributions.may_write(actor))
    content.check()
    mine = sa.select(Story).where(Story.author_id == actor.id, Story.submission_key == key)
    story = Story(author=actor, submission_key=key, is_invented=actor.origin is Origin.DEMONSTRATION)
    is_new = contributions.add_once(story, mine)
    db.session.execute(sa.delete(StoryDraft).where(StoryDraft.author_id == actor.id, StoryDraft.key == key))
    if not is_new:
        return _sent_again(actor, db.session.scalars(mine).one(), content)
    contributions.add_revision(story, revision_of(content))
    return story


def _sent_again(actor: Person, story: Story, content: StoryContent) -> Story:
    """The same form once more: a double click changes nothing; other words, after going back, are a new version."""
    if fields_of(contributions.latest_of(story)) != fields_of(revision_of(content)):
        submit_edit(actor, story, content)
    return story


def submit_edit(actor: Person, story: Story, content: StoryContent) -> None:
    """Send a new version of one's own story. The public one stays until this is approved; a version that waits is
    replaced. Raises Refused when a limit is broken, NotAllowed for anybody but the author.
    """
    require(contributions.may_edit(actor, story), "Only its author can change a story.")
    content.check()
    discard_draft_of(story)
    contributions.replace_revision(story, revision_of(content))


def withdraw(actor: Person, story: Story) -> None:
    """Take one's own story back, published or waiting. Raises NotAllowed for anybody but the author."""
    contributions.withdraw(actor, story)
    discard_draft_of(story)


def discard_draft_of(story: Story) -> None:
    """Throw away the draft of the next version of a story, if there is one."""
    db.session.execute(sa.delete(StoryDraft).where(StoryDraft.story_id == story.id))


def save_draft(actor: Person, key: str, fields: Mapping[str, list[str]], story: Story | None = None) -> StoryDraft:
    """Keep the form as it stands, finished or not. Any member may, for themselves.

    Raises Refused when it is too large or when there are too many drafts already.
    """
    require(contributions.may_write(actor) and (story is None or contributions.may_edit(actor, story)))
    if sum(len(value) for values in fields.values() for value in values) > limits.DRAFT_LARGEST:
        raise Refused("This is too long to keep as a draft. Please shorten your story.", "body")
    mine = sa.select(StoryDraft).where(StoryDraft.author_id == actor.id)
    same = mine.where(StoryDraft.story_id == story.id) if story else mine.where(StoryDraft.key == key)
    draft = db.session.scalar(same)
    if draft is None:
        count = db.session.scalar(sa.select(sa.func.count()).select_from(mine.subquery())) or 0
        if count >= limits.DRAFTS_MOST:
            raise Refused(f"You have {count} drafts already. Please finish or discard one of them first.")
        # The key ties a new story to its draft; the next version of a story is found by the story.
        draft = StoryDraft(author_id=actor.id, key=_own_key() if story else key, story=story, fields={})
        if not contributions.add_once(draft, same):
            draft = db.session.scalars(same).one()
    draft.fields = {name: list(values) for name, values in fields.items()}
    draft.updated_at = clock.now()
    db.session.flush()
    return draft


def keep_typing(
    actor: Person, key: str, fields: Mapping[str, list[str]], story: Story | None = None
) -> StoryDraft | None:
    """Keep what is being typed, as `save_draft` does, unless it was sent meanwhile: a late arrival must not bring the
    draft of a sent story back. Answers None then.
    """
    mine = sa.select(Story).where(Story.author_id == actor.id, Story.submission_key == key)
    sent = story or db.session.scalar(mine)
    if sent is not None and _typed(fields) == _typed(fields_of(contributions.latest_of(sent))):
        return None
    return save_draft(actor, key, fields, story)


def _typed(fields: Mapping[str, list[str]]) -> dict[str, list[str]]:
    """What fields say, to compare what was typed with what was sent: without empty ones, topics by whatever name."""
    typed = {name: sorted(text for value in values if (text := str(value).strip())) for name, values in fields.items()}
    return {
        name: _topics(values) if _NAMES_A_TOPIC.search(name) else values for name, values in typed.items() if values
    }


_NAMES_A_TOPIC = re.compile(r"(^condition|-treatment|side_effects-\d+-effect)$")


def _topics(names: Sequence[str]) -> list[str]:
    found = (vocabulary.find(name) for name in names)
    return [topic.name if topic else name for topic, name in zip(found, names, strict=True)]


def draft_of(story: Story) -> StoryDraft | None:
    """The draft of the next version of a story."""
    return db.session.scalar(sa.select(StoryDraft).where(StoryDraft.story_id == story.id))


def hand_back(revision: StoryRevision) -> None:
    """Leave the author a draft to begin from when changes are asked for, unless they have one already."""
    story = revision.story
    if draft_of(story) is None:
        fields = fields_of(revision)
        db.session.add(StoryDraft(author_id=story.author_id, key=_own_key(), story=story, fields=fields))


def take_back_draft(revision: StoryRevision) -> None:
    """Undo `hand_back`: the draft goes, unless its author has begun to write in it."""
    draft = draft_of(revision.story)
    if draft is not None and draft.fields == fields_of(revision):
        db.session.delete(draft)
        db.session.flush()


def _own_key() -> str:
    """A key that came with no form, and that nobody can guess and take before."""
    return secrets.token_urlsafe(16)


def discard_draft(actor: Person, draft: StoryDraft) -> None:
    """Throw one's own draft away. Raises NotAllowed for anybody else."""
    require(contributions.is_author(actor, draft))
    db.session.execute(sa.delete(StoryDraft).where(StoryDraft.id == draft.id))


def revision_of(content: StoryContent) -> StoryRevision:
    """A version made of this content, not yet part of a story."""
    now = clock.now()
    return StoryRevision(
        renderer_version=RENDERER_VERSION,
        title=content.title,
        body_source=content.body.source,
        body_html=content.body.html,
        advice_source=content.advice.source,
        advice_html=content.advice.html,
        condition=content.condition,
        about=content.about,
        confirmed_by_clinician=content.confirmed_by_clinician,
        age_band=content.age_band,
        sex=content.sex,
        body_place=content.body_place,
        publish_consent_at=now if content.publish else None,
        statistics_consent_at=now if content.statistics else None,
        follow_up_consent_at=now if content.follow_up else None,
        treatments=[_tried(answers, position) for position, answers in enumerate(content.treatments)],
    )


def _tried(answers: TreatmentAnswers, position: int) -> TreatmentTried:
    return TreatmentTried(
        position=position,
        topic=answers.topic,
        status=answers.status,
        duration=answers.duration,
        effect=answers.effect,
        first_effect=answers.first_effect,
        side_effects_overall=answers.side_effects_overall,
        again=answers.again,
        side_effects=[SideEffect(topic=topic, severity=severity) for topic, severity in answers.side_effects.items()],
        stop_reasons=[ReasonStopped(reason=reason) for reason in sorted(answers.stop_reasons)],
        companions=[UsedTogether(companion=companion) for companion in sorted(answers.companions)],
    )


def fields_of(revision: StoryRevision) -> dict[str, list[Any]]:
    """The form's fields filled from a version, the inverse of what the form reads; for editing and for drafts."""
    fields: dict[str, list[Any]] = {
        "title": [revision.title],
        "body": [revision.body_source],
        "advice": [revision.advice_source],
        "condition": [revision.condition.name],
        "about": [revision.about.value],
        "age_band": [revision.age_band or ""],
        "sex": [revision.sex or ""],
        "body_place": [revision.body_place],
    }
    for name, given in (
        ("confirmed_by_clinician", revision.confirmed_by_clinician),
        ("publish", revision.publish_consent_at),
        ("statistics", revision.statistics_consent_at),
        ("follow_up", revision.follow_up_consent_at),
    ):
        if given:
            fields[name] = ["y"]
    for tried in revision.treatments:
        at = f"treatments-{tried.position}-"
        fields[at + "treatment"] = [tried.topic.name]
        for name in ("status", "duration", "effect", "first_effect", "side_effects_overall", "again"):
            fields[at + name] = [getattr(tried, name) or ""]
        fields[at + "stop_reasons"] = [reason.reason.value for reason in tried.stop_reasons]
        fields[at + "companions"] = [companion.companion.value for companion in tried.companions]
        for number, effect in enumerate(tried.side_effects):
            fields[f"{at}side_effects-{number}-effect"] = [effect.topic.name]
            fields[f"{at}side_effects-{number}-severity"] = [effect.severity.value]
    return fields
