"""The status of a contribution as its author sees it: its latest revision, the last decision, and its erasure."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import InstrumentedAttribute, aliased, joinedload

from app.foundation import kinds
from app.foundation.contributions import erasure_requests
from app.foundation.contributions.erasure_requests import Erasure
from app.foundation.contributions.models import Contribution, PublicationState
from app.foundation.contributions.revisions import Revision, RevisionState
from app.foundation.database import db
from app.foundation.kinds import AnyKind
from app.moderation.appeals import statements
from app.moderation.decisions.models import VISIBLE_TO_AUTHOR, Action, Decision
from app.moderation.reasons import REASONS, Reason

Value = TypeVar("Value")
ContributionKey = tuple[str, int]
"""A contribution by the name of its kind and its id."""


@dataclass(frozen=True)
class SubmissionStatus:
    """The status of one contribution, for its author.

    `latest` is the revision sent last, `decision` the last decision the author was told of. `redaction` is the decision
    by which a moderator redacted a passage of the latest revision, whatever was decided afterwards.
    """

    contribution: Contribution
    latest: Revision
    decision: Decision | None
    is_new: bool
    redaction: Decision | None = None
    erasure: Erasure | None = None

    @property
    def state(self) -> str:
        """The status as one code; the template has the words for each."""
        if self.erasure is not None:
            return "erased" if self.erasure.is_done else "to_be_erased"
        publication = self.contribution.state
        if publication in (PublicationState.WITHDRAWN, PublicationState.REMOVED, PublicationState.HIDDEN):
            return str(publication.value)
        if publication is PublicationState.PUBLISHED:
            return "published"
        return str(self.latest.state.value)

    @property
    def is_pending(self) -> bool:
        """Whether its latest revision waits for a moderator."""
        return self.latest.state is RevisionState.PENDING

    @property
    def is_refused(self) -> bool:
        """Whether its latest revision was not published as it was."""
        return self.latest.state in (RevisionState.REJECTED, RevisionState.CHANGES_REQUESTED)

    @property
    def is_restricted(self) -> bool:
        """Whether the last decision has a page that says why, and how to appeal."""
        return self.decision is not None and self.decision.action in statements.RESTRICTIONS

    @property
    def reason(self) -> Reason | None:
        """The guideline that the last decision rests on."""
        return REASONS.get(self.decision.reason or "") if self.decision else None


@dataclass(frozen=True)
class _Loaded:
    """A contribution with its latest revision and the id of the last decision that its author was told of."""

    contribution: Contribution
    latest: Revision
    last_decision_id: int | None


def statuses(keys: Sequence[ContributionKey], new: Collection[ContributionKey]) -> list[SubmissionStatus]:
    """Return the status of these contributions, in the same order; those in `new` are marked as new.

    Two statements and one for each kind among them, however many they are and however often they were changed.
    """
    loaded = {key: each for kind, ids in group_by_kind(keys) for key, each in _load(kind, ids)}
    decisions = _decisions(loaded)
    erasures = erasure_requests.requests_for(keys)
    return [_status(loaded[key], decisions.get(key, []), erasures.get(key), is_new=key in new) for key in keys]


def sent_back(contribution: Contribution) -> SubmissionStatus | None:
    """The status of a contribution whose latest revision a moderator sent back with words; None for any other."""
    [status] = statuses([(contribution.kind, contribution.id)], ())
    is_sent_back = status.is_refused and status.erasure is None and status.decision is not None
    return status if is_sent_back else None


def _status(
    loaded: _Loaded, decisions: Sequence[Decision], erasure: Erasure | None, *, is_new: bool
) -> SubmissionStatus:
    masks = [each for each in decisions if each.action is Action.REDACT and _revision_id(each) == loaded.latest.id]
    return SubmissionStatus(
        loaded.contribution,
        loaded.latest,
        next((each for each in decisions if each.id == loaded.last_decision_id), None),
        is_new=is_new,
        redaction=masks[-1] if masks and erasure is None else None,
        erasure=erasure,
    )


def group_by_kind(keys: Iterable[ContributionKey]) -> list[tuple[AnyKind, list[int]]]:
    """The kinds of these contributions, each with the ids of its own."""
    ids: dict[str, list[int]] = defaultdict(list)
    for kind, contribution_id in keys:
        ids[kind].append(contribution_id)
    return [(kinds.get(kind), some) for kind, some in ids.items()]


def is_about(keys: Iterable[ContributionKey]) -> sa.ColumnElement[bool]:
    """The condition that a decision is about one of these contributions."""
    # Without the NULLs of the other kinds, so that the condition can be negated.
    columns = [(Decision.id_of(kind), ids) for kind, ids in group_by_kind(keys)]
    return sa.or_(sa.false(), *(sa.and_(column.is_not(None), column.in_(ids)) for column, ids in columns))


def last_decision(column: InstrumentedAttribute[Value], kind: AnyKind) -> sa.ScalarSelect[Value]:
    """A column of the last decision that the author of a contribution was told of; to be selected beside its model."""
    return (
        sa.select(column)
        .where(Decision.id_of(kind) == kind.model.id, _visible_to_author())
        .order_by(Decision.id.desc())
        .limit(1)
        .scalar_subquery()
    )


def _visible_to_author() -> sa.ColumnElement[bool]:
    undoing = aliased(Decision)
    return sa.and_(Decision.action.in_(VISIBLE_TO_AUTHOR), ~sa.exists().where(undoing.undoes_id == Decision.id))


def _load(kind: AnyKind, ids: Collection[int]) -> Iterable[tuple[ContributionKey, _Loaded]]:
    model, revision = kind.model, kind.revision_model
    other = aliased(revision)
    last_number = sa.select(sa.func.max(other.number)).where(getattr(other, kind.id_column) == model.id)
    rows = db.session.execute(
        sa.select(model, revision, last_decision(Decision.id, kind))
        .options(*kind.loading.author)
        .join(revision, sa.and_(kind.revision_parent == model.id, revision.number == last_number.scalar_subquery()))
        .where(model.id.in_(ids))
    )
    return [((kind.name, row[0].id), _Loaded(*row)) for row in rows.unique()]


def _decisions(loaded: Mapping[ContributionKey, _Loaded]) -> dict[ContributionKey, list[Decision]]:
    """The last decision on each of these contributions, and those that redacted a passage of it, oldest first."""
    last = [each.last_decision_id for each in loaded.values() if each.last_decision_id is not None]
    redacting = sa.and_(Decision.action == Action.REDACT, _visible_to_author())
    rows = db.session.scalars(
        sa.select(Decision)
        .options(joinedload(Decision.note))
        .where(is_about(loaded), sa.or_(Decision.id.in_(last), redacting))
        .order_by(Decision.id)
    )
    found: dict[ContributionKey, list[Decision]] = defaultdict(list)
    for decision in rows:
        found[decision.kind, decision.contribution_id].append(decision)
    return found


def _revision_id(decision: Decision) -> int | None:
    revision_id: int | None = getattr(decision, kinds.get(decision.kind).revision_id_column)
    return revision_id
