"""Measure what a first visit to each page type transfers: page, style sheet, scripts and font, as they are sent.

The demonstration site is served as in production, and asked as a browser asks that has seen nothing yet.

    python -m benchmarks.page_weight
"""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path
from urllib.request import Request, urlopen

from lxml import html

from tests.browser.serving import seed, serve

PAGES = {
    "front": "/",
    "topic": "/topics/actinic-keratosis",
    "comparison": "/articles/imiquimod-compared",
    "article": "/articles/how-to-read-a-success-rate",
    "story": "/stories/1",
    "stories": "/stories",
    "search": "/search?q=blisters",
    "log in": "/login",
}
# What a page may weigh in kB, without the font.
PROMISED = 40


def sent(address: str) -> tuple[int, bytes]:
    """The number of bytes that the server sends for an address, and those bytes without the compression."""
    with urlopen(Request(address, headers={"Accept-Encoding": "gzip"})) as answer:
        body = bytes(answer.read())
        return len(body), _unpacked(body, answer.headers.get("Content-Encoding"))


def _unpacked(body: bytes, encoding: str | None) -> bytes:
    return gzip.decompress(body) if encoding == "gzip" else body


def weigh(site: str, path: str) -> dict[str, int]:
    """The bytes of a first visit, by kind."""
    size, page = sent(site + path)
    tree = html.document_fromstring(page)
    links = {
        "CSS": tree.xpath("//link[@rel='stylesheet']/@href"),
        "JS": tree.xpath("//script[@src]/@src"),
        "font": tree.xpath("//link[@rel='preload'][@as='font']/@href"),
    }
    return {"HTML": size} | {kind: sum(sent(site + link)[0] for link in found) for kind, found in links.items()}


def main() -> None:
    """Print a line for each page type."""
    kinds = ("HTML", "CSS", "JS", "font")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "site"
        seed(folder)
        with serve(folder) as site:
            print(f"{'kB':<12}" + "".join(f"{kind:>8}" for kind in kinds) + f"{'without font':>14}")
            for page, path in PAGES.items():
                weights = weigh(site.url, path)
                without = sum(weights.values()) - weights["font"]
                print(
                    f"{page:<12}"
                    + "".join(f"{weights[kind] / 1000:>8.1f}" for kind in kinds)
                    + f"{without / 1000:>14.1f}{'' if without <= 1000 * PROMISED else '  above what is promised'}"
                )


if __name__ == "__main__":
    main()
