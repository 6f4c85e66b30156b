"""A dry run of screening rules: what they would have done with the last thousand texts. It changes nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

import sqlalchemy as sa
from sqlalchemy.orm import aliased, joinedload

from app.accounts.models import Origin, Person
from app.comments.models import Comment, CommentRevision
from app.foundation import kinds
from app.foundation.contributions.revisions import Revision
from app.foundation.database import db
from app.moderation.people import author_history
from app.moderation.people.author_history import AuthorHistory, Timeline
from app.moderation.post_moderation import fast_lane
from app.moderation.rules.rules import Rules
from app.moderation.sanctions.models import Sanction
from app.moderation.screening import signals
from app.moderation.screening.models import SignalKind, SignalRow, TextBand
from app.moderation.screening.screening import is_often_rejected, listed_words
from app.moderation.screening.signals import EXPLANATIONS
from app.screening import contacts, near_duplicates
from app.screening.marks import normalised_characters

SAMPLE_SIZE = 1_000
# How many matches are listed. The counts include all.
MAX_LISTED = 50
# The codes of signals that depend on the rules, and so are computed again.
_RULE_DEPENDENT_CODES = ("blocked_word", "suspect_word", "many_links", "near_duplicate", "often_rejected")
# A revision: the name of its kind, and its id.
Key = tuple[str, int]


@dataclass(frozen=True)
class RuleMatch:
    """A revision that the rules would have caught, with up to five passages and the explanations of other signals."""

    revision: Revision
    passages: tuple[str, ...] = ()
    explanations: tuple[str, ...] = ()


@dataclass(frozen=True)
class DryRun:
    """The result of a dry run: the number of texts, those refused, those with signals, the most frequent passages."""

    texts: int
    refused: Sequence[RuleMatch]
    flagged: Sequence[RuleMatch]
    frequent_passages: Sequence[tuple[str, int]]
    # The number of comments considered for the fast lane, and those that it would have published.
    comments: int
    fast_lane: Sequence[RuleMatch]


def dry_run(candidate: Rules) -> DryRun:
    """What these rules would have refused, given signals, or published at once, of the texts submitted last.

    The actual decisions do not matter. Only what depends on the rules is computed again: listed words, the number of
    links, near duplicates, and the history of the author at the time.
    """
    refused, flagged, passage_counts = [], [], Counter[str]()
    texts = list(_latest_revisions())
    facts = _SampleFacts.of(texts)
    for revision in texts:
        blocked, suspect, explanations = facts.marks(revision, candidate)
        passage_counts.update(passage.lower() for passage in (*blocked, *suspect))
        if blocked:
            refused.append(RuleMatch(revision, _first_passages(blocked)))
        elif suspect or explanations:
            flagged.append(RuleMatch(revision, _first_passages(suspect), explanations))
    comments = _latest_comments() if candidate.has_fast_lane else []
    published = [RuleMatch(revision) for revision in _eligible_comments(comments, candidate)]
    return DryRun(len(texts), refused, flagged, passage_counts.most_common(20), len(comments), published)


@dataclass(frozen=True)
class _SampleFacts:
    """What is known about some texts: shares with an earlier text in per cent, authors, and their timelines."""

    shares: Mapping[Key, int]
    authors: Mapping[Key, int]
    timelines: Mapping[int, Timeline]

    @classmethod
    def of(cls, texts: Sequence[Revision]) -> _SampleFacts:
        authors = _authors(texts)
        return cls(_duplicate_shares(texts), authors, author_history.timelines_of(set(authors.values())))

    def marks(self, revision: Revision, candidate: Rules) -> tuple[list[str], list[str], tuple[str, ...]]:
        """The refused passages, the suspect passages, and the explanations of the other signals of a text."""
        blocked: list[str] = []
        suspect: list[str] = []
        links = 0
        for text in kinds.of(revision).texts:
            words = text.of(revision)
            links += len({mark.start for mark in contacts.links(normalised_characters(words))})
            for each in listed_words(text.name, words, candidate):
                passages = blocked if each.kind is SignalKind.BLOCKED else suspect
                passages.append(words[each.start : each.end])
        explanations = []
        if links >= candidate.most_links:
            explanations.append(EXPLANATIONS["many_links"] % {"count": links})
        share = self.shares.get(_key(revision), 0)
        if share >= candidate.alike_percent:
            explanations.append(EXPLANATIONS["near_duplicate"] % {"percent": share})
        author_id = self.authors.get(_key(revision))
        history = self.timelines[author_id].at(revision.created_at) if author_id is not None else AuthorHistory()
        if is_often_rejected(history, candidate):
            explanations.append(EXPLANATIONS["often_rejected"] % {"percent": history.rejected_percent})
        return blocked, suspect, tuple(str(each) for each in explanations)


def _eligible_comments(comments: Sequence[CommentRevision], candidate: Rules) -> Iterator[CommentRevision]:
    """The comments that the fast lane would have published when they were submitted."""
    facts = _SampleFacts.of(comments)
    signalled = _with_other_signals(comments)
    sanctioned = _sanctions(facts.timelines)
    for revision in comments:
        author_id = revision.comment.author_id
        if (
            revision.id not in signalled
            and fast_lane.meets_threshold(facts.timelines[author_id].at(revision.created_at), candidate)
            and not any(
                sanctioned_at <= revision.created_at < sanctioned_at + fast_lane.SANCTION_EXCLUSION
                for sanctioned_at in sanctioned.get(author_id, ())
            )
            and not any(facts.marks(revision, candidate))
        ):
            yield revision


def _key(revision: Revision) -> Key:
    return revision.kind, revision.id


def _first_passages(passages: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(passages))[:5]


def _latest_revisions() -> Iterator[Revision]:
    """The last revisions submitted, of every kind, newest first."""
    sent = sa.union_all(
        *(
            sa.select(sa.literal(kind.name).label("kind"), table.id.label("id"), table.created_at.label("sent_at"))
            .order_by(table.created_at.desc(), table.id.desc())
            .limit(SAMPLE_SIZE)
            .subquery()
            .select()
            for kind in kinds.all_kinds()
            for table in [kind.revision_model]
        )
    ).subquery()
    newest = db.session.execute(
        sa.select(sent.c.kind, sent.c.id).order_by(sent.c.sent_at.desc(), sent.c.id.desc()).limit(SAMPLE_SIZE)
    ).all()
    revisions = _load((row.kind, row.id) for row in newest)
    yield from (revisions[row.kind, row.id] for row in newest)


def _latest_comments() -> Sequence[CommentRevision]:
    """The last first revisions of comments by members, newest first: only these can use the fast lane."""
    return db.session.scalars(
        sa.select(CommentRevision)
        .join(CommentRevision.comment)
        .join(Comment.author)
        .options(joinedload(CommentRevision.comment))
        .where(CommentRevision.number == 1, CommentRevision.editor_id.is_(None), Person.origin == Origin.MEMBER)
        .order_by(CommentRevision.created_at.desc(), CommentRevision.id.desc())
        .limit(SAMPLE_SIZE)
    ).all()


def _load(keys: Iterable[Key]) -> dict[Key, Revision]:
    """Revisions by their keys. One statement for each kind."""
    ids = _by_kind(keys)
    revisions: dict[Key, Revision] = {}
    for kind in kinds.all_kinds():
        if wanted := ids[kind.name]:
            table = kind.revision_model
            rows = db.session.scalars(sa.select(table).where(table.id.in_(wanted)))
            revisions |= {(kind.name, each.id): each for each in rows}
    return revisions


def _by_kind(keys: Iterable[Key]) -> dict[str, list[int]]:
    ids: dict[str, list[int]] = defaultdict(list)
    for kind, revision_id in keys:
        ids[kind].append(revision_id)
    return ids


def _authors(texts: Sequence[Revision]) -> dict[Key, int]:
    """The id of the author of each text. Imported texts are left out: every imported row has an author of its own."""
    authors: dict[Key, int] = {}
    for kind, ids in _by_kind(map(_key, texts)).items():
        declared = kinds.get(kind)
        contribution, revision = declared.model, declared.revision_model
        rows = db.session.execute(
            sa.select(revision.id, contribution.author_id)
            .join(contribution, contribution.id == declared.revision_parent)
            .join(Person, Person.id == contribution.author_id)
            .where(revision.id.in_(ids), Person.origin != Origin.IMPORTED)
        )
        authors |= {(kind, revision_id): author_id for revision_id, author_id in rows}
    return authors


def _duplicate_shares(texts: Sequence[Revision]) -> dict[Key, int]:
    """What share of each text is in an earlier one, in per cent, as long as their fingerprints are stored."""
    earlier = aliased(TextBand)
    # Of several copies, only the earliest is compared.
    first = (
        sa.select(sa.func.min(earlier.id))
        .where(
            earlier.band == TextBand.band,
            earlier.id < TextBand.id,
            sa.or_(earlier.of_kind != TextBand.of_kind, earlier.contribution_id != TextBand.contribution_id),
        )
        .scalar_subquery()
    )
    of_texts = (
        sa.and_(TextBand.of_kind == kind, TextBand.revision_id.in_(ids))
        for kind, ids in _by_kind(map(_key, texts)).items()
    )
    pairs = sa.select(TextBand.of_kind, TextBand.revision_id, first.label("other")).where(sa.or_(sa.false(), *of_texts))
    pair = pairs.subquery()
    other = aliased(TextBand)
    rows = db.session.execute(
        sa.select(pair.c.of_kind, pair.c.revision_id, other.of_kind, other.revision_id)
        .join(other, other.id == pair.c.other)
        .distinct()
    ).all()
    alike = [((kind, number), (of_kind, of_number)) for kind, number, of_kind, of_number in rows]
    bodies = _load({key for both in alike for key in both})
    runs = lru_cache(maxsize=None)(lambda key: near_duplicates.shingles(signals.text_of(bodies[key], "body")))
    shares: Counter[Key] = Counter()
    for one, another in alike:
        shares[one] = max(shares[one], int(100 * near_duplicates.overlap(runs(one), runs(another))))
    return shares


def _with_other_signals(comments: Sequence[CommentRevision]) -> set[int]:
    """The ids of the comments with a signal that does not depend on the rules."""
    ids = [revision.id for revision in comments]
    return set(
        db.session.scalars(
            sa.select(SignalRow.revision_id).where(
                SignalRow.of_kind == "comment",
                SignalRow.revision_id.in_(ids),
                SignalRow.code.not_in(_RULE_DEPENDENT_CODES),
            )
        )
    )


def _sanctions(person_ids: Iterable[int]) -> dict[int, list[datetime]]:
    """The times at which these people were sanctioned, by id, without sanctions that were lifted."""
    times: dict[int, list[datetime]] = defaultdict(list)
    rows = db.session.execute(
        sa.select(Sanction.person_id, Sanction.created_at).where(
            Sanction.person_id.in_(list(person_ids)), Sanction.lifted_at.is_(None)
        )
    )
    for person_id, sanctioned_at in rows:
        times[person_id].append(sanctioned_at)
    return times
