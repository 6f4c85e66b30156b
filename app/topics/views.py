"""Views for reading topics, and for asking the editors for a topic."""

from __future__ import annotations

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_login import current_user
from sqlalchemy.orm import joinedload

from app.articles import queries as articles
from app.articles.models import Article, ArticleForm
from app.comments import authoring
from app.comments import threads as discussion
from app.comments.forms import CommentForm
from app.foundation import database
from app.foundation.access import Role, or_404, public, staff
from app.foundation.database import db
from app.foundation.errors import Refused
from app.foundation.text import markup
from app.foundation.web import forms
from app.outcomes import summaries as outcomes
from app.search.results import story_filters, story_lists, topic_lists
from app.stories import queries as stories
from app.topics import lookup, relations, requests, vocabulary
from app.topics.forms import TopicRequestForm
from app.topics.models import Topic, TopicKind
from app.topics.terms import linked_terms

bp = Blueprint("topics", __name__)

STORIES_SHOWN = 5
# The filter that is already given by the topic in a list of its stories.
_FIXED = {TopicKind.CONDITION: "condition", TopicKind.TREATMENT: "treatment"}


@bp.get("/topics")
@public
def listing() -> ResponseReturnValue:
    """List the topics that have a page: a few of them by kind, many by letter or by what is typed."""
    return render_template(
        "topics/list.html", listed=topic_lists.topic_list(topic_lists.TopicFilters.read(request.args))
    )


@bp.get("/vocabulary")
@public
def vocabulary_suggestions() -> ResponseReturnValue:
    """Suggest names while a topic is typed, as JSON. In the query, `about` is the kind of topic, `q` the text typed."""
    about = request.args.get("about")
    if about not in list(TopicKind):
        return {"suggestions": []}
    names = lookup.suggest(forms.one_line(request.args.get("q", "")[: lookup.TYPED_MAX_LENGTH]), TopicKind(about))
    return {"suggestions": [{"title": name} for name in names]}


@bp.get("/topics/<slug>")
@public
def show(slug: str) -> ResponseReturnValue:
    """Show the page of a topic, with its overview or without. One that has no page redirects to the list of stories."""
    topic = (
        db.session.scalars(
            sa.select(Topic)
            .options(joinedload(Topic.live), joinedload(Topic.names))
            .where(Topic.slug == slug, Topic.reachable())
        )
        .unique()
        .first()
    )
    if topic is None:
        known = or_404(vocabulary.by_slug(slug))
        return redirect(url_for("topics.stories", slug=known.slug))
    overview = topic.live if topic.has_overview else None
    newest, story_count = story_lists.newest(topic, STORIES_SHOWN)
    about = articles.select_newest().where(Article.topics.any(id=topic.id))
    written = db.session.scalars(about.limit(articles.ARTICLES_SHOWN)).unique().all()
    counts = authoring.count_by_subject([*newest, *written])
    return render_template(
        "topics/show.html",
        topic=topic,
        page=overview,
        headings=markup.headings(overview.overview_html) if overview else [],
        outcomes=outcomes.summary_for(topic),
        relations=relations.related_topics(topic),
        story_count=story_count,
        stories=stories.cards(newest, counts["story"]),
        articles=articles.rows(written, counts["article"]),
        comparison=next((each for each in written if each.form is ArticleForm.COMPARISON), None),
        terms=linked_terms(overview.overview_html) if overview else [],
        # What the editors wrote is commented on; stories have comments of their own.
        thread=discussion.thread(topic) if overview else discussion.Thread(),
        comment_form=CommentForm(),
    )


@bp.get("/topics/<slug>/stories", endpoint="stories")
@public
def stories_about(slug: str) -> ResponseReturnValue:
    """List the public stories about a topic that match the filters in the address."""
    topic = or_404(vocabulary.by_slug(slug))
    filters = story_filters.from_arguments(request.args)
    listed = story_lists.story_list(filters, topic, fixed_filter=_FIXED.get(topic.about))
    is_reachable = topic.has_overview or vocabulary.is_reachable(topic)
    # A topic without a page shows its outcomes here.
    alone = not is_reachable and listed.page.is_first and not filters
    return render_template(
        "topics/stories.html",
        topic=topic,
        is_reachable=is_reachable,
        listed=listed,
        outcomes=outcomes.summary_for(topic) if alone else None,
    )


# --- Asking for a topic -----------------------------------------------------------------------------------------


@bp.get("/topics/requests/new")
@public
def request_form() -> ResponseReturnValue:
    """Show the form to ask the editors for a topic. `words` in the query is what was searched for."""
    words = forms.one_line(request.args.get("words"))[: requests.MAX_LENGTH]
    return _request_page(TopicRequestForm(formdata=None, words=words))


@bp.post("/topics/requests/new")
@public
def submit_request() -> ResponseReturnValue:
    """Ask the editors for a topic."""
    form = TopicRequestForm()
    if not form.validate_on_submit():
        database.roll_back()
        return _request_page(form), 422
    try:
        requests.submit(form.words.data or "")
    except Refused as error:
        forms.refuse(form, error)
        return _request_page(form), error.status
    flash(_("Thank you. Our editors read every request and start with the most common."), "success")
    return redirect(url_for("topics.listing"))


def _request_page(form: TopicRequestForm) -> str:
    return render_template("topics/request.html", form=form, errors=forms.all_errors(form))


@bp.get("/editorial/topic-requests", endpoint="requests")
@staff(Role.EDITOR)
def list_requests() -> ResponseReturnValue:
    """Show editors the topics that readers asked for."""
    return render_template("topics/requests.html", requests=requests.waiting_requests(current_user))


@bp.post("/editorial/topic-requests/<int:request_id>")
@staff(Role.EDITOR)
def settle_request(request_id: int) -> ResponseReturnValue:
    """Remove a request from the editors' list."""
    requests.settle(current_user, request_id)
    flash(_("Removed from the list."), "success")
    return redirect(url_for("topics.requests"))
