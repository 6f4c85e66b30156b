from __future__ import annotations

import html
import json
import re
import threading
import time
import unicodedata
from typing import Any

import html5lib
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from markupsafe import Markup, escape
from sqlalchemy import Column, MetaData, Table, create_engine, insert, select, text

from app.foundation.text import markup
from app.foundation.text.markup import (
    Profile,
    RenderedHTML,
    clean_input,
    escape_plain,
    excerpt,
    headings,
    highlight,
    plain,
    render,
)
from tests.material import real

every_profile = pytest.mark.parametrize("profile", Profile)
user_profiles = pytest.mark.parametrize("profile", [Profile.COMMENT, Profile.STORY])

# Written down again here, so that a slip in the module's own lists is seen.
COMMENT_TAGS = {"p", "br", "em", "strong", "ul", "ol", "li", "blockquote", "code", "pre", "a"}
ALLOWED_TAGS = {
    Profile.COMMENT: COMMENT_TAGS,
    Profile.STORY: COMMENT_TAGS | {"h2"},
    Profile.EDITORIAL: COMMENT_TAGS | {"h2", "h3"},
}
ALLOWED_ATTRIBUTES = {
    Profile.COMMENT: {("a", "href"), ("a", "rel"), ("ol", "start")},
    Profile.STORY: {("a", "href"), ("a", "rel"), ("ol", "start")},
    Profile.EDITORIAL: {("a", "href"), ("a", "rel"), ("ol", "start"), ("h2", "id"), ("h3", "id")},
}
HARMLESS_ADDRESS = re.compile(
    r"https?://[\w.-]+(:\d+)?([/?#]\S*)?|mailto:[^?&%\s]+|/([^/\\\s]\S*)?|#\S*", re.IGNORECASE | re.ASCII
)


def elements(html: str) -> list[Any]:
    fragment = html5lib.parseFragment(html, namespaceHTMLElements=False)
    return [element for element in fragment.iter() if element is not fragment]


def assert_harmless(html: str, profile: Profile) -> None:
    for element in elements(html):
        assert element.tag in ALLOWED_TAGS[profile], element.tag
        for name, value in element.attrib.items():
            assert (element.tag, name) in ALLOWED_ATTRIBUTES[profile], (element.tag, name, value)
        if element.tag == "a":
            assert HARMLESS_ADDRESS.fullmatch(element.attrib["href"]), element.attrib["href"]


def links(html: str) -> list[str]:
    return [element.attrib["href"] for element in elements(html) if element.tag == "a"]


def squeezed(value: str) -> str:
    return " ".join(value.split())


# --- what each profile shows ---


@every_profile
def test_light_markdown_becomes_html(profile: Profile) -> None:
    source = "one *two* **three** `four`\n\n- five\n\n3. six\n\n> seven\n\n```python\neight\n```\n"

    html = render(source, profile)

    assert html == (
        "<p>one <em>two</em> <strong>three</strong> <code>four</code></p>\n<ul>\n<li>five</li>\n</ul>\n"
        '<ol start="3">\n<li>six</li>\n</ol>\n<blockquote>\n<p>seven</p>\n</blockquote>\n'
        "<pre><code>eight\n</code></pre>"
    )


@every_profile
def test_result_is_markup(profile: Profile) -> None:
    assert type(render("x", profile)) is Markup
    assert render("", profile) == ""


@every_profile
def test_raw_html_is_shown_not_obeyed(profile: Profile) -> None:
    html = render("<b onclick=x>bold</b>\n\n<script>alert(1)</script>", profile)

    assert html == "<p>&lt;b onclick=x&gt;bold&lt;/b&gt;</p>\n<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>"


@every_profile
def test_rules_and_tables_are_not_offered(profile: Profile) -> None:
    assert {element.tag for element in elements(render("a\n\n---\n\n|a|b|\n|-|-|\n|c|d|", profile))} <= {"p", "br"}


@user_profiles
def test_one_line_end_is_a_new_line_for_people(profile: Profile) -> None:
    assert render("a\nb", profile) == "<p>a<br>\nb</p>"


def test_one_line_end_is_a_space_for_editors() -> None:
    assert render("a\nb", Profile.EDITORIAL) == "<p>a\nb</p>"


def test_comment_headings_become_bold_paragraphs() -> None:
    assert render("# One\n\nTwo\n---\n\n#", Profile.COMMENT) == (
        "<p><strong>One</strong></p>\n<p><strong>Two</strong></p>\n<p></p>"
    )


def test_story_headings_are_all_h2_without_id() -> None:
    html = render("# One\n\n### Three\n\n###### Six\n\n> #### Quoted", Profile.STORY)

    assert [(element.tag, dict(element.attrib)) for element in elements(html) if element.tag[0] == "h"] == [
        ("h2", {})
    ] * 4


def test_editorial_headings_nest_under_the_title_of_the_page() -> None:
    html = render("### Early\n\n# One\n\n## Two\n\n### Three\n\n###### Six", Profile.EDITORIAL)

    assert [element.tag for element in elements(html)] == ["h2", "h2", "h2", "h3", "h3"]


def test_headings_for_a_list_of_contents() -> None:
    html = render("# Side *effects* & more\n\ntext\n\n### `Itch`\n\n# Itch\n\n# Ωμέγα\n\n# !", Profile.EDITORIAL)

    contents = headings(html)

    assert contents == [
        ("s-side-effects-more", "Side effects & more"),
        ("s-itch", "Itch"),
        ("s-itch-2", "Itch"),
        ("s-untitled", "Ωμέγα"),
        ("s-untitled-2", "!"),
    ]
    assert [element.attrib["id"] for element in elements(html) if "id" in element.attrib] == [
        name for name, _ in contents
    ]
    assert all(type(title) is str for _, title in contents)


def test_heading_ids_never_meet() -> None:
    html = render("# A\n\n# A\n\n# A 2\n\n# A 2\n\n# A", Profile.EDITORIAL)

    names = [name for name, _ in headings(html)]

    assert len(set(names)) == 5


@user_profiles
def test_users_have_no_contents(profile: Profile) -> None:
    assert headings(render("# One", profile)) == []


def test_many_blocks_come_out_in_order() -> None:
    source = "\n\n".join(f"{n}\n\n- {n}\n\n> {n}\n\n---" for n in range(150))

    html = render(source, Profile.STORY)

    assert plain(html).split() == [str(n) for n in range(150) for _ in range(3)]
    assert html.startswith("<p>0</p>\n<ul>\n<li>0</li>\n</ul>\n<blockquote>")
    assert html.endswith("</blockquote>")
    assert render("- a\n" * 300, Profile.STORY) == "<ul>\n" + "<li>a</li>\n" * 300 + "</ul>"


# --- links ---

GOOD_ADDRESSES = [
    "http://example.org",
    "https://example.org/a/b?c=d&e=f#g",
    "HTTPS://example.org/",
    "https://example.org:8080/x",
    "https://en.wikipedia.org/wiki/Bleach_(disambiguation)",
    "https://doi.org/10.1002/1097-0142(20000101)88:1;2-Q",
    "https://example.org./x",
    "mailto:someone.else+x@example.org",
    "/",
    "/topics/eczema?x=1",
    "#top",
]
BAD_ADDRESSES = [
    "javascript:alert(1)",
    "JaVaScRiPt:alert(1)",
    "javascript&colon;alert(1)",
    "javascript&#58;alert(1)",
    "java&Tab;script:alert(1)",
    "\x01javascript:alert(1)",
    "vbscript:x",
    "data:text/html,x",
    "data:image/png;base64,AAAA",
    "file:///etc/passwd",
    "ftp://example.org/",
    "tel:+4912345",
    "//example.org/",
    "/\\example.org/x",
    "\\\\example.org",
    "///example.org",
    "http:example.org",
    "http:///example.org",
    "http:/\\example.org",
    "https://user@example.org",
    "https://example.org:password@evil.example",
    "https://[::1]/",
    "http://",
    "mailto:a@example.org?subject=x",
    "mailto:a@example.org%3Fsubject=x",
    "mailto:a@example.org,b@example.org",
    "mailto:",
    "relative/path",
    "?query=only",
    "example.org",
    "http",
    "https://example.org/" + "a" * 2_000,
]


@every_profile
@pytest.mark.parametrize("address", GOOD_ADDRESSES)
def test_good_address_is_linked(address: str, profile: Profile) -> None:
    assert links(render(f"see [this](<{address}>) now", profile)) == [address]
    assert links(markup._clean(f'<a href="{address.replace("&", "&amp;")}">this</a>', profile)) == [address]


@every_profile
@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_bad_address_loses_its_link_and_keeps_its_text(address: str, profile: Profile) -> None:
    assert render(f"see [*this*](<{address}>) now", profile) == "<p>see <em>this</em> now</p>"


@every_profile
@pytest.mark.parametrize("address", BAD_ADDRESSES)
def test_second_wall_takes_bad_links_alone(address: str, profile: Profile) -> None:
    assert markup._clean(f'<p>see <a href="{address}"><em>this</em></a></p>', profile) == "<p>see <em>this</em></p>"


@every_profile
def test_reference_that_would_be_decoded_twice_costs_the_link(profile: Profile) -> None:
    assert markup._clean('<a href="/x?a&amp;lt;b">x</a>', profile) == "x"
    assert markup._clean('<a href="/x?&amp;#%s;">x</a>' % ("1" * 1_500), profile) == "x"
    assert markup._clean('<a href="/x?&#%s;">x</a>' % ("1" * 5_000), profile) == "x"


@every_profile
def test_address_that_looks_like_a_reference_arrives_unchanged(profile: Profile) -> None:
    for source in ("[x](</x?a=1\\&lt;b>)", "[x](/x?a=1&amp;lt;b)"):
        assert links(render(source, profile)) == ["/x?a=1&lt%3Bb"]
    # Past 4,300 digits the numbers make Python's own int() raise.
    render(f"[x](/x?&#{'1' * 5000};) http://a.de/?&#{'1' * 5000}; &#{'1' * 5000};", profile)


@user_profiles
def test_links_of_users_are_not_vouched_for(profile: Profile) -> None:
    for source in (
        "https://example.org",
        "<https://example.org>",
        "[x](https://example.org)",
        "[x](/topics)",
        "<a@b.de>",
    ):
        (link,) = (element for element in elements(render(source, profile)) if element.tag == "a")
        assert link.attrib["rel"] == "nofollow ugc noopener"


def test_links_of_editors() -> None:
    html = render("[a](https://example.org) [b](/topics/eczema) [c](#s-x) [d](mailto:a@b.de)", Profile.EDITORIAL)

    assert [element.attrib.get("rel") for element in elements(html) if element.tag == "a"] == [
        "noopener",
        None,
        None,
        None,
    ]


def test_rel_and_title_come_from_us_alone() -> None:
    html = markup._clean('<a rel="follow" title="t" href="/x" target="_blank" class="c">x</a>', Profile.COMMENT)

    assert html == '<a href="/x" rel="nofollow ugc noopener">x</a>'


@every_profile
@pytest.mark.parametrize(
    ("source", "address", "rest"),
    [
        ("see https://example.org/a_b_c.", "https://example.org/a_b_c", "."),
        ("(see https://example.org/a)", "https://example.org/a", ")"),
        ("(https://example.org/a_(b))!", "https://example.org/a_(b)", ")!"),
        ("https://example.org?a=1&b=2, and", "https://example.org?a=1&b=2", ", and"),
        ("HTTP://EXAMPLE.org", "HTTP://EXAMPLE.org", ""),
        ("https://bücher.example/ü", "https://xn--bcher-kva.example/%C3%BC", ""),
        ("“https://example.org/”", "https://example.org/", "”"),
        ("*https://example.org/*", "https://example.org/", ""),
        ("看https://example.org/", "https://example.org/", ""),
    ],
)
def test_bare_addresses_become_links(source: str, address: str, rest: str, profile: Profile) -> None:
    html = render(source, profile)

    assert links(html) == [address]
    assert plain(html) == source.strip("*")
    assert plain(html).endswith(rest)


@every_profile
@pytest.mark.parametrize(
    "source",
    [
        "`https://example.org`",
        "    https://example.org",
        "xhttps://example.org",
        "https://",
        "https://a@b.de/",
        "example.org",
    ],
)
def test_no_link_where_none_is_meant(source: str, profile: Profile) -> None:
    assert links(render(source, profile)) == []


@every_profile
def test_links_hold_no_links(profile: Profile) -> None:
    html = render("[a https://example.org/b ![c](http://example.org/d)](https://example.org/e)", profile)

    assert links(html) == ["https://example.org/e"]
    assert plain(html) == "a https://example.org/b c"


@every_profile
def test_pictures_become_links(profile: Profile) -> None:
    html = render("![my *arm*](https://example.org/a.png) ![](/b.png) ![x](data:image/png;base64,AA)", profile)

    assert links(html) == ["https://example.org/a.png", "/b.png"]
    assert plain(html) == "my arm /b.png x"


@every_profile
@pytest.mark.parametrize("label", ["", " ", "\u200b", "\u00ad", "**\u2060**"])
def test_links_cannot_hide(label: str, profile: Profile) -> None:
    html = render(f"[{label}](https://example.org)", profile)

    assert "https://example.org" in plain(html)


# --- attacks ---


@pytest.fixture(scope="module")
def attacks() -> list[str]:
    """What others found to get past such walls."""
    return [attack["payload"] for attack in json.loads(real("dompurify-expect.json").read_text(encoding="utf-8"))]


@every_profile
def test_attack_strings(profile: Profile, attacks: list[str]) -> None:
    for attack in attacks:
        for source in (
            attack,
            f"[x]({attack})",
            f"[x](<{attack}>)",
            f"![{attack}](x)",
            f"# {attack}",
            f"```{attack}\n",
        ):
            assert_harmless(render(source, profile), profile)


@every_profile
def test_attack_strings_on_the_second_wall_alone(profile: Profile, attacks: list[str]) -> None:
    for attack in attacks:
        assert_harmless(markup._clean(attack, profile), profile)


@every_profile
def test_raw_attack_text_stays_readable(profile: Profile, attacks: list[str]) -> None:
    for attack in attacks:
        assert squeezed(plain(render(escape_plain(attack), profile))) == squeezed(clean_input(attack))


@every_profile
def test_second_wall_keeps_nothing_else(profile: Profile) -> None:
    hostile = (
        '<p style="color:red" class="c" id="i" title="t" onclick="x()">p</p><img src="/x" alt="a" onerror="x()">'
        '<svg><a xlink:href="javascript:x()"><script>x()</script></a></svg><math><mi>x</mi></math>'
        '<iframe src="/"></iframe>'
        '<table><tr><td>t</td></tr></table><h1 id="s-one">1</h1><h4>4</h4><form action="/x"><input name="a"></form>'
        "<style>p{}</style><!-- c --><template><p>t</p></template>"
        '<noscript><p title="</noscript><img src=x>"></noscript>'
        '<ol start="-1" type="a"><li value="3">x</li></ol><h2 id="comments">x</h2><a name="x">y</a><base href="//x">'
    )

    html = markup._clean(hostile, profile)

    assert_harmless(html, profile)
    assert {attribute for element in elements(html) for attribute in element.attrib} == set()


arbitrary = st.text(st.characters(), max_size=300)
"""Every code point, lone surrogates included."""

markdownish = st.lists(
    st.sampled_from(
        [
            *re.findall(
                r"\S+", "* ** _ ` ``` [ ]( ) ![ < > </ <a@b.de> & &lt; &#x26; &#0; \\ # ## - + 1. 2) ' \" ~~~ ==="
            ),
            *re.findall(
                r"\S+", "--- http:// javascript: //x https://a.de/ mailto: ?q= a b é [a]: <p> <script> <!-- ]]>"
            ),
            *"\n \t\r\u202e\u00a0\ud800\x00",
        ]
    )
    | arbitrary,
    max_size=60,
).map("".join)


@every_profile
@given(arbitrary | markdownish)
@settings(max_examples=100, deadline=None)
def test_anything_renders_harmless(profile: Profile, source: str) -> None:
    html = render(source, profile)

    assert_harmless(html, profile)
    html.encode()


@every_profile
@given(arbitrary | markdownish)
@settings(max_examples=100, deadline=None)
def test_second_wall_takes_anything(profile: Profile, source: str) -> None:
    assert_harmless(markup._clean(clean_input(source), profile), profile)


# Seconds of the processor. No measure of speed (`make bench-markup` is one): more than any load of a machine explains.
FOR_EVER = 20


@pytest.mark.parametrize(
    "pattern",
    [
        ">", "> ", "- ", "1. ", "[", "![", "]", "*", "**", "_", "`", "`a``", "*a ", "*a **b ", "a**b", "*_",
        "*a* ", "<", "&", "&#", "\\", "[a](", "[a](b", "![a](b", "[a]: x\n", "[x][", "[a\n", "[ (", "[](",
        "[]:<", "<a@", "<http:", "](", "#\n", "~~~\n", "a\n=\n", "- a\n", "\t", " \n>", "> - ", "http://a ",
        "http://a", "http://a)", "(http://", "![](http://a)", "[](/a)", "&lt;", "&#38;", "a\n", "\u202e", "é",
        "\U0001f600", "<a href=", "</", "![[", "[<a>](", "**a**\n", "- **a**\n", "> **a**\n", "**a**\n\n",
        "**a** ", "`a`\n", "[a](/b)\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("length", [4_000, pytest.param(20_000, marks=pytest.mark.long)])
def test_hostile_repetition_comes_to_an_end_and_is_shallow(pattern: str, length: int) -> None:
    source = (pattern * length)[:length]
    for profile in Profile:
        start = time.process_time()

        html = render(source, profile)

        assert time.process_time() - start < FOR_EVER
        assert depth_of(html) < 40


@pytest.mark.parametrize(
    "source",
    [
        "[" * 10_000 + "]" * 10_000,
        "[" * 4_000 + "](x)" * 4_000,
        "![" * 3_333 + "](x)" * 3_333,
        "*a " * 3_300 + "a* " * 3_300,
        "*a **b " * 1_400 + "b** a* " * 1_400,
        "\n".join(" " * level + "- a" for level in range(190)),
        "\n".join(">" * level + "a" for level in range(190)),
        "".join("`" * level + "a" for level in range(1, 199)),
        "[a](" + "(" * 19_000,
        "http://a.de/" + "()" * 4_000 + ")" * 11_000,
    ],
)
def test_hostile_nesting_comes_to_an_end_and_is_shallow(source: str) -> None:
    for profile in Profile:
        start = time.process_time()

        html = render(source, profile)

        assert time.process_time() - start < FOR_EVER
        assert depth_of(html) < 40


def depth_of(html: str) -> int:
    deepest = depth = 0
    for closing, name in re.findall(r"<(/?)([a-z0-9]+)", html):
        if name != "br":
            depth += -1 if closing else 1
            deepest = max(deepest, depth)
    return deepest


@pytest.mark.parametrize("marker", ["> ", "- ", "1. "])
def test_text_below_too_many_levels_is_kept(marker: str) -> None:
    html = render(marker * 50 + "deep **words**\n\nafter", Profile.STORY)

    assert "deep <strong>words</strong>" in html
    assert html.endswith("<p>after</p>")


def test_emphasis_within_too_much_emphasis_keeps_its_text() -> None:
    html = render("*1 *2 *3 *4 *5 *6 *7 **8** 7* 6* 5* 4* 3* 2* 1*", Profile.STORY)

    assert html == (
        "<p><em>1 <em>2 <em>3 <em>4 <em>5 <em>6 7 8 7 6</em> 5</em> 4</em> 3</em> 2</em> 1</em></p>"
    )  # fmt: skip


def test_threads_do_not_disturb_each_other() -> None:
    sources = [f"# {n}\n\n[{n}](/x/{n}) **{n}** {'<b> & ' * n}" for n in range(30)]
    expected = [render(source, Profile.EDITORIAL) for source in sources]
    results: dict[int, list[str]] = {}

    def work(number: int) -> None:
        results[number] = [render(source, Profile.EDITORIAL) for _ in range(3) for source in sources]

    threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(results[number] == expected * 3 for number in range(8))


def test_each_thread_has_its_own_cleaner_and_keeps_it() -> None:
    mine = markup._renderers.get(Profile.STORY)
    others: list[object] = []
    thread = threading.Thread(target=lambda: others.append(markup._renderers.get(Profile.STORY)))
    thread.start()
    thread.join()

    assert markup._renderers.get(Profile.STORY) is mine
    assert others[0] is not mine


# --- input ---


@pytest.mark.parametrize(
    ("given_text", "kept"),
    [
        ("a\r\nb\rc\nd", "a\nb\nc\nd"),
        ("a\u2028b\u2029c\x85d", "a\nb\nc\nd"),
        ("a\tb", "a\tb"),
        ("a\x00b\x07c\x0bd\x0ce\x1bf\x1fg\x7fh\x9fi", "abcdefghi"),
        ("a\ud800b\udfffc", "abc"),
        ("a\ufffeb\U0001ffffc\ufdd0d", "abcd"),
        ("a\u202eb\u202dc\u202ad\u202be\u202cf\u2066g\u2067h\u2068i\u2069j", "abcdefghij"),
        ("\u200e\u200f\u200d\u200c", "\u200e\u200f\u200d\u200c"),
        ("e\u0301", "é"),
        ("e\u202e\u0301", "é"),
        ("\U0001f469\u200d\U0001f52c", "\U0001f469\u200d\U0001f52c"),
        ("", ""),
    ],
)
def test_input_is_cleaned(given_text: str, kept: str) -> None:
    assert clean_input(given_text) == kept


@given(arbitrary)
def test_clean_input_is_clean_and_stays_so(source: str) -> None:
    cleaned = clean_input(source)

    assert clean_input(cleaned) == cleaned
    assert unicodedata.is_normalized("NFC", cleaned)
    assert not any(unicodedata.category(char) in ("Cc", "Cs") and char not in "\n\t" for char in cleaned)


@every_profile
def test_render_cleans_its_input(profile: Profile) -> None:
    assert render("a\x00\u202eb\ud800e\u0301", profile) == "<p>abé</p>"


# --- back to text ---


def test_plain_has_one_line_for_each_block() -> None:
    html = render("# One\n\ntwo **three**\nfour &amp; &lt;b&gt;\n\n- five\n- six\n\n> seven\n\n`<i>`", Profile.STORY)

    text_of_it = plain(html)

    assert text_of_it == "One\ntwo three\nfour & <b>\nfive\nsix\nseven\n<i>"


def test_plain_is_never_markup() -> None:
    assert type(plain(render("no tags", Profile.STORY))) is str
    assert type(plain(Markup("a &lt;b&gt;"))) is str
    assert Markup("{}").format(plain(render("\\<b>", Profile.STORY))) == "&lt;b&gt;"


def test_plain_decodes_once() -> None:
    assert plain(render("&amp;lt; `&lt;`", Profile.STORY)) == "&lt; &lt;"


@given(st.text())
def test_plain_takes_anything(source: str) -> None:
    plain(source)
    plain(f"&#{'9' * 5000};{source}")


@pytest.mark.parametrize(
    ("source", "length", "expected"),
    [
        ("short", 200, "short"),
        ("two  words\n\nhere", 200, "two words here"),
        ("one two three", 13, "one two three"),
        ("one two three", 12, "one two…"),
        ("one two three", 8, "one two…"),
        ("one two three", 7, "one…"),
        ("one, two", 6, "one…"),
        ("one. two", 6, "one…"),
        ("incomprehensibilities", 8, "incompr…"),
        ("", 10, ""),
    ],
)
def test_excerpt_ends_between_words(source: str, length: int, expected: str) -> None:
    assert excerpt(source, length) == expected


@given(st.text(), st.integers(5, 300))
def test_excerpt_is_never_too_long(source: str, length: int) -> None:
    assert len(excerpt(source, length)) <= length


# --- text to Markdown ---


@every_profile
@given(arbitrary | markdownish)
@settings(max_examples=150, deadline=None)
@example("1. a\n2) b\n- c\n+ d\n* e\n# f\n> g\n~~~\n===\n---")
@example("a\n===")
@example("a\n---")
@example("    code\n\ttab")
@example("&amp; &lt; &#65; <b> <http://x.de> [a](b) ![c](d) [e]: f")
@example("a\\\nb\\")
@example("a\n\u00a0\nb\n\u3000")
@example("http://a.de/x_y_z?a=1&amp=2&lt;3 *x*")
@example("\ufeffx")
@example("- - -\n* * *\n_ _ _\n12345678901. x")
def test_plain_text_survives_markdown(profile: Profile, source: str) -> None:
    assert squeezed(plain(render(escape_plain(source), profile))) == squeezed(clean_input(source))


@every_profile
def test_lines_and_paragraphs_survive_markdown(profile: Profile) -> None:
    html = render(escape_plain("\n\none\ntwo\r\n \n\nthree\n"), profile)

    assert html == "<p>one<br>\ntwo</p>\n<p>three</p>"


def test_escaped_source_stays_readable() -> None:
    source = "It was 5 % better (really!), e.g. well-known: 3 + 4 = 7.\n- and 1.5 mg"

    assert escape_plain(source) == "It was 5 % better (really!), e.g. well-known: 3 + 4 = 7.\\\n\\- and 1.5 mg"


# --- marked words ---


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], "a &lt;b&gt; c"),
        ([(0, 1)], "<mark>a</mark> &lt;b&gt; c"),
        ([(6, 7), (0, 1)], "<mark>a</mark> &lt;b&gt; <mark>c</mark>"),
        ([(2, 4), (3, 5)], "a <mark>&lt;b&gt;</mark> c"),
        ([(2, 3), (3, 5)], "a <mark>&lt;b&gt;</mark> c"),
        ([(0, 7), (2, 3)], "<mark>a &lt;b&gt; c</mark>"),
        ([(-5, 1), (6, 99), (3, 3), (5, 4), (50, 60)], "<mark>a</mark> &lt;b&gt; <mark>c</mark>"),
    ],
)
def test_highlight(spans: list[tuple[int, int]], expected: str) -> None:
    marked = highlight("a <b> c", spans)

    assert marked == expected
    assert type(marked) is Markup


def test_highlight_escapes_even_what_claims_to_be_safe() -> None:
    assert highlight(Markup("<b>x</b>"), [(3, 4)]) == "&lt;b&gt;<mark>x</mark>&lt;/b&gt;"


@given(st.text(), st.lists(st.tuples(st.integers(-3, 50), st.integers(-3, 50))))
def test_highlight_keeps_the_text(source: str, spans: list[tuple[int, int]]) -> None:
    marked = highlight(source, spans)

    assert marked.replace("<mark>", "").replace("</mark>", "").unescape() == Markup(source)
    assert marked.count("<mark>") == marked.count("</mark>")


# --- the column ---


def test_column_gives_back_markup() -> None:
    engine = create_engine("sqlite://")
    table = Table("texts", MetaData(), Column("body", RenderedHTML))
    with engine.begin() as connection:
        table.create(connection)
        connection.execute(insert(table), [{"body": render("**a** < b", Profile.STORY)}, {"body": None}, {"body": ""}])

        values = connection.scalars(select(table.c.body)).all()

        assert values == ["<p><strong>a</strong> &lt; b</p>", None, ""]
        assert [type(value) for value in values] == [Markup, type(None), Markup]
        assert connection.scalars(text("SELECT typeof(body) FROM texts")).all() == ["text", "null", "text"]


def test_column_refuses_what_was_not_rendered() -> None:
    with pytest.raises(TypeError, match=r"markup\.render"):
        RenderedHTML().process_bind_param("<script>", create_engine("sqlite://").dialect)


def test_renderer_has_a_version() -> None:
    assert isinstance(markup.RENDERER_VERSION, int)


# --- Tags and text apart, for moderators' pages ---


def printed(parts: list[Markup | str]) -> str:
    return "".join(escape(part) for part in parts)


@pytest.mark.parametrize(
    "source",
    [
        "Ask *Joan* Miller",
        "a < b & c, and &lt;script&gt; too",
        '[here](https://example.org/href?a=1&b=2 "> onclick=") href class p',
        "- one\n- two <script>alert(1)</script>",
    ],
)
def test_tags_and_text_taken_apart_are_the_same_html_again(source: str) -> None:
    rendered = markup.render(source, Profile.STORY)

    parts = markup.split_tags(rendered)

    assert html.unescape(printed(parts)) == html.unescape(rendered)
    assert all(part.startswith("<") for part in parts if isinstance(part, Markup))
    assert "".join(part for part in parts if not isinstance(part, Markup)).split() == markup.plain(rendered).split()


def test_tags_are_taken_only_from_what_was_sanitised() -> None:
    with pytest.raises(TypeError, match=r"markup\.render"):
        markup.split_tags("<script>")  # type: ignore[arg-type]
