"""Nothing that can be sent to the site gives a 500, and every answer is a page without faults."""

from __future__ import annotations

import random
from collections.abc import Iterator
from io import BytesIO
from urllib.parse import quote, quote_from_bytes

import pytest
from flask import Flask

from app.accounts import registration
from app.foundation.access import Role
from app.foundation.database import transaction
from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories import (
    a_pending_comment,
    a_pending_follow_up,
    a_pending_story,
    a_person,
    a_published_comment,
    a_published_follow_up,
    a_published_story,
    a_topic,
    an_article,
    logged_in,
)

FORM = "application/x-www-form-urlencoded"

# Every field of every form.
FIELDS = [
    *("title", "condition", "about", "body", "advice", "confirmed_by_clinician", "age_band", "sex", "body_place"),
    *("publish", "statistics", "follow_up", "remove", "treatments-0-treatment", "treatments-0-status"),
    *("treatments-0-effect", "treatments-0-side_effects-0-effect", "treatments-0-side_effects-0-severity"),
    *("treatments-0-stop_reasons", "treatments-0-companions", "username", "email", "password", "next", "key"),
    *("person", "action", "kind", "since", "until", "text", "answer", "outcome"),
    *("category", "words", "decision", "revision", "reason", "note", "what", "back_again", "effect_2", "still_using_2"),
]

HOSTILE: dict[str, bytes] = {
    "NUL": b"a\0b",
    "only NUL": b"\0",
    "controls": bytes(range(1, 32)) + b"\x7f",
    "C1 controls": "\x80\x85\x9f".encode(),
    "invalid UTF-8": b"\xff\xfe\xfa words",
    "truncated UTF-8": b"word \xe2\x82",
    "overlong UTF-8": b"\xc0\xaf\xe0\x80\xaf",
    "lone surrogates": b"\xed\xa0\x80 and \xed\xbf\xbf",
    "non-characters": "\ufffe\uffff\U0001fffe \U0010ffff".encode(),
    "direction overrides": "\u202e\u2066evil\u2069\u200f".encode(),
    "combining marks": ("e" + "\u0301" * 500).encode(),
    "emoji": "👩🏽‍⚕️".encode() * 40,
    "zero width": "\u200b\u200c\u200d\ufeff\u3164".encode(),
    "markup": b"</textarea></title><script>alert(1)</script><svg onload=alert(1)>",
    "an attribute": b"\" onfocus=alert(1) x='",
    "Markdown": b"[x](javascript:alert(1)) ![x](//evil) `" + b"[" * 300 + b"> " * 300,
    "SQL": b"'; DROP TABLE people; --",
    "a negative number": b"-1",
    "an enormous number": b"9" * 30,
    "five thousand digits": b"9" * 5_000,
    "digits that are none": "²③".encode(),
    "Arabic digits": "١٢".encode(),
    "not a number": b"NaN",
    "a list": b'["a", {"b": 1}]',
    "a path": b"../../../../etc/passwd",
    "a line break": b"a\r\nSet-Cookie: x=y\r\n\r\n<h1>",
    "percent signs": b"%s %d %(name)s %00 %",
    "braces": b"{0} {name} {",
    "long": b"word " * 1_200,
}

WRONG_BODIES: dict[str, tuple[bytes, str]] = {
    "nothing": (b"", FORM),
    "no form": (b"hello", "text/plain"),
    "raw bytes": (b"\xff\xfe\x00", FORM),
    "ampersands": (b"&" * 5_000, FORM),
    "names only": (b"title&body&condition&username&password&key", FORM),
    "a thousand of one name": (b"title=x&" * 1_000, FORM),
    "names with brackets": (b"title[]=a&body[0]=b&treatments[0][treatment]=c&username.name=d", FORM),
    "JSON": (b'{"title": 5, "username": ["a"], "password": {"a": 1}, "body": null}', "application/json"),
    "a JSON list": (b"[1]", "application/json"),
    "JSON with a surrogate": (b'{"username": "\\ud800", "password": "\\ud800", "body": "\\u0000"}', "application/json"),
    "broken JSON": (b"{", "application/json"),
    "XML": (b'<!DOCTYPE x [<!ENTITY y SYSTEM "file:///etc/passwd">]><x>&y;</x>', "application/xml"),
    "multipart without a boundary": (b"--x", "multipart/form-data"),
    "multipart that breaks off": (b'--x\r\nContent-Disposition: x; name="x"', "multipart/form-data; boundary=x"),
    "two thousand parts": (
        b"".join(b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\nv\r\n' % number for number in range(2_000))
        + b"--x--\r\n",
        "multipart/form-data; boundary=x",
    ),
    "a megabyte and more": (b"body=" + b"x" * (1024 * 1024 + 1), FORM),
    "an unknown character set": (b"title=x", f"{FORM}; charset=klingon"),
}  # fmt: skip

REFUSALS = {400, 401, 403, 404, 405, 409, 410, 413, 415, 422}
# A form is refused, or done with and left. What is kept while somebody types answers in place, whatever it says.
ANSWERS = REFUSALS | {302}
WHILE_TYPING = ANSWERS | {200, 204}


def answers_of(address: str) -> set[int]:
    # The log is taken along by a form, and a page says by one that it is open: whatever they say, there is an answer.
    return WHILE_TYPING if address.endswith(("/drafts", "/draft", "/log.csv", "/open")) else ANSWERS


def plant(app: Flask) -> None:
    """Something of every kind: the actor's own story and comment waiting, somebody else's published."""
    with app.app_context(), transaction():
        a_topic("Warts", TopicKind.CONDITION, page="About warts.")
        actor = registration.find("adair")
        story = a_published_story(a_person("quietfern"))
        a_published_comment(story)
        an_article()
        a_pending_story(actor)
        a_pending_comment(story, actor)
        a_pending_story()
        a_published_follow_up(story)
        a_pending_follow_up(a_published_story(actor))


def forms(app: Flask) -> Iterator[str]:
    """The address of every form there is; two for those that depend on whose thing it is."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint == "accounts.logout", rule.rule)):
        if "POST" in rule.methods:
            for number in (1, 2) if any(name.endswith("_id") for name in rule.arguments) else (1,):
                values: dict[str, object] = {name: number for name in rule.arguments if name.endswith("_id")}
                values |= {
                    name: {"kind": "story", "kinds": "stories", "username": "quietfern"}[name]
                    for name in rule.arguments
                    if name not in values
                }
                with app.test_request_context():
                    yield app.url_for(rule.endpoint, **values)


def token_of(client: StrictClient) -> dict[str, str]:
    """The CSRF token as a header, which goes with a body of any type."""
    page = client.get_page("/stories/new")
    return {"X-CSRFToken": page.select("input[name=csrf_token]")[0].get("value", "")}


def fields(value: bytes, *names: str) -> bytes:
    return b"&".join(name.encode() + b"=" + quote_from_bytes(value).encode() for name in names)


@pytest.fixture
def staff(either_app: Flask) -> StrictClient:
    client = logged_in(either_app, "adair", Role.ADMIN)
    plant(either_app)
    return client


def try_every_form(app: Flask, text: bytes, unchecked: str | None = None) -> None:
    client = logged_in(app, "adair", Role.ADMIN)
    plant(app)
    sent = {"data": fields(text, *FIELDS), "content_type": FORM, "headers": token_of(client)}

    for address in forms(app):
        response = client.post(address, **sent, unchecked=unchecked)
        assert response.status_code in answers_of(address), f"{address}: {response.status_code}"
        assert "Set-Cookie: x" not in str(response.headers)


# One of each sort of trouble; the others with `make test-long`.
TELLING = {"markup", "Markdown", "a line break", "combining marks", "controls", "five thousand digits", "percent signs"}


@pytest.mark.parametrize(
    "sort", [sort if sort in TELLING else pytest.param(sort, marks=pytest.mark.long) for sort in HOSTILE]
)
def test_no_text_in_any_field_of_any_form_is_too_much(app: Flask, sort: str) -> None:
    try_every_form(app, HOSTILE[sort])


# What one database takes and the other does not.
DELICATE = {
    "NUL",
    "invalid UTF-8",
    "lone surrogates",
    "non-characters",
    "an enormous number",
    "a negative number",
    "long",
}


@pytest.mark.parametrize(
    "sort", [sort if sort in DELICATE else pytest.param(sort, marks=pytest.mark.long) for sort in HOSTILE]
)
def test_no_text_is_too_much_for_either_database(either_app: Flask, sort: str) -> None:
    try_every_form(either_app, HOSTILE[sort], unchecked="the page is checked above")


@pytest.mark.parametrize("sort", WRONG_BODIES)
def test_no_body_of_any_form_is_too_much(app: Flask, sort: str) -> None:
    client = logged_in(app, "adair", Role.ADMIN)
    plant(app)
    headers, (body, content_type) = token_of(client), WRONG_BODIES[sort]

    for address in forms(app):
        response = client.post(address, data=body, content_type=content_type, headers=headers)

        assert response.status_code in answers_of(address), f"{address}: {response.status_code}"
        if sort == "a megabyte and more":
            assert response.status_code == 413, address


def test_a_file_in_place_of_text_is_overlooked(app: Flask) -> None:
    client = logged_in(app, "adair", Role.ADMIN)
    plant(app)
    headers = token_of(client)

    for address in forms(app):
        data = {name: (BytesIO(b"GIF89a\x00"), "x.gif") for name in FIELDS}
        response = client.post(address, data=data, content_type="multipart/form-data", headers=headers)
        assert response.status_code in answers_of(address), f"{address}: {response.status_code}"


def why_unchecked(app: Flask) -> str | None:
    """Reading every page as a browser does takes long, and they are the same on both databases."""
    return None if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite") else "checked on SQLite"


IDENTIFIERS = (
    *("story_id", "comment_id", "follow_up_id", "draft_id", "item_id", "contribution_id", "subject_id"),
    *("decision_id", "sanction_id", "appeal_id", "publication_id"),
)
IDS = ["0", "-1", "999", "2147483647", "2147483648", "9" * 12, "9" * 30, "9" * 5_000, "1.0", "1e3", "%00", "1%00", "²",
       "١", "%D9%A1", "null", "", "%ff", "1%0a"]  # fmt: skip
NAMES = ["%00", "a%00b", "%ff", "%ed%a0%80", "x" * 3_000, "..", "%2e%2e%2f", "a%0ab", "%F0%9F%98%80", "'--", "%7f", "%"]


def test_no_number_in_an_address_is_too_much(either_app: Flask, staff: StrictClient) -> None:
    rules = [rule for rule in either_app.url_map.iter_rules() if any(name.endswith("_id") for name in rule.arguments)]

    for number in IDS:
        for rule in rules:
            address = rule.rule.replace("<slug>", "x").replace("<kind>", "story")
            for converter in IDENTIFIERS:
                address = address.replace(f"<int:{converter}>", number)
            address = address.replace("<any(stories, comments, 'follow-ups'):kinds>", "stories")
            method = "GET" if "GET" in rule.methods else "POST"
            response = staff.open(address, method=method, unchecked="the page of a refusal, as everywhere")

            assert response.status_code in REFUSALS, f"{address[:80]}: {response.status_code}"


@pytest.mark.parametrize(
    "pattern",
    ["/topics/{}", "/topics/{}/stories", "/articles/{}", "/stories/1/{}", "/comments/new/{}/1", "/moderation/{}/1",
     "/assets/{}/main.css", "/assets/0/{}", "/static/{}", "/{}"],
)  # fmt: skip
def test_no_name_in_an_address_is_too_much(either_app: Flask, staff: StrictClient, pattern: str) -> None:
    for name in NAMES:
        response = staff.get(pattern.format(name), buffered=True, unchecked=why_unchecked(either_app))

        assert response.status_code in REFUSALS | {200, 301, 302, 308}, f"{pattern} {name[:40]}: {response.status_code}"


QUERIES = [
    "page=2", "page=-1", "page=0", "page=1e9", "page=" + "9" * 5_000, "page=%C2%B2", "page=%00", "page[]=1",
    "page=2&page=3", "page=2&endpoint=x", "page=2&_scheme=javascript", "page=2&_anchor=x", "page=2&_external=1",
    "page=2&_method=POST", "page=2&slug=x", "page=2&story_id=9", "page=2&self=x", "page=2&%00=%00", "page=2&%ff=%ff",
    "page=2&%22%3E%3Cscript%3E=x", "kind=%00", "kind=story&kind=x", "q=%00", "q=" + "a" * 5_000, "q=%ff&condition=%00",
    "after=", "after=1", "after=1.2.3", "after=-1.-1", "after=9999999999999999999999.1", "after=%C2%B2.1",
    "before=1.1", "before=%00", "after=" + "9" * 5_000, "sort=helpful&after=1.1.1", "sort=x", "after=1.99999999999",
    "q=*&treatment=%00&kind=%00", "condition=%ed%a0%80", "next=%00%01%7f", "next=" + "x" * 5_000, "&&&=&=", "%",
]  # fmt: skip


@pytest.mark.parametrize(
    "path", ["/", "/stories", "/articles", "/topics", "/topics/warts", "/topics/warts/stories", "/login", "/register",
             "/search", "/moderation", "/account/contributions", "/stories/new", "/stories/1", "/comments/1"]
)  # fmt: skip
def test_no_question_in_an_address_is_too_much(either_app: Flask, staff: StrictClient, path: str) -> None:
    for query in QUERIES:
        response = staff.get(f"{path}?{query}", unchecked=why_unchecked(either_app))

        # 503: there is no search index in this test.
        assert response.status_code in REFUSALS | {200, 301, 302} | ({503} if path == "/search" else set())


def test_pages_of_a_list_keep_what_else_was_asked(app: Flask, client: StrictClient) -> None:
    with app.app_context(), transaction():
        author = a_person()
        for _ in range(21):
            a_published_story(author)

    page = client.get_page("/stories?from=a+friend&endpoint=x&_scheme=javascript&from=another&page=2")

    [back] = [link for link in page.links if "Newer stories" in link.text]
    assert back.address.startswith(
        "http://localhost/stories?from=a+friend&from=another&endpoint=x&_scheme=javascript&before="
    )


@pytest.mark.parametrize(
    ("method", "status"),
    [("PUT", 405), ("DELETE", 405), ("PATCH", 405), ("TRACE", 405), ("PROPFIND", 405), ("OPTIONS", 200), ("HEAD", 200)],
)
def test_other_methods_are_answered(client: StrictClient, method: str, status: int) -> None:
    unchecked = "an answer to OPTIONS is empty" if method == "OPTIONS" else None

    assert client.open("/stories", method=method, unchecked=unchecked).status_code == status


@pytest.mark.long
@pytest.mark.parametrize("seed", range(60))
def test_no_heap_of_fields_is_too_much(app: Flask, seed: int) -> None:
    client = logged_in(app, "adair", Role.ADMIN)
    plant(app)
    headers, chance = token_of(client), random.Random(seed)
    values = [*HOSTILE.values(), b"", b"1", b"y", b"Warts", b"story", b"approve", b"reject", b"privacy"]

    for address in forms(app):
        names = chance.choices(FIELDS, k=chance.randrange(1, 40))
        names += [f"treatments-{chance.choice([-1, 0, 3, 99, 100, '²', 'x'])}-{name}" for name in names[:5]]
        body = b"&".join(fields(chance.choice(values), quote(name)) for name in names)
        response = client.post(address, data=body, content_type=FORM, headers=headers)
        # 200: one of the fields was the button that adds or removes a line of the form.
        assert response.status_code in WHILE_TYPING, f"{address}: {body[:300]!r}"
