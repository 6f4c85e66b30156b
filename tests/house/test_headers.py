"""The headers of every kind of answer, against one reviewed file."""

from __future__ import annotations

from pathlib import Path

from flask import Flask

from app.foundation.database import transaction
from tests.client import StrictClient
from tests.factories import a_published_story, logged_in

GOLDEN = Path(__file__).with_name("headers.txt")
# What differs from one answer to the next, or is the server's business.
VARYING = {"Content-Length", "Date", "Expires", "Last-Modified", "ETag", "Set-Cookie", "Content-Disposition"}


def described(client: StrictClient, what: str, address: str, **more: object) -> str:
    response = client.open(address, buffered=True, **more)
    headers = sorted(f"  {name}: {value}" for name, value in response.headers if name not in VARYING)
    return "\n".join([f"{what}: {response.status_code}", *headers])


def test_every_kind_of_answer_has_the_headers_of_the_reviewed_file(app: Flask) -> None:
    with app.app_context(), transaction():
        a_published_story()
    reader, member = app.test_client(), logged_in(app, "tallowby")
    with app.test_request_context():
        style = app.jinja_env.globals["asset"]("main.css")
    found = "\n".join(
        [
            described(reader, "a page for everybody", "/stories"),
            described(reader, "a page with a form", "/login"),
            described(member, "a page of one's own", "/account/contributions"),
            described(member, "a public page for a member", "/stories"),
            described(reader, "a redirect", "/stories/1"),
            described(reader, "to the log-in", "/account/contributions"),
            described(reader, "missing", "/nothing-here"),
            described(reader, "without a token", "/login", method="POST"),
            described(reader, "the style sheet", style),
            described(reader, "an old style sheet", "/assets/0/main.css"),
            described(reader, "a static file", "/static/js/main.js"),
            described(reader, "health", "/healthz"),
            described(reader, "over TLS", "/stories", base_url="https://localhost"),
        ]
    )
    # To accept a change: read the difference, then write `found` into the file.
    assert found.splitlines() == GOLDEN.read_text(encoding="utf-8").splitlines()
