"""The registry of kinds: what this site publishes, each kind declared once by the package that owns it.

A kind is declared in the `kind.py` of its package (`app/stories/kind.py`) and registered by one line in
`app/kinds.py`. Moderation, erasing, reports, notifications, the audit log and the templates loop over the registry
instead of naming kinds, so a further kind needs no change there. The recipe is 'Adding a kind' in
`docs/architecture.md`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import sqlalchemy as sa
from flask_babel import LazyString
from markupsafe import Markup
from sqlalchemy.orm.strategy_options import _AbstractLoad

from app.foundation.contributions.models import Contribution, Publication
from app.foundation.contributions.revisions import Revision
from app.foundation.contributions.tombstones import TombstoneTexts
from app.foundation.text.markup import Profile

# What `joinedload()` and the like make.
LoaderOption = _AbstractLoad

C = TypeVar("C", bound=Contribution)
R = TypeVar("R", bound=Revision)
BODY = "body"


@dataclass(frozen=True)
class Text:
    """One text of a revision: what it is called, the columns that hold it, and what the staff's pages call it."""

    # In signals, in form errors and in differences: 'title', 'body', 'advice'. Every kind has one called 'body'.
    name: str
    # The column with the text as it was written, and the one with its HTML; a plain line has no HTML.
    source: str
    html: str | None = None
    # The longest source the column takes, where a replacement of some words could exceed it.
    longest: int | None = None
    # Above what changed in it ('The advice'), above the text itself, and where a passage was found ('in the advice').
    changes_heading: LazyString | None = None
    heading: LazyString | None = None
    place: LazyString | None = None

    def of(self, revision: Revision) -> str:
        """The text of a revision as it was written."""
        return getattr(revision, self.source) or ""

    def html_of(self, revision: Revision) -> Markup | None:
        """The rendered text of a revision, as Markup; None for a plain line."""
        return getattr(revision, self.html) if self.html else None


@dataclass(frozen=True)
class Labels:
    """What a kind is called on pages."""

    # 'Story', 'Stories', 'story' (within a sentence, in the audit log), 'your story', 'Report a story'.
    singular: LazyString
    plural: LazyString
    in_sentence: LazyString
    yours: LazyString
    report: LazyString
    # How long a decision usually takes, with %(half)s and %(most)s, and in one figure with %(most)s.
    usual_wait: LazyString | None = None
    usual_wait_most: LazyString | None = None
    # What else goes out of sight while it waits to be erased, and what is erased with it; whole sentences.
    hidden_with: LazyString | None = None
    erased_with: LazyString | None = None


@dataclass(frozen=True)
class Loading:
    """SQLAlchemy loader options by which pages read a kind in a fixed number of statements.

    `queue`, `item` and `author` are options on the contribution: for a line of the queue, for the page of an item (in
    addition to those of `queue`) and for the author's own list. `decision` and `title` are options on the revision: for
    deciding on it, and for what it is known by.
    """

    queue: tuple[LoaderOption, ...] = ()
    item: tuple[LoaderOption, ...] = ()
    author: tuple[LoaderOption, ...] = ()
    decision: tuple[LoaderOption, ...] = ()
    title: tuple[LoaderOption, ...] = ()


@dataclass(frozen=True)
class Erasing(Generic[C]):
    """How a kind is erased. All of it runs in the transaction of the event, and may find nothing left to do."""

    # Remove every word of the contribution with this id, of all its versions and of its drafts.
    clear: Callable[[int], None]
    # Delete what is still being written of, or under, the contribution of this kind and id. Called for every kind that
    # is erased, since a draft may belong to something of another kind: a first follow-up belongs to a story.
    discard_drafts: Callable[[str, int], None] | None = None
    # The contributions of this kind that are erased with something of another: kind -> its id -> contributions.
    erased_with: Mapping[str, Callable[[int], Sequence[C]]] = field(default_factory=dict)


@dataclass(frozen=True)
class Partials:
    """Templates by which the staff's pages show what only this kind has. Each may use `item_page`, an `ItemPage`."""

    # What it answers or belongs to; `item_page.surroundings` is what `load_surroundings` of the kind returned.
    surroundings: str | None = None
    # Its answers, beside its words; without one they are listed.
    answers: str | None = None
    # What has to be settled before it can be approved.
    before_decision: str | None = None


@dataclass(frozen=True)
class Searching:
    """That search finds a kind: by its title and texts, unless `search/index/document_readers.py` says how else.

    `within` are the columns with the ids of what it belongs to, by kind ({"story": "story_id"}). What belongs to
    something hidden is neither found nor counted.
    """

    within: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class PageKind:
    """A kind of page that the staff write: published, searched, named in the audit log, commented on, not moderated."""

    model: type[Publication]
    label: LazyString
    # 'Topic', 'Topics'.
    singular: LazyString
    plural: LazyString
    # The same as `Kind.public_under`.
    public_under: Callable[[Any], sa.ColumnElement[bool]] | None = None

    @property
    def name(self) -> str:
        """Its name in events and columns: 'topic'."""
        return self.model.kind


@dataclass(frozen=True, kw_only=True)
class Kind(Generic[C, R]):
    """A kind of contribution: what people send, moderators decide on, readers report and authors erase.

    Most fields are optional; what is left out means that the kind has nothing of the sort.
    """

    model: type[C]
    revision_model: type[R]
    labels: Labels
    texts: tuple[Text, ...]
    # How its texts are rendered.
    profile: Profile
    # What its page says when it is gone.
    tombstones: TombstoneTexts
    erasing: Erasing[C]
    # None for a kind that search does not find.
    searching: Searching | None = None
    loading: Loading = Loading()
    partials: Partials = Partials()
    # What a revision is called; a kind without titles is known by how its body begins.
    title: Callable[[R], str] | None = None
    # The answers of a revision besides its texts, as (label, words); and loading those of several revisions at once.
    answers: Callable[[R], list[tuple[str, str]]] | None = None
    load_answers: Callable[[Iterable[R]], None] | None = None
    # What the page of an item shows around a contribution, such as the comments above it: for the partial.
    load_surroundings: Callable[[C], object] | None = None
    # Words beside the label on the page of an item, such as a story's condition.
    note: Callable[[R], str] | None = None
    # Whether answers alone are enough: its body may be empty.
    body_is_optional: bool = False
    # Whether its body is quoted where it is reported; false for long ones, which go by their title.
    quotes_body: bool = True
    # After a request for changes: create a draft from the revision, for its author to continue; and delete that draft
    # when the request is undone.
    create_draft: Callable[[R], None] | None = None
    delete_draft: Callable[[R], None] | None = None
    # Where its author changes it, and where they withdraw it.
    edit_url: Callable[[C], str]
    withdraw_url: Callable[[C], str]
    # Where whoever reported it is led; its own page, unless said otherwise.
    return_url: Callable[[C], str] | None = None
    # The condition 'is about this topic' on the columns with the ids of a contribution and of a revision of it:
    # about_topic(topic, contribution_id, revision_id).
    about_topic: Callable[[Any, Any, Any], sa.ColumnElement[bool]] | None = None
    # The condition 'something public of this kind is filed under the topic whose id is in this column'.
    public_under: Callable[[Any], sa.ColumnElement[bool]] | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for a kind whose revisions have no body: screening and lists rely on one."""
        if BODY not in {text.name for text in self.texts}:
            raise ValueError(f"the kind {self.name} needs a text called {BODY!r}")

    @property
    def name(self) -> str:
        """Its name in events and columns: 'follow_up'."""
        return self.model.kind

    @property
    def plural(self) -> str:
        """Its name in addresses: 'follow-ups'."""
        return self.model.kinds

    @property
    def label(self) -> LazyString:
        """Its name within a sentence: 'follow-up'."""
        return self.labels.in_sentence

    @property
    def id_column(self) -> str:
        """The name of columns with the id of a contribution of this kind: 'follow_up_id'."""
        return f"{self.name}_id"

    @property
    def revision_id_column(self) -> str:
        """The name of columns with the id of one of its revisions: 'follow_up_revision_id'."""
        return f"{self.name}_revision_id"

    @property
    def revision_parent(self) -> sa.ColumnElement[int]:
        """The column of its revisions with the id of their contribution: `FollowUpRevision.follow_up_id`."""
        column: sa.ColumnElement[int] = getattr(self.revision_model, self.id_column)
        return column

    def text(self, name: str) -> Text | None:
        """Its text of this name, if it has one."""
        return next((text for text in self.texts if text.name == name), None)

    def answers_of(self, revision: R) -> list[tuple[str, str]]:
        """The answers of a revision besides its texts, as (label, words)."""
        return self.answers(revision) if self.answers else []

    def is_blank(self, revision: R) -> bool:
        """Whether a revision says nothing, as only an erased one does."""
        if any(text.of(revision) for text in self.texts):
            return False
        return not (self.body_is_optional and self.answers_of(revision))


AnyKind = Kind[Any, Any]

_registered: dict[str, AnyKind | PageKind] = {}
_is_sealed = False


def register(*kinds: AnyKind | PageKind) -> None:
    """Add kinds to the registry, in the order in which pages show them. Called while modules are imported.

    Registering the same kind again changes nothing. Raises ValueError for another kind of a name that is taken, and
    RuntimeError once tables were built from the registry: they would have no columns for it.
    """
    for kind in kinds:
        if _registered.get(kind.name) is kind:
            continue
        if kind.name in _registered:
            raise ValueError(f"there is a kind called {kind.name} already")
        if _is_sealed:
            raise RuntimeError(f"register {kind.name} before the models of moderation are imported")
        _registered[kind.name] = kind


def seal() -> None:
    """Take no further kinds: from now on there are tables with a column for each."""
    global _is_sealed  # noqa: PLW0603 - the registry is one for the process, as the table metadata is
    _is_sealed = True


def all_kinds() -> list[AnyKind]:
    """The kinds of contributions, in the order of their registration."""
    return [kind for kind in _registered.values() if isinstance(kind, Kind)]


def labels() -> dict[str, LazyString]:
    """What every kind is called within a sentence, pages of the staff included, by its name."""
    return {kind.name: kind.label for kind in _registered.values()}


def searchable() -> dict[str, type[Publication]]:
    """The model of every kind that search finds, by its name, in the order of their registration."""
    return {
        kind.name: kind.model
        for kind in _registered.values()
        if isinstance(kind, PageKind) or kind.searching is not None
    }


def public_under(topic_id: Any) -> sa.ColumnElement[bool]:
    """The condition that something public, of any kind, is filed under the topic whose id is in this column."""
    conditions = (kind.public_under(topic_id) for kind in _registered.values() if kind.public_under is not None)
    return sa.or_(sa.false(), *conditions)


def title(name: str, *, plural: bool = False) -> LazyString:
    """What a kind is called at the head of a page or beside a result, pages of the staff included: 'Story'."""
    kind = _registered[name]
    if isinstance(kind, PageKind):
        return kind.plural if plural else kind.singular
    return kind.labels.plural if plural else kind.labels.singular


def get(name: str) -> AnyKind:
    """The kind of contribution of this name. Raises KeyError if there is none."""
    kind = find(name)
    if kind is None:
        raise KeyError(name)
    return kind


def find(name: str) -> AnyKind | None:
    """The kind of contribution of this name, if there is one."""
    kind = _registered.get(name)
    return kind if isinstance(kind, Kind) else None


def of(thing: Contribution | Revision) -> AnyKind:
    """The kind of a contribution or of a revision."""
    return get(thing.kind)


def by_plural(plural: str) -> AnyKind:
    """The kind that goes by this name in addresses. Raises KeyError if none does."""
    for kind in all_kinds():
        if kind.plural == plural:
            return kind
    raise KeyError(plural)


def url_rule() -> str:
    """The part of a route that stands for any kind, as `kinds`: `<any(stories, comments, 'follow-ups'):kinds>`."""
    names = (kind.plural if kind.plural.isidentifier() else f"'{kind.plural}'" for kind in all_kinds())
    return f"<any({', '.join(names)}):kinds>"
