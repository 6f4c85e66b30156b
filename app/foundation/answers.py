"""What the person sees when something was refused. Every page says what happened, what is kept, and what to do."""

from __future__ import annotations

import logging

from flask import Flask, render_template, request
from flask_babel import gettext as _
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from app.foundation import database
from app.foundation.errors import DomainError

log = logging.getLogger(__name__)

# A field this long is something a person wrote, and worth giving back.
WORTH_KEEPING = 20


def _page(status: int, message: str = "") -> tuple[str, int]:
    database.abandon()
    return render_template("errors/page.html", status=status, message=message, written=_written()), status


def _written() -> list[str]:
    """The longer texts of a refused form: given back on the page, so that nothing is lost."""
    if request.method != "POST":
        return []
    try:
        fields = request.form.items(multi=True)
        return [value for name, value in fields if name != "csrf_token" and len(value) > WORTH_KEEPING and " " in value]
    except HTTPException:
        return []


def _refused(error: DomainError) -> tuple[str, int]:
    return _page(error.status, error.message)


def _bad_csrf(_error: CSRFError) -> tuple[str, int]:
    return _page(400, _("Your session ended before this was sent. Please log in again and send it once more."))


def _http(error: HTTPException) -> tuple[str, int] | HTTPException:
    if error.code is None or error.code < 400:
        return error
    return _page(error.code)


def _busy(error: OperationalError) -> tuple[str, int]:
    log.error("database not available: %s", type(error.orig).__name__)
    return _page(503)


def _crashed(error: Exception) -> tuple[str, int]:
    log.error("unexpected %s", type(error).__name__, exc_info=error)
    return _page(500)


def init_app(app: Flask) -> None:
    """Register an answer for every kind of refusal."""
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(CSRFError, _bad_csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _busy)
    if not app.testing:
        app.register_error_handler(Exception, _crashed)
