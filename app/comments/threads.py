"""Reading threads: one page of the comments on something, the replies below one comment, and the page of a comment.

A page shows threads in the order in which they were begun, each with its first replies, and never more than
`COMMENTS_PER_PAGE` comments in all. The rest of a long thread is on pages of its own: all replies below the comment
that began the thread, in the order of publication. New comments come at the end of both, and a page begins where the
previous one ended, so nothing is skipped or repeated.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from flask import url_for
from sqlalchemy.orm import joinedload

from app.comments.authoring import Subject, closed_condition, on_subject
from app.comments.models import Comment, CommentAncestor
from app.foundation.database import db
from app.foundation.web import keyset
from app.foundation.web.keyset import Order, Window
from app.foundation.web.pagination import Page

# The number of threads on a page, and of comments in all of them together.
THREADS_PER_PAGE = 30
COMMENTS_PER_PAGE = 100
# The number of replies on a page of replies.
REPLIES_PER_PAGE = 50

_OLDEST = (Comment.published_at, Comment.id)
THREAD_ORDER = Order(_OLDEST, ascending=True, part="comments")
REPLY_ORDER = Order(_OLDEST, ascending=True, part="answers")
# One row that is always there, to which the comments are joined.
_ALWAYS = sa.select(sa.literal(1)).subquery()


@dataclass
class Node:
    """A public comment in its thread, with the replies to it. `in_reply_to` is the comment it replies to if that
    is on another page; `more_replies` is the number of replies on other pages, and `more_url` their address.
    """

    comment: Comment
    children: list[Node] = field(default_factory=list)
    in_reply_to: Node | None = None
    more_replies: int = 0
    more_url: str | None = None
    can_reply = True

    @property
    def id(self) -> int:
        """The comment's id."""
        return self.comment.id

    @property
    def author_name(self) -> str:
        """Who wrote it."""
        return self.comment.author.display_name

    @property
    def author_title(self) -> str:
        """The role of the author, if they are staff."""
        return self.comment.author.staff_title

    @property
    def published_at(self) -> datetime | None:
        """When it was published."""
        return self.comment.published_at

    @property
    def body_html(self) -> str:
        """Its text as HTML."""
        return self.comment.live.body_html if self.comment.live else ""

    @property
    def is_invented(self) -> bool:
        """Whether it was invented for a demonstration."""
        return self.comment.is_invented

    @cached_property
    def url(self) -> str:
        """Its own address."""
        return self.comment.url

    @cached_property
    def reply_url(self) -> str:
        """The address of the form to reply to it."""
        return url_for("comments.reply", comment_id=self.id)

    @cached_property
    def moderate_url(self) -> str:
        """The address of its page for moderators."""
        return url_for("moderation.contribution", kinds="comments", contribution_id=self.id)

    @cached_property
    def report_url(self) -> str:
        """The address of the form to report it."""
        return url_for("reports.report_comment", comment_id=self.id)


@dataclass(frozen=True)
class Thread:
    """One page of the comments on something, how many there are in all, and whether it is closed to further ones."""

    page: Page[Node] = field(default_factory=lambda: Page([]))
    total: int = 0
    is_closed: bool = False

    @property
    def nodes(self) -> Sequence[Node]:
        """The comments of the page that begin a thread, or the replies to the comment whose page this is."""
        return self.page.items


def thread(subject: Subject) -> Thread:
    """Return one page of the public comments on something, as a tree, oldest first on every level. One statement,
    which returns a row without a comment if there are none.
    """
    window = Window.from_request(THREAD_ORDER, THREADS_PER_PAGE)
    shown = _page_comments(window, subject)
    rows = db.session.execute(
        sa.select(closed_condition(subject), _count(on_subject(subject)), shown.c.root, shown.c.below, Comment)
        .select_from(_ALWAYS.outerjoin(shown, sa.true()))
        .outerjoin(Comment, sa.and_(Comment.id == shown.c.id, Comment.public()))
        .options(joinedload(Comment.live), joinedload(Comment.author))
    ).all()
    found = sorted((row for row in rows if row[-1] is not None), key=lambda row: _position(row[-1]))
    positions = [_position(row[-1]) for row in found if row.root == row[-1].id]
    page = window.page(positions[::-1] if window.before else positions)
    nodes = {row[-1].id: Node(row[-1]) for row in found}
    roots = {place[-1]: nodes[place[-1]] for place in page.items}
    below: dict[int, list[Node]] = defaultdict(list)
    for row in found:
        if row.root != row[-1].id:
            below[row.root].append(nodes[row[-1].id])
            roots[row.root].more_replies = row.below
    for root in roots.values():
        _attach_replies(below[root.id], nodes, root)
        root.more_replies -= len(below[root.id])
        if root.more_replies:
            root.more_url = _replies_url(root.id, below[root.id][-1].comment)
    return Thread(page.of([*roots.values()]), rows[0][1], bool(rows[0][0]))


def replies(comment: Comment) -> tuple[Node, Thread]:
    """Return a public comment, and one page of all the replies below it. Two statements."""
    below = _select_descendants(comment)
    page = keyset.page(below, REPLY_ORDER, REPLIES_PER_PAGE)
    number = _count(Comment.id.in_(below.with_only_columns(Comment.id)))
    rows = db.session.execute(
        sa.select(closed_condition(comment.subject), number, Comment)
        .select_from(_ALWAYS.outerjoin(Comment, sa.and_(Comment.id.in_(page.items), Comment.public())))
        .options(joinedload(Comment.live), joinedload(Comment.author))
        .options(joinedload(Comment.parent).joinedload(Comment.author))
    ).all()
    nodes = {row[-1].id: Node(row[-1]) for row in rows if row[-1] is not None}
    top = Node(comment)
    _attach_replies([nodes[each] for each in page.items if each in nodes], {comment.id: top, **nodes}, top)
    return top, Thread(page.of(top.children), rows[0][1], bool(rows[0][0]))


def address_of(comment: Comment) -> str:
    """Return the address at which a public comment is read: its place on the page that shows it. A few statements."""
    subject = comment.subject
    root = _root_of(comment)
    after = keyset.page_of(_select_roots(subject), THREAD_ORDER, _position(root), THREADS_PER_PAGE)
    if comment is not root:
        shown = _page_comments(keyset.window_after(THREAD_ORDER, after, THREADS_PER_PAGE), subject)
        if comment.id not in db.session.scalars(sa.select(shown.c.id)).all():
            after = keyset.page_of(_select_descendants(root), REPLY_ORDER, _position(comment), REPLIES_PER_PAGE)
            path = url_for("comments.replies", comment_id=root.id, after=after)
            return f"{path}#comment-{comment.id}"
    return f"{subject.url}{f'?after={after}' if after else ''}#comment-{comment.id}"


def _select_roots(subject: Subject) -> sa.Select[Comment]:
    """Select the public comments on a subject that are not replies."""
    return sa.select(Comment).where(on_subject(subject), Comment.parent_id.is_(None), Comment.public())


def _select_descendants(comment: Comment) -> sa.Select[Comment]:
    """Select all public comments below a comment, at any depth."""
    below = sa.select(CommentAncestor.comment_id).where(CommentAncestor.ancestor_id == comment.id)
    return sa.select(Comment).where(Comment.id.in_(below), Comment.public())


def _root_of(comment: Comment) -> Comment:
    if comment.parent_id is None:
        return comment
    above = sa.select(CommentAncestor.ancestor_id).where(CommentAncestor.comment_id == comment.id)
    return db.session.scalars(sa.select(Comment).where(Comment.id.in_(above), Comment.parent_id.is_(None))).one()


def _position(comment: Comment) -> tuple[Any, ...]:
    return comment.published_at, comment.id


def _page_comments(window: Window, subject: Subject) -> sa.Subquery:
    """The ids of the comments on a page, with the thread they are in and how many replies there are in it: the comments
    that begin the threads, one more if there is any, and as many of the replies as there is room for. First comes the
    first reply in each thread, then the second in each, and so on, so that a long thread leaves room for the others.
    """
    roots = window.rows(_select_roots(subject)).cte("roots")
    columns = [roots.c.published_at, roots.c.id]
    inward = [column.desc() for column in columns] if window.before else columns
    root_ids = sa.select(roots.c.id).order_by(*inward).limit(window.per_page)
    of_thread = CommentAncestor.ancestor_id
    ranked = (
        sa.select(
            of_thread.label("root"),
            Comment.id,
            sa.func.count().over(partition_by=of_thread).label("below"),
            sa.func.row_number().over(partition_by=of_thread, order_by=_OLDEST).label("place"),
        )
        .join(Comment, Comment.id == CommentAncestor.comment_id)
        .where(of_thread.in_(root_ids), Comment.public())
        .subquery()
    )
    room = sa.select(COMMENTS_PER_PAGE - sa.func.count()).select_from(root_ids.subquery()).scalar_subquery()
    replies = sa.select(ranked.c.root, ranked.c.id, ranked.c.below).order_by(ranked.c.place, ranked.c.root).limit(room)
    return sa.union_all(
        sa.select(roots.c.id.label("root"), roots.c.id.label("id"), sa.literal(0).label("below")),
        sa.select(replies.subquery()),
    ).subquery("shown")


def _count(counted: sa.ColumnElement[bool]) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(Comment).where(counted, Comment.public()).scalar_subquery()


def _attach_replies(below: Iterable[Node], nodes: Mapping[int, Node], root: Node) -> None:
    """Put replies, in their order, below what they reply to; or, if that is not on the page, below the root, naming
    whom they reply to.
    """
    for node in below:
        parent = nodes.get(node.comment.parent_id or 0)
        if parent is None:
            assert node.comment.parent is not None, "a reply"
            node.in_reply_to = Node(node.comment.parent)
        (parent or root).children.append(node)


def _replies_url(root_id: int, last: Comment) -> str:
    after = keyset.encode(_position(last))
    return url_for("comments.replies", comment_id=root_id, after=after, _anchor="answers")


def ancestors(comment: Comment) -> Sequence[Comment]:
    """Return the comments above this one, public or not, the topmost first. For moderators."""
    ids = sa.select(CommentAncestor.ancestor_id).where(CommentAncestor.comment_id == comment.id)
    return db.session.scalars(
        sa.select(Comment)
        .options(joinedload(Comment.live), joinedload(Comment.author))
        .where(Comment.id.in_(ids))
        .order_by(Comment.id)
    ).all()
