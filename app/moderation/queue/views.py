"""The moderation desk: the queue, the page of an item, and everything about one contribution."""

from __future__ import annotations

from collections.abc import Callable

import sqlalchemy as sa
from flask import Blueprint, flash, g, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from flask_babel import ngettext
from flask_login import current_user

from app.foundation import database
from app.foundation import kinds as registry
from app.foundation.access import Role, or_404, staff
from app.foundation.contributions import erasure_requests
from app.foundation.contributions.models import Contribution
from app.foundation.contributions.revisions import Revision
from app.foundation.database import db
from app.foundation.errors import DomainError
from app.foundation.text import markup
from app.foundation.web import forms
from app.foundation.web.forms import one_line
from app.foundation.web.pagination import PER_PAGE, existing_number, numbered
from app.moderation import policy
from app.moderation.appeals import appeals
from app.moderation.decisions import bulk, decisions, redaction
from app.moderation.decisions import undo as decisions_undo
from app.moderation.decisions.forms import DecisionForm, PublishedForm
from app.moderation.decisions.models import Action, Decision
from app.moderation.post_moderation import fast_lane
from app.moderation.queue import filters, item_page, presence, queue
from app.moderation.queue.filters import QueueFilters
from app.moderation.queue.models import QueueItem, Task
from app.moderation.reasons import REASONS
from app.moderation.screening import signals
from app.moderation.screening.models import SignalKind
from app.stories import unlisted_names
from app.stories.models import UnlistedName

bp = Blueprint("moderation", __name__)

CONTRIBUTION = f"/moderation/{registry.url_rule()}/<int:contribution_id>"
bp.add_app_template_filter(registry.of, "kind_of")
bp.add_app_template_global(registry.all_kinds, "contribution_kinds")
bp.add_app_template_global(registry.get, "contribution_kind")
bp.add_app_template_filter(item_page.address, "desk_address")
bp.add_app_template_filter(item_page.title_or_opening, "known_as")
bp.add_app_template_filter(decisions_undo.seconds_left, "seconds_to_undo")
bp.add_app_template_filter(signals.passages, "passages")
bp.add_app_template_filter(markup.mark_passages, "mark_passages")
bp.add_app_template_filter(markup.mark_in_text, "mark_in_text")

# How much of the queue stands beside an item: what was just passed, and what comes next.
BEFORE, AFTER = 2, 12


@bp.app_context_processor
def _waiting() -> dict[str, int]:
    if not policy.may_moderate(current_user):
        return {"waiting_count": 0}
    # On the desk itself they are counted anyway.
    return {"waiting_count": g.waiting_count if "waiting_count" in g else filters.count_all()}


def _counts(choice: QueueFilters) -> dict[str, int]:
    counts = filters.counts(choice)
    if not choice.is_narrowed:
        g.waiting_count = counts["all"]
    return counts


def _asked() -> QueueFilters:
    return filters.from_arguments(request.args)


@bp.get("/moderation")
@staff(Role.MODERATOR)
def desk() -> ResponseReturnValue:
    """Everything that waits, in the order it should be read."""
    choice = _asked()
    counts = _counts(choice)
    # Appeals against sanctions have no place in the queue, and stand before it.
    on_people = filters.appeals_against_sanctions(choice)
    total = counts[choice.kind or "all"] - len(on_people)
    # The queue gets shorter while one is on its last page: never beyond its end, where nothing seems to wait.
    number = existing_number(total)
    items = filters.page_of_items(choice, limit=PER_PAGE, offset=(number - 1) * PER_PAGE)
    return render_template(
        "moderation/queue/queue.html",
        page=numbered(items, number, total),
        on_people=on_people,
        counts=counts,
        choice=choice,
        ages=filters.AGES,
        signal_kinds=list(SignalKind),
        several=len(bulk.eligible_items(choice)),
        undoable=decisions_undo.last(current_user),
        to_read_afterwards=fast_lane.count_unread(),
    )


@bp.get("/moderation/<int:item_id>")
@staff(Role.MODERATOR)
def item(item_id: int) -> ResponseReturnValue:
    """One item: the words, what surrounds them, and the decision."""
    asked = or_404(queue.item(item_id))
    if asked.task is Task.APPEAL:
        waits = or_404(appeals.by_item(asked))
        return redirect(url_for("appeals.appeal", appeal_id=waits.id, queue="1", **_asked().arguments()))
    return _item_page(asked, DecisionForm(formdata=None))


@bp.post("/moderation/<int:item_id>")
@staff(Role.MODERATOR)
def decide(item_id: int) -> ResponseReturnValue:
    """Decide on the version that was read, then go on to the next."""
    waiting = or_404(queue.to_decide(item_id))
    if waiting.task is Task.APPEAL:
        # Answered on a page of its own.
        return or_404(None)
    form = DecisionForm()
    if not form.validate_on_submit():
        database.roll_back()
        return _item_page(or_404(queue.item(item_id)), form), 422
    try:
        decision = _decided(waiting, form)
    except DomainError as error:
        forms.refuse(form, error)
        return _item_page(or_404(queue.item(item_id)), form, told=error), error.status
    choice = _asked()
    if decision.action is Action.MASK:
        return _after_masking(decision, choice)
    following = filters.next_after(waiting, choice)
    if following is None:
        return redirect(url_for("moderation.desk", **choice.arguments()))
    return redirect(url_for("moderation.item", item_id=following, **choice.arguments()))


@bp.post("/moderation/decisions/<int:decision_id>/undo")
@staff(Role.MODERATOR)
def undo(decision_id: int) -> ResponseReturnValue:
    """Take one's own last decision back, and read the item again."""
    decision = or_404(db.session.get(Decision, decision_id))
    decisions_undo.undo(current_user, decision)
    flash(_("Undone. It is as it was before, and both decisions are on record."), "success")
    if decision.item_id is not None:
        return redirect(url_for("moderation.item", item_id=decision.item_id, **_asked().arguments()))
    return redirect(item_page.address(decision.contribution))


@bp.post("/moderation/names/<int:name_id>")
@staff(Role.MODERATOR)
def settle_name(name_id: int) -> ResponseReturnValue:
    """Say what a name means that is not in the vocabulary, then go back to the story that waits."""
    name = or_404(db.session.get(UnlistedName, name_id))
    typed = one_line(request.form.get("topic"))
    queued = db.session.scalars(
        sa.select(QueueItem.id).where(QueueItem.revision_id_of("story") == name.revision_id)
    ).first()
    if request.form.get("settle") == "new":
        topic = unlisted_names.settle_as_new(current_user, name, typed)
    else:
        topic = unlisted_names.settle_as(current_user, name, typed, is_synonym="synonym" in request.form)
    flash(_("The story tells of %(name)s now.", name=topic.name), "success")
    return redirect(url_for("moderation.item", item_id=queued) if queued else url_for("moderation.desk"))


@bp.post("/moderation/<int:item_id>/open")
@staff(Role.MODERATOR)
def keep_open(item_id: int) -> ResponseReturnValue:
    """The page of an item says that it is open; the answer says what its reader should know."""
    waiting = or_404(queue.item(item_id))
    if request.form.get("closing"):
        presence.leave(current_user)
        return "", 204
    presence.note(current_user, waiting)
    return jsonify(others=_others(waiting), gone=_gone(waiting))


def _others(waiting: QueueItem) -> str:
    people = [person.display_name for person in presence.others(current_user, waiting)]
    if not people:
        return ""
    names = ", ".join(people)
    return str(ngettext("%(names)s has this open too.", "%(names)s have this open too.", len(people), names=names))


def _gone(waiting: QueueItem) -> str:
    """What became of an item that waits no longer, for the page that is still open."""
    if waiting.closed_at is None:
        return ""
    last = item_page.last_decision(waiting)
    if last is None:
        return str(_("The author has withdrawn or replaced this text. It waits no longer."))
    return str(_("%(name)s has decided on this. It waits no longer.", name=last.moderator.display_name))


def _after_masking(decision: Decision, choice: QueueFilters) -> ResponseReturnValue:
    """Masking decides on nothing yet where the text waits: the masked version is there to be read."""
    flash(_("Masked. The author is told, and may send another version."), "success")
    assert decision.revision is not None, "a redaction makes a revision"
    masked = queue.waiting_for(decision.revision)
    if masked is None:
        return redirect(item_page.address(decision.contribution))
    return redirect(url_for("moderation.item", item_id=masked.id, **choice.arguments()))


def _decided(waiting: QueueItem, form: DecisionForm) -> Decision:
    action = request.form.get("decision", "")
    reason, note = form.reason.data or "", form.note.data or ""
    contribution = waiting.contribution
    if action == "escalate":
        return decisions.escalate(current_user, waiting, form.words.data or "")
    if waiting.task is Task.REPORT:
        return _on_published(action, contribution, form)
    # What was *read* is in the form; what waits now may be something newer.
    revision: Revision = or_404(db.session.get(registry.get(waiting.kind).revision_model, _read_revision()))
    if revision.contribution.id != contribution.id:
        return or_404(None)
    if action == "mask":
        return redaction.redact(current_user, revision, form.passage.data or "", form.replacement.data or "", note)
    if action == "approve":
        return decisions.approve(current_user, revision, note)
    on_version: dict[str, Callable[..., Decision]] = {
        "changes": decisions.request_changes,
        "reject": decisions.reject,
    }
    return or_404(on_version.get(action))(current_user, revision, reason, note)


def _read_revision() -> int:
    sent = request.form.get("revision", "")
    return int(sent) if sent.isascii() and sent.isdecimal() and len(sent) < 10 else 0


def _on_published(action: str, contribution: Contribution, form: PublishedForm) -> Decision:
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
    return or_404(None)


def _item_page(waiting: QueueItem, form: DecisionForm, told: DomainError | None = None) -> str:
    may_decide = policy.may_decide(current_user, waiting.contribution)
    choice = _asked()
    around = filters.neighbours(waiting, choice, BEFORE, AFTER)
    return render_template(
        "moderation/queue/item.html",
        item=waiting,
        around=[*around.before, waiting, *around.after],
        previous=around.before[-1] if around.before else None,
        following=around.after[0] if around.after else None,
        counts=_counts(choice),
        others=_others(waiting),
        undoable=decisions_undo.last(current_user),
        view=item_page.for_item(waiting, _read_revision()),
        form=form,
        told=told,
        # Errors lead to fields, and there is a form only for who may decide.
        errors=forms.all_errors(form) if may_decide and (told is None or told.status == 422) else [],
        may_decide=may_decide,
        reasons=REASONS,
        choice=choice,
    )


@bp.get(CONTRIBUTION)
@staff(Role.MODERATOR)
def contribution(kinds: str, contribution_id: int) -> ResponseReturnValue:
    """Everything about one contribution, and hiding or restoring it."""
    return _contribution_page(_contribution(kinds, contribution_id), PublishedForm(formdata=None))


@bp.post(CONTRIBUTION)
@staff(Role.MODERATOR)
def turn(kinds: str, contribution_id: int) -> ResponseReturnValue:
    """Hide or restore what was published."""
    thing = _contribution(kinds, contribution_id)
    form = PublishedForm()
    try:
        if not form.validate_on_submit():
            database.roll_back()
            return _contribution_page(thing, form), 422
        decision = _on_published(request.form.get("decision", ""), thing, form)
    except DomainError as error:
        forms.refuse(form, error)
        return _contribution_page(_contribution(kinds, contribution_id), form), error.status
    return redirect(item_page.address(decision.contribution))


def _contribution(kinds: str, contribution_id: int) -> Contribution:
    found: Contribution | None = db.session.get(registry.by_plural(kinds).model, contribution_id)
    return or_404(found)


def _contribution_page(thing: Contribution, form: PublishedForm) -> str:
    may_decide = policy.may_decide(current_user, thing)
    return render_template(
        "moderation/queue/contribution.html",
        view=item_page.for_contribution(thing),
        erasure=erasure_requests.request_for(thing),
        undoable=decisions_undo.last(current_user),
        choice=QueueFilters(),
        form=form,
        errors=forms.all_errors(form) if may_decide else [],
        may_decide=may_decide,
        reasons=REASONS,
    )
