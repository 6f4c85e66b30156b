"""Reading articles over HTTP."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app.articles import comparisons, queries
from app.articles.comparisons import Finding, StoriesRow, Table
from app.articles.models import Article, ArticleRevision
from app.comments import authoring
from app.comments import threads as discussion
from app.comments.forms import CommentForm
from app.foundation.access import or_404, public
from app.foundation.database import db
from app.foundation.text import markup
from app.foundation.web.formatting import percent
from app.foundation.web.pagination import paginate
from app.outcomes import summaries as outcomes
from app.outcomes.summaries import SummaryRow

bp = Blueprint("articles", __name__)


@bp.get("/articles")
@public
def listing() -> ResponseReturnValue:
    """All public articles, newest first."""
    page = paginate(queries.select_newest())
    counts = authoring.count_by_subject(page.items)["article"]
    return render_template("articles/list.html", page=page, rows=queries.rows(page.items, counts))


@bp.get("/articles/<slug>")
@public
def show(slug: str) -> ResponseReturnValue:
    """An article; a comparison with its tables, of which a phone shows the columns that the address asks for."""
    article = or_404(
        db.session.scalar(
            sa.select(Article)
            .options(*queries.COMPARISON_LOADERS)
            .where(Article.slug == slug, Article.readable_by(current_user))
        )
    )
    live = or_404(article.live)
    tables = _tables(live)
    return render_template(
        "articles/show.html",
        article=article,
        revision=live,
        headings=markup.headings(live.body_html),
        tables=tables,
        choice=comparisons.choose(article, tables, request.args) if tables else None,
        thread=discussion.thread(article),
        comment_form=CommentForm(),
    )


def _tables(live: ArticleRevision) -> list[Table]:
    if not live.options:
        return []
    rows = outcomes.rows_between(
        {condition.topic_id for condition in live.conditions}, {option.topic_id for option in live.options}
    )
    if any(row.is_invented for row in rows.values()):
        note = _("self-reported, not a trial; invented for demonstration")
    else:
        note = _("self-reported, not a trial")
    stories = {cell: _finding(row) for cell, row in rows.items()}
    return comparisons.read_tables(live, stories, StoriesRow(_("Stories here"), note))


def _finding(row: SummaryRow) -> Finding:
    """Return what a cell of a comparison says for a row of figures."""
    url = url_for("stories.listing", condition=row.condition.slug, treatment=row.treatment.slug, counted="yes")
    if not (row.is_large_enough and row.works.is_large_enough):
        few = ngettext("%(num)s story, too few to summarise", "%(num)s stories, too few to summarise", row.stories)
        return Finding(few, url=url)
    lower, upper = map(percent, row.works.interval)
    text = ngettext(
        "it worked moderately or very well for %(part)s of the %(num)s who could tell "
        "(95%% interval %(lower)s to %(upper)s)",
        "it worked moderately or very well for %(part)s of the %(num)s who could tell "
        "(95%% interval %(lower)s to %(upper)s)",
        row.works.whole,
        part=row.works.part,
        lower=lower,
        upper=upper,
    )
    return Finding(text, figure=percent(row.works.value), url=url)
