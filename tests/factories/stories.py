"""Stories, waiting or published."""

from __future__ import annotations

from typing import Any

from app.accounts.models import Person
from app.foundation.contributions.publication import pending_of
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import render_text
from app.moderation.decisions import decisions
from app.questionnaires.questions import version_of
from app.stories import authoring
from app.stories.answers import Effect
from app.stories.models import Story, StoryRevision
from app.topics.models import Topic, TopicKind
from tests.factories.building import a_key
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator, a_person


def a_story_content(**changes: Any) -> StoryRevision:
    """A version of a story that was not sent. `body` and `advice` may be plain strings; `treatments` topics or what
    `a_treatment` makes; `condition` a name.
    """
    body = changes.pop("body", "I tried it for half a year and this is how it went, week by week, honestly told.")
    advice = changes.pop("advice", "")
    condition = changes.pop("condition", "Warts")
    treatments = changes.pop("treatments", None) or [a_topic("Imiquimod", TopicKind.TREATMENT)]
    answers = {
        "title": "Half a year, week by week",
        "body": render_text(body, Profile.STORY),
        "advice": render_text(advice, Profile.STORY),
        "condition": a_topic(condition) if isinstance(condition, str) else condition,
        "treatments": [
            each if isinstance(each, dict) else a_treatment(each, effect=Effect.MODERATELY) for each in treatments
        ],
        "publish": True,
        **changes,
    }
    return version_of(StoryRevision, answers)


def a_treatment(topic: Topic, **answers: Any) -> dict[str, Any]:
    """The answers about a treatment; `side_effects` are severities by topic."""
    named = answers.pop("side_effects", {})
    side_effects = [{"effect": effect, "severity": severity} for effect, severity in named.items()]
    return {"treatment": topic, "side_effects": side_effects, **answers}


def a_pending_story(author: Person | None = None, **content: Any) -> Story:
    """A story that waits for a moderator."""
    return authoring.submit(author or a_person(), a_story_content(**content), a_key())


def a_published_story(author: Person | None = None, moderator: Person | None = None, **content: Any) -> Story:
    """A story that a moderator approved."""
    story = a_pending_story(author, **content)
    decisions.approve(moderator or a_moderator(), pending_of(story))
    return story
