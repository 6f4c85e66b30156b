"""The references between the content files: which keys and slugs there are, and whether a text may name one."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from app.demonstration import entries
from app.moderation.reasons import REASONS
from app.moderation.reports.reports import OTHER_CATEGORY
from app.topics.models import TopicKind

# As long as a submission key may be.
KEY_MAX_LENGTH = 40
_KINDS = {
    entries.ConditionSlug: TopicKind.CONDITION,
    entries.TreatmentSlug: TopicKind.TREATMENT,
    entries.EffectSlug: TopicKind.EFFECT,
}


class ContentError(Exception):
    """A content file cannot be used as it is; the message is one line that names the file and the key."""


@dataclass
class References:
    """What the files may name. Topics are given with their kinds, stories with their authors."""

    topics: dict[str, str] = field(default_factory=dict)
    articles: dict[str, str] = field(default_factory=dict)
    stories: dict[str, str] = field(default_factory=dict)
    follow_ups: dict[str, str] = field(default_factory=dict)
    comments: dict[str, str] = field(default_factory=dict)

    def check(self, kind: type[str], value: object) -> object:
        """The value as one of the types of `entries` that derive from `str`. Raises ValueError if it is not one."""
        if not isinstance(value, str):
            raise ValueError("should be text")  # noqa: TRY004 - msgspec reports ValueErrors with their place
        if issubclass(kind, entries.Text):
            if not value.strip():
                raise ValueError("is empty")
            if kind is entries.Key and len(value) > KEY_MAX_LENGTH:
                raise ValueError(f"has more than {KEY_MAX_LENGTH} characters")
        elif value not in self._known(kind):
            raise ValueError(f"names {value!r}, which is not known here")
        return kind(value)

    def _known(self, kind: type[str]) -> Collection[str]:
        if issubclass(kind, entries.TopicSlug):
            return {slug for slug, of_kind in self.topics.items() if of_kind == _KINDS.get(kind, of_kind)}
        known: Mapping[type[str], Collection[str]] = {
            entries.StoryKey: self.stories,
            entries.CommentKey: self.comments,
            entries.Reason: REASONS,
            entries.Category: (*REASONS, OTHER_CATEGORY),
            entries.Target: self._targets(topic=self.topics, article=self.articles, story=self.stories),
            entries.ReportTarget: self._targets(story=self.stories, comment=self.comments),
        }
        return known[kind]

    @staticmethod
    def _targets(**keys: Collection[str]) -> set[str]:
        return {f"{kind}:{key}" for kind, several in keys.items() for key in several}
