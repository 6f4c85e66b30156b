"""Articles as a kind: see `foundation/kinds.py`."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask_babel import lazy_gettext as _

from app.articles.models import Article, ArticleTopic
from app.foundation.kinds import PageKind


def _public_under(topic_id: Any) -> sa.ColumnElement[bool]:
    """Public articles about the topic."""
    about = sa.select(ArticleTopic.topic_id).where(ArticleTopic.topic_id == topic_id)
    return about.where(Article.public_with_id(ArticleTopic.article_id)).exists()


ARTICLE = PageKind(Article, _("article"), _("Article"), _("Articles"), _public_under)
