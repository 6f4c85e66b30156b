"""Follow-ups, waiting or published."""

from __future__ import annotations

from typing import Any

from app.accounts.models import Person
from app.follow_ups import authoring as follow_ups_authoring
from app.follow_ups.models import FollowUp, FollowUpRevision
from app.foundation.contributions.publication import pending_of
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import render_text
from app.moderation.decisions import decisions
from app.questionnaires.questions import version_of
from app.stories.answers import Effect, StillUsing
from app.stories.models import Story
from app.topics.models import Topic, TopicKind
from tests.factories.building import a_key
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator


def a_follow_up_content(
    body: str = "It has stayed away since.", effect: Effect | None = None, **more: Any
) -> FollowUpRevision:
    """A version of a follow-up that was not sent; `effect` is that of imiquimod."""
    treatments = [a_treatment_now(a_topic("Imiquimod", TopicKind.TREATMENT), effect)] if effect else []
    answers = {"body": render_text(body, Profile.STORY), "treatments": treatments, **more}
    return version_of(FollowUpRevision, answers)


def a_treatment_now(
    topic: Topic, effect: Effect | None = None, still_using: StillUsing | None = None
) -> dict[str, Any]:
    """The answers of a follow-up about a treatment."""
    return {"topic": topic, "effect": effect, "still_using": still_using}


def a_pending_follow_up(story: Story, body: str = "It has stayed away since.", **content: Any) -> FollowUp:
    """A follow-up by the author of a public story that waits for a moderator."""
    return follow_ups_authoring.submit(story.author, story, a_follow_up_content(body, **content), a_key())


def a_published_follow_up(story: Story, *args: Any, moderator: Person | None = None, **content: Any) -> FollowUp:
    """A follow-up that a moderator approved."""
    follow_up = a_pending_follow_up(story, *args, **content)
    decisions.approve(moderator or a_moderator(), pending_of(follow_up))
    return follow_up
