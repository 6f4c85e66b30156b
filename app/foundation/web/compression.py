"""Compressing pages for readers without a session.

The pages of somebody who is logged in are sent as they are: they carry a token beside words that the address or a form
may have chosen, and the length of a compressed page would help to guess the token (the BREACH attack).
"""

from __future__ import annotations

import gzip

from flask import Response, current_app, request, session

TEXTS = ("text/html", "text/css", "text/csv", "text/plain", "application/json", "application/xml", "image/svg+xml")
# Below this size the headers weigh more than what is saved.
MIN_LENGTH = 600
LEVEL = 5


def compress(response: Response) -> None:
    """Compress the body of a response to a reader without a session, if the browser takes it."""
    if not _is_for_everybody(response):
        return
    response.vary.add("Accept-Encoding")
    if request.method != "GET" or not request.accept_encodings["gzip"] or "Content-Encoding" in response.headers:
        return
    body = response.get_data()
    if len(body) >= MIN_LENGTH:
        response.set_data(gzip.compress(body, LEVEL, mtime=0))
        response.headers["Content-Encoding"] = "gzip"


def _is_for_everybody(response: Response) -> bool:
    has_session = bool(session) or current_app.config["SESSION_COOKIE_NAME"] in request.cookies
    return (
        not has_session
        and "Set-Cookie" not in response.headers
        and not response.is_streamed
        and not response.direct_passthrough
        and response.status_code == 200
        and response.mimetype in TEXTS
    )
