"""Topics and articles."""

from __future__ import annotations

from typing import Any

from app.articles import publishing
from app.articles.models import Article
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import render_text
from app.topics import pages, vocabulary
from app.topics.models import NameKind, Topic, TopicKind


def a_topic(name: str, about: TopicKind = TopicKind.CONDITION, *names: str, page: str | None = None) -> Topic:
    """A topic by this name, found or made; `page` is the Markdown of its overview."""
    entry = vocabulary.Entry(name, about, names=tuple((NameKind.SYNONYM, each) for each in names))
    topic, _changed = vocabulary.add(entry)
    if page is not None:
        pages.publish(topic, pages.Overview(render_text(page, Profile.EDITORIAL)))
    return topic


def an_article(slug: str = "how-to-read-a-figure", title: str = "How to read a figure", **content: Any) -> Article:
    """A published article."""
    body = render_text(content.pop("body", "Some words about figures."), Profile.EDITORIAL)
    topics = content.pop("topics", [a_topic("Warts")])
    return publishing.publish(
        slug, publishing.ArticleContent(title=title, excerpt="What figures mean.", body=body, topics=topics, **content)
    )
