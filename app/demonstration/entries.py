"""What the content files of the demonstration may hold: a class for each kind of table, which msgspec checks.

Other entries are named by their keys, and topics by their slugs. The types that derive from `str` say what a text may
name; `references` checks them. This module imports msgspec, so only `flask seed` imports it.
"""

from __future__ import annotations

import enum
from datetime import date

import msgspec

from app.articles.models import Evidence
from app.foundation.text.toml_structures import Structure, values_without
from app.stories import answers
from app.topics.models import NameKind, RelationKind, TopicKind

# The keys of these tables include `date`, which would hide the type.
Day = date


class Outcome(enum.StrEnum):
    """What a moderator decided about a submission, if anything."""

    PUBLISHED = "published"
    PENDING = "pending"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"

    @property
    def is_refusal(self) -> bool:
        """Whether the moderator gave a reason with the decision."""
        return self in {Outcome.CHANGES_REQUESTED, Outcome.REJECTED}


class Text(str):
    """A text that is not blank."""

    __slots__ = ()


class Key(Text):
    """The key of a submission, no longer than a submission key may be."""

    __slots__ = ()


class TopicSlug(str):
    """The slug of a topic."""

    __slots__ = ()


class ConditionSlug(TopicSlug):
    """The slug of a condition."""

    __slots__ = ()


class TreatmentSlug(TopicSlug):
    """The slug of a treatment."""

    __slots__ = ()


class EffectSlug(TopicSlug):
    """The slug of an effect."""

    __slots__ = ()


class StoryKey(str):
    """The key of a story."""

    __slots__ = ()


class CommentKey(str):
    """The key of a comment."""

    __slots__ = ()


class Target(str):
    """What a comment is about: 'topic:warts', 'article:imiquimod-compared' or 'story:half-gone'."""

    __slots__ = ()

    @property
    def kind(self) -> str:
        """The part before the colon."""
        return self.partition(":")[0]

    @property
    def key(self) -> str:
        """The slug or key after the colon."""
        return self.partition(":")[2]


class ReportTarget(Target):
    """What a report is about: 'story:half-gone' or 'comment:cup-trick'."""

    __slots__ = ()


class Reason(str):
    """A moderator's reason for a refusal."""

    __slots__ = ()


class Category(str):
    """A category of reports."""

    __slots__ = ()


# --- Topics and articles ------------------------------------------------------------------------------------------


class NameTable(Structure):
    """A further name of a topic."""

    kind: NameKind
    name: Text


class RelationTable(Structure):
    """A relation of a topic to another one."""

    kind: RelationKind
    to: TopicSlug


class ReferenceTable(Structure):
    """A source that a page refers to; `key` is what the cells of a comparison call it."""

    text: Text
    url: Text = Text()
    key: Text = Text()


class TopicTable(Structure):
    """A topic without a page."""

    kind: TopicKind
    name: Text
    slug: Text
    names: tuple[NameTable, ...]
    relations: tuple[RelationTable, ...]
    definition: Text = Text()


class TopicPageTable(TopicTable, kw_only=True):
    """A topic with a page."""

    body: Text
    references: tuple[ReferenceTable, ...]
    reviewed_by: Text
    reviewed_on: Day
    next_review_due: Day


class ArticleTable(Structure):
    """What an article and a comparison have in common."""

    slug: Text
    title: Text
    excerpt: Text
    topics: tuple[TopicSlug, ...]
    published_on: Day
    references: tuple[ReferenceTable, ...]


class GuideTable(ArticleTable):
    """An article in prose."""

    body: Text


class CriterionTable(Structure):
    """A criterion of a comparison."""

    key: Text
    name: Text
    explanation: Text


class CellTable(Structure):
    """A cell of a comparison: an option judged by a criterion for a condition.

    Without a condition it holds wherever the option has a cell of its own, unless that condition says otherwise.
    """

    option: str
    criterion: str
    condition: str = ""
    text: Text = Text()
    figure: Text = Text()
    evidence: Evidence | None = None
    reference: Text = Text()


class ComparisonTable(ArticleTable):
    """A comparison: an introduction, and cells that name its options, criteria, conditions and references."""

    intro: Text
    options: tuple[TopicSlug, ...]
    conditions: tuple[ConditionSlug, ...]
    criteria: tuple[CriterionTable, ...]
    cells: tuple[CellTable, ...]

    def __post_init__(self) -> None:
        known = {
            "condition": ["", *self.conditions],
            "option": self.options,
            "criterion": [criterion.key for criterion in self.criteria],
            "reference": ["", *(reference.key for reference in self.references)],
        }
        for number, cell in enumerate(self.cells, start=1):
            for key, words in known.items():
                if getattr(cell, key) not in words:
                    raise ValueError(f"cells {number}: {key!r} names {getattr(cell, key)!r}, which is not known here")

    def expanded_cells(self) -> list[CellTable]:
        """All cells with their conditions: those written once stand in every condition that they hold for."""
        own = [cell for cell in self.cells if cell.condition]
        taken = {(cell.condition, cell.option, cell.criterion) for cell in own}
        shared = [
            msgspec.structs.replace(cell, condition=condition)
            for cell in self.cells
            if not cell.condition
            for condition in self.conditions
            if (condition, cell.option, cell.criterion) not in taken
            and any((each.condition, each.option) == (condition, cell.option) for each in own)
        ]
        return [*own, *shared]


class VocabularyFile(Structure):
    """`vocabulary.toml`: topics without a page."""

    topic: tuple[TopicTable, ...]


# --- Contributions ------------------------------------------------------------------------------------------------


class SubmissionTable(Structure):
    """Something that was sent for review, and what a moderator decided."""

    date: Day
    state: Outcome
    reason: Reason = Reason()
    note: Text = Text()

    def __post_init__(self) -> None:
        if self.state.is_refusal != bool(self.reason):
            raise ValueError(f"'reason' {'is missing' if self.state.is_refusal else 'belongs to a refusal only'}")


class SideEffectTable(Structure):
    """A side effect of a treatment."""

    effect: EffectSlug
    severity: answers.Severity


class TreatmentTable(Structure):
    """A treatment in a story. The other keys have the names of the questions."""

    treatment: TreatmentSlug
    side_effects: tuple[SideEffectTable, ...]
    status: answers.Status | None = None
    duration: answers.Duration | None = None
    effect: answers.Effect | None = None
    first_effect: answers.FirstEffect | None = None
    side_effects_overall: answers.Severity | None = None
    stop_reasons: frozenset[answers.StopReason] = frozenset()
    companions: frozenset[answers.Companion] = frozenset()
    again: answers.Again | None = None

    def answers(self) -> dict[str, object]:
        """The answers that name no topics, by the names of their questions."""
        return values_without(self, "treatment", "side_effects")


class StoryTable(SubmissionTable, kw_only=True):
    """A story. The keys from `title` on have the names of the questions."""

    key: Key
    author: Text
    body: Text
    advice: Text = Text()
    condition: ConditionSlug
    treatments: tuple[TreatmentTable, ...]
    title: Text
    about: answers.About
    confirmed_by_clinician: bool
    age_band: answers.AgeBand | None = None
    sex: answers.Sex | None = None
    body_place: Text = Text()
    statistics: bool
    follow_up: bool

    def answers(self) -> dict[str, object]:
        """The title and the answers that name no topics, by the names of their questions."""
        of_submission = SubmissionTable.__struct_fields__
        return values_without(self, *of_submission, "key", "author", "body", "advice", "condition", "treatments")


class EditTable(SubmissionTable, kw_only=True):
    """A new version of a story: another title and text, everything else as it was."""

    story: StoryKey
    title: Text
    body: Text


class TreatmentNowTable(Structure):
    """How a treatment of the story is judged at the time of a follow-up."""

    treatment: TreatmentSlug
    effect: answers.Effect | None = None
    still_using: answers.StillUsing | None = None


class FollowUpTable(SubmissionTable, kw_only=True):
    """A follow-up to a story."""

    key: Key
    story: StoryKey
    text: Text
    treatments: tuple[TreatmentNowTable, ...]
    back_again: answers.BackAgain | None = None


class CommentTable(SubmissionTable, kw_only=True):
    """A comment, perhaps in reply to another one."""

    key: Key
    author: Text
    on: Target
    text: Text
    parent: CommentKey | None = None


class ReportTable(Structure):
    """A reader's report; without an author, by somebody who was not logged in."""

    on: ReportTarget
    date: Day
    category: Category
    words: Text = Text()
    author: Text = Text()


class StoriesFile(Structure):
    """`stories.toml`."""

    story: tuple[StoryTable, ...]
    edit: tuple[EditTable, ...]


class FollowUpsFile(Structure):
    """`follow_ups.toml`."""

    follow_up: tuple[FollowUpTable, ...]


class CommentsFile(Structure):
    """`comments.toml`."""

    comment: tuple[CommentTable, ...]
    report: tuple[ReportTable, ...]
