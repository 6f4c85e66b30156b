"""The worker class of the web server: requests that it cannot read get a page like ours, with the same headers.

Everything else is answered by the application and its error pages. `flask serve` uses it.
"""

from __future__ import annotations

import socket
from html import escape
from typing import Any

from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.gthread import ThreadWorker

from app.foundation.web.headers import CONTENT_SECURITY_POLICY

_ANSWERS = {
    414: ("URI Too Long", "This address is too long", "Use fewer words or filters and try again."),
    431: (
        "Request Header Fields Too Large",
        "We couldn’t read that",
        "Delete this site’s cookies in your browser and try again.",
    ),
    400: ("Bad Request", "We couldn’t read that", "We couldn’t understand what your browser sent."),
}


def page(status: int) -> bytes:
    """The whole response to a request that could not be read. The connection is closed after it."""
    reason, heading, words = _ANSWERS[status]
    body = (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(heading)}</title>'
        f'<h1>{escape(heading)}</h1><p>{escape(words)}</p><p><a href="/">The front page</a></p></html>'
    ).encode()
    headers = {
        "Connection": "close",
        "Content-Type": "text/html; charset=utf-8",
        "Content-Length": str(len(body)),
        "Content-Security-Policy": CONTENT_SECURITY_POLICY,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
    }
    lines = [f"HTTP/1.1 {status} {reason}", *(f"{name}: {value}" for name, value in headers.items())]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


class Worker(ThreadWorker):  # type: ignore[misc]  # gunicorn has no types
    """gunicorn's threaded worker with pages of our own for requests that cannot be read."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer a request that could not be read, or hand it to gunicorn."""
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        status = 414 if isinstance(exc, LimitRequestLine) else 431 if isinstance(exc, LimitRequestHeaders) else 400
        self.log.info("request that could not be read: %s", type(exc).__name__)
        try:
            client.sendall(page(status))
        except OSError:
            self.log.debug("nobody waits for the answer any more")
