"""The strict HTML client: every page a test fetches is checked, and forms are filled in the way a person would.

    app.test_client_class = StrictClient
    page = client.get_page("/stories/new")
    form = page.form(button="Send for review")
    form.fill("Title", "Two years with DPCP").choose("Condition", "Alopecia areata").check("Publish my story")
    page = client.submit(form)

An HTML answer with faults raises an AssertionError that names the address and lists all of them. A test that fetches
something that is no page on purpose says why: `client.get(url, unchecked="fragment for htmx")`.
"""

from __future__ import annotations

import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Self, cast
from urllib.parse import urlencode, urljoin, urlsplit

import html5lib
import lxml.etree
from flask.testing import FlaskClient
from html5lib.constants import E as PARSE_ERRORS
from lxml.cssselect import CSSSelector
from lxml.etree import _Element as Element
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse

Value = str | int | float | FileStorage | tuple[Any, str]


class StrictClient(FlaskClient):
    """A `FlaskClient` that reads HTML as a strict browser would. Set it as `app.test_client_class`."""

    _is_open = False

    def open(self, *args: Any, unchecked: str | None = None, **kwargs: Any) -> TestResponse:
        """Like `FlaskClient.open`, and checks an HTML answer.

        `unchecked`: the reason why this one answer is not checked. Raises AssertionError with all faults of the page.
        """
        if unchecked is not None and not unchecked.strip():
            raise ValueError("unchecked= takes the reason why this answer is not checked")
        # Werkzeug follows a redirect by calling this method again from within: only the end of the chain is looked at,
        # and by the outermost call, which knows about `unchecked`.
        outermost, self._is_open = not self._is_open, True
        try:
            response = super().open(*args, **kwargs)
        finally:
            self._is_open = not outermost
        if outermost and unchecked is None and _is_shown(response):
            _check(response)
        return response

    def get_page(self, url: str, status: int = 200, **kwargs: Any) -> Page:
        """The page at `url`. Follows no redirect unless asked to; raises AssertionError on another status."""
        return _page(self.get(url, **kwargs), status)

    def csrf_token(self) -> str:
        """The token of the forms of somebody who is logged in, from the form on every page by which they log out."""
        [field] = _select(_parse(self.get("/about").text)[0], "form[action$='/logout'] input[name=csrf_token]")
        return str(field.get("value"))

    def click(self, page: Page, text: str, status: int = 200, css: str = "a[href]", **kwargs: Any) -> Page:
        """Follows the link with this text (or aria-label), and redirects after it.

        Raises AssertionError if the page has no such link, several to different places, or one that leaves the site.
        """
        found = {link.address for link in page.links_in(css) if text in link.names}
        if len(found) != 1:
            texts = [link.text for link in page.links_in(css)]
            raise AssertionError(f"{page.url}: {len(found)} different links {text!r}; there are {texts}")
        return self._go(page, found.pop(), status, **kwargs)

    def submit(
        self, form: Form, button: str | None = None, status: int = 200, within: str | None = None, **kwargs: Any
    ) -> Page:
        """Sends the form by this button (or the one it was found by, or its first) and follows redirects.

        `within`: the legend around the button, where several say the same. Raises AssertionError on another status.
        """
        pressed = form.button(button, within)
        target, method, multipart = form.target(pressed)
        pairs = form.pairs(pressed)
        if method == "get":
            query = urlencode([(name, value) for name, value in pairs if isinstance(value, str)])
            return self._go(form.page, target.split("#")[0].split("?")[0] + f"?{query}", status, **kwargs)
        data: MultiDict[str, Any] = MultiDict(pairs)
        content_type = "multipart/form-data" if multipart else "application/x-www-form-urlencoded"
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(form.page.url))
        headers = {"Origin": origin, **kwargs.pop("headers", {})}
        return self._go(
            form.page, target, status, method="POST", data=data, content_type=content_type, headers=headers, **kwargs
        )

    def _go(self, page: Page, address: str, status: int, **kwargs: Any) -> Page:
        if urlsplit(address).netloc != urlsplit(page.url).netloc:
            raise AssertionError(f"{page.url}: {address} leaves the site")
        headers = {"Referer": page.url, **kwargs.pop("headers", {})}
        return _page(self.open(address, follow_redirects=True, headers=headers, **kwargs), status)


def _is_shown(response: TestResponse) -> bool:
    """Whether a browser would show this: what redirects carry nobody sees."""
    redirect_or_empty = response.status_code in (204, 304) or "Location" in response.headers
    return response.mimetype == "text/html" and response.request.method != "HEAD" and not redirect_or_empty


# Pages without a fault, by their identity. Tests fetch most pages many times, in which nothing differs but what hidden
# fields hold; to read them all again took a fifth of the time of all tests.
_FAULTLESS: set[int] = set()
_HIDDEN_FIELD = re.compile(rb'<input[^<>]* type="hidden"[^<>]*>')


def _check(response: TestResponse) -> None:
    identity = _identity(response)
    if identity in _FAULTLESS:
        return
    problems = find_problems(response)
    if problems:
        listed = "\n".join(f"  - {problem}" for problem in problems)
        raise AssertionError(f"{response.request.url} ({response.status_code}):\n{listed}")
    _FAULTLESS.add(identity)


def _identity(response: TestResponse) -> int:
    """The same for answers in which the checks would find the same: all but what a hidden field holds, if anything."""

    def emptied(field: re.Match[bytes]) -> bytes:
        return re.sub(rb' value="[^"<>]+"', b"", field[0])

    shown = _HIDDEN_FIELD.sub(emptied, response.get_data())
    return hash((response.request.url, response.status_code, response.content_type, shown))


def _page(response: TestResponse, status: int) -> Page:
    address = f"{response.request.method} {response.request.url}"
    if response.status_code != status:
        where = f" to {response.location}" if "Location" in response.headers else ""
        raise AssertionError(f"{address}: {response.status_code}{where}, not {status}: {_beginning(response)}")
    if response.mimetype != "text/html":
        raise AssertionError(f"{address}: {response.mimetype}, not a page")
    return Page(response)


def _beginning(response: TestResponse) -> str:
    if response.mimetype != "text/html":
        return response.get_data()[:300].decode(errors="replace")
    tree = _parse(response.get_data().decode(errors="replace"))[0]
    main = next(iter(_select(tree, "main")), tree)
    return _text(main)[:500]


# --- Pages ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Link:
    """A link as one sees it: its text, and the whole address it leads to."""

    text: str
    address: str
    names: frozenset[str]
    element: Element


class Page:
    """A page that was fetched: what stands on it, its links and forms."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.url = response.request.url
        self.tree = _tree(response)
        # Selectors should find an <svg> by its name; for reading pages its namespace means nothing.
        for element in self.tree.iter("{*}*"):
            element.tag = _local_name(element)

    def __repr__(self) -> str:
        return f"<Page {self.status} {self.url} {self.title!r}>"

    @property
    def html(self) -> str:
        """The answer as it was sent."""
        return self.response.get_data(as_text=True)

    @property
    def text(self) -> str:
        """All text of the body in one line; what is hidden by CSS or `hidden` included."""
        return _text(self.one("body"))

    @property
    def title(self) -> str:
        """The text of <title>."""
        return " ".join(_text(title) for title in self.select("head > title"))

    @property
    def h1(self) -> str:
        """The text of the one h1."""
        return _text(self.one("h1"))

    def select(self, css: str) -> list[Element]:
        """All elements a CSS selector finds, in order."""
        return _select(self.tree, css)

    def one(self, css: str) -> Element:
        """The only element a CSS selector finds. Raises AssertionError if there is none or more than one."""
        found = self.select(css)
        if len(found) != 1:
            raise AssertionError(f"{self.url}: {len(found)} elements {css!r}, not 1")
        return found[0]

    def texts(self, css: str) -> list[str]:
        """The text of each element a CSS selector finds, each in one line."""
        return [_text(element) for element in self.select(css)]

    @property
    def links(self) -> list[Link]:
        """All links of the page, in order."""
        return self.links_in("a[href]")

    def links_in(self, css: str) -> list[Link]:
        """The links that a CSS selector finds, or that stand in what it finds."""
        anchors = [anchor for element in self.select(css) for anchor in element.iter("a") if "href" in anchor.attrib]
        return [self._link(anchor) for anchor in dict.fromkeys(anchors)]

    def _link(self, anchor: Element) -> Link:
        names = frozenset({_text(anchor), *_own_names(anchor)})
        return Link(_text(anchor), urljoin(self.url, anchor.get("href")).split("#")[0], names, anchor)

    def form(self, button: str | None = None, css: str = "form") -> Form:
        """The form that has a button with this text; `css` narrows the choice. Raises AssertionError if unclear."""
        forms = [Form(self, element, button) for element in self.select(css) if element.tag == "form"]
        found = [form for form in forms if button is None or button in form.buttons]
        if len(found) != 1:
            raise AssertionError(
                f"{self.url}: {len(found)} forms with button {button!r}; there are {[form.buttons for form in forms]}"
            )
        return found[0]


# --- Forms ------------------------------------------------------------------------------------------------------

_NO_TEXT = {"hidden", "submit", "button", "reset", "image", "checkbox", "radio"}


class Form:
    """A form being filled in. What is entered stands in the page's tree, as it does in a browser.

    Fields are named by their label, or its beginning if only one begins so ('Title' for 'Title (required)').
    `within` is the legend (or aria-label) of a group around the field, where several share a label.
    Every method raises AssertionError where a person could not do what it says.
    """

    def __init__(self, page: Page, element: Element, pressed: str | None = None) -> None:
        self.page = page
        self.element = element
        self._pressed = pressed
        self._files: dict[Element, Any] = {}

    # What a person does

    def fill(self, label: str, value: Value, within: str | None = None) -> Self:
        """Types into a text field, or chooses a file: (stream, name) or FileStorage."""
        control = self._editable(self.field(label, within, _takes_text))
        if isinstance(value, FileStorage | tuple):
            self._expect(control.get("type") == "file", f"{label!r} takes no file")
            self._files[control] = value
        elif control.tag == "textarea":
            control.text = str(value)
        else:
            self._expect(control.get("type") != "file", f"{label!r} takes a file")
            control.set("value", str(value))
        return self

    def choose(self, label: str, *options: str, within: str | None = None) -> Self:
        """Chooses in a list, or among radio buttons or ticks whose legend is `label`, by the words one reads there."""
        lists = self._named(label, within, lambda control: control.tag == "select")
        if lists:
            self._choose_in_list(self._editable(self._only(lists, label)), label, options)
            return self
        for option in options:
            choices = [c for c in self._named(option, within, _is_tick) if label in _groups(c)]
            self._tick(self._editable(self._only(choices, f"{label}: {option}")))
        return self

    def check(self, label: str, within: str | None = None) -> Self:
        """Ticks a box or a radio button."""
        self._tick(self._editable(self.field(label, within, _is_tick)))
        return self

    def uncheck(self, label: str, within: str | None = None) -> Self:
        """Takes the tick out of a box."""
        box = self.field(label, within, lambda control: control.get("type") == "checkbox")
        self._editable(box).attrib.pop("checked", None)
        return self

    def value(self, label: str, within: str | None = None) -> str | list[str] | bool:
        """What a field holds now: text, the words chosen in a list, or whether it is ticked."""
        control = self.field(label, within)
        if _is_tick(control):
            return "checked" in control.attrib
        if control.tag == "select":
            chosen = [_text(option) for option in _selected(control)]
            return chosen if "multiple" in control.attrib else "".join(chosen)
        return _typed(control)

    def error(self, label: str, within: str | None = None) -> str:
        """What the page says about this field (by aria-describedby), hints included."""
        return _referenced_text(self.field(label, within), "aria-describedby")

    # What a browser does

    @property
    def controls(self) -> list[Element]:
        """Everything that belongs to this form, in the order of the page."""
        return [element for element in self.page.tree.iter(*_CONTROLS) if self._owns(element)]

    @property
    def labels(self) -> list[str]:
        """The labels of all fields, in order."""
        return [name for control in self.controls if _needs_label(control) for name in _names(control)[:1]]

    @property
    def buttons(self) -> list[str]:
        """The texts of the buttons that send the form."""
        return [_button_text(control) for control in self.controls if _is_submit(control)]

    def field(self, label: str, within: str | None = None, fits: Callable[[Element], bool] | None = None) -> Element:
        """The one field with this label."""
        return self._only(self._named(label, within, fits or _needs_label), label)

    def button(self, text: str | None = None, within: str | None = None) -> Element | None:
        """The button to press: by its text, else the one the form was found by, else the first."""
        submits = [control for control in self.controls if _is_submit(control) and not _is_disabled(control)]
        text = text or self._pressed
        if text is None:
            return next(iter(submits), None)
        return self._only([b for b in submits if _button_text(b) == text and _is_within(b, within)], f"button {text}")

    def target(self, pressed: Element | None) -> tuple[str, str, bool]:
        """Where the form goes, by which method, and whether as multipart; the pressed button may say otherwise."""

        def setting(name: str) -> str:
            of_button = pressed.get(f"form{name}") if pressed is not None else None
            return of_button if of_button is not None else self.element.get(name, "")

        address = urljoin(self.page.url, setting("action") or self.page.url).split("#")[0]
        method = setting("method").lower() or "get"
        self._expect(method in ("get", "post"), f"a form by method {method!r} is not sent")
        return address, method, setting("enctype").lower() == "multipart/form-data"

    def pairs(self, pressed: Element | None = None) -> list[tuple[str, Any]]:
        """The names and values a browser would send, in its order."""
        return [
            (control.get("name", ""), value)
            for control in self.controls
            if control.get("name") and not _is_disabled(control)
            for value in self._values(control, pressed)
        ]

    def _values(self, control: Element, pressed: Element | None) -> list[Any]:
        if _is_button(control):
            return [control.get("value", "")] if control is pressed else []
        if _is_tick(control):
            return [control.get("value", "on")] if "checked" in control.attrib else []
        if control.tag == "select":
            return [_option_value(option) for option in _selected(control)]
        if control.get("type") == "file":
            return [self._files[control]] if control in self._files else []
        return [re.sub(r"\r\n?|\n", "\r\n", _typed(control))]  # line ends travel as CRLF

    def _owns(self, control: Element) -> bool:
        owner = control.get("form")
        if owner is not None:
            return owner == self.element.get("id")
        return any(ancestor is self.element for ancestor in control.iterancestors("form"))

    def _named(self, label: str, within: str | None, fits: Callable[[Element], bool]) -> list[Element]:
        fitting = [c for c in self.controls if _needs_label(c) and fits(c) and _is_within(c, within)]
        exact = [control for control in fitting if label in _names(control)]
        return exact or [c for c in fitting if any(name.startswith(label) for name in _names(c))]

    def _only(self, found: list[Element], what: str) -> Element:
        self._expect(len(found) == 1, f"{len(found)} fields {what!r}; there are {self.labels} and {self.buttons}")
        return found[0]

    def _editable(self, control: Element) -> Element:
        self._expect(not _is_disabled(control), f"{_shown(control)} is disabled")
        self._expect("readonly" not in control.attrib, f"{_shown(control)} is read-only")
        return control

    def _tick(self, control: Element) -> None:
        if control.get("type") == "radio":
            for other in self.controls:
                if other.get("type") == "radio" and other.get("name") == control.get("name"):
                    other.attrib.pop("checked", None)
        control.set("checked", "")

    def _choose_in_list(self, control: Element, label: str, options: Iterable[str]) -> None:
        offered = {_text(option): option for option in control.iter("option") if not _is_disabled(option)}
        wanted = list(options)
        self._expect(set(wanted) <= set(offered), f"{label!r} offers {list(offered)}, not all of {wanted}")
        self._expect(len(wanted) == 1 or "multiple" in control.attrib, f"{label!r} takes one choice")
        for option in control.iter("option"):
            option.attrib.pop("selected", None)
        for text in wanted:
            offered[text].set("selected", "")

    def _expect(self, condition: bool, problem: str) -> None:
        if not condition:
            raise AssertionError(f"{self.page.url}: {problem}")


# --- What elements mean -----------------------------------------------------------------------------------------

_CONTROLS = ("input", "select", "textarea", "button")
_LABELABLE = (*_CONTROLS, "meter", "output", "progress")
_UNREAD = ("script", "style", "template")


def _local_name(element: Element) -> str:
    return lxml.etree.QName(element).localname


def _select(tree: Element, css: str) -> list[Element]:
    return cast(list[Element], CSSSelector(css)(tree))


def _text(element: Element, *without: str) -> str:
    return " ".join("".join(_pieces(element, (*_UNREAD, *without))).split())


def _pieces(element: Element, without: tuple[str, ...]) -> Iterator[str]:
    if not isinstance(element.tag, str):  # a comment
        return
    if element.tag in _BLOCKS:
        yield " "  # '<p>a</p><p>b</p>' reads as two words
    if element.tag not in without:
        yield element.text or ""
        for child in element:
            yield from _pieces(child, without)
            yield child.tail or ""
    if element.tag in _BLOCKS:
        yield " "


_BLOCKS = frozenset(
    re.findall(
        r"\w+",
        "address article aside blockquote br button caption dd details dialog div dl dt fieldset figcaption "
        "figure footer form h1 h2 h3 h4 h5 h6 header hr label legend li main nav ol option p pre section "
        "summary table td th title tr ul ",
    )
)


def _referenced_text(element: Element, attribute: str) -> str:
    names = element.get(attribute, "").split()
    if not names:
        return ""
    root = element.getroottree().getroot()
    by_id = {other.get("id"): other for other in root.iter("*") if "id" in other.attrib}
    return " ".join(_text(by_id[name]) for name in names if name in by_id)


def _own_names(element: Element) -> list[str]:
    """The names an element has without a label."""
    names = (" ".join(element.get("aria-label", "").split()), _referenced_text(element, "aria-labelledby"))
    return [name for name in names if name]


def _names(control: Element) -> list[str]:
    """What a field is called, the way assistive technology finds it: labels first."""
    root = control.getroottree().getroot()
    around = list(control.iterancestors("label"))
    tied = [label for label in root.iter("label") if control.get("id") and label.get("for") == control.get("id")]
    # A list inside its label would add all its options to the name.
    return [name for label in (*tied, *around) if (name := _text(label, *_CONTROLS))] + _own_names(control)


def _groups(control: Element) -> list[str]:
    names: list[str] = []
    for ancestor in control.iterancestors():
        names += _own_names(ancestor)
        names += [_text(child) for child in ancestor if ancestor.tag == "fieldset" and child.tag == "legend"]
    return names


def _is_within(control: Element, group: str | None) -> bool:
    return group is None or group in _groups(control)


def _is_tick(control: Element) -> bool:
    return control.tag == "input" and control.get("type") in ("checkbox", "radio")


def _is_submit(control: Element) -> bool:
    if control.tag == "button":
        return control.get("type", "submit").lower() == "submit"
    return control.tag == "input" and control.get("type", "").lower() in ("submit", "image")


def _is_button(control: Element) -> bool:
    return control.tag == "button" or control.get("type", "").lower() in ("submit", "image", "button", "reset")


def _takes_text(control: Element) -> bool:
    return control.tag == "textarea" or (control.tag == "input" and control.get("type", "text").lower() not in _NO_TEXT)


def _needs_label(control: Element) -> bool:
    """Whether a person enters something here."""
    entered = control.tag in ("input", "select", "textarea")
    return entered and not _is_button(control) and control.get("type") != "hidden"


def _is_disabled(control: Element) -> bool:
    if "disabled" in control.attrib:
        return True
    for ancestor in control.iterancestors("fieldset", "optgroup"):
        first_legend = ancestor.find("legend")
        in_legend = first_legend is not None and first_legend in control.iterancestors("legend")
        if "disabled" in ancestor.attrib and not in_legend:
            return True
    return False


def _button_text(control: Element) -> str:
    shown = _text(control) if control.tag == "button" else control.get("value", "")
    return shown or next(iter(_own_names(control)), "")


def _typed(control: Element) -> str:
    return (control.text or "") if control.tag == "textarea" else control.get("value", "")


def _option_value(option: Element) -> str:
    return option.get("value", _text(option))


def _selected(control: Element) -> list[Element]:
    options = [option for option in control.iter("option") if not _is_disabled(option)]
    chosen = [option for option in options if "selected" in option.attrib]
    if "multiple" in control.attrib:
        return chosen
    return chosen[-1:] or options[:1]  # a list shows its first option until another is chosen


# --- The checks -------------------------------------------------------------------------------------------------


def find_problems(response: TestResponse) -> list[str]:
    """Everything that is wrong with an HTML answer, in plain sentences; an empty list for a good page."""
    problems = []
    if "charset=utf-8" not in (response.content_type or "").lower().replace(" ", ""):
        problems.append(f"Content-Type is {response.content_type!r}, without charset=utf-8")
    try:
        source = response.get_data().decode("utf-8")
    except UnicodeDecodeError as error:
        return [*problems, f"not UTF-8: {error}"]
    tree, parse_errors = _parse(source)
    vars(response)["tree"] = tree
    problems += parse_errors
    for check in _CHECKS:
        problems += check(tree)
    problems += _check_title(tree, must_match=response.status_code == 200)
    problems += _check_links_within(tree, response.request.url)
    return problems


# Documents without a parse error, by their structure. html5lib finds errors and is slow: a quarter of the time of all
# tests went into reading pages that differ from one read before only in their words. Such a page is read by libxml2.
_VALID_STRUCTURES: set[int] = set()
# Characters and references of which none makes a parse error.
_WORDS = r"(?:[\t\n -%'-;=?-~\u00a0-\ud7ff]|&(?:amp|lt|gt|quot|nbsp|#34|#39);)"
_TEXT = re.compile(rf">(?=[^<]*\S){_WORDS}+<")
# The values of these attributes decide how the rest is parsed.
_VALUE = re.compile(rf'( (?!(?:type|encoding|charset|content|http-equiv)=)[a-z-]+=")(?:(?!"){_WORDS})*"')


def _parse(source: str) -> tuple[Element, list[str]]:
    """The tree of a document, and its parse errors."""
    structure = hash(_structure(source))
    if structure in _VALID_STRUCTURES:
        return _parse_valid(source), []
    tree, errors = _parse_strictly(source)
    if not errors:
        _VALID_STRUCTURES.add(structure)
    return tree, errors


def _structure(source: str) -> str:
    """A document without its words: two that are the same here have the same parse errors and the same tags."""
    return _VALUE.sub(r'\1"', _TEXT.sub(">t<", source))


def _parse_valid(source: str) -> Element:
    """The tree of a document without parse errors: that of `_parse_strictly`, but for namespaces and table bodies."""
    tree = lxml.etree.fromstring(source.replace("\r\n", "\n"), lxml.etree.HTMLParser())
    for element in tree.iter("textarea", "pre"):
        # The line break after the tag is not part of the text.
        element.text = (element.text or "").removeprefix("\n")
    return tree


def _parse_strictly(source: str) -> tuple[Element, list[str]]:
    parser = html5lib.HTMLParser(tree=html5lib.getTreeBuilder("lxml"), namespaceHTMLElements=False)
    with warnings.catch_warnings():
        # lxml cannot hold attribute names with a colon; html5lib renames them and says so.
        warnings.simplefilter("ignore", html5lib.constants.DataLossWarning)
        tree = parser.parse(source)
    lines = source.split("\n")
    errors = [
        f"line {line}: {PARSE_ERRORS[code] % data} in {lines[line - 1].strip()[:100]!r}"
        for (line, _column), code, data in parser.errors
    ]
    return tree.getroot(), errors


def _tree(response: TestResponse) -> Element:
    """What was read when the page was checked; only once, since a page changes its tree."""
    checked: Element | None = vars(response).pop("tree", None)
    return _parse(response.get_data().decode(errors="replace"))[0] if checked is None else checked


def _shown(element: Element) -> str:
    """How a problem names an element."""
    telling = [name for name in ("id", "name", "type", "for", "href", "src") if name in element.attrib]
    attributes = "".join(f' {name}="{element.get(name)}"' for name in telling)
    return f"<{_local_name(element)}{attributes}> {_text(element)[:40]!r}"


def _check_headings(tree: Element) -> Iterator[str]:
    count = len(list(tree.iter("h1")))
    if count != 1:
        yield f"{count} h1 elements, not 1"
    before = 1  # what stands before the h1, in the header, may be an h2
    for element in tree.iter("h1", "h2", "h3", "h4", "h5", "h6"):
        level = int(_local_name(element)[1])
        if level > before + 1:
            yield f"heading level skipped: h{before} is followed by {_shown(element)}"
        if not _text(element) and not element.xpath(".//img[@alt!='']"):
            yield f"empty heading: {_shown(element)}"
        before = level


def _check_title(tree: Element, must_match: bool) -> Iterator[str]:
    titles = [_text(title) for title in tree.xpath("/html/head/title")]
    if len(titles) != 1 or not titles[0]:
        yield f"no title, or several: {titles}"
        return
    title, first_part = titles[0].casefold(), titles[0].casefold().split(" · ")[0]
    for h1 in (_text(element).casefold() for element in tree.iter("h1")):
        if must_match and h1 not in title and first_part not in h1:
            yield f"title {titles[0]!r} does not match the h1 {h1!r}"


def _check_language(tree: Element) -> Iterator[str]:
    if not tree.get("lang", "").strip():
        yield "<html> has no lang"


def _check_ids(tree: Element) -> Iterator[str]:
    for name, count in Counter(element.get("id") for element in tree.xpath("//*[@id]")).items():
        if count > 1:
            yield f"id {name!r} stands {count} times"
        if not name or re.search(r"\s", name):
            yield f"id {name!r} is empty or has spaces"


def _check_labels(tree: Element) -> Iterator[str]:
    controls = {element.get("id"): element for element in tree.iter(*_LABELABLE) if element.get("type") != "hidden"}
    for label in tree.iter("label"):
        if "for" in label.attrib and label.get("for") not in controls:
            yield f"label for no form control: {_shown(label)}"
        elif "for" not in label.attrib and not list(label.iter(*_LABELABLE)):
            yield f"label without a form control: {_shown(label)}"
        elif not _text(label, *_CONTROLS):
            yield f"label without text: {_shown(label)}"
    for control in tree.iter("input", "select", "textarea"):
        if _needs_label(control) and not _names(control):
            yield f"no label: {_shown(control)}"


def _check_references(tree: Element) -> Iterator[str]:
    ids = set(tree.xpath("//@id"))
    for attribute in ("aria-describedby", "aria-labelledby", "form", "list"):
        for element in tree.xpath(f"//*[@{attribute}]"):
            names = element.get(attribute).split()
            for name in names or ["(empty)"]:
                if name not in ids:
                    yield f"{attribute} points to nothing, {name!r}: {_shown(element)}"


def _check_links_within(tree: Element, url: str) -> Iterator[str]:
    targets = {*tree.xpath("//@id"), *tree.xpath("//a/@name"), "top"}
    for link in tree.xpath("//a[@href] | //area[@href]"):
        address, _, fragment = urljoin(url, link.get("href")).partition("#")
        if "#" in link.get("href") and address == url.partition("#")[0] and fragment not in targets:
            yield f"link to nothing on this page: {_shown(link)}"


_INTERACTIVE = ("a", "button", "input", "select", "textarea", "form", "details")


def _check_nesting(tree: Element) -> Iterator[str]:
    for outer in tree.iter("a", "button", "form"):
        for inner in outer.iter(*(("form",) if outer.tag == "form" else _INTERACTIVE)):
            if inner is not outer:
                yield f"{_shown(inner)} inside {_shown(outer)}"


def _check_images(tree: Element) -> Iterator[str]:
    for image in tree.xpath("//img | //input[@type='image'] | //area[@href]"):
        if "alt" not in image.attrib:
            yield f"image without alt: {_shown(image)}"


# Browsers do not run these, so the Content-Security-Policy lets them stand.
_DATA_SCRIPTS = ("application/json", "application/ld+json")
_INLINE_NAME = re.compile(r"style$|(data-)?(hx-)?on")
_INLINE_VALUE = re.compile(r"\s*javascript:", re.IGNORECASE)


def _check_inline_code(tree: Element) -> Iterator[str]:
    for element in tree.iter("{*}style", "{*}script"):
        if "src" not in element.attrib and element.get("type") not in _DATA_SCRIPTS:
            yield f"inline {_shown(element)}"
    for element in tree.iter("{*}*"):
        for name, value in element.attrib.items():
            if _INLINE_NAME.match(name) or _INLINE_VALUE.match(value):
                yield f"inline code, {name}={value!r}: {_shown(element)}"


def _check_csrf(tree: Element) -> Iterator[str]:
    for form in tree.iter("form"):
        posts = [form, *form.xpath(".//*[@formmethod]")]
        if not any("post" in (e.get("method", "").lower(), e.get("formmethod", "").lower()) for e in posts):
            continue
        if not form.xpath(".//input[@name='csrf_token'][@value!='']"):
            yield f"form without csrf_token: {_shown(form)} {form.get('action', '')}"


def _check_templates(tree: Element) -> Iterator[str]:
    for element in tree.iter("{*}*"):
        pieces = [*element.attrib.values(), element.tail or ""]
        if _local_name(element) != "script":
            pieces.append(element.text or "")
        for piece in pieces:
            if "{{" in piece or "{%" in piece:
                yield f"unrendered template: {piece.strip()[:80]!r}"


_CHECKS: tuple[Callable[[Element], Iterator[str]], ...] = (
    _check_language,
    _check_headings,
    _check_ids,
    _check_labels,
    _check_references,
    _check_nesting,
    _check_images,
    _check_inline_code,
    _check_csrf,
    _check_templates,
)
