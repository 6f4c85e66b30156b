"""Measure the reading age of the site's own pages: what the site says, not what its members wrote.

For each page the sentences of its main part, without names of topics, stories and people, as an age in years by Flesch
and Kincaid's formula: 0.39 words to a sentence plus 11.8 syllables to a word, less 15.59, is a school year; five more
is an age. Syllables are counted by a dictionary of British hyphenation, which misses some at the ends of words, so that
the figures are for comparing one's own texts. Exits with 1 if a page is above LIMIT.

    python -m benchmarks.reading_age
"""

from __future__ import annotations

import re
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, Request, build_opener

import pyphen
from lxml import html

from tests.browser.serving import Site, seed, serve

LIMIT = 12
# Too short to say anything about: labels, buttons.
FEWEST_WORDS = 4
PAGES = {
    "front": "/",
    "about": "/about",
    "guidelines": "/guidelines",
    "transparency": "/transparency",
    "log in": "/login",
    "create account": "/register",
    "search": "/search",
    "no results": "/search?q=nothingofthekind",
    "ask for a topic": "/topics/requests/new",
    "not found": "/nothing-here",
    "your contributions": "/account/contributions",
    "share a story": "/stories/new",
}
OF_MEMBERS = {"your contributions", "share a story"}
BLOCKS = "p, li, h1, h2, h3, dd, dt, label, legend, summary, figcaption, caption, td, th, div"
# What others than the site say.
NOT_OURS = ".card, .article-row, .topic-group, .result, .prose a, nav, script, style, svg, option, .meta"


@dataclass
class Reading:
    """What was counted in some sentences."""

    sentences: int
    words: int
    syllables: int

    @property
    def age(self) -> float:
        """The reading age in years."""
        year = 0.39 * self.words / self.sentences + 11.8 * self.syllables / self.words - 15.59
        return year + 5


def measure(sentences: list[str]) -> Reading:
    """Count the sentences, the words and the syllables."""
    hyphens = pyphen.Pyphen(lang="en_GB")
    words = [word for sentence in sentences for word in re.findall(r"[A-Za-z’']+", sentence)]
    return Reading(len(sentences), len(words), sum(1 + len(hyphens.positions(word.lower())) for word in words))


def sentences_of(page: bytes) -> list[str]:
    """The sentences of the main part of a page that the site itself says."""
    main = html.document_fromstring(page).get_element_by_id("main")
    for other in main.cssselect(NOT_OURS):
        other.drop_tree()
    for inline in main.cssselect("a, b, strong, em, span, time, code, i"):
        inline.drop_tag()
    found = []
    for block in main.cssselect(BLOCKS):
        text = " ".join((block.text or "").split())
        found += [each for each in re.split(r"(?<=[.?!])\s+", text) if len(each.split()) >= FEWEST_WORDS]
    return found


def logged_in(site: Site) -> OpenerDirector:
    """Open pages of the site as a member."""
    opener = build_opener(HTTPCookieProcessor())
    form = html.document_fromstring(read(opener, f"{site.url}/login")).forms[-1]
    account = site.accounts["member"]
    form.fields.update(username=account.username, password=account.password)
    opener.open(Request(f"{site.url}/login", urlencode(form.form_values()).encode(), {"Origin": site.url}))
    return opener


def read(opener: OpenerDirector, address: str) -> bytes:
    """The page at this address, also one that says that there is none."""
    try:
        return bytes(opener.open(address).read())
    except HTTPError as error:
        return error.read()


def main() -> None:
    """Print a line for each page; exit with 1 if one is too hard to read."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "site"
        seed(folder)
        with serve(folder) as site:
            readers = {False: build_opener(), True: logged_in(site)}
            pages = {
                title: sentences_of(read(readers[title in OF_MEMBERS], site.url + path))
                for title, path in PAGES.items()
            }
    print(f"{'page':<20} {'sentences':>9} {'words each':>10} {'age':>5}")
    ages = {title: measure(sentences) for title, sentences in pages.items() if sentences}
    for title, reading in ages.items():
        print(f"{title:<20} {reading.sentences:>9} {reading.words / reading.sentences:>10.1f} {reading.age:>5.1f}")
    print(f"median {statistics.median(reading.age for reading in ages.values()):.1f}, at most {LIMIT} is wanted")
    if any(reading.age > LIMIT for reading in ages.values()):
        sys.exit(1)


if __name__ == "__main__":
    main()
