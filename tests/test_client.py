from __future__ import annotations

import io
from typing import Any

import lxml.etree
import pytest
from flask import Flask, Response, jsonify, redirect, request
from werkzeug.test import TestResponse

from tests.client import Page, StrictClient

GOOD_BODY = """
<header><nav aria-labelledby="nav"><h2 id="nav">Menu</h2><a href="#main">Skip to the text</a> <a href="/other">Other</a>
</nav><svg aria-hidden="true" viewBox="0 0 1 1"><title>Icon</title><path d="M0 0"/></svg></header>
<main id="main"><h1>Share your story</h1><h2>One</h2><h3>Deeper</h3><h2>Two</h2>
<img src="/a.png" alt=""><a href="/page#main">Here</a> <a href="/elsewhere#x">There</a> <a href="#top">Up</a>
<form method="post" action="/echo"><input type="hidden" name="csrf_token" value="abc">
<label for="title">Title</label> <input id="title" name="title" aria-describedby="hint"><p id="hint">A few words.</p>
<label>Your story <textarea name="story"></textarea></label>
<input aria-label="Year" name="year" type="number"><span id="w">Weight</span><input aria-labelledby="w" name="weight">
<label for="c">Condition</label> <select id="c" name="condition"><option>Eczema</option></select>
<button>Send for review</button></form>
<form action="/search"><label for="q">Search</label> <input id="q" name="q" list="words">
<datalist id="words"><option>itch</option></datalist><button>Search</button></form>
<script type="application/ld+json">{"a": {"b": 1}}</script><script src="/static/x.js" defer></script></main>
"""
PAGE = (
    '<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{title}</title></head>'
    "<body>{body}</body></html>"
)


def page_of(body: str = GOOD_BODY, title: str = "Share your story · Salve") -> str:
    return PAGE.replace("{title}", title).replace("{body}", body)


def client_for(source: str | bytes, status: int = 200, content_type: str = "text/html; charset=utf-8") -> StrictClient:
    app = Flask(__name__)
    app.test_client_class = StrictClient

    @app.route("/page", methods=["GET", "POST"])
    def page() -> Response:
        return Response(source, status, content_type=content_type)

    @app.route("/to-page")
    def to_page() -> Any:
        response = redirect("/page")
        response.set_data("<p>a body nobody sees")
        return response

    client = app.test_client()
    assert isinstance(client, StrictClient)
    return client


# --- the checks ---


def test_good_page_passes() -> None:
    assert client_for(page_of()).get("/page").status_code == 200


def test_a_page_like_one_that_was_read_is_read_the_same() -> None:
    """The second page differs from the first in its words, and is read by another parser."""
    sources = [page_of(GOOD_BODY.replace("A few words.", words)) for words in ("Some words.", "Others &amp; more: é.")]
    first, second = (client_for(source).get_page("/page") for source in sources)

    def read(page: Page) -> list[Any]:
        elements = page.one("body").iter(lxml.etree.Element)
        return [(each.tag, *map(str.lower, each.attrib), "".join(each.itertext()).strip()) for each in elements]

    assert second.one("#hint").text == "Others & more: é."
    second.one("#hint").text = "Some words."
    assert read(first) == read(second)


REPLACED = [
    # what stands in the good page, what stands there instead, what the client says
    ("<h1>Share your story</h1>", "", "0 h1"),
    ("<h2>One</h2>", "<h1>Share your story</h1>", "2 h1"),
    ("<h3>Deeper</h3>", "<h4>Deeper</h4>", "skipped"),
    ('<h2 id="nav">', '<h3 id="nav">', "Expected"),  # an h3 closed by </h2>
    ("<h2>Two</h2>", "<h2> <!-- nothing --></h2>", "empty heading"),
    ('id="hint"', 'id="title"', "stands 2 times"),
    ('<h2 id="nav">', '<h2 id="nav"><span id=""></span>', "empty or has spaces"),
    ('<label for="title">', '<label for="titel">', "label for no form control"),
    ('<label for="title">', '<label for="main">', "label for no form control"),
    ('<label for="title">Title</label>', "", "no label"),
    ('<label for="title">Title</label>', '<label for="title"></label>', "label without text"),
    ("<h2>One</h2>", "<h2>One</h2><label>Lost</label>", "label without a form control"),
    ('<label for="c">Condition</label>', "", "no label"),
    ("<label>Your story <textarea", "<label>Your story</label> <label><textarea", "no label"),
    ('aria-label="Year"', 'aria-label=" "', "no label"),
    ('<span id="w">', "<span>", "aria-labelledby points to nothing"),
    ('aria-describedby="hint"', 'aria-describedby="hint gone"', "aria-describedby points to nothing, 'gone'"),
    ('list="words"', 'list="word"', "list points to nothing"),
    ("<button>Send", '<button form="none">Send', "form points to nothing"),
    ('<a href="/other">Other</a>', '<a href="/other"><button type="button">Other</button></a>', "inside <a"),
    ('<a href="/other">Other</a>', '<a href="/other"><a href="/x">Other</a></a>', "line"),
    ("<button>Search</button>", "<button>Search <a href='/'>x</a></button>", "inside <button"),
    ("<button>Search</button>", '<form action="/x"></form><button>Search</button>', "line"),
    ('href="#main"', 'href="#mian"', "link to nothing"),
    ('href="/page#main"', 'href="/page#mian"', "link to nothing"),
    ('href="/page#main"', 'href="#"', "link to nothing"),
    ('<img src="/a.png" alt="">', '<img src="/a.png">', "without alt"),
    ("<h2>Two</h2>", '<h2 style="color:red">Two</h2>', "inline code, style"),
    ("<h2>Two</h2>", '<h2 onclick="x()">Two</h2>', "inline code, onclick"),
    ("<h2>Two</h2>", '<h2 hx-on:click="x()">Two</h2>', "inline code, hx-on"),
    ("<path ", '<path onclick="x()" ', "inline code, onclick"),
    ('href="/other"', 'href=" javascript:x()"', "inline code, href"),
    (' src="/static/x.js" defer>', ">alert(1)", "inline <script"),
    (' src="/static/x.js" defer>', ' type="module">x', "inline <script"),
    ("<path ", "<style>p{}</style><path ", "inline <style"),
    ("<h2>Two</h2>", "<h2>Two</h2><style>p{}</style>", "inline <style"),
    ('<input type="hidden" name="csrf_token" value="abc">', "", "without csrf_token"),
    ('name="csrf_token" value="abc"', 'name="csrf_token" value=""', "without csrf_token"),
    ('<form action="/search">', '<form action="/search" METHOD="POST">', "without csrf_token"),
    ("<button>Search</button>", '<button formmethod="post">Search</button>', "without csrf_token"),
    ("A few words.", "{{ hint }}", "unrendered template"),
    ("A few words.", "A <b>few</b> {% if x %}", "unrendered template"),
    ('href="/other"', 'href="{{ url }}"', "unrendered template"),
    ("A few words.", "A few </b> words", "line 8"),
    ("A few words.", "A few \0 words", "line 8"),
    ("A few words.", "A few <words", "line 8"),
    ('href="/other"', 'href="/other" href="/twice"', "line 3"),
    ("A few words.", "A & few &words;", "line 8"),
    ("<h2>Two</h2>", "<div><h2>Two</h2>", "line"),
]


@pytest.mark.parametrize(("good", "bad", "said"), REPLACED)
def test_fault_in_the_body_is_found(good: str, bad: str, said: str) -> None:
    assert good in GOOD_BODY
    client = client_for(page_of(GOOD_BODY.replace(good, bad, 1)))

    with pytest.raises(AssertionError) as caught:
        client.get("/page")

    assert said in str(caught.value)
    assert str(caught.value).startswith("http://localhost/page (200):\n  - ")


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (page_of().replace("<!doctype html>", ""), "line 2"),
        (page_of().replace("<!doctype html>", '<!DOCTYPE html PUBLIC "-//W3C//DTD HTML 4.01//EN">'), "line 1"),
        (page_of().replace(' lang="en"', ""), "no lang"),
        (page_of().replace(' lang="en"', ' lang=""'), "no lang"),
        (page_of(title=""), "no title"),
        (page_of().replace("<title>Share your story · Salve</title>", ""), "no title"),
        (page_of(title="Salve"), "does not match the h1"),
        (page_of(title="Another · Salve"), "does not match the h1"),
        (page_of(title="{{ title }}"), "unrendered template"),
        ("", "line"),
        (page_of().encode("latin-1"), "not UTF-8"),
        (page_of().replace("</body></html>", ""), None),  # HTML allows it
        (page_of(title="share  your\nstory - Salve"), None),
        (page_of(title="Your story · Salve"), None),
    ],
)
def test_fault_in_the_frame_is_found(source: str | bytes, said: str | None) -> None:
    client = client_for(source)
    if said is None:
        client.get("/page")
        return

    with pytest.raises(AssertionError, match=said):
        client.get("/page")


def test_title_need_not_match_on_error_pages() -> None:
    client = client_for(page_of(title="Not found · Salve"), status=404)

    assert client.get("/page").status_code == 404


def test_error_pages_are_checked_too() -> None:
    with pytest.raises(AssertionError, match="no title"):
        client_for(page_of(title=""), status=500).get("/page")


def test_charset_must_be_declared() -> None:
    with pytest.raises(AssertionError, match="charset"):
        client_for(page_of(), content_type="text/html").get("/page")


def test_all_problems_come_at_once() -> None:
    bad = page_of(GOOD_BODY.replace("<h1>", '<h1 style="x">').replace('alt=""', ""), title="")

    with pytest.raises(AssertionError) as caught:
        client_for(bad).get("/page")

    assert [word in str(caught.value) for word in ("style", "alt", "title")] == [True] * 3


@pytest.mark.parametrize("fetch", ["post", "get"])
def test_every_method_is_checked(fetch: str) -> None:
    with pytest.raises(AssertionError):
        getattr(client_for("<p>no page"), fetch)("/page")


def test_checks_are_switched_off_for_one_request_with_a_reason() -> None:
    client = client_for("<p>a fragment</p>")

    assert client.get("/page", unchecked="fragment for htmx").status_code == 200
    assert client.get("/to-page", unchecked="fragment for htmx", follow_redirects=True).status_code == 200
    with pytest.raises(ValueError, match="reason"):
        client.get("/page", unchecked=" ")
    with pytest.raises(AssertionError):
        client.get("/page")
    with pytest.raises(AssertionError):
        client.get("/to-page", follow_redirects=True)


def test_only_what_is_shown_is_checked() -> None:
    client = client_for("<p>no page")

    client.head("/page")
    client.get("/to-page")
    client_for("<p>no page", status=304).get("/page")
    client_for('{"a": "{{"}', content_type="application/json").get("/page")


# --- pages, links, forms ---

FORM_BODY = """
<main><h1>Form</h1>Before<p>First<br>line</p><p>second <!-- not this --></p>
<p><a href="/good">Good</a> <a href="/good#x">Good</a> <a href="/jump">Jump</a> <a href="https://example.org/">Away</a>
<a href="/form">Twice</a> <a href="/good">Twice</a> <a href="/good" aria-label="Named">x</a></p>
<form method="post" action="/echo" id="f">
<input type="hidden" name="csrf_token" value="abc">
<label for="title">Title (required)</label> <input id="title" name="title" value="old" aria-describedby="e">
<p id="e">Too short.</p>
<label for="tit">Title of the book</label> <input id="tit" name="book">
<label for="story">Your story</label> <textarea id="story" name="story">
first line
second</textarea>
<label>Condition <select name="condition"><option value="">Choose</option><option value="e">Eczema</option>
<option disabled>Gone</option><option>Psoriasis</option></select></label>
<label for="m">Places</label> <select id="m" name="places" multiple><option selected>Arm</option><option>Leg</option>
<option>Face</option></select>
<fieldset><legend>How well it worked</legend>
<label><input type="radio" name="outcome" value="1" checked> Slightly</label>
<label><input type="radio" name="outcome" value="2"> Very well</label></fieldset>
<fieldset><legend>Again</legend><label><input type="radio" name="again" value="y"> Yes</label>
<label><input type="radio" name="again" value="n"> No</label></fieldset>
<fieldset><legend>Why stopped</legend><label><input type="checkbox" name="why" value="cost"> Cost</label>
<label><input type="checkbox" name="why" value="other"> Other</label></fieldset>
<label><input type="checkbox" name="news" checked> Tell me more</label>
<label><input type="checkbox" name="publish"> Publish my story</label>
<fieldset><legend>Treatment 1</legend><label>Name <input name="t-1"></label>
<button name="remove" value="1">Remove</button></fieldset>
<fieldset><legend>Treatment 2</legend><label>Name <input name="t-2"></label>
<button name="remove" value="2">Remove</button></fieldset>
<fieldset disabled><legend>Off <label>Live <input name="live" value="l"></label></legend>
<label>Dead <input name="dead" value="d"></label></fieldset>
<label>Fixed <input name="fixed" value="f" readonly></label>
<label>No name <input value="n"></label>
<label>Photo <input type="file" name="photo"></label>
<button name="action" value="send">Send for review</button>
<button name="action" value="draft" formaction="/draft?x=1">Save draft</button>
<button formaction="/upload" formenctype="multipart/form-data">Upload</button>
<button formmethod="get" formaction="/echo?gone=1#there">Preview</button>
<button type="button" name="no">Not a submit button</button><button disabled>Off</button>
<input type="submit" name="input" value="Input button">
</form>
<label>Outside <input name="outside" form="f" value="o"></label>
<form action="/echo" class="search"><label>Search <input name="q" type="search"></label><button>Search</button></form>
<form action="/echo" class="other"><label>Search <input name="q" type="search"></label><button>Search</button></form>
<form action="https://example.org/"><button>Leave</button></form></main>
"""


@pytest.fixture
def client() -> StrictClient:
    app = Flask(__name__)
    app.test_client_class = StrictClient
    app.config["SEEN"] = []

    @app.get("/form")
    def form() -> str:
        return page_of(FORM_BODY.replace('href="/good#x"', 'href="/good"'), "Form · Salve")

    @app.get("/good")
    def good() -> str:
        return page_of()

    @app.get("/jump")
    def jump() -> Any:
        return redirect("/good")

    @app.route("/echo", methods=["GET", "POST"])
    @app.route("/draft", methods=["POST"])
    @app.route("/upload", methods=["POST"])
    def echo() -> Any:
        files = {name: (file.filename, file.read().decode()) for name, file in request.files.items()}
        pairs = list((request.form if request.method == "POST" else request.args).items(multi=True))
        app.config["SEEN"].append((request.full_path.rstrip("?"), pairs, files, dict(request.headers)))
        return redirect("/good")

    @app.post("/invalid")
    def invalid() -> Any:
        return page_of("<main><h1>Form</h1><p>Please correct this.</p></main>", "Form"), 422

    @app.get("/json")
    def json() -> Any:
        return jsonify({})

    client = app.test_client()
    assert isinstance(client, StrictClient)
    return client


def seen(client: StrictClient) -> tuple[str, list[tuple[str, str]], dict[str, Any], dict[str, str]]:
    result: tuple[str, list[tuple[str, str]], dict[str, Any], dict[str, str]] = client.application.config["SEEN"].pop()
    return result


@pytest.fixture
def page(client: StrictClient) -> Page:
    return client.get_page("/form")


def test_page_is_read(page: Page) -> None:
    assert (page.status, page.url, page.title, page.h1) == (200, "http://localhost/form", "Form · Salve", "Form")
    assert page.text.startswith("Form Before First line second Good Good Jump")
    assert page.texts("main > p")[:2] == ["First line", "second"]
    assert page.one("#e").text == "Too short."
    assert [link.text for link in page.links][:3] == ["Good", "Good", "Jump"]
    assert page.links[0].address == "http://localhost/good"
    assert page.select("h6") == []
    assert isinstance(page.response, TestResponse)


def test_svg_is_found_by_its_name() -> None:
    page = client_for(page_of()).get_page("/page")

    assert len(page.select("svg > path")) == 1


@pytest.mark.parametrize("css", ["h6", "p"])
def test_one_means_one(page: Page, css: str) -> None:
    with pytest.raises(AssertionError, match="not 1"):
        page.one(css)


@pytest.mark.parametrize(
    ("url", "said"), [("/none", "404, not 200"), ("/jump", "302 to /good"), ("/json", "not a page")]
)
def test_get_page_wants_a_page(client: StrictClient, url: str, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        client.get_page(url, unchecked="Werkzeug's own error page")


@pytest.mark.parametrize("text", ["Good", "Jump", "Named"])
def test_click(client: StrictClient, page: Page, text: str) -> None:
    assert client.click(page, text).url == "http://localhost/good"


def test_click_tells_where_it_came_from(client: StrictClient, page: Page) -> None:
    assert client.click(page, "Good").response.request.headers["Referer"] == "http://localhost/form"


@pytest.mark.parametrize(
    ("text", "said"), [("Bad", "0 different links"), ("Twice", "2 different"), ("Away", "leaves the site")]
)
def test_click_on_nothing_clear(client: StrictClient, page: Page, text: str, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        client.click(page, text)


def test_untouched_form_sends_what_a_browser_sends(client: StrictClient, page: Page) -> None:
    landed = client.submit(page.form(button="Send for review"))

    path, pairs, _, headers = seen(client)
    assert (path, landed.url) == ("/echo", "http://localhost/good")
    assert pairs == [
        ("csrf_token", "abc"),
        ("title", "old"),
        ("book", ""),
        ("story", "first line\r\nsecond"),
        ("condition", ""),
        ("places", "Arm"),
        ("outcome", "1"),
        ("news", "on"),
        ("t-1", ""),
        ("t-2", ""),
        ("live", "l"),
        ("fixed", "f"),
        ("action", "send"),
        ("outside", "o"),
    ]
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert (headers["Referer"], headers["Origin"]) == ("http://localhost/form", "http://localhost")


def test_form_is_filled_by_label(client: StrictClient, page: Page) -> None:
    form = page.form(button="Send for review")

    form.fill("Title (required)", "new").fill("Your story", "a\nb").choose("Condition", "Eczema")
    form.choose("Places", "Leg", "Face").choose("How well it worked", "Very well").choose(
        "Why stopped", "Cost", "Other"
    )
    form.check("Publish my story").uncheck("Tell me more").fill("Name", "DPCP", within="Treatment 2").fill("Outside", 5)

    assert form.value("Title (required)") == "new"
    assert form.value("Condition") == "Eczema"
    assert form.value("Places") == ["Leg", "Face"]
    assert form.value("Publish my story") is True
    assert form.value("Slightly") is False
    assert form.error("Title (required)") == "Too short."
    client.submit(form)
    sent = seen(client)[1]
    assert ("title", "new") in sent
    assert ("story", "a\r\nb") in sent
    assert ("condition", "e") in sent
    assert [value for name, value in sent if name == "places"] == ["Leg", "Face"]
    assert [value for name, value in sent if name == "outcome"] == ["2"]
    assert [value for name, value in sent if name == "why"] == ["cost", "other"]
    assert ("publish", "on") in sent
    assert "news" not in dict(sent)
    assert [value for name, value in sent if name in ("t-1", "t-2")] == ["", "DPCP"]
    assert ("outside", "5") in sent


def test_beginning_of_a_label_is_enough_if_only_one_begins_so(page: Page) -> None:
    form = page.form(button="Send for review")

    assert form.fill("Title (", "x").value("Title (required)") == "x"
    with pytest.raises(AssertionError, match="2 fields 'Title'"):
        form.fill("Title", "x")


@pytest.mark.parametrize(
    ("action", "said"),
    [
        (lambda form: form.fill("Nothing", "x"), "0 fields 'Nothing'"),
        (lambda form: form.fill("Name", "x"), "2 fields 'Name'"),
        (lambda form: form.fill("Dead", "x"), "disabled"),
        (lambda form: form.fill("Fixed", "x"), "read-only"),
        (lambda form: form.fill("Publish my story", "x"), "0 fields"),
        (lambda form: form.fill("Photo", "x"), "takes a file"),
        (lambda form: form.fill("Outside", (io.BytesIO(), "x")), "takes no file"),
        (lambda form: form.check("Outside"), "0 fields"),
        (lambda form: form.uncheck("Slightly"), "0 fields"),
        (lambda form: form.choose("Condition", "Cancer"), "offers"),
        (lambda form: form.choose("Condition", "Gone"), "offers"),
        (lambda form: form.choose("Condition", "Eczema", "Psoriasis"), "one choice"),
        (lambda form: form.choose("How well it worked", "Yes"), "0 fields"),
        (lambda form: form.button("Remove"), "2 fields 'button Remove'"),
        (lambda form: form.button("Off"), "0 fields"),
        (lambda form: form.button("Not a submit button"), "0 fields"),
    ],
)
def test_form_refuses_what_a_person_could_not_do(page: Page, action: Any, said: str) -> None:
    with pytest.raises(AssertionError, match=said):
        action(page.form(button="Send for review"))


@pytest.mark.parametrize(("button", "css"), [("Nothing", "form"), ("Search", "form"), (None, "form"), (None, ".none")])
def test_form_must_be_clear(page: Page, button: str | None, css: str) -> None:
    with pytest.raises(AssertionError, match=r"\d forms with button"):
        page.form(button=button, css=css)


def test_pressed_button_decides_where_and_how(client: StrictClient, page: Page) -> None:
    client.submit(page.form(button="Save draft"))
    path, pairs, _, _ = seen(client)
    assert (path, dict(pairs)["action"]) == ("/draft?x=1", "draft")

    client.submit(page.form(button="Remove"), within="Treatment 2")
    assert dict(seen(client)[1])["remove"] == "2"

    client.submit(page.form(button="Send for review"), "Input button")
    assert dict(seen(client)[1])["input"] == "Input button"

    client.submit(page.form(css="#f"))
    assert dict(seen(client)[1])["remove"] == "1"  # the first button, as by the Enter key


def test_form_by_get_puts_its_fields_in_the_address(client: StrictClient, page: Page) -> None:
    client.submit(page.form(css=".other").fill("Search", "a b&ü"))
    assert seen(client)[:2] == ("/echo?q=a+b%26%C3%BC", [("q", "a b&ü")])

    client.submit(page.form(button="Preview"))
    path, pairs, _, _ = seen(client)
    assert path.startswith("/echo?csrf_token=abc&title=old")
    assert "gone" not in dict(pairs)


def test_files_are_sent(client: StrictClient, page: Page) -> None:
    form = page.form(button="Upload").fill("Photo", (io.BytesIO(b"pixels"), "arm.png"))

    client.submit(form)

    path, pairs, files, headers = seen(client)
    assert (path, files) == ("/upload", {"photo": ("arm.png", "pixels")})
    assert ("title", "old") in pairs
    assert headers["Content-Type"].startswith("multipart/form-data; boundary=")


def test_submit_expects_a_status(client: StrictClient, page: Page) -> None:
    page.one("#f").set("action", "/invalid")
    form = page.form(button="Send for review")

    with pytest.raises(
        AssertionError, match=r"POST http://localhost/invalid: 422, not 200: Form Please correct this\."
    ):
        client.submit(form)

    assert client.submit(form, status=422).text == "Form Please correct this."


def test_form_that_leaves_the_site_is_not_sent(client: StrictClient, page: Page) -> None:
    with pytest.raises(AssertionError, match="leaves the site"):
        client.submit(page.form(button="Leave"))


def test_form_by_another_method_is_not_sent(client: StrictClient, page: Page) -> None:
    page.one("#f").set("method", "dialog")

    with pytest.raises(AssertionError, match="dialog"):
        client.submit(page.form(button="Send for review"))
