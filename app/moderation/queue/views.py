"""Views for moderators: the queue, the page of an item and the page of a contribution."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date, ngettext
from flask_babel import gettext as _
from flask_login import current_user

from app.foundation import database
from app.foundation import kinds as registry
from app.foundation.access import Role, or_404, staff
from app.foundation.contributions import erasure_requests
from app.foundation.contributions.models import Contribution
from app.foundation.contributions.revisions import Revision
from app.foundation.database import db
from app.foundation.errors import DomainError, Missing
from app.foundation.text import markup
from app.foundation.web import forms
from app.foundation.web.forms import one_line
from app.foundation.web.pagination import PER_PAGE, clamped_number, numbered_page
from app.moderation import policy, reasons
from app.moderation.appeals import appeals
from app.moderation.decisions import bulk, decisions, redaction
from app.moderation.decisions import undo as decisions_undo
from app.moderation.decisions.forms import DecisionForm, PublishedForm
from app.moderation.decisions.models import Action, Decision
from app.moderation.people import notes
from app.moderation.people.forms import NoteForm
from app.moderation.post_moderation import fast_lane
from app.moderation.queue import filters, item_page, presence, queue
from app.moderation.queue.filters import QueueFilters
from app.moderation.queue.models import QueueItem, Task
from app.moderation.reasons import REASONS
from app.moderation.reports import reports
from app.moderation.screening import signals
from app.moderation.screening.models import SignalKind
from app.stories import unlisted_names
from app.stories.models import UnlistedName

bp = Blueprint("moderation", __name__)

CONTRIBUTION_RULE = f"/moderation/{registry.url_rule()}/<int:contribution_id>"
bp.add_app_template_filter(registry.of, "kind_of")
bp.add_app_template_global(registry.all_kinds, "contribution_kinds")
bp.add_app_template_global(registry.get, "contribution_kind")
bp.add_app_template_filter(item_page.moderation_url, "moderation_url")
bp.add_app_template_filter(item_page.title_or_opening, "title_or_opening")
bp.add_app_template_filter(decisions_undo.seconds_left, "seconds_to_undo")
bp.add_app_template_filter(signals.passages, "passages")
bp.add_app_template_filter(markup.mark_in_text, "mark_in_text")
bp.add_app_template_global(reasons.titles, "reason_titles")
bp.add_app_template_filter(lambda code: reports.CATEGORIES.get(code, code), "report_category")
bp.add_app_template_filter(lambda moment: format_date(moment, "MMMM y"), "month_and_year")

# How many items are listed beside the open item: those before it, and those after it.
BEFORE, AFTER = 2, 8


@bp.app_context_processor
def _waiting_count() -> dict[str, int]:
    if not policy.may_moderate(current_user):
        return {"waiting_count": 0}
    # The views of the queue have counted the items already.
    return {"waiting_count": g.waiting_count if "waiting_count" in g else filters.count_all()}


def _counts(queue_filters: QueueFilters) -> dict[str, int]:
    counts = filters.counts(queue_filters)
    if not queue_filters.is_narrowed:
        g.waiting_count = counts["all"]
    return counts


def _queue_filters() -> QueueFilters:
    return filters.from_arguments(request.args)


@bp.get("/moderation")
@staff(Role.MODERATOR)
def queue_list() -> ResponseReturnValue:
    """Show the queue."""
    queue_filters = _queue_filters()
    counts = _counts(queue_filters)
    # Appeals against sanctions are not items of the queue; they are listed before it.
    sanction_appeals = filters.appeals_against_sanctions(queue_filters)
    total = counts[queue_filters.kind or "all"] - len(sanction_appeals)
    # The queue becomes shorter while it is worked on: a page number past the end shows the last page.
    number = clamped_number(total)
    items = filters.items_page(queue_filters, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    return render_template(
        "moderation/queue/queue.html",
        page=numbered_page(items, number, total),
        sanction_appeals=sanction_appeals,
        counts=counts,
        queue_filters=queue_filters,
        ages=filters.AGES,
        signal_kinds=list(SignalKind),
        bulk_count=len(bulk.eligible_items(queue_filters)),
        undoable=decisions_undo.last(current_user),
        unread_published=fast_lane.count_unread(),
    )


@bp.get("/moderation/<int:item_id>")
@staff(Role.MODERATOR)
def item(item_id: int) -> ResponseReturnValue:
    """Show an item: its text, its context, and the form for a decision. Appeals have a page of their own."""
    queue_item = or_404(queue.item_for_page(item_id))
    if queue_item.task is Task.APPEAL:
        appeal = or_404(appeals.by_item(queue_item))
        return redirect(url_for("appeals.appeal", appeal_id=appeal.id, queue="1", **_queue_filters().arguments()))
    return _item_page(queue_item, DecisionForm(formdata=None))


@bp.post("/moderation/<int:item_id>")
@staff(Role.MODERATOR)
def decide(item_id: int) -> ResponseReturnValue:
    """Make the submitted decision on an item, then redirect to the next item."""
    queue_item = or_404(queue.item_for_decision(item_id))
    if queue_item.task is Task.APPEAL:
        # Appeals are answered on a page of their own.
        raise Missing
    form = DecisionForm()
    if not form.validate_on_submit():
        database.roll_back()
        return _item_page(or_404(queue.item_for_page(item_id)), form), 422
    try:
        decision = _decide(queue_item, form)
    except DomainError as error:
        forms.refuse(form, error)
        return _item_page(or_404(queue.item_for_page(item_id)), form, error=error), error.status
    queue_filters = _queue_filters()
    if decision.action is Action.REDACT:
        return _after_redaction(decision, queue_filters)
    following = filters.next_after(queue_item, queue_filters)
    if following is None:
        return redirect(url_for("moderation.queue_list", **queue_filters.arguments()))
    return redirect(url_for("moderation.item", item_id=following, **queue_filters.arguments()))


@bp.post("/moderation/decisions/<int:decision_id>/undo")
@staff(Role.MODERATOR)
def undo(decision_id: int) -> ResponseReturnValue:
    """Undo one's own last decision, and redirect to its item."""
    decision = or_404(db.session.get(Decision, decision_id))
    decisions_undo.undo(current_user, decision)
    flash(_("Undone. Everything is as it was, and both decisions stay on record."), "success")
    if decision.item_id is not None:
        return redirect(url_for("moderation.item", item_id=decision.item_id, **_queue_filters().arguments()))
    return redirect(item_page.moderation_url(decision.contribution))


@bp.post("/moderation/names/<int:name_id>")
@staff(Role.MODERATOR)
def settle_name(name_id: int) -> ResponseReturnValue:
    """Settle a name that is not in the vocabulary, and redirect to the item of its story."""
    name = or_404(db.session.get(UnlistedName, name_id))
    typed = one_line(request.form.get("topic"))
    item_id = db.session.scalars(
        sa.select(QueueItem.id).where(QueueItem.revision_id_of("story") == name.revision_id)
    ).first()
    if request.form.get("settle") == "new":
        topic = unlisted_names.settle_as_new(current_user, name, typed)
    else:
        topic = unlisted_names.settle_as(current_user, name, typed, is_synonym="synonym" in request.form)
    flash(_("Done. The story is now about %(name)s.", name=topic.name), "success")
    return redirect(url_for("moderation.item", item_id=item_id) if item_id else url_for("moderation.queue_list"))


@bp.post("/moderation/<int:item_id>/open")
@staff(Role.MODERATOR)
def mark_open(item_id: int) -> ResponseReturnValue:
    """Record that a moderator has an item open. Answers in JSON who else has (`others`), and why it closed (`gone`)."""
    queue_item = or_404(queue.item_for_page(item_id))
    if request.form.get("closing"):
        presence.mark_left(current_user)
        return "", 204
    presence.mark_present(current_user, queue_item)
    return jsonify(others=_others(queue_item), gone=_why_closed(queue_item))


def _others(queue_item: QueueItem) -> str:
    people = [person.display_name for person in presence.others_present(current_user, queue_item)]
    if not people:
        return ""
    names = ", ".join(people)
    return str(ngettext("%(names)s has this open too.", "%(names)s have this open too.", len(people), names=names))


def _why_closed(queue_item: QueueItem) -> str:
    """Why an item was closed, for a page that still shows it; empty while it is open."""
    if queue_item.closed_at is None:
        return ""
    last = item_page.last_decision(queue_item)
    if last is None:
        return str(_("The author has withdrawn or replaced this text, so there’s nothing to decide."))
    return str(_("%(name)s has decided on this already.", name=last.moderator.display_name))


def _after_redaction(decision: Decision, queue_filters: QueueFilters) -> ResponseReturnValue:
    """Redirect to the item of the redacted revision, which still needs a decision, or else to the contribution."""
    flash(_("Passage hidden. We’ve told the author, who can send a new version."), "success")
    assert decision.revision is not None, "a redaction makes a revision"
    item = queue.open_item_of(decision.revision)
    if item is None:
        return redirect(item_page.moderation_url(decision.contribution))
    return redirect(url_for("moderation.item", item_id=item.id, **queue_filters.arguments()))


def _decide(queue_item: QueueItem, form: DecisionForm) -> Decision:
    action = request.form.get("decision", "")
    reason, note = form.reason.data or "", form.note.data or ""
    contribution = queue_item.contribution
    if action == "escalate":
        return decisions.escalate(current_user, queue_item, form.words.data or "")
    if queue_item.task is Task.REPORT:
        return _decide_on_published(action, contribution, form)
    # The form contains the id of the revision that was read: the pending one may be newer.
    revision: Revision = or_404(db.session.get(registry.get(queue_item.kind).revision_model, _posted_revision_id()))
    if revision.contribution.id != contribution.id:
        raise Missing
    if action == "mask":
        return redaction.redact(current_user, revision, form.passage.data or "", form.replacement.data or "", note)
    if action == "approve":
        return decisions.approve(current_user, revision, note)
    on_revision: dict[str, Callable[..., Decision]] = {
        "changes": decisions.request_changes,
        "reject": decisions.reject,
    }
    return or_404(on_revision.get(action))(current_user, revision, reason, note)


def _posted_revision_id() -> int:
    sent = request.form.get("revision", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0


def _decide_on_published(action: str, contribution: Contribution, form: PublishedForm) -> Decision:
    reason, note = form.reason.data or "", form.note.data or ""
    if action == "mask":
        return redaction.redact(
            current_user, or_404(contribution.live), form.passage.data or "", form.replacement.data or "", note
        )
    if action == "hide":
        return decisions.hide(current_user, contribution, reason, note)
    if action == "remove":
        return decisions.remove(current_user, contribution, reason, note)
    if action == "restore":
        return decisions.restore(current_user, contribution, note)
    if action == "keep":
        return decisions.keep(current_user, contribution)
    raise Missing


def _item_page(queue_item: QueueItem, form: DecisionForm, error: DomainError | None = None) -> str:
    may_decide = policy.may_decide(current_user, queue_item.contribution)
    queue_filters = _queue_filters()
    neighbours = filters.neighbours(queue_item, queue_filters, BEFORE, AFTER)
    return render_template(
        "moderation/queue/item.html",
        item=queue_item,
        nearby_items=[*neighbours.before, queue_item, *neighbours.after],
        previous=neighbours.before[-1] if neighbours.before else None,
        following=neighbours.after[0] if neighbours.after else None,
        counts=_counts(queue_filters),
        others=_others(queue_item),
        undoable=decisions_undo.last(current_user),
        item_page=item_page.for_item(queue_item, _posted_revision_id()),
        form=form,
        note_form=NoteForm(formdata=None),
        error=error,
        # Errors link to fields, which are there only for moderators who may decide.
        errors=forms.all_errors(form) if may_decide and (error is None or error.status == 422) else [],
        may_decide=may_decide,
        reasons=REASONS,
        queue_filters=queue_filters,
    )


@bp.get(CONTRIBUTION_RULE)
@staff(Role.MODERATOR)
def contribution(kinds: str, contribution_id: int) -> ResponseReturnValue:
    """Show everything about a contribution, with the form to hide, remove, restore or redact it."""
    return _contribution_page(_contribution_or_404(kinds, contribution_id), PublishedForm(formdata=None))


@bp.post(CONTRIBUTION_RULE)
@staff(Role.MODERATOR)
def change_state(kinds: str, contribution_id: int) -> ResponseReturnValue:
    """Hide, remove, restore or redact a published contribution."""
    target = _contribution_or_404(kinds, contribution_id)
    form = PublishedForm()
    try:
        if not form.validate_on_submit():
            database.roll_back()
            return _contribution_page(target, form), 422
        decision = _decide_on_published(request.form.get("decision", ""), target, form)
    except DomainError as error:
        forms.refuse(form, error)
        return _contribution_page(_contribution_or_404(kinds, contribution_id), form), error.status
    return redirect(item_page.moderation_url(decision.contribution))


@bp.post("/moderation/notes/<kind>/<int:contribution_id>")
@staff(Role.MODERATOR)
def note(kind: str, contribution_id: int) -> ResponseReturnValue:
    """Add a staff note on a contribution."""
    kinds = or_404(registry.find(kind)).plural
    form, target = NoteForm(), _contribution_or_404(kinds, contribution_id)
    try:
        if not form.validate_on_submit():
            database.roll_back()
            return _contribution_page(target, PublishedForm(formdata=None), form), 422
        notes.add(current_user, target, form.text.data or "")
    except DomainError as error:
        forms.refuse(form, error)
        target = _contribution_or_404(kinds, contribution_id)
        return _contribution_page(target, PublishedForm(formdata=None), form), error.status
    flash(_("Note saved. Only staff can see it."), "success")
    return redirect(item_page.moderation_url(target))


def _contribution_or_404(kinds: str, contribution_id: int) -> Contribution:
    row: Contribution | None = db.session.get(registry.by_plural(kinds).model, contribution_id)
    return or_404(row)


def _contribution_page(target: Contribution, form: PublishedForm, note_form: NoteForm | None = None) -> str:
    may_decide = policy.may_decide(current_user, target)
    may_note = policy.may_note(current_user, target.author_id)
    errors = forms.all_errors(form) if may_decide else []
    return render_template(
        "moderation/queue/contribution.html",
        item_page=item_page.for_contribution(target),
        erasure=erasure_requests.request_for(target),
        undoable=decisions_undo.last(current_user),
        queue_filters=QueueFilters(),
        form=form,
        note_form=note_form or NoteForm(formdata=None),
        is_refused=bool(errors),
        errors=[*errors, *(forms.all_errors(note_form) if note_form and may_note else [])],
        may_decide=may_decide,
        reasons=REASONS,
    )
