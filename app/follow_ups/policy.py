"""Who may do what with a follow-up."""

from __future__ import annotations

from app.foundation.access import Actor
from app.foundation.contributions.authorship import is_author, may_edit, may_erase, may_withdraw, may_write
from app.stories import policy as story_policy
from app.stories.models import Story

__all__ = ["is_author", "may_edit", "may_erase", "may_follow_up", "may_withdraw", "may_write"]


def may_follow_up(actor: Actor, story: Story) -> bool:
    """Whether they wrote the story and may still edit it. That it is public is for `authoring.submit` to check."""
    return story_policy.may_edit(actor, story)
