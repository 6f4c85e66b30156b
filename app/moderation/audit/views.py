"""The audit log over HTTP, and its export."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from functools import partial

from flask import Blueprint, Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_login import current_user

from app.foundation import clock, kinds
from app.foundation.access import Role, staff
from app.foundation.text.strings import csv_cell
from app.foundation.web.forms import one_line
from app.foundation.web.pagination import URLArguments
from app.moderation import addresses
from app.moderation.audit import audit_log
from app.moderation.reasons import REASONS

bp = Blueprint("audit", __name__)

FILTERS = ("person", "action", "kind", "since", "until")


@bp.get("/moderation/log")
@staff(Role.MODERATOR)
def log() -> ResponseReturnValue:
    """The entries of the audit log, newest first."""
    filters = audit_log.LogFilters.from_arguments({name: one_line(request.args.get(name)) for name in FILTERS})
    page = audit_log.page(filters, partial(_log_url, filters), before=_id("before"), after=_id("after"))
    return render_template(
        "moderation/audit/log.html",
        page=page,
        filters=filters,
        actions=audit_log.ACTION_LABELS,
        kinds=audit_log.SUBJECT_LABELS,
        reasons=REASONS,
        subject_url=_subject_url,
        may_export=current_user.has_role(Role.ADMIN),
        most=audit_log.MAX_EXPORTED,
    )


def _id(name: str) -> int | None:
    text = request.args.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None


def _log_url(filters: audit_log.LogFilters, **place: int) -> str:
    """The address of the page of the log before or after an entry."""
    arguments: URLArguments = {**filters.arguments, **place}
    return url_for("audit.log", **arguments)


def _subject_url(line: audit_log.AuditEntry) -> str | None:
    """The address of the page about the subject of an entry, if there is one."""
    if kinds.find(line.kind) is None or line.subject_id is None:
        return None
    return addresses.of_contribution(line.kind, line.subject_id)


@bp.post("/moderation/log.csv")
@staff(Role.ADMIN)
def export_log() -> ResponseReturnValue:
    """The entries that match the filters, as CSV. A POST, since the export becomes an entry of the log."""
    filters = audit_log.LogFilters.from_arguments({name: one_line(request.form.get(name)) for name in FILTERS})
    rows = audit_log.export(current_user, filters)
    answer = Response(_csv(audit_log.COLUMNS, rows), mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="moderation-log-{clock.now():%Y-%m-%d}.csv"'
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _csv(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> Iterator[str]:
    """CSV in chunks of 500 rows."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow(columns)
    for number, row in enumerate(rows, start=1):
        table.writerow(
            csv_cell(value.isoformat(timespec="seconds") if isinstance(value, datetime) else value) for value in row
        )
        if number % 500 == 0:
            yield written.getvalue()
            written.seek(0)
            written.truncate()
    yield written.getvalue()
