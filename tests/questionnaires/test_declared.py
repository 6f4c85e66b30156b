"""The forms are the questions that are declared: nothing else is read, and nothing that is declared is lost."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.datastructures import MultiDict

from app.follow_ups.models import FollowUpRevision
from app.foundation.contributions.publication import pending_of
from app.foundation.database import db, transaction
from app.foundation.text.rendered_text import RenderedText
from app.moderation.decisions import decisions
from app.questionnaires.declaration import Question
from app.questionnaires.forms import form_about, form_class
from app.questionnaires.question_types import Consent, NamedTopic, OneLine, OneOf, Prose, SeveralOf, Tick
from app.questionnaires.questions import (
    ForEachTopic,
    Group,
    check,
    fields_of,
    labelled,
    question_for,
    questions_of,
    version_of,
)
from app.search.results import story_filters as filters
from app.stories import authoring, erasure
from app.stories.models import SideEffect, Story, StoryDraft, StoryRevision, TreatmentTried
from app.topics.models import Topic, TopicKind
from app.transfer import mapping
from tests.client import Form, StrictClient
from tests.factories.pages import a_topic
from tests.factories.people import a_moderator, a_person, logged_in
from tests.factories.stories import a_published_story
from tests.stories.story_form import complete_form, create_vocabulary, filled_form, set_field, typed_values

MODELS = (StoryRevision, TreatmentTried, SideEffect, FollowUpRevision)
# Names that a form has for itself.
OWN = {"csrf_token", "key", "seen", "add", "add_to", "remove", "up", "down", "send", "save", "preview", "replace"}


def declared(
    model: Any, topics: tuple[Topic, ...] = (), prefix: str = "", only: type[Question] = Question
) -> Iterator[str]:
    """The names of the fields for the first entry of every group; `only`: those of questions of this type."""
    for question in questions_of(model):
        if isinstance(question, ForEachTopic):
            yield from (f"{name}_{topic.id}" for topic in topics for name in declared(question.model, only=only))
        elif isinstance(question, Group):
            yield from declared(question.model, prefix=f"{prefix}{question.name}-0-", only=only)
        elif isinstance(question, only):
            yield from (prefix + name for name in question.names)


@pytest.fixture
def writer(app: Flask) -> StrictClient:
    create_vocabulary(app)
    return logged_in(app, "quietfern")


def names_in(form: Any) -> set[str]:
    return {str(control.get("name")) for control in form.controls if control.get("name")} - OWN


def test_the_story_form_has_every_declared_question_and_no_other(writer: StrictClient) -> None:
    names = names_in(writer.get_page("/stories/new").form("Send for review"))

    assert set(declared(StoryRevision)) <= names
    assert not [name for name in names if question_for(StoryRevision, name) is None]


def test_the_follow_up_form_has_every_declared_question_and_no_other(app: Flask) -> None:
    author = logged_in(app, "quietfern")
    with app.app_context():
        with transaction():
            person = db.session.scalars(sa.select(Topic)).first()
            story = a_published_story(author=_person(app))
        topics = tuple(tried.topic for tried in story.live.treatments) if story.live else ()
        wanted = set(declared(FollowUpRevision, topics))
        address = f"/stories/{story.id}/follow-up"
    assert person is None
    names = names_in(author.get_page(address).form("Send for review"))

    assert names == wanted


def _person(app: Flask) -> Any:
    from app.accounts import registration

    return registration.find_by_username("quietfern")


SPACES = ("\t", " ", "\u2028\n")


def fields_accepting_spaces(client: StrictClient, address: str, form: Form, names: Iterable[str]) -> list[str]:
    """The names of those fields that the form at this address accepts with nothing but spaces in them."""
    accepting = []
    for name in names:
        others = [(key, value) for key, value in form.pairs() if key != name]
        for spaces in SPACES:
            fields = MultiDict([*others, (name, spaces), ("send", "1")])
            if client.post(address, data=fields).status_code != 422:
                accepting.append(name)
    return accepting


def test_spaces_are_no_choice_in_a_story(writer: StrictClient) -> None:
    names = list(declared(StoryRevision, only=OneOf))

    assert len(names) >= 10
    assert fields_accepting_spaces(writer, "/stories/new", filled_form(writer), names) == []


def test_spaces_are_no_choice_in_a_follow_up(app: Flask) -> None:
    author = logged_in(app, "quietfern")
    with app.app_context():
        with transaction():
            story = a_published_story(author=_person(app))
        address = f"/stories/{story.id}/follow-up"
        names = list(declared(FollowUpRevision, tuple(tried.topic for tried in story.live.treatments), only=OneOf))
    form = author.get_page(address).form("Send for review")

    assert len(names) > 2
    assert fields_accepting_spaces(author, address, form, names) == []


UNDECLARED = (
    "state", "author_id", "story_id", "renderer_version", "editor_id", "body_html", "condition_id", "topic",
    "treatments", "treatments-0", "treatments-0-position", "treatments-0-side_effects", "treatments-²-status",
    "treatments-100-status", "treatments-0-side_effects-0-topic", "treatments--1-status", "effect_1", "title_7",
    "publish_consent_at", "publish_consent_at-0",
)  # fmt: skip


def test_nothing_is_kept_of_a_name_that_is_not_declared(app: Flask, writer: StrictClient) -> None:
    form = filled_form(writer)
    fields = MultiDict([*form.pairs(), *((name, "smuggled") for name in UNDECLARED), ("save", "1")])

    assert writer.post("/stories/new", data=fields).status_code == 302

    with app.app_context():
        kept = db.session.scalars(sa.select(StoryDraft)).one().fields
        assert not set(UNDECLARED) & kept.keys()
        assert not any("smuggled" in values for values in kept.values())
        assert all(question_for(StoryRevision, name) for name in kept)
        assert form_class(StoryRevision)(formdata=None).accepted(fields).keys() == kept.keys()


def test_every_answer_survives_draft_redrawing_sending_and_editing(app: Flask, writer: StrictClient) -> None:
    form = complete_form(writer)
    given = typed_values(form)
    missing = {name for name in declared(StoryRevision) if name not in given}
    # What only one who stopped is asked stands with the second treatment; nothing here is unlisted.
    assert missing == {"condition_unlisted", "treatments-0-unlisted", "treatments-0-stop_reasons"}

    draft = writer.submit(form, "Save draft").form("Send for review")
    assert typed_values(draft) == given
    redrawn = writer.submit(draft, "Move treatment 1 down").form("Send for review")
    back = writer.submit(redrawn, "Move treatment 2 up").form("Send for review")
    assert typed_values(back) == given
    writer.submit(back)

    with app.app_context():
        story = db.session.scalars(sa.select(Story)).one()
        version = pending_of(story)
        words = " ".join(word for pair in labelled(version) for word in pair)
        fields = {name: values for name, values in fields_of(version).items() if any(values)}
        assert fields.keys() == given.keys()
        address = f"/stories/{story.id}/edit"
        for question in questions_of(StoryRevision):
            if not isinstance(question, Group | Prose):
                assert str(question.staff_label or question.label) in words
    edit = typed_values(writer.get_page(address).form("Send for review"))
    # Side effects are shown by their first names.
    assert edit.keys() == given.keys()


def an_answer(question: Question) -> Any:
    """An answer that is neither none nor the default."""
    if isinstance(question, OneOf):
        answer: Any = next(
            each for each in reversed(question.answers) if each not in (question.preset, *question.without)
        )
    elif isinstance(question, NamedTopic):
        answer = a_topic(f"Some {question.about}", question.about)
    elif isinstance(question, ForEachTopic):
        inner = {each.name: an_answer(each) for each in questions_of(question.model)}
        answer = [{"topic": a_topic("Some treatment", TopicKind.TREATMENT), **inner}]
    elif isinstance(question, Group):
        answer = [{each.name: an_answer(each) for each in questions_of(question.model)}]
    elif isinstance(question, Prose):
        answer = RenderedText("Word " * 20, RenderedText.EMPTY.html + "<p>word</p>")
    elif isinstance(question, OneLine):
        answer = "words"
    elif isinstance(question, SeveralOf):
        answer = list(question.answers)[-2:]
    else:
        assert isinstance(question, Tick)
        answer = True
    return answer


@pytest.mark.parametrize("model", [StoryRevision, FollowUpRevision])
def test_every_answer_changes_what_is_labelled_and_compared(context: None, model: Any) -> None:
    with transaction():
        answers = {question.name: an_answer(question) for question in questions_of(model)}
        version: Any = version_of(model, answers)
        check(version)
        fields = fields_of(version)

        for question in questions_of(model):
            if isinstance(question, Prose):
                continue
            without = version_of(model, {**answers, question.name: None}) if _may_be_none(question) else None
            assert question.labelled(version)
            if without is not None:
                assert labelled(without) != labelled(version), question.name
                assert fields_of(without) != fields, question.name


def _may_be_none(question: Question) -> bool:
    return not isinstance(question, NamedTopic)


def test_a_version_takes_declared_answers_only(context: None) -> None:
    with pytest.raises(TypeError, match="does not ask state"):
        version_of(StoryRevision, {"title": "A title", "state": "approved"})


def test_erasing_leaves_no_answer(context: None) -> None:
    with transaction():
        answers = {question.name: an_answer(question) for question in questions_of(StoryRevision)}
        story = authoring.submit(a_person(), version_of(StoryRevision, answers), "a-key-of-mine")
        decisions.approve(a_moderator(), pending_of(story))
        erasure.clear(story.id)
    version = story.revisions[0]

    for question in questions_of(StoryRevision):
        answer = getattr(version, question.attribute)
        if isinstance(question, Consent):
            assert answer is not None
        elif isinstance(question, NamedTopic):
            assert not answer.is_listed
        else:
            assert answer in ("", None, False, []), question.name
    for child in (TreatmentTried, SideEffect):
        assert db.session.scalar(sa.select(sa.func.count()).select_from(child)) == 0


def test_a_mapping_may_name_every_question_that_is_imported() -> None:
    named = {*mapping.STORY_ANSWERS, *mapping.CONSENTS, "title", "body", "advice", "condition", "treatments"}
    about_treatments = {*mapping.TREATMENT_CODES, *mapping.SEVERAL_CODES, "treatment", "side_effects"}

    assert named == {question.name for question in questions_of(StoryRevision) if question.is_imported}
    assert about_treatments == {question.name for question in questions_of(TreatmentTried) if question.is_imported}


def test_list_filters_and_screened_texts_exist() -> None:
    questions = [question for model in MODELS for question in questions_of(model)]

    assert {question.list_filter for question in questions if question.list_filter} <= set(filters.NAMES)
    assert all(isinstance(question, OneLine | Prose) for question in questions if question.is_screened)
    # Consent is between the author and the site.
    assert not [question for question in questions if question.is_exposed and isinstance(question, Consent)]


def test_only_the_topics_of_the_story_are_asked_about(context: None) -> None:
    with transaction():
        asked, other = a_topic("Imiquimod", TopicKind.TREATMENT), a_topic("Cryotherapy", TopicKind.TREATMENT)
    form = form_about(FollowUpRevision, (asked,))(formdata=None)
    sent = MultiDict({f"effect_{asked.id}": "slightly", f"effect_{other.id}": "slightly", "body": " words "})

    assert form.accepted(sent) == {f"effect_{asked.id}": ["slightly"], "body": [" words "]}


def test_a_typed_answer_is_a_draft(writer: StrictClient, app: Flask) -> None:
    form = writer.get_page("/stories/new").form("Send for review")
    set_field(form, "treatments-0-side_effects-0-effect", "Itch")
    writer.submit(form, "Add another treatment")

    with app.app_context():
        assert db.session.scalars(sa.select(StoryDraft)).one().fields["treatments-0-side_effects-0-effect"] == ["Itch"]
