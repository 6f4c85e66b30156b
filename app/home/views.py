"""The front page and the pages about the site."""

from __future__ import annotations

from flask import Blueprint, Response, current_app, render_template
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from sqlalchemy.exc import SQLAlchemyError

from app.articles import queries as articles
from app.comments import authoring
from app.foundation import database
from app.foundation.access import public
from app.foundation.database import db
from app.home.pages import Operator, TextPage, text_page
from app.moderation.post_moderation import reading
from app.moderation.reasons import REASONS
from app.moderation.statistics import transparency
from app.search.results import topic_lists
from app.stories import queries as stories
from app.topics.models import TopicKind

bp = Blueprint("home", __name__)

# Of each kind.
TOPICS_SHOWN = 8
STORIES_SHOWN = 4
ARTICLES_SHOWN = 3


@bp.get("/")
@public
def front() -> ResponseReturnValue:
    """The front page: the search field, topics, the newest stories and articles."""
    newest = db.session.scalars(stories.select_newest().limit(STORIES_SHOWN)).unique().all()
    written = db.session.scalars(articles.select_newest().limit(ARTICLES_SHOWN)).unique().all()
    counts = authoring.count_by_subject([*newest, *written])
    return render_template(
        "home/front.html",
        topics=topic_lists.most_told_of_kinds((TopicKind.CONDITION, TopicKind.TREATMENT), TOPICS_SHOWN),
        stories=stories.cards(newest, counts["story"]),
        articles=articles.rows(written, counts["article"]),
    )


@bp.get("/guidelines")
@public
def guidelines() -> ResponseReturnValue:
    """The guidelines: what is published and what is not, and why."""
    return render_template("home/text.html", page=_text("guidelines"))


@bp.get("/about")
@public
def about() -> ResponseReturnValue:
    """The page about the site."""
    return render_template("home/text.html", page=_text("about"))


@bp.get("/privacy")
@public
def privacy() -> ResponseReturnValue:
    """The privacy notice."""
    return render_template("home/text.html", page=_text("privacy"))


@bp.get("/transparency")
@public
def transparency_page() -> ResponseReturnValue:
    """The public figures about moderation."""
    return render_template(
        "home/transparency.html",
        figures=transparency.current(),
        days=transparency.DAYS,
        fewest=transparency.MIN_SAMPLE,
        reasons=REASONS,
    )


def _text(name: str) -> TextPage:
    read = reading.current()
    config = current_app.config
    operator = Operator(config["OPERATOR"], config["CONTACT"], config["ERASE_AFTER_DAYS"])
    return text_page(
        name,
        operator,
        get_locale().language,
        post_moderation=read.rules.has_fast_lane,
        unread_stories=read.has_unread_stories,
    )


@bp.get("/healthz")
@public
def healthz() -> Response:
    """Health check: the process responds."""
    return Response("ok\n", mimetype="text/plain")


@bp.get("/readyz")
@public
def readyz() -> Response:
    """Readiness check: the database responds, and can be written to."""
    try:
        database.check_writable()
    except SQLAlchemyError:
        return Response("nothing can be saved\n", status=503, mimetype="text/plain")
    return Response("ok\n", mimetype="text/plain")


@bp.get("/robots.txt")
@public
def robots() -> Response:
    """robots.txt: crawlers should leave out forms, account pages and searches."""
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in ("/search", "/account", "/moderation", "/login"))]
    return Response("\n".join(lines) + "\n", mimetype="text/plain")
