"""Reading articles over HTTP."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, render_template
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.articles import reading
from app.articles.models import Article
from app.comments import threads
from app.comments.forms import CommentForm
from app.foundation import markup
from app.foundation.access import found, public
from app.foundation.database import db
from app.foundation.pagination import paginate

bp = Blueprint("articles", __name__)


@bp.get("/articles")
@public
def listing() -> ResponseReturnValue:
    """All public articles, newest first."""
    page = paginate(reading.newest())
    counts = threads.counts(Article, [article.id for article in page.items])
    return render_template("articles/list.html", page=page, rows=reading.rows(page.items, counts))


@bp.get("/articles/<slug>")
@public
def show(slug: str) -> ResponseReturnValue:
    """An article; a comparison with its tables."""
    article = found(
        db.session.scalar(
            sa.select(Article)
            .options(*reading.WITH_COMPARISON)
            .where(Article.slug == slug, Article.readable_by(current_user))
        )
    )
    live = found(article.live)
    return render_template(
        "articles/show.html",
        article=article,
        revision=live,
        headings=markup.headings(live.body_html),
        tables=reading.tables(live),
        thread=threads.thread(article),
        comment_form=CommentForm(),
    )
