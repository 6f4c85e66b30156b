"""What the person sees when something was refused. Every page says what happened, what is kept, and what to do."""

from __future__ import annotations

import logging

from flask import Flask, g, render_template, request
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError
from werkzeug.exceptions import HTTPException, SecurityError

from app.foundation import database
from app.foundation.errors import DomainError
from app.foundation.text import markup

log = logging.getLogger(__name__)

# Never given back: keys of the form, and what must not be shown on a screen.
NEVER_SHOWN_AGAIN = ("csrf_token", "key", "next", "password")


def _page(status: int, message: str = "") -> tuple[str, int]:
    database.roll_back()
    return render_template("errors/page.html", status=status, message=message, written=_written()), status


def _written() -> list[str]:
    """The words of a refused form: given back on the page, so that nothing is lost."""
    if request.method != "POST":
        return []
    try:
        sent = [(name, markup.clean_input(text)) for name, text in request.form.items(multi=True)]
    except HTTPException:
        return []
    # Answers chosen from a list are single words; everything else was typed.
    return [
        text
        for name, text in sent
        if name not in NEVER_SHOWN_AGAIN and (" " in text.strip() or (name == "body" and text))
    ]


def _refused(error: DomainError) -> tuple[str, int]:
    return _page(error.status, error.message)


def _bad_csrf(_error: CSRFError) -> tuple[str, int]:
    return _page(400, _("Your session ended before this was sent. Please log in again and send it once more."))


def _http(error: HTTPException) -> tuple[str, int] | HTTPException:
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, SecurityError):
        # A host name that is not ours: there is no address from which a page of ours could be drawn.
        return error
    return _page(error.code)


def _busy(error: OperationalError) -> tuple[str, int]:
    log.error("database not available: %s", type(error.orig).__name__)
    try:
        return _page(503)
    except OperationalError:
        # The page itself asks the database who is reading; without an answer it is drawn for nobody in particular.
        g._login_user = AnonymousUserMixin()  # noqa: SLF001 - where Flask-Login looks first
        return _page(503)


def _collided(error: IntegrityError) -> tuple[str, int]:
    log.error("two requests at the same moment: %s", type(error.orig).__name__)
    return _page(409, _("Something else was sent at the same moment. Please look, and send it again if it is missing."))


def _crashed(error: Exception) -> tuple[str, int]:
    log.error("unexpected %s", type(error).__name__, exc_info=error)
    return _page(500)


def init_app(app: Flask) -> None:
    """Register an answer for every kind of refusal."""
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(CSRFError, _bad_csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(IntegrityError, _collided)
    if not app.testing:
        app.register_error_handler(Exception, _crashed)
