"""Whatever is sent to the search page: a page comes back, and soon."""

from __future__ import annotations

import random
import time
from urllib.parse import quote_from_bytes

import pytest
from flask import Flask

from app.topics.models import TopicKind
from tests.client import StrictClient
from tests.factories.comments import a_published_comment
from tests.factories.pages import a_topic
from tests.factories.stories import a_published_story
from tests.search.searching import committed_and_indexed

# Seconds. No measure of speed, but more than any load of a machine explains.
FOR_EVER = 20
PIECES = [
    *(
        '"',
        "-",
        "--",
        "*",
        "?",
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        "~",
        "^",
        "\\",
        "/",
        ":",
        "<",
        ">",
        "=",
        "'",
        "’",
        "“",
        "”",
    ),
    *(
        "AND",
        "OR",
        "NOT",
        "ANDMAYBE",
        "NEAR/3",
        "title:",
        "key:story:1",
        "kind:",
        "text:*",
        "*:*",
        "[a TO z]",
        "{",
        "..",
        "~2",
        "^9",
    ),
    *("warts", "dpcp", "5-FU", "5fu", "summer", "the", "not", "all", "a", "1", "0.1", "-warts", '"the summer', '-"the'),
    *(
        "\x00",
        "\x01",
        "\t",
        "\n",
        "\r",
        "\u200b",
        "\u202e",
        "\ufeff",
        "\ufffe",
        "é",
        "e\u0301",
        "\u0301" * 50,
        "ß",
        "İ",
        "ǅ",
    ),
    *("漢字", "中文", "한국어", "हिन्दी", "العربية", "עברית", "👩‍🔬", "𝔴𝔞𝔯𝔱𝔰", "ﬁ", "½", "²", "①", "\U0010ffff"),
    *(
        "' OR 1=1 --",
        "; DROP TABLE stories",
        "../../etc/passwd",
        "%00",
        "%",
        "_",
        "${7*7}",
        "{{7*7}}",
        "<script>",
        "&amp;",
    ),
    *("x" * 300, "9" * 300, "- " * 100, '" ' * 100, "(" * 150, "a-" * 100, "a'" * 100, "1," * 100, "a* " * 60),
]


@pytest.fixture
def reader(app: Flask, client: StrictClient) -> StrictClient:
    """A site with some stories, and somebody up to no good."""
    with app.app_context(), committed_and_indexed():
        treatment = a_topic("Diphencyprone", TopicKind.TREATMENT, "DPCP", "5-FU", "a", "the", page="Painted on.")
        for number in range(10):
            story = a_published_story(
                title=f"Number {number}",
                body=f"A 5-FU and DPCP summer, not at all what we hoped for. {number}",
                treatments=[treatment],
            )
            a_published_comment(story, body=f"A 5-FU summer, not at all what we hoped for either. {number}")
    return client


def ask(reader: StrictClient, address: str, *, checked: bool = True) -> None:
    begun = time.perf_counter()
    # The page repeats the query, and the strict client takes '{{' for a template that was not rendered.
    unchecked = None if checked and "%7B" not in address else "that it answers is enough here, and faster"
    response = reader.get(address, unchecked=unchecked)
    taken = time.perf_counter() - begun
    assert response.status_code == 200, address
    assert taken < FOR_EVER, f"{address} took {taken:.2f} s"


def address_of(query: bytes) -> str:
    return f"/search?q={quote_from_bytes(query)}"


def test_random_queries(reader: StrictClient) -> None:
    chance = random.Random(20260314)
    for number in range(300):
        pieces = chance.choices(PIECES, k=chance.randint(1, 12))
        query = chance.choice(["", " "]).join(pieces).encode("utf-8", "surrogatepass")
        among = "&kind=comment" if number % 3 == 0 else ""
        ask(reader, address_of(query) + among, checked=number % 10 == 0)


def test_random_bytes(reader: StrictClient) -> None:
    chance = random.Random(20260314)
    for number in range(100):
        ask(reader, address_of(chance.randbytes(chance.randint(1, 300))), checked=number % 10 == 0)


def test_long_and_broken_queries(reader: StrictClient) -> None:
    long = [b"warts " * 1700, b"x" * 10_000, b'"' * 10_000, b"\xff\xfe" * 500]
    for query in (*long, b"\xed\xa0\x80", b"\x00", b"", b" ", b"\xff"):
        ask(reader, address_of(query))


@pytest.mark.parametrize("name", ["kind", "condition", "treatment", "page"])
def test_odd_filters(reader: StrictClient, name: str) -> None:
    odd = ["%00", "%FF", "-1", "0", "1e9", "9" * 20, "%EF%BC%91", "..%2F", "x" * 2000, "story%00", "[]", "_external"]
    for value in odd:
        ask(reader, f"/search?q=summer&{name}={value}")


def test_what_no_database_takes(either_app: Flask) -> None:
    with either_app.app_context(), committed_and_indexed():
        a_published_story(title="Told", body="It was a long summer, and we were happy to be in the shade of it.")
    stranger = either_app.test_client()
    for value in ("%00", "a%00b", "%ED%A0%80", "%F4%8F%BF%BF", "'", "%25", "_", "%5C"):
        for name in ("q", "kind", "condition", "treatment"):
            ask(stranger, f"/search?{name}={value}&q=summer")


def test_names_of_arguments_that_mean_something_to_flask(reader: StrictClient) -> None:
    page = reader.get_page("/search?q=summer&endpoint=x&_external=1&_scheme=ftp&values=x&q=second&page=1&page=2")
    assert all(link.address.startswith("http://localhost/") for link in page.links)
