"""Comments as a kind of contribution: see `foundation/kinds.py` for what each field means."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from app.articles.models import Article
from app.comments import erasure, threads
from app.comments.models import SUBJECTS, Comment, CommentRevision
from app.foundation.contributions.tombstones import TombstoneTexts
from app.foundation.kinds import Erasing, Kind, Labels, Loading, Partials, Searching, Text
from app.foundation.text.markup import Profile
from app.stories.models import Story
from app.stories.queries import is_about
from app.topics import vocabulary
from app.topics.models import Topic


def _about_topic(topic: Topic, comment_id: Any, _revision_id: Any) -> sa.ColumnElement[bool]:
    """Comments on the page of the topic, or of one below it, and on stories that tell of it."""
    stories = sa.select(Story.id).where(is_about(topic))
    under = sa.select(Comment.id).where(
        sa.or_(Comment.topic_id.in_(vocabulary.with_narrower(topic)), Comment.story_id.in_(stories))
    )
    condition: sa.ColumnElement[bool] = comment_id.in_(under)
    return condition


COMMENT = Kind(
    model=Comment,
    revision_model=CommentRevision,
    labels=Labels(
        singular=_("Comment"),
        plural=_("Comments"),
        in_sentence=_("comment"),
        yours=_("your comment"),
        usual_wait=_("In the last 30 days, half of comments were read within %(half)s and 9 in 10 within %(most)s."),
        usual_wait_most=_("In the last 30 days, 9 in 10 comments were read within %(most)s."),
        report=_("Report a comment"),
        hidden_with=_("Replies to it will be hidden too."),
    ),
    texts=(Text("body", "body_source", "body_html"),),
    profile=Profile.COMMENT,
    tombstones=TombstoneTexts(
        withdrawn=_("The person who wrote this comment has withdrawn it."),
        erased=_("The person who wrote this comment has deleted it."),
        removed=_("Our moderators took this comment down."),
    ),
    erasing=Erasing(clear=erasure.clear),
    searching=Searching(within={kind: f"{kind}_id" for kind in SUBJECTS}),
    loading=Loading(
        queue=(joinedload(Comment.live), joinedload(Comment.author)),
        item=(
            joinedload(Comment.article).joinedload(Article.live),
            joinedload(Comment.topic),
            joinedload(Comment.story).joinedload(Story.live),
        ),
    ),
    load_surroundings=threads.ancestors,
    partials=Partials(surroundings="comments/_surroundings.html"),
    edit_url=lambda comment: url_for("comments.edit", comment_id=comment.id),
    withdraw_url=lambda comment: url_for("comments.confirm_withdraw", comment_id=comment.id),
    return_url=lambda comment: comment.subject.url,
    about_topic=_about_topic,
)
