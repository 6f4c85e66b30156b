"""What moderators read before it is public: what the pages about the site may promise."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from app.foundation.database import db
from app.moderation.rules import rules
from app.moderation.rules.models import RulesVersion
from app.moderation.rules.rules import Rules
from app.stories import queries as stories


@dataclass(frozen=True)
class Reading:
    """The rules in force, and whether there are public stories that were imported without a moderator reading them."""

    rules: Rules
    has_unread_stories: bool


def current() -> Reading:
    """What holds at present. One statement, as for the rules alone."""
    newest = sa.select(sa.func.max(RulesVersion.id)).scalar_subquery()
    version, unread = db.session.execute(sa.select(newest, stories.unread_exist())).one()
    return Reading(rules.version(version or 0), bool(unread))
