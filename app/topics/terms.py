"""Key terms: the topics that a text links to, whose definitions are shown beside the links."""

from __future__ import annotations

import re
from collections.abc import Sequence

import sqlalchemy as sa

from app.foundation.database import db
from app.topics.models import Topic

# Definitions on one page; links beyond them are links and nothing more.
MAX_TERMS = 40

_LINK = re.compile(r'href="/topics/([a-z0-9-]+)"')


def linked_terms(rendered: str) -> Sequence[Topic]:
    """The reachable topics with a definition that a rendered text links to, in no order. At most one statement."""
    slugs = list(dict.fromkeys(_LINK.findall(rendered)))[:MAX_TERMS]
    if not slugs:
        return []
    linked = db.session.scalars(sa.select(Topic).where(Topic.reachable_among(Topic.slug.in_(slugs)))).all()
    return [topic for topic in linked if topic.public_definition]
