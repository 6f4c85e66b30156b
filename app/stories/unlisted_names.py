"""Names that are not in the vocabulary: authors may use them, and staff settle them before the story is public.

Until then the revision refers to a stand-in topic, and only its author and staff can read the name.
"""

from __future__ import annotations

from collections.abc import Sequence

import sqlalchemy as sa
from flask_babel import gettext as _

from app.accounts.models import Person
from app.foundation.access import require
from app.foundation.contributions.models import PublicationState
from app.foundation.database import db
from app.foundation.errors import Conflict, Refused
from app.foundation.events import NameSettled, record
from app.foundation.text.strings import name_key
from app.stories import policy
from app.stories.models import StoryRevision, UnlistedName
from app.topics import lookup, vocabulary
from app.topics.models import NameKind, Topic


def use_stand_ins(revision: StoryRevision) -> None:
    """Replace the unlisted topics of a revision by stand-ins, and add their names to `revision.unlisted`.

    For `authoring`, before the revision is added to the session.
    """
    if not revision.condition.is_listed:
        name = revision.condition
        revision.unlisted.append(UnlistedName(about=name.about, name=name.name))
        revision.condition = vocabulary.stand_in(name.about)
    for tried in revision.treatments:
        if not tried.topic.is_listed:
            name = tried.topic
            revision.unlisted.append(UnlistedName(about=name.about, name=name.name, position=tried.position))
            tried.topic = vocabulary.stand_in(name.about)


def open_names(revision: StoryRevision) -> Sequence[UnlistedName]:
    """The names in a revision that have not been settled yet, in the order of the form."""
    return [name for name in revision.unlisted if name.topic_id is None]


def settle_as(actor: Person, name: UnlistedName, topic_name: str, *, is_synonym: bool = False) -> Topic:
    """Replace an unlisted name by a topic of the vocabulary, and return the topic.

    Moderators and editors may, but not on stories of their own. With `is_synonym` the name becomes a synonym of the
    topic. Raises NotAllowed, Refused if no topic is called `topic_name`, and Conflict if the name was settled already
    or the story was removed.
    """
    _require(actor, name)
    topic = lookup.find(topic_name, name.about)
    if topic is None:
        raise Refused(_("We don’t have ‘%(name)s’ in our list of these.", name=topic_name[:60]), "topic")
    if is_synonym:
        vocabulary.add_names(topic, [(NameKind.SYNONYM, name.name)])
    return _settle(actor, name, topic)


def settle_as_new(actor: Person, name: UnlistedName, topic_name: str) -> Topic:
    """Replace an unlisted name by a new topic called `topic_name`, and return the topic.

    An existing topic of that name is used instead. Moderators and editors may, but not on stories of their own. Raises
    NotAllowed, Refused if `topic_name` cannot be a name, and Conflict if the name was settled already or the story was
    removed.
    """
    _require(actor, name)
    if not name_key(topic_name) or len(topic_name) > vocabulary.NAME_MAX_LENGTH:
        raise Refused(_("Enter how the name is spelled."), "topic")
    known = lookup.find(topic_name, name.about)
    return _settle(actor, name, known or vocabulary.add(vocabulary.Entry(topic_name, name.about))[0])


def _require(actor: Person, name: UnlistedName) -> None:
    story = name.revision.story
    require(policy.may_settle_name(actor, story), _("Someone else has to look at what you wrote."))
    if story.state is PublicationState.REMOVED:
        raise Conflict(_("This story has been taken down."))


def _settle(actor: Person, name: UnlistedName, topic: Topic) -> Topic:
    settled = db.session.execute(
        sa.update(UnlistedName)
        .where(UnlistedName.id == name.id, UnlistedName.topic_id.is_(None))
        .values(topic_id=topic.id)
        .returning(UnlistedName.id)
        .execution_options(synchronize_session=False)
    ).scalar()
    if settled is None:
        raise Conflict(_("Someone else settled this name while you were reading."))
    db.session.refresh(name)
    if name.position is None:
        name.revision.condition = topic
    else:
        next(tried for tried in name.revision.treatments if tried.position == name.position).topic = topic
    db.session.flush()
    record(NameSettled(actor.id, name.revision.kind, name.revision.story_id, name.revision_id))
    return topic
