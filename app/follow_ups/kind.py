"""The declaration of follow-ups as a kind of contribution. `foundation/kinds.py` explains the fields."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from app.follow_ups import erasure, queries
from app.follow_ups.models import FollowUp, FollowUpRevision
from app.foundation.contributions.tombstones import TombstoneTexts
from app.foundation.kinds import Erasing, Kind, Labels, Loading, Partials, Text
from app.foundation.text.markup import Profile
from app.questionnaires.questions import labelled
from app.stories.models import Story, StoryRevision
from app.stories.queries import is_about
from app.topics.models import Topic


def _about_topic(topic: Topic, follow_up_id: Any, _revision_id: Any) -> sa.ColumnElement[bool]:
    """The SQL condition for follow-ups of stories about this topic."""
    stories = sa.select(Story.id).where(is_about(topic))
    condition: sa.ColumnElement[bool] = follow_up_id.in_(sa.select(FollowUp.id).where(FollowUp.story_id.in_(stories)))
    return condition


FOLLOW_UP = Kind(
    model=FollowUp,
    revision_model=FollowUpRevision,
    labels=Labels(
        singular=_("Follow-up"),
        plural=_("Follow-ups"),
        in_sentence=_("follow-up"),
        yours=_("your follow-up"),
        usual_wait=_("In the last 30 days, half of follow-ups were read within %(half)s and 9 in 10 within %(most)s."),
        usual_wait_most=_("In the last 30 days, 9 in 10 follow-ups were read within %(most)s."),
        report=_("Report a follow-up"),
    ),
    texts=(Text("body", "body_source", "body_html"),),
    profile=Profile.STORY,
    tombstones=TombstoneTexts(
        withdrawn=_("The person who wrote this has withdrawn it."),
        erased=_("The person who wrote this has deleted it."),
        removed=_("Our moderators took this down."),
    ),
    erasing=Erasing(
        clear=erasure.clear,
        discard_drafts=erasure.discard_drafts,
        erased_with={Story.kind: erasure.follow_ups_of_story},
    ),
    loading=Loading(
        queue=(
            joinedload(FollowUp.author),
            joinedload(FollowUp.live),
            joinedload(FollowUp.story).joinedload(Story.live),
        ),
        author=(joinedload(FollowUp.story).joinedload(Story.live).load_only(StoryRevision.title),),
        title=(joinedload(FollowUpRevision.follow_up).joinedload(FollowUp.story).joinedload(Story.live),),
    ),
    partials=Partials(surroundings="follow_ups/_surroundings.html"),
    title=lambda revision: revision.follow_up.heading,
    answers=labelled,
    load_answers=queries.load_answers,
    body_is_optional=True,
    edit_url=lambda follow_up: url_for("follow_ups.edit", follow_up_id=follow_up.id),
    withdraw_url=lambda follow_up: url_for("follow_ups.confirm_withdraw", follow_up_id=follow_up.id),
    about_topic=_about_topic,
)
