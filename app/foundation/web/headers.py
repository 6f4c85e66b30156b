"""The headers of every response. Pages have no inline scripts or styles, so the policy can forbid them."""

from __future__ import annotations

from flask import Flask, current_app, request, session
from flask.wrappers import Response

MAX_MESSAGES = 3

CONTENT_SECURITY_POLICY = "; ".join(  # noqa: FLY002 - one directive on each line
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "font-src 'self'",
        "img-src 'self'",
        "connect-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)


def _add(response: Response) -> Response:
    headers = response.headers
    headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)
    headers.setdefault("X-Content-Type-Options", "nosniff")
    headers.setdefault("Referrer-Policy", "strict-origin-when-cross-origin")
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
    if request.is_secure:
        more = "; includeSubDomains" if current_app.config["HSTS_SUBDOMAINS"] else ""
        headers.setdefault("Strict-Transport-Security", f"max-age=31536000{more}")
    if response.mimetype in ("text/html", "application/json", "text/csv", "text/plain"):
        # The same address has another response for people who are logged in.
        response.vary.add("Cookie")
        personal = bool(session) or request.method not in ("GET", "HEAD") or response.status_code >= 400
        headers.setdefault("Cache-Control", "no-store" if personal else "no-cache")
    return response


def _limit_messages(response: Response) -> Response:
    """Keep the newest messages only: they are kept in the cookie until a page shows them, and a cookie has an end."""
    messages = session.get("_flashes")
    if messages and len(messages) > MAX_MESSAGES:
        session["_flashes"] = messages[-MAX_MESSAGES:]
    return response


def finish(response: Response) -> None:
    """Change headers after the session has set its own: what is the same for everybody does not vary by cookie."""
    if response.cache_control.public:
        response.vary.discard("Cookie")


def init_app(app: Flask) -> None:
    """Add the headers to every response."""
    app.after_request(_add)
    app.after_request(_limit_messages)
