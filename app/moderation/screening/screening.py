"""Screening: produces signals about submitted revisions, in the transaction that submits them.

A signal decides nothing, with two exceptions: a refused word returns the form to its author with everything in it, and
a text that suggests somebody is in danger makes its item urgent, unless it was imported.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import timedelta

import sqlalchemy as sa
from flask_babel import gettext as _

from app.accounts.models import Origin, Person
from app.foundation import clock, kinds, outbox
from app.foundation.contributions.revisions import Revision, RevisionState
from app.foundation.database import db, transaction
from app.foundation.errors import Refused
from app.foundation.events import RevisionSubmitted
from app.foundation.text.strings import name_key
from app.moderation.people import author_history
from app.moderation.people.author_history import AuthorHistory
from app.moderation.queue import queue
from app.moderation.rules import rules
from app.moderation.rules.rules import Rules
from app.moderation.screening import signals
from app.moderation.screening.models import SignalKind, SignalRow, TextBand
from app.moderation.screening.signals import Finding
from app.screening import contacts, crisis, near_duplicates, personal_details, wording
from app.screening.folding import fold
from app.screening.marks import Mark
from app.topics.models import TopicName

# If more revisions than this are submitted together, it is an import, which the worker screens later.
MAX_SYNCHRONOUS = 20
FINGERPRINTS_KEPT = timedelta(days=90)
# With how many texts that share part of its fingerprint a text is compared. More copies would add nothing.
MAX_COMPARED = 5
# With fewer decisions than this, the share of rejections is not a signal.
MIN_DECISIONS = 4
_ONCE_PUBLIC = (RevisionState.APPROVED, RevisionState.SUPERSEDED)
_SHORTENERS = frozenset(
    """
    adf.ly amzn.to bit.ly bl.ink buff.ly cutt.ly goo.gl is.gd linktr.ee lnkd.in ow.ly rb.gy rebrand.ly s.id shorte.st
    shorturl.at t.co t.ly tiny.cc tinyurl.com v.gd wa.me
    """.split()  # noqa: SIM905 - a list of hosts reads better so
)


def screen(events: Sequence[RevisionSubmitted]) -> None:
    """Event handler: store the signals about submitted revisions. Raises Refused if a text contains a refused word."""
    if len(events) > MAX_SYNCHRONOUS:
        outbox.add("screening", RevisionSubmitted.__name__, [vars(event) for event in events])
        return
    for event in events:
        _screen(event)


def screen_later(events: Sequence[RevisionSubmitted]) -> None:
    """Outbox handler: store the signals about imported revisions, unless they have been decided on since."""
    for event in events:
        with transaction():
            _screen(event)


def delete_old_fingerprints() -> None:
    """Periodic task: delete the fingerprints of texts older than 90 days."""
    before = clock.now() - FINGERPRINTS_KEPT
    if db.session.scalar(sa.select(TextBand.id).where(TextBand.created_at < before).limit(1)) is None:
        db.session.rollback()
        return
    with transaction():
        db.session.execute(
            sa.delete(TextBand).where(TextBand.created_at < before).execution_options(synchronize_session=False)
        )


def _screen(event: RevisionSubmitted) -> None:
    kind = kinds.get(event.kind)
    revision: Revision = db.session.get_one(kind.revision_model, event.revision_id)
    if not revision.is_pending:
        return
    author: Person = revision.contribution.author
    in_force = rules.current()
    texts = {text.name: words for text in kind.texts if (words := text.of(revision))}
    findings = list(findings_in(texts, in_force))
    if author.origin is not Origin.IMPORTED and revision.editor_id is None:
        _refuse(findings, texts)
    findings = _without_topics(findings, texts)
    findings += _about_links(findings, author, in_force)
    findings += _about_author(author, in_force)
    findings += _about_copies(event, texts.get("body", ""), in_force)
    signals.replace_signals(event.kind, event.revision_id, findings)
    # What is imported was written elsewhere, often years ago: nobody can be reached within the hour.
    if author.origin is not Origin.IMPORTED and any(each.kind is SignalKind.CRISIS for each in findings):
        queue.make_urgent(event.kind, event.revision_id)


def findings_in(texts: dict[str, str], in_force: Rules) -> Iterator[Finding]:
    """The findings in the texts of a revision, given by name. Does not use the database."""
    for name, text in texts.items():
        for kind, marks in (
            (SignalKind.CRISIS, crisis.marks(text)),
            (SignalKind.INSTRUCTION, wording.instructions(text)),
            (SignalKind.ADVERTISING, wording.advertising(text)),
            (SignalKind.SHOUTING, wording.shouting(text)),
        ):
            yield from (Finding(kind, mark.kind, name, mark.start, mark.end) for mark in marks)
        for mark in personal_details.marks(text):
            yield _identifying(name, mark)
        yield from listed_words(name, text, in_force)


def listed_words(name: str, text: str, in_force: Rules) -> Iterator[Finding]:
    """The findings for refused and suspect words in one text."""
    folded = fold(text)
    for kind, code, words in (
        (SignalKind.BLOCKED, "blocked_word", in_force.blocked_words),
        (SignalKind.SUSPECT, "suspect_word", in_force.suspect_words),
    ):
        yield from (Finding(kind, code, name, hit.start, hit.end) for hit in words.find(folded))


def _identifying(name: str, mark: Mark) -> Finding:
    if mark.kind != "link":
        return Finding(SignalKind.IDENTIFYING, mark.kind, name, mark.start, mark.end)
    code = "shortener" if contacts.host(mark.text) in _SHORTENERS else "link"
    return Finding(SignalKind.LINK, code, name, mark.start, mark.end)


def _refuse(findings: Sequence[Finding], texts: dict[str, str]) -> None:
    """Raise Refused, with the word and its field, if there is a finding for a refused word."""
    first = next((each for each in findings if each.kind is SignalKind.BLOCKED), None)
    if first is not None:
        word = texts[first.field][first.start : first.end]
        message = _(
            "We don’t publish ‘%(word)s’ here. Say it in other words and send it again. Everything you wrote is still"
            " here.",
            word=word,
        )
        raise Refused(message, first.field)


def _without_topics(findings: list[Finding], texts: dict[str, str]) -> list[Finding]:
    """The findings without names of people that are names of topics, as in 'my old friend Lexapro'."""
    keys = [_last_word(texts[each.field][each.start : each.end]) if each.code == "name" else "" for each in findings]
    if not any(keys):
        return findings
    known = set(db.session.scalars(sa.select(TopicName.key).where(TopicName.key.in_(set(keys)))))
    return [each for each, key in zip(findings, keys, strict=True) if key not in known]


def _last_word(passage: str) -> str:
    return name_key(passage.rsplit(maxsplit=1)[-1])


def _about_links(findings: Sequence[Finding], author: Person, in_force: Rules) -> list[Finding]:
    count = sum(each.kind is SignalKind.LINK for each in findings)
    about = []
    if count >= in_force.most_links:
        about.append(Finding(SignalKind.LINK, "many_links", data={"count": count}))
    if count and author.origin is Origin.MEMBER and not _has_published_links(author):
        about.append(Finding(SignalKind.LINK, "first_link"))
    return about


def _has_published_links(author: Person) -> bool:
    return any(
        db.session.scalar(
            sa.select(SignalRow.id)
            .select_from(kind.revision_model)
            .join(kind.model, kind.model.id == kind.revision_parent)
            .join(
                SignalRow,
                sa.and_(SignalRow.of_kind == kind.name, SignalRow.revision_id == kind.revision_model.id),
            )
            # A superseded revision may never have been approved, so the contribution must have been published as well.
            .where(
                SignalRow.kind == SignalKind.LINK,
                kind.model.author_id == author.id,
                kind.revision_model.state.in_(_ONCE_PUBLIC),
                kind.model.published_at.is_not(None),
            )
            .limit(1)
        )
        for kind in kinds.all_kinds()
    )


def _about_author(author: Person, in_force: Rules) -> list[Finding]:
    """Findings that the author is new or often rejected. None for imports, where every row has its own author."""
    if author.origin is Origin.IMPORTED:
        return []
    record = author_history.history_of(author)
    about = []
    if not record.approved:
        about.append(Finding(SignalKind.AUTHOR, "new_author"))
    if is_often_rejected(record, in_force):
        about.append(Finding(SignalKind.AUTHOR, "often_rejected", data={"percent": record.rejected_percent}))
    return about


def is_often_rejected(record: AuthorHistory, in_force: Rules) -> bool:
    """Whether the share of rejections in the history of an author is a signal under these rules."""
    return record.decided >= MIN_DECISIONS and 100 * record.rejected >= in_force.rejected_percent * record.decided


def _about_copies(event: RevisionSubmitted, body: str, in_force: Rules) -> list[Finding]:
    """A finding if much of the text is in another one of the last 90 days. Also stores the text's fingerprint."""
    own = near_duplicates.shingles(body)
    bands = near_duplicates.bands(own)
    if not bands:
        return []
    now = clock.now()
    alike = (
        sa.select(TextBand.of_kind, TextBand.contribution_id, TextBand.revision_id)
        .where(
            TextBand.band.in_(bands),
            TextBand.created_at >= now - FINGERPRINTS_KEPT,
            sa.or_(TextBand.of_kind != event.kind, TextBand.contribution_id != event.id),
        )
        .distinct()
        .limit(MAX_COMPARED)
    )
    best, percent = None, 0
    for kind, contribution_id, other in _revisions_of(db.session.execute(alike).all()):
        shared = int(100 * near_duplicates.overlap(own, near_duplicates.shingles(signals.text_of(other, "body"))))
        if shared > percent:
            best, percent = {"kind": kind, "contribution": contribution_id, "revision": other.id}, shared
    _store_bands(event, bands)
    if best is None or percent < in_force.alike_percent:
        return []
    return [Finding(SignalKind.NEAR_DUPLICATE, "near_duplicate", data={"percent": percent, **best})]


def _revisions_of(alike: Sequence[sa.Row[str, int, int]]) -> Iterator[tuple[str, int, Revision]]:
    """The kind, the id of the contribution, and the revision of each of these rows. One statement for each kind."""
    for kind in kinds.all_kinds():
        belongs = {row.revision_id: row.contribution_id for row in alike if row.of_kind == kind.name}
        if belongs:
            table = kind.revision_model
            rows = db.session.scalars(sa.select(table).where(table.id.in_(belongs))).all()
            yield from ((kind.name, belongs[other.id], other) for other in rows)


def _store_bands(event: RevisionSubmitted, bands: Sequence[int]) -> None:
    db.session.execute(
        sa.delete(TextBand)
        .where(TextBand.of_kind == event.kind, TextBand.revision_id == event.revision_id)
        .execution_options(synchronize_session=False)
    )
    db.session.execute(
        sa.insert(TextBand),
        [
            {
                "band": band,
                "of_kind": event.kind,
                "contribution_id": event.id,
                "revision_id": event.revision_id,
                "created_at": clock.now(),
            }
            for band in bands
        ],
    )
