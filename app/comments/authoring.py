"""Submitting and editing comments, and counting them. `threads` reads them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, cast

import sqlalchemy as sa
from flask_babel import gettext as _

from app.accounts.models import Origin, Person
from app.articles.models import Article
from app.comments import policy
from app.comments.models import SUBJECTS, ClosedThread, Comment, CommentAncestor, CommentRevision
from app.foundation.access import or_404, require
from app.foundation.contributions import authorship, publication
from app.foundation.contributions.models import Publication
from app.foundation.database import db
from app.foundation.errors import Conflict, Missing, Refused
from app.foundation.text import markup
from app.foundation.text.markup import RENDERER_VERSION
from app.foundation.text.rendered_text import RenderedText
from app.foundation.text.strings import has_words
from app.stories.models import Story
from app.topics.models import Topic

BODY_MAX_LENGTH = 5_000

Subject = Article | Topic | Story


def submit(actor: Person, subject: Subject, body: RenderedText, key: str, parent: Comment | None = None) -> Comment:
    """Submit a comment, perhaps as a reply to `parent`. Any member may, on what is public.

    `key` is the submission key of the form: when the same form is sent twice, the first comment is returned, and a text
    that was changed in between becomes its next revision.
    Raises Refused when it is empty or too long, Conflict when what it replies to is no longer public or the
    thread is closed.
    """
    authorship.check_may_write(actor)
    same_form = sa.select(Comment).where(Comment.author_id == actor.id, Comment.submission_key == key)
    sent = db.session.scalar(same_form)
    if sent is not None:
        return _resubmit(actor, sent, body)
    _check_body(body)
    if is_closed(subject):
        raise Conflict(_("This discussion was closed while you were writing. Your words are still here."))
    if not all(publication.is_public(each) for each in (subject, parent) if each is not None):
        raise Conflict(_("What you replied to was taken down while you were writing. Your words are still here."))
    comment = Comment(author=actor, submission_key=key, is_invented=actor.origin is Origin.DEMONSTRATION)
    setattr(comment, subject.kind, subject)
    if not publication.add_once(comment, same_form):
        return _resubmit(actor, db.session.scalars(same_form).one(), body)
    if parent is not None:
        _set_parent(comment, parent)
    publication.add_revision(comment, _new_revision(body))
    return comment


def _resubmit(actor: Person, comment: Comment, body: RenderedText) -> Comment:
    """Handle the same form sent again: the same text changes nothing, another text becomes a new revision."""
    if publication.latest_of(comment).body_source != body.source:
        submit_edit(actor, comment, body)
    return comment


def public_subject(kind: str, subject_id: int) -> Subject:
    """The public article, topic or story with this id, to comment on. Raises Missing if there is none."""
    if kind not in SUBJECTS:
        raise Missing
    model: type[Publication] = SUBJECTS[kind]
    found = db.session.scalar(sa.select(model).where(model.id == subject_id, model.public()))
    return cast("Subject", or_404(found))


def is_closed(subject: Subject) -> bool:
    """Return whether the discussion of this subject is closed."""
    return bool(db.session.scalar(sa.select(closed_condition(subject))))


def closed_condition(subject: Subject) -> sa.ColumnElement[bool]:
    """The SQL condition that the discussion of this subject is closed."""
    column = getattr(ClosedThread, f"{subject.kind}_id")
    return sa.exists().where(column == subject.id)


def submit_edit(actor: Person, comment: Comment, body: RenderedText) -> None:
    """Submit a new revision of one's own comment. The public one stays until this is approved.

    Raises Refused when it is empty or too long, NotAllowed for anybody but the author.
    """
    require(policy.may_edit(actor, comment), _("Only its author can change a comment."))
    authorship.check_may_write(actor)
    _check_body(body)
    publication.replace_revision(comment, _new_revision(body))


def _check_body(body: RenderedText) -> None:
    if not has_words(markup.plain(body.html)):
        raise Refused(_("Write your comment first."), "body")
    if len(body.source) > BODY_MAX_LENGTH:
        too_long = _(
            "Shorten your comment. It can have up to %(most)s characters and yours has %(length)s.",
            most=f"{BODY_MAX_LENGTH:,}",
            length=f"{len(body.source):,}",
        )
        raise Refused(too_long, "body")


def _set_parent(comment: Comment, parent: Comment) -> None:
    comment.parent = parent
    ancestor_ids = db.session.scalars(
        sa.select(CommentAncestor.ancestor_id).where(CommentAncestor.comment_id == parent.id)
    ).all()
    db.session.add_all(
        CommentAncestor(comment_id=comment.id, ancestor_id=ancestor_id) for ancestor_id in [*ancestor_ids, parent.id]
    )


def _new_revision(body: RenderedText) -> CommentRevision:
    return CommentRevision(renderer_version=RENDERER_VERSION, body_source=body.source, body_html=body.html)


def on_subject(subject: Subject) -> sa.ColumnElement[bool]:
    """The SQL condition for all comments on one subject, public or not."""
    column: sa.ColumnElement[Any] = getattr(Comment, f"{subject.kind}_id")
    return column == subject.id


def count_by_subject(subjects: Iterable[Subject]) -> dict[str, dict[int, int]]:
    """Return the number of public comments on each of these subjects, by kind and id. One statement."""
    ids: dict[str, list[int]] = defaultdict(list)
    for each in subjects:
        ids[each.kind].append(each.id)
    counts: dict[str, dict[int, int]] = {kind: {} for kind in SUBJECTS}
    columns = {kind: getattr(Comment, f"{kind}_id") for kind in ids}
    if not columns:
        return counts
    condition = sa.or_(*(column.in_(ids[kind]) for kind, column in columns.items()))
    rows = db.session.execute(
        sa.select(*columns.values(), sa.func.count()).where(condition, Comment.public()).group_by(*columns.values())
    )
    for *subject, number in map(tuple, rows):
        kind, thing_id = next((kind, each) for kind, each in zip(columns, subject, strict=True) if each is not None)
        counts[kind][thing_id] = number
    return counts
