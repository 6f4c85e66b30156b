"""Error pages. Each says what happened, gives back what the person wrote, and says what to do next."""

from __future__ import annotations

import logging

from flask import Flask, g, render_template, request, session
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import IntegrityError, OperationalError, SQLAlchemyError
from werkzeug.exceptions import HTTPException, SecurityError

from app.foundation import database
from app.foundation.access import SAFE_METHODS
from app.foundation.errors import DomainError
from app.foundation.text import markup

log = logging.getLogger(__name__)

# Not given back: the keys of a form, and what must not appear on a screen.
NEVER_SHOWN_AGAIN = ("csrf_token", "key", "next", "password")

# What a view may return: the page, or what JSON is made of; its status and headers.
Page = tuple[str | dict[str, str], int, dict[str, str]]
RETRY_AFTER_SECONDS = 5


def _page(status: int, message: str = "") -> Page:
    database.roll_back()
    headers = {"Retry-After": str(RETRY_AFTER_SECONDS)} if status == 503 else {}
    if request.accept_mimetypes.best_match(["text/html", "application/json"]) == "application/json":
        return {"message": message or (_not_saved() if status == 503 else "")}, status, headers
    page = render_template("errors/page.html", status=status, message=message, written=_written())
    return page, status, headers


def _not_saved() -> str:
    return str(_("We can’t save anything right now. Try again in a minute."))


def _written() -> list[str]:
    """Return the texts of a refused form, for the page to give back, so that nothing is lost."""
    if request.method != "POST":
        return []
    try:
        sent = [(name, markup.clean_input(text)) for name, text in request.form.items(multi=True)]
    except HTTPException:
        return []
    # A value without a space was chosen from a list; everything else was typed.
    return [
        text
        for name, text in sent
        if name not in NEVER_SHOWN_AGAIN and (" " in text.strip() or (name == "body" and text))
    ]


def _refused(error: DomainError) -> Page:
    return _page(error.status, error.message)


def _bad_csrf(_error: CSRFError) -> Page:
    return _page(400, _("You were logged out before this was sent. Log in and send it again."))


def _http(error: HTTPException) -> Page | HTTPException:
    if error.code is None or error.code < 400:
        return error
    if isinstance(error, SecurityError):
        # The host name is not that of this site: no addresses could be built for a page.
        return error
    return _page(error.code)


def _busy(error: OperationalError) -> Page:
    log.error("database not available: %s", type(error.orig).__name__)
    return _unavailable()


def _unavailable(message: str = "") -> Page:
    try:
        return _page(503, message)
    except SQLAlchemyError:
        # The page itself loads who is logged in; without the database it is rendered for an anonymous visitor.
        g._login_user = AnonymousUserMixin()  # noqa: SLF001 - where Flask-Login looks first
        return _page(503, message)


def commit_failed(app: Flask, error: SQLAlchemyError) -> Page:
    """The page for a request whose commit failed: the disk is full, or the database is gone. Gives back the text."""
    log.error("nothing was saved: %s", type(getattr(error, "orig", None) or error).__name__)
    # Nobody was logged in or out, and nothing is said about what did not happen: the session is as it came.
    came = app.session_interface.open_session(app, request)
    session.clear()
    session.update(came or {})
    g.pop("_login_user", None)
    return _unavailable(_not_saved() if request.method not in SAFE_METHODS else "")


def _collided(error: IntegrityError) -> Page:
    log.error("two requests at the same moment: %s", type(error.orig).__name__)
    return _page(
        409, _("Something else was sent at the same moment. Check whether yours is there. If it isn’t, send it again.")
    )


def _crashed(error: Exception) -> Page:
    log.error("unexpected %s", type(error).__name__, exc_info=error)
    return _page(500)


def init_app(app: Flask) -> None:
    """Register the error pages."""
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(CSRFError, _bad_csrf)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(OperationalError, _busy)
    app.register_error_handler(IntegrityError, _collided)
    if not app.testing:
        app.register_error_handler(Exception, _crashed)
