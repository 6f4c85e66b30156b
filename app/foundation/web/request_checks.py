"""Requests that are refused before anything reads them: with too many fields, or sent by another site."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, abort, current_app, request
from flask_babel import gettext as _

from app.foundation.access import SAFE_METHODS
from app.foundation.errors import NotAllowed


def _check() -> None:
    if request.method in SAFE_METHODS:
        return
    # Werkzeug counts the parts of multipart forms only; a megabyte of `a&a&a&...` takes a second to parse.
    is_plain_form = request.mimetype == "application/x-www-form-urlencoded"
    if is_plain_form and request.get_data().count(b"&") >= current_app.config["MAX_FORM_PARTS"]:
        abort(413)
    if _is_cross_site():
        raise NotAllowed(_("This was sent from another website, so we didn’t accept it. Use the form on this site."))


def _is_cross_site() -> bool:
    """Whether a browser says that another site sent this request. A second wall beside the token of the forms.

    Clients that are no browsers send neither header. Only hosts are compared: behind a proxy that is not declared
    (SALVE_PROXIES) the scheme is not known.
    """
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site is not None:
        return fetch_site not in ("same-origin", "none")
    origin = request.headers.get("Origin")
    return origin is not None and urlsplit(origin).netloc.lower() != request.host.lower()


def init_app(app: Flask) -> None:
    """Check every request before its form is parsed. Call it before extensions that look at forms."""
    app.before_request(_check)
