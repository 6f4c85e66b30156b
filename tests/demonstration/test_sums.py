"""What the stories of the demonstration add up to: the conditions that people look at first show figures."""

from __future__ import annotations

import pytest
import sqlalchemy as sa
from flask import Flask

from app.foundation.database import db
from app.outcomes import summaries
from app.topics import vocabulary
from app.topics.models import Topic

ENOUGH = {
    "warts": {"diphencyprone", "cryotherapy", "salicylic-acid"},
    "actinic-keratosis": {"imiquimod", "fluorouracil", "cryotherapy", "photodynamic-therapy"},
    "basal-cell-carcinoma": {"imiquimod", "surgical-excision"},
    "alopecia-areata": {"diphencyprone", "topical-corticosteroids"},
    "atopic-dermatitis": {"tacrolimus"},
}


@pytest.mark.parametrize("slug", ENOUGH)
def test_a_condition_shows_figures(demonstration: Flask, slug: str) -> None:
    with demonstration.test_request_context():
        topic = vocabulary.by_slug(slug)
        assert topic is not None
        rows = {row.treatment.slug: row for row in summaries.summary_for(topic).rows}

    assert set(rows) == ENOUGH[slug]
    assert all(row.works.is_large_enough for row in rows.values())


def test_everything_with_a_page_can_be_read(demonstration: Flask) -> None:
    client = demonstration.test_client()
    page = client.get_page("/articles/imiquimod-compared")

    assert "Compare imiquimod with other treatments" in page.text
    for slug in ENOUGH:
        assert client.get_page(f"/topics/{slug}").select("#outcomes")


@pytest.mark.parametrize(
    ("said", "meant"),
    [
        ("sun spots", "actinic-keratosis"),
        ("sunspots", "actinic-keratosis"),
        ("liquid nitrogen", "cryotherapy"),
        ("freezing", "cryotherapy"),
        ("wart acid", "salicylic-acid"),
        ("wart paint", "salicylic-acid"),
        ("chemo cream", "fluorouracil"),
        ("blue light", "photodynamic-therapy"),
        ("red light", "photodynamic-therapy"),
        ("verruca", "plantar-warts"),
        ("rodent ulcer", "basal-cell-carcinoma"),
        ("BCC", "basal-cell-carcinoma"),
        ("flu symptoms", "flu-like-feeling"),
    ],
)
def test_what_people_call_it_is_understood(demonstration: Flask, said: str, meant: str) -> None:
    with demonstration.app_context():
        topic = vocabulary.find(said)
        assert topic is not None
        assert topic.slug == meant


def test_every_topic_is_defined(demonstration: Flask) -> None:
    with demonstration.app_context():
        assert db.session.scalars(sa.select(Topic.slug).where(Topic.definition == "")).all() == []
