"""Drafts of questionnaires: comparing what is being typed with what was sent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from app.accounts.models import Person
from app.foundation.contributions import publication
from app.foundation.database import Model, db
from app.questionnaires.questions import fields_of, is_named_topic
from app.topics import lookup


def was_sent(actor: Person, kind: Any, key: str, fields: Mapping[str, list[str]], contribution: Any = None) -> bool:
    """Whether these fields say what was sent last: of the contribution, else of the one sent with this form's key.

    `kind` is the class of contributions. A request that keeps a draft may arrive after the form was sent, and must not
    bring the draft back.
    """
    sent = contribution or db.session.scalar(
        sa.select(kind).where(kind.author_id == actor.id, kind.submission_key == key)
    )
    if sent is None:
        return False
    latest = publication.latest_of(sent)
    model = type(latest)
    return _compared(model, fields) == _compared(model, fields_of(latest))


def _compared(model: type[Model], fields: Mapping[str, Sequence[Any]]) -> dict[str, list[str]]:
    """What fields say, without empty ones and with topics by their first name."""
    said = {name: sorted(text for value in values if (text := str(value).strip())) for name, values in fields.items()}
    return {name: _topics(values) if is_named_topic(model, name) else values for name, values in said.items() if values}


def _topics(names: Sequence[str]) -> list[str]:
    topics = (lookup.find(name, None) for name in names)
    return [topic.name if topic else name for topic, name in zip(topics, names, strict=True)]
