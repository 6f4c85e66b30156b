"""Comments, waiting or published."""

from __future__ import annotations

from typing import Any

from app.accounts.models import Person
from app.comments import authoring as comment_authoring
from app.comments.models import Comment
from app.foundation.contributions.publication import pending_of
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import render_text
from app.moderation.decisions import decisions
from tests.factories.building import a_key
from tests.factories.people import a_moderator, a_person


def a_pending_comment(
    on: Any, author: Person | None = None, body: str = "Thank you for telling this.", parent: Comment | None = None
) -> Comment:
    """A comment that waits for a moderator."""
    text = render_text(body, Profile.COMMENT)
    return comment_authoring.submit(author or a_person(), on, text, a_key(), parent)


def a_published_comment(on: Any, *args: Any, moderator: Person | None = None, **more: Any) -> Comment:
    """A comment that a moderator approved."""
    comment = a_pending_comment(on, *args, **more)
    decisions.approve(moderator or a_moderator(), pending_of(comment))
    return comment
