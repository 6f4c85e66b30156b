"""No request causes a 500, and every response is a valid page."""

from __future__ import annotations

import random
from collections.abc import Iterable, Iterator, Sequence
from io import BytesIO
from urllib.parse import quote, quote_from_bytes

import pytest
from flask import Flask

from app.accounts import registration
from app.foundation.access import Role
from app.foundation.database import transaction
from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories.comments import a_pending_comment, a_published_comment
from tests.factories.follow_ups import a_pending_follow_up, a_published_follow_up
from tests.factories.pages import a_topic, an_article
from tests.factories.people import a_person, logged_in
from tests.factories.stories import a_pending_story, a_published_story

FORM = "application/x-www-form-urlencoded"

# All fields of all forms.
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
# A form is refused, or accepted with a redirect. Saving a draft while somebody types always returns JSON.
ANSWERS = REFUSALS | {302}
WHILE_TYPING = ANSWERS | {200, 204}


def answers_of(address: str) -> set[int]:
    # Exporting the log, and reporting that an item is open, succeed whatever the fields contain.
    return WHILE_TYPING if address.endswith(("/drafts", "/draft", "/log.csv", "/open")) else ANSWERS


def plant(app: Flask) -> None:
    """Contributions of every kind: the actor's own are pending, somebody else's are published."""
    with app.app_context(), transaction():
        a_topic("Warts", TopicKind.CONDITION, page="About warts.")
        actor = registration.find_by_username("adair")
        story = a_published_story(a_person("quietfern"))
        a_published_comment(story)
        an_article()
        a_pending_story(actor)
        a_pending_comment(story, actor)
        a_pending_story()
        a_published_follow_up(story)
        a_pending_follow_up(a_published_story(actor))


def forms(app: Flask, numbers: tuple[int, ...] = (1, 2)) -> Iterator[str]:
    """The address of every form; one address for each number if the form depends on who owns the object."""
    for rule in sorted(app.url_map.iter_rules(), key=lambda rule: (rule.endpoint == "accounts.logout", rule.rule)):
        if "POST" in rule.methods:
            for number in numbers if any(name.endswith("_id") for name in rule.arguments) else (1,):
                values: dict[str, object] = {name: number for name in rule.arguments if name.endswith("_id")}
                values |= {
                    name: {"kind": "story", "kinds": "stories", "username": "quietfern"}[name]
                    for name in rule.arguments
                    if name not in values
                }
                with app.test_request_context():
                    yield app.url_for(rule.endpoint, **values)


def token_of(client: StrictClient) -> dict[str, str]:
    """The CSRF token as a header, which works with a body of any type."""
    page = client.get_page("/stories/new")
    return {"X-CSRFToken": page.select("input[name=csrf_token]")[0].get("value", "")}


def fields(value: bytes, *names: str) -> bytes:
    return b"&".join(name.encode() + b"=" + quote_from_bytes(value).encode() for name in names)


def a_member_of_staff(app: Flask) -> StrictClient:
    """The browser of an administrator, on a site with something of every kind."""
    client = logged_in(app, "adair", Role.ADMIN)
    plant(app)
    return client


def send_to_every_form(app: Flask, bodies: list[bytes], unchecked: str | None = None) -> None:
    """Send each of these bodies, one after the other, to each form of a site; all are answered, none with a 500."""
    client = a_member_of_staff(app)
    headers = token_of(client)

    for address in forms(app):
        for body in bodies:
            response = client.post(address, data=body, content_type=FORM, headers=headers, unchecked=unchecked)
            assert response.status_code in answers_of(address), f"{address}: {response.status_code}"
            assert "Set-Cookie: x" not in str(response.headers)


def in_turn(sorts: Iterable[str], times: int) -> list[bytes]:
    """Bodies in which each field has another sort of text: each sort in every form, each field with `times` of them."""
    bodies, texts = [], [HOSTILE[sort] for sort in sorts]
    for turn in range(times):
        # Steps by which no field gets the same text twice.
        values = [texts[(number + turn * len(texts) // times) % len(texts)] for number in range(len(FIELDS))]
        bodies.append(b"&".join(fields(value, name) for name, value in zip(FIELDS, values, strict=True)))
    return bodies


# Values that one database accepts and the other does not.
DELICATE = (
    *("NUL", "invalid UTF-8", "lone surrogates", "non-characters", "an enormous number", "a negative number", "long"),
)


def test_no_text_in_any_field_of_any_form_is_too_much(app: Flask) -> None:
    """Every form with every sort, spread over its fields; `make test-long` puts each sort into all fields at once."""
    send_to_every_form(app, [fields(HOSTILE["markup"], *FIELDS), *in_turn(HOSTILE, 4)])


@pytest.mark.postgres
def test_no_text_is_too_much_for_postgres(app_on_postgres: Flask) -> None:
    send_to_every_form(app_on_postgres, in_turn(DELICATE, 3), unchecked="the pages are checked above")


@pytest.mark.long
@pytest.mark.parametrize("sort", HOSTILE)
def test_no_text_in_all_fields_of_any_form_is_too_much(app: Flask, sort: str) -> None:
    send_to_every_form(app, [fields(HOSTILE[sort], *FIELDS)])


@pytest.mark.long
@pytest.mark.parametrize("sort", HOSTILE)
def test_no_text_in_all_fields_is_too_much_for_either_database(either_app: Flask, sort: str) -> None:
    send_to_every_form(either_app, [fields(HOSTILE[sort], *FIELDS)], unchecked="the pages are checked above")


def send_wrong_bodies(app: Flask, numbers: tuple[int, ...], sorts: Iterable[str] = WRONG_BODIES) -> None:
    """Send each of these bodies to the forms about the things of these numbers."""
    client = a_member_of_staff(app)
    headers = token_of(client)

    for address in forms(app, numbers):
        for sort in sorts:
            body, content_type = WRONG_BODIES[sort]
            response = client.post(address, data=body, content_type=content_type, headers=headers)

            assert response.status_code in answers_of(address), f"{sort}: {address}: {response.status_code}"
            if sort == "a megabyte and more":
                assert response.status_code == 413, address


# Not understood before it is asked whose thing it is.
UNREAD = ("two thousand parts", "a megabyte and more")


def test_no_body_of_any_form_is_too_much(app: Flask) -> None:
    """What is in these bodies depends on nobody's things, so one of each kind is tried; `make test-long` tries two."""
    send_wrong_bodies(app, (1,), [sort for sort in WRONG_BODIES if sort not in UNREAD])


def test_a_body_that_is_too_large_is_refused_by_every_form(app: Flask) -> None:
    send_wrong_bodies(app, (1,), UNREAD)


@pytest.mark.long
@pytest.mark.parametrize("sort", WRONG_BODIES)
def test_no_body_is_too_much_whosever_thing_it_is_about(app: Flask, sort: str) -> None:
    send_wrong_bodies(app, (1, 2), [sort])


def test_a_file_in_place_of_text_is_overlooked(app: Flask) -> None:
    client = a_member_of_staff(app)
    headers = token_of(client)

    for address in forms(app):
        data = {name: (BytesIO(b"GIF89a\x00"), "x.gif") for name in FIELDS}
        response = client.post(address, data=data, content_type="multipart/form-data", headers=headers)
        assert response.status_code in answers_of(address), f"{address}: {response.status_code}"


def why_unchecked(app: Flask) -> str | None:
    """The pages are the same on both databases."""
    return None if app.config["SQLALCHEMY_DATABASE_URI"].startswith("sqlite") else "checked on SQLite"


IDENTIFIERS = (
    *("story_id", "comment_id", "follow_up_id", "draft_id", "item_id", "contribution_id", "subject_id"),
    *("decision_id", "sanction_id", "appeal_id", "publication_id"),
)
IDS = ["0", "-1", "999", "2147483647", "2147483648", "9" * 12, "9" * 30, "9" * 5_000, "1.0", "1e3", "%00", "1%00", "²",
       "١", "%D9%A1", "null", "", "%ff", "1%0a"]  # fmt: skip
NAMES = ["%00", "a%00b", "%ff", "%ed%a0%80", "x" * 3_000, "..", "%2e%2e%2f", "a%0ab", "%F0%9F%98%80", "'--", "%7f", "%"]


# Numbers that reach the database; the others name no route.
WHOLE = ["0", "999", "2147483647", "2147483648", "9" * 12, "9" * 30, "9" * 5_000, "²", "١", "%D9%A1"]


def send_numbers(app: Flask, numbers: list[str]) -> None:
    """Ask every route that has an id for each of these; all are refused."""
    client = a_member_of_staff(app)
    rules = [rule for rule in app.url_map.iter_rules() if any(name.endswith("_id") for name in rule.arguments)]

    for number in numbers:
        for rule in rules:
            address = rule.rule.replace("<slug>", "x").replace("<kind>", "story")
            for converter in IDENTIFIERS:
                address = address.replace(f"<int:{converter}>", number)
            address = address.replace("<any(stories, comments, 'follow-ups'):kinds>", "stories")
            method = "GET" if "GET" in rule.methods else "POST"
            response = client.open(address, method=method, unchecked="the page of a refusal, as everywhere")

            assert response.status_code in REFUSALS, f"{address[:80]}: {response.status_code}"


def test_no_number_in_an_address_is_too_much(app: Flask) -> None:
    send_numbers(app, IDS)


@pytest.mark.postgres
def test_no_number_in_an_address_is_too_much_for_postgres(app_on_postgres: Flask) -> None:
    send_numbers(app_on_postgres, WHOLE)


PATTERNS = [
    *("/topics/{}", "/topics/{}/stories", "/articles/{}", "/stories/1/{}", "/comments/new/{}/1", "/moderation/{}/1"),
    *("/assets/{}/main.css", "/assets/0/{}", "/static/{}", "/{}"),
]


def test_no_name_in_an_address_is_too_much(either_app: Flask) -> None:
    client = a_member_of_staff(either_app)

    for pattern in PATTERNS:
        for name in NAMES:
            address = pattern.format(name)
            response = client.get(address, buffered=True, unchecked=why_unchecked(either_app))
            assert response.status_code in REFUSALS | {200, 301, 302, 308}, f"{address[:60]}: {response.status_code}"


QUERIES = [
    "page=2", "page=-1", "page=0", "page=1e9", "page=" + "9" * 5_000, "page=%C2%B2", "page=%00", "page[]=1",
    "page=2&page=3", "page=2&endpoint=x", "page=2&_scheme=javascript", "page=2&_anchor=x", "page=2&_external=1",
    "page=2&_method=POST", "page=2&slug=x", "page=2&story_id=9", "page=2&self=x", "page=2&%00=%00", "page=2&%ff=%ff",
    "page=2&%22%3E%3Cscript%3E=x", "kind=%00", "kind=story&kind=x", "q=%00", "q=" + "a" * 5_000, "q=%ff&condition=%00",
    "after=", "after=1", "after=1.2.3", "after=-1.-1", "after=9999999999999999999999.1", "after=%C2%B2.1",
    "before=1.1", "before=%00", "after=" + "9" * 5_000, "sort=helpful&after=1.1.1", "sort=x", "after=1.99999999999",
    "q=*&treatment=%00&kind=%00", "condition=%ed%a0%80", "next=%00%01%7f", "next=" + "x" * 5_000, "&&&=&=", "%",
]  # fmt: skip


PATHS = [
    *("/", "/stories", "/articles", "/topics", "/topics/warts", "/topics/warts/stories", "/login", "/register"),
    *("/search", "/moderation", "/account/contributions", "/stories/new", "/stories/1", "/comments/1"),
]


# The lists, whose parameters become part of a statement, and these parameters.
LISTS = ("/stories", "/topics/warts/stories", "/search", "/moderation", "/account/contributions")
LIST_PARAMETERS = ("page=", "kind=", "condition=", "after=", "before=", "sort=", "q=")


@pytest.mark.parametrize("first", [0, 1], ids=["these pages", "the others"])
def test_no_question_in_an_address_is_too_much(app: Flask, first: int) -> None:
    """Each page is asked half of the queries; `make test-long` asks every page all of them."""
    ask_pages(app, PATHS[first::2], QUERIES[first::2])


@pytest.mark.long
def test_no_question_in_any_address_is_too_much(app: Flask) -> None:
    ask_pages(app, PATHS, QUERIES)


@pytest.mark.postgres
def test_no_question_in_an_address_is_too_much_for_postgres(app_on_postgres: Flask) -> None:
    ask_pages(app_on_postgres, LISTS, [query for query in QUERIES if query.startswith(LIST_PARAMETERS)])


@pytest.mark.long
@pytest.mark.postgres
def test_no_question_in_any_address_is_too_much_for_postgres(app_on_postgres: Flask) -> None:
    ask_pages(app_on_postgres, PATHS, QUERIES)


def ask_pages(app: Flask, paths: Sequence[str], queries: Sequence[str]) -> None:
    """Request each of these pages with each of these queries; no answer is a 500."""
    client = a_member_of_staff(app)

    for path in paths:
        # 503: there is no search index in this test.
        accepted = REFUSALS | {200, 301, 302} | ({503} if path == "/search" else set())
        for query in queries:
            response = client.get(f"{path}?{query}", unchecked=why_unchecked(app))
            assert response.status_code in accepted, f"{path}?{query[:60]}: {response.status_code}"


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


OTHER_METHODS = {
    "PUT": 405,
    "DELETE": 405,
    "PATCH": 405,
    "TRACE": 405,
    "PROPFIND": 405,
    "OPTIONS": 200,
    "HEAD": 200,
}


def test_other_methods_are_answered(client: StrictClient) -> None:
    for method, status in OTHER_METHODS.items():
        unchecked = "an answer to OPTIONS is empty" if method == "OPTIONS" else None
        assert client.open("/stories", method=method, unchecked=unchecked).status_code == status, method


@pytest.mark.long
@pytest.mark.parametrize("seed", range(60))
def test_no_heap_of_fields_is_too_much(app: Flask, seed: int) -> None:
    client = a_member_of_staff(app)
    headers, chance = token_of(client), random.Random(seed)
    values = [*HOSTILE.values(), b"", b"1", b"y", b"Warts", b"story", b"approve", b"reject", b"privacy"]

    for address in forms(app):
        names = chance.choices(FIELDS, k=chance.randrange(1, 40))
        names += [f"treatments-{chance.choice([-1, 0, 3, 99, 100, '²', 'x'])}-{name}" for name in names[:5]]
        body = b"&".join(fields(chance.choice(values), quote(name)) for name in names)
        response = client.post(address, data=body, content_type=FORM, headers=headers)
        # 200: one of the fields was the button that adds or removes a row of the form.
        assert response.status_code in WHILE_TYPING, f"{address}: {body[:300]!r}"
