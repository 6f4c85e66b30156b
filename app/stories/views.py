"""Views for reading, writing and thanking for stories."""

from __future__ import annotations

from collections.abc import Sequence

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
from app.notifications import submission_status
from app.outcomes import counting
from app.questionnaires.declaration import Fields
from app.questionnaires.drafts import was_sent
from app.questionnaires.form_controller import FormPage, rendering, screening
from app.questionnaires.forms import blank_entry
from app.questionnaires.questions import fields_of, groups_of
from app.saved_stories import saving
from app.search.results import story_filters, story_lists
from app.stories import authoring, drafts, policy, queries
from app.stories import thanks as stories_thanks
from app.stories.kind import STORY
from app.stories.models import Story, StoryDraft, StoryRevision
from app.topics import vocabulary
from app.topics.models import TopicKind

bp = Blueprint("stories", __name__)

withdrawal.add_views(
    bp, Story, lazy_gettext("You’ve withdrawn your story. No one else can read it now."), authoring.withdraw
)


@bp.get("/stories")
@public
def listing() -> ResponseReturnValue:
    """List the public stories that match the filters in the address."""
    filters = story_filters.from_arguments(request.args)
    counted = [counting.counted_stories(filters.condition, filters.treatment, filters.effect)]
    listed = story_lists.story_list(filters, None, *(counted if filters.counted else ()))
    return render_template("stories/list.html", listed=listed)


@bp.get("/stories/<int:story_id>/<slug>")
@bp.get("/stories/<int:story_id>", defaults={"slug": None})
@public
def show(story_id: int, slug: str | None) -> ResponseReturnValue:
    """Show a story with its treatments, text, follow-ups and comments."""
    story = queries.story_for_page(story_id, current_user)
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
        is_saved=is_public and saving.is_saved(current_user, story),
        related=queries.related(story) if is_public else [],
    )


@bp.get("/stories/<int:story_id>/thanks")
@member
def thanks(story_id: int) -> ResponseReturnValue:
    """Show the button to thank for a story on a page of its own, for a person who had to log in first."""
    story = _public_story(story_id)
    if not policy.may_thank(current_user, story):
        return redirect(story.url)
    return render_template(
        "stories/thanks.html", story=story, has_thanked=stories_thanks.has_thanked(current_user, story)
    )


@bp.post("/stories/<int:story_id>/thanks")
@member
def thank(story_id: int) -> ResponseReturnValue:
    """Thank for a story, or withdraw one's thanks."""
    story = _public_story(story_id)
    if request.form.get("what") == "back":
        stories_thanks.withdraw_thanks(current_user, story)
    else:
        stories_thanks.thank(current_user, story)
    return redirect(f"{story.url}#thanks")


def _public_story(story_id: int) -> Story:
    return or_404(db.session.scalar(sa.select(Story).where(Story.id == story_id, Story.public())))


class StoryPage(FormPage[StoryRevision]):
    """The page with the form of a new story, or of the next revision of `story`."""

    model = StoryRevision
    template = "stories/form.html"
    # The person's drafts of other new stories, offered on an empty form.
    unsent: Sequence[StoryDraft] = ()

    def __init__(self, key: str, story: Story | None = None) -> None:
        super().__init__(key)
        self.story = story
        self._story_id = story.id if story else None

    @property
    def address(self) -> str:
        """The address to which the form is posted."""
        return url_for("stories.change", story_id=self._story_id) if self._story_id else url_for("stories.create")

    def draft_address(self, draft: Draft) -> str:
        """The address at which its author continues a draft.

        While the next revision of a story is typed, it is the address of the edit form, which stays the same; otherwise
        that of the draft.
        """
        if self._story_id and request.endpoint == "stories.save_edit_draft":
            return url_for("stories.edit", story_id=self._story_id)
        return url_for("stories.draft", draft_id=draft.id)

    def save_draft(self, fields: Fields) -> Draft:
        """Save the fields as a draft, and return it. Raises Refused."""
        return drafts.save(current_user, self.key, fields, self.story)

    def was_sent(self, fields: Fields) -> bool:
        """Whether these fields are equal to what was submitted last."""
        return was_sent(current_user, Story, self.key, fields, self.story)

    def send(self, version: StoryRevision) -> None:
        """Submit a revision for review. Raises DomainError."""
        if self.story is None:
            self.story = authoring.submit(current_user, version, self.key)
        else:
            authoring.submit_edit(current_user, self.story, version)

    def sent(self) -> ResponseReturnValue:
        """Go to the page that says thank you."""
        return redirect(url_for("stories.sent", story_id=or_404(self.story).id))

    def reload(self) -> None:
        """Load the story again after a rollback."""
        self.story = db.session.get(Story, self._story_id) if self._story_id else None

    def refused_status(self, error: DomainError) -> int:
        """Always 422: the text is saved as a draft and shown again, whatever the error was."""
        return 422

    def context(self) -> dict[str, object]:
        """The variables that the template needs besides the form."""
        (treatments,) = groups_of(StoryRevision)
        kinds = (kind for kind in TopicKind if kind is not TopicKind.CONCEPT)
        return {
            "story": self.story,
            "sent_back": submission_status.sent_back(self.story) if self.story else None,
            "unsent": self.unsent,
            "blank_treatment": blank_entry(treatments),
            "names": {kind.value: vocabulary.preferred_names(kind) for kind in kinds},
        }


@bp.get("/stories/new")
@public
def new() -> ResponseReturnValue:
    """Show an empty form for a new story. Visitors without an account read why they need one."""
    if not current_user.is_authenticated:
        return render_template("stories/account_needed.html")
    page = StoryPage(forms.new_key())
    page.unsent = drafts.unsent(current_user)
    return page.page(page.empty())


@bp.get("/stories/<int:story_id>/sent")
@member
def sent(story_id: int) -> ResponseReturnValue:
    """Thank the author of a story that waits, and say what happens next. Any other leads to its own page."""
    story = authorship.own(current_user, Story, story_id)
    waiting = publication.pending_of(story)
    if waiting is None:
        return redirect(story.url)
    return render_template("stories/sent.html", story=story, revision=waiting, cards=queries.same_condition(waiting))


@bp.post("/stories/new")
@member
@prepare(rendering(StoryRevision))
def create() -> ResponseReturnValue:
    """Save a new story as a draft, add, remove or move a treatment, preview it, or submit it."""
    return StoryPage(forms.submitted_key()).submit()


@bp.get("/stories/drafts/<int:draft_id>")
@member
def draft(draft_id: int) -> ResponseReturnValue:
    """Show the form filled from one's own draft."""
    own_draft = _draft(draft_id)
    page = StoryPage(own_draft.key, own_draft.story)
    return page.page(page.filled(own_draft.fields), draft=own_draft)


@bp.post("/stories/drafts")
@member
@prepare(screening(StoryRevision))
def save_draft() -> ResponseReturnValue:
    """Save a new story as a draft while it is being typed, for the script of the page.

    Answers in JSON: `url`, the address of the draft, and `hints`, the privacy hints as HTML; or `message`, why it was
    not saved.
    """
    return StoryPage(forms.submitted_key()).autosave()


@bp.post("/stories/<int:story_id>/draft")
@member
@prepare(screening(StoryRevision))
def save_edit_draft(story_id: int) -> ResponseReturnValue:
    """Save the next revision of one's own story as a draft while it is being typed. Answers as `save_draft` does."""
    return StoryPage(forms.submitted_key(), authorship.own_to_edit(current_user, Story, story_id)).autosave()


@bp.post("/stories/drafts/<int:draft_id>/discard")
@member
def discard(draft_id: int) -> ResponseReturnValue:
    """Delete one's own draft."""
    discard_draft(current_user, _draft(draft_id))
    flash(_("Draft deleted."), "success")
    return redirect(url_for("accounts.contributions"))


@bp.get("/stories/<int:story_id>/edit")
@member
def edit(story_id: int) -> ResponseReturnValue:
    """Show the form for the next revision of one's own story, filled from its draft or from the latest revision."""
    story = authorship.own_to_edit(current_user, Story, story_id)
    own_draft = drafts.draft_of(story)
    fields = own_draft.fields if own_draft else fields_of(latest_of(story))
    page = StoryPage(forms.new_key(), story)
    return page.page(page.filled(fields), draft=own_draft)


@bp.post("/stories/<int:story_id>/edit")
@member
@prepare(rendering(StoryRevision))
def change(story_id: int) -> ResponseReturnValue:
    """Save the next revision of one's own story as a draft, change its treatments, preview it, or submit it."""
    return StoryPage(forms.submitted_key(), authorship.own_to_edit(current_user, Story, story_id)).submit()


def _draft(draft_id: int) -> StoryDraft:
    return or_404(
        db.session.scalar(
            sa.select(StoryDraft).where(StoryDraft.id == draft_id, StoryDraft.author_id == current_user.id)
        )
    )
