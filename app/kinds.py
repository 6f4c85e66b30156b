"""What this site publishes: one line for each kind. Whoever adds a kind adds its line here."""

from __future__ import annotations

from app.articles.kind import ARTICLE
from app.comments.kind import COMMENT
from app.follow_ups.kind import FOLLOW_UP
from app.foundation.kinds import register
from app.stories.kind import STORY
from app.topics.kind import TOPIC

register(STORY)
register(COMMENT)
register(FOLLOW_UP)
# Pages that the staff write: commented on and named in the audit log, not moderated.
register(TOPIC)
register(ARTICLE)
