"""Reading and writing stories over HTTP."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import lazy_gettext
from flask_login import current_user

from app.comments import threads as discussion
from app.comments.forms import CommentForm
from app.follow_ups import queries as follow_ups
from app.foundation.access import member, or_404, prepare, public
from app.foundation.contributions import authorship, erasure_requests, publication, tombstones
from app.foundation.contributions.drafts import Draft
from app.foundation.contributions.drafts import discard as discard_draft
from app.foundation.contributions.publication import latest_of
from app.foundation.database import db
from app.foundation.errors import DomainError, Removed
from app.foundation.web import forms, withdrawal
from app.outcomes import counting
from app.questionnaires.drafts import was_sent
from app.questionnaires.form_controller import FormPage, rendering, screening
from app.questionnaires.forms import blank_entry
from app.questionnaires.questions import Fields, fields_of, groups_of
from app.search.results import story_filters, story_lists
from app.stories import authoring, drafts, policy, queries
from app.stories import thanks as stories_thanks
from app.stories.kind import STORY
from app.stories.models import Story, StoryDraft, StoryRevision
from app.topics import vocabulary
from app.topics.models import TopicKind

bp = Blueprint("stories", __name__)

withdrawal.add_views(
    bp, Story, lazy_gettext("Your story is withdrawn. Nobody else can read it any more."), authoring.withdraw
)


@bp.get("/stories")
@public
def listing() -> ResponseReturnValue:
    """All public stories that meet the filters of the address."""
    filters = story_filters.from_arguments(request.args)
    counted = [counting.counted_stories(filters.condition, filters.treatment, filters.effect)]
    listed = story_lists.story_list(filters, None, *(counted if filters.counted else ()))
    return render_template("stories/list.html", listed=listed)


@bp.get("/stories/<int:story_id>/<slug>")
@bp.get("/stories/<int:story_id>", defaults={"slug": None})
@public
def show(story_id: int, slug: str | None) -> ResponseReturnValue:
    """One story: its journey, its words, its comments."""
    story = queries.for_page(story_id, current_user)
    if story is None:
        raise tombstones.error_for(db.session.get(Story, story_id), STORY.tombstones)
    is_public = publication.is_public(story)
    erasure = None if is_public else erasure_requests.request_for(story)
    if erasure is not None and erasure.is_done:
        raise Removed(STORY.tombstones.erased)
    if slug != story.slug:
        return redirect(story.url)
    return render_template(
        "stories/show.html",
        story=story,
        is_public=is_public,
        erasure=erasure,
        revision=story.live if is_public else latest_of(story),
        thread=discussion.thread(story) if is_public else discussion.Thread(),
        comment_form=CommentForm(),
        follow_ups=follow_ups.timeline(story) if is_public else [],
        has_thanked=is_public and stories_thanks.has_thanked(current_user, story),
        related=queries.related(story) if is_public else [],
    )


@bp.get("/stories/<int:story_id>/thanks")
@member
def thanks(story_id: int) -> ResponseReturnValue:
    """The button alone, for who had to log in first."""
    story = _public_story(story_id)
    if not policy.may_thank(current_user, story):
        return redirect(story.url)
    return render_template(
        "stories/thanks.html", story=story, has_thanked=stories_thanks.has_thanked(current_user, story)
    )


@bp.post("/stories/<int:story_id>/thanks")
@member
def thank(story_id: int) -> ResponseReturnValue:
    """Say that a story helped, or take that back."""
    story = _public_story(story_id)
    if request.form.get("what") == "back":
        stories_thanks.take_back(current_user, story)
    else:
        stories_thanks.thank(current_user, story)
    return redirect(f"{story.url}#thanks")


def _public_story(story_id: int) -> Story:
    return or_404(db.session.scalar(sa.select(Story).where(Story.id == story_id, Story.public())))


class StoryPage(FormPage):
    """The page on which a story is written: a new one, or the next version of `story`."""

    model = StoryRevision
    template = "stories/form.html"
    sent_message = lazy_gettext("Your story is with our moderators. One of them reads it before anybody else can.")

    def __init__(self, key: str, story: Story | None = None) -> None:
        super().__init__(key)
        self.story = story
        self._story_id = story.id if story else None

    @property
    def address(self) -> str:
        """Where the form is posted to."""
        return url_for("stories.change", story_id=self._story_id) if self._story_id else url_for("stories.create")

    def draft_address(self, draft: Draft) -> str:
        """Where the writing goes on: that of the story's next version, which is always the same, else the draft's."""
        if self._story_id and request.endpoint == "stories.keep_next":
            return url_for("stories.edit", story_id=self._story_id)
        return url_for("stories.draft", draft_id=draft.id)

    def save_draft(self, fields: Fields) -> Draft:
        """Keep the fields as a draft. Raises Refused."""
        return drafts.save(current_user, self.key, fields, self.story)

    def was_sent(self, fields: Fields) -> bool:
        """Whether these fields say what was sent already."""
        return was_sent(current_user, Story, self.key, fields, self.story)

    def send(self, version: StoryRevision) -> None:
        """Send a version for review. Raises DomainError."""
        if self.story is None:
            authoring.submit(current_user, version, self.key)
        else:
            authoring.submit_edit(current_user, self.story, version)

    def reload(self) -> None:
        """Read the story anew after the transaction was given up."""
        self.story = db.session.get(Story, self._story_id) if self._story_id else None

    def refused_status(self, error: DomainError) -> int:
        """422 whatever it was: the text is kept and shown again."""
        return 422

    def context(self) -> dict[str, Any]:
        """What the template needs besides the form."""
        (treatments,) = groups_of(StoryRevision)
        kinds = (kind for kind in TopicKind if kind is not TopicKind.CONCEPT)
        return {
            "story": self.story,
            "blank_treatment": blank_entry(treatments),
            "names": {kind.value: vocabulary.names_of(kind) for kind in kinds},
        }


@bp.get("/stories/new")
@member
def new() -> ResponseReturnValue:
    """An empty form."""
    page = StoryPage(forms.new_key())
    return page.page(page.empty())


@bp.post("/stories/new")
@member
@prepare(rendering(StoryRevision))
def create() -> ResponseReturnValue:
    """A new story: keep it as a draft, change the number of treatments, or send it."""
    return StoryPage(forms.submitted_key()).pressed()


@bp.get("/stories/drafts/<int:draft_id>")
@member
def draft(draft_id: int) -> ResponseReturnValue:
    """Go on writing a draft."""
    mine = _draft(draft_id)
    page = StoryPage(mine.key, mine.story)
    return page.page(page.filled(mine.fields), draft=mine)


@bp.post("/stories/drafts")
@member
@prepare(screening(StoryRevision))
def keep() -> ResponseReturnValue:
    """Keep a new story while it is typed. Answers in JSON: `url` of the draft and what stands in
    the `margin` (the privacy hints as HTML), or a `message` why it was not kept.
    """
    return StoryPage(forms.submitted_key()).keep()


@bp.post("/stories/<int:story_id>/draft")
@member
@prepare(screening(StoryRevision))
def keep_next(story_id: int) -> ResponseReturnValue:
    """Keep the next version of one's own story while it is typed; answers as `keep` does."""
    return StoryPage(forms.submitted_key(), authorship.own_to_edit(current_user, Story, story_id)).keep()


@bp.post("/stories/drafts/<int:draft_id>/discard")
@member
def discard(draft_id: int) -> ResponseReturnValue:
    """Throw a draft away."""
    discard_draft(current_user, _draft(draft_id))
    flash(_("The draft is gone."), "success")
    return redirect(url_for("accounts.contributions"))


@bp.get("/stories/<int:story_id>/edit")
@member
def edit(story_id: int) -> ResponseReturnValue:
    """The next version of one's own story: from the draft of it, or from the version sent last."""
    story = authorship.own_to_edit(current_user, Story, story_id)
    kept = drafts.of(story)
    fields = kept.fields if kept else fields_of(latest_of(story))
    page = StoryPage(forms.new_key(), story)
    return page.page(page.filled(fields), draft=kept)


@bp.post("/stories/<int:story_id>/edit")
@member
@prepare(rendering(StoryRevision))
def change(story_id: int) -> ResponseReturnValue:
    """The next version of one's own story: keep it as a draft, or send it."""
    return StoryPage(forms.submitted_key(), authorship.own_to_edit(current_user, Story, story_id)).pressed()


def _draft(draft_id: int) -> StoryDraft:
    return or_404(
        db.session.scalar(
            sa.select(StoryDraft).where(StoryDraft.id == draft_id, StoryDraft.author_id == current_user.id)
        )
    )
