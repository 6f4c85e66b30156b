"""Stories as a kind of contribution: see `foundation/kinds.py` for what each field means."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import url_for
from flask_babel import lazy_gettext as _
from sqlalchemy.orm import joinedload

from app.foundation.contributions.tombstones import TombstoneTexts
from app.foundation.kinds import Erasing, Kind, Labels, Loading, Partials, Searching, Text
from app.foundation.text.markup import Profile
from app.questionnaires.questions import labelled
from app.stories import drafts, erasure, queries
from app.stories.models import SideEffect, Story, StoryRevision, TreatmentTried
from app.topics import vocabulary
from app.topics.models import Topic


def _about_topic(topic: Topic, _story_id: Any, revision_id: Any) -> sa.ColumnElement[bool]:
    """Versions that name the topic, or one below it, as their condition or among their treatments."""
    within = vocabulary.with_narrower(topic)
    tried = sa.select(TreatmentTried.revision_id).where(TreatmentTried.topic_id.in_(within))
    naming = sa.select(StoryRevision.id).where(
        sa.or_(StoryRevision.condition_id.in_(within), StoryRevision.id.in_(tried))
    )
    condition: sa.ColumnElement[bool] = revision_id.in_(naming)
    return condition


def _public_under(topic_id: Any) -> sa.ColumnElement[bool]:
    """Public stories with the topic as their condition, a treatment or a side effect, but not with one below it."""
    # As a CASE: SQLite would go through all that is published, where a topic has few revisions and usually none. And
    # from a revision to its story by the id: while most stories wait, it takes the index of live revisions for useless.
    is_live = sa.and_(Story.public(), Story.live_revision_id == StoryRevision.id)
    revisions = sa.select(Story.id).join(StoryRevision, StoryRevision.story_id + 0 == Story.id)
    revisions = revisions.where(sa.case((is_live, sa.true()), else_=sa.false()))
    tried = revisions.join(TreatmentTried, TreatmentTried.revision_id == StoryRevision.id)
    effects = tried.join(SideEffect, SideEffect.tried_id == TreatmentTried.id)
    return sa.or_(
        revisions.where(StoryRevision.condition_id == topic_id).exists(),
        tried.where(TreatmentTried.topic_id == topic_id).exists(),
        effects.where(SideEffect.topic_id == topic_id).exists(),
    )


STORY = Kind(
    model=Story,
    revision_model=StoryRevision,
    labels=Labels(
        singular=_("Story"),
        plural=_("Stories"),
        in_sentence=_("story"),
        yours=_("your story"),
        usual_wait=_("In the last 30 days, half of stories were read within %(half)s and 9 in 10 within %(most)s."),
        usual_wait_most=_("In the last 30 days, 9 in 10 stories were read within %(most)s."),
        report=_("Report a story"),
        hidden_with=_("Its comments and your follow-ups will be hidden too."),
        erased_with=_(
            "Your follow-ups to this story are deleted with it. Comments that other people wrote stay theirs, but are"
            " hidden."
        ),
    ),
    texts=(
        Text("title", "title", longest=200, place=_("in the title")),
        Text("body", "body_source", "body_html"),
        Text(
            "advice",
            "advice_source",
            "advice_html",
            changes_heading=_("The advice"),
            heading=_("Advice to someone starting out"),
            place=_("in the advice"),
        ),
    ),
    profile=Profile.STORY,
    tombstones=TombstoneTexts(
        withdrawn=_("The person who wrote this story has withdrawn it."),
        erased=_("The person who wrote this story has deleted it."),
        removed=_("Our moderators took this story down."),
    ),
    erasing=Erasing(clear=erasure.clear, discard_drafts=erasure.discard_drafts),
    searching=Searching(),
    loading=Loading(
        author=(joinedload(Story.live).load_only(StoryRevision.title),),
        queue=(joinedload(Story.live), joinedload(Story.author)),
        # Whether a story can be published depends on the topics it names.
        decision=(
            joinedload(StoryRevision.condition),
            joinedload(StoryRevision.treatments).joinedload(TreatmentTried.topic),
        ),
    ),
    partials=Partials(
        answers="moderation/queue/_story_answers.html", before_decision="moderation/queue/_unlisted_names.html"
    ),
    title=lambda revision: revision.title,
    answers=labelled,
    load_answers=queries.load_answers,
    note=lambda revision: revision.condition.name,
    quotes_body=False,
    create_draft=drafts.create_from_revision,
    delete_draft=drafts.delete_if_unchanged,
    edit_url=lambda story: url_for("stories.edit", story_id=story.id),
    withdraw_url=lambda story: url_for("stories.confirm_withdraw", story_id=story.id),
    about_topic=_about_topic,
    public_under=_public_under,
)
