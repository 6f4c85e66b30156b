"""Who may do what with a story. The domain functions of this package ask here; views ask only what to show.

Editing, withdrawing and erasing follow the rules for every kind of contribution, which are imported here unchanged.
"""

from __future__ import annotations

from app.foundation.access import Actor, Role
from app.foundation.contributions.authorship import is_author, may_edit, may_erase, may_withdraw, may_write
from app.stories.models import Story

__all__ = ["is_author", "may_edit", "may_erase", "may_settle_name", "may_thank", "may_withdraw", "may_write"]


def may_thank(actor: Actor, story: Story) -> bool:
    """Whether they may write, and did not write this story."""
    return may_write(actor) and not is_author(actor, story)


def may_settle_name(actor: Actor, story: Story) -> bool:
    """Whether they are a moderator or an editor, and did not write the story that the unlisted name is in."""
    if not actor.is_authenticated or is_author(actor, story):
        return False
    return bool(actor.has_role(Role.MODERATOR) or actor.has_role(Role.EDITOR))
