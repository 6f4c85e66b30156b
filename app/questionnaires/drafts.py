"""Comparing what is being typed into a questionnaire with what was submitted."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

import sqlalchemy as sa

from app.accounts.models import Person
from app.foundation.contributions import publication
from app.foundation.contributions.models import Contribution
from app.foundation.database import Model, db
from app.questionnaires.questions import fields_of, is_named_topic
from app.topics import lookup

C = TypeVar("C", bound=Contribution)


def was_sent(
    actor: Person, kind: type[C], key: str, fields: Mapping[str, list[str]], contribution: C | None = None
) -> bool:
    """Whether the fields are equal to the latest revision of what was submitted.

    That is `contribution`, or without one the contribution of class `kind` that `actor` submitted with the form's
    `key`. A request that saves a draft may arrive after the form was submitted, and must not create the draft again.
    """
    sent = contribution or db.session.scalar(
        sa.select(kind).where(kind.author_id == actor.id, kind.submission_key == key)
    )
    if sent is None:
        return False
    latest = publication.latest_of(sent)
    assert isinstance(latest, Model), "revisions are rows"
    model = type(latest)
    return _compared(model, fields) == _compared(model, fields_of(latest))


def _compared(model: type[Model], fields: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """The fields in a form that can be compared: without empty ones, and with the preferred names of topics."""
    said = {name: sorted(text for value in values if (text := str(value).strip())) for name, values in fields.items()}
    return {name: _topics(values) if is_named_topic(model, name) else values for name, values in said.items() if values}


def _topics(names: Sequence[str]) -> list[str]:
    topics = (lookup.find(name, None) for name in names)
    return [topic.name if topic else name for topic, name in zip(topics, names, strict=True)]
