"""How fast search is: over HTTP as in production and in process, beside others that do the same work.

    python -m benchmarks.search [build | measure] [--stories 100000] [--beside 200000] [--folder DIR] [--without ...]

The others are SQLite FTS5, PostgreSQL and tantivy. 'build' makes a site, builds its index, compares it with the
database and fills the others, which takes minutes; all but PostgreSQL is kept in the folder for 'measure'. Without
either it is both. `--beside` names a second site, to see how the cost grows.

Every kind of query is asked with different words: 'first' is when nothing is known of the words yet, 'again' the second
and third time. Everybody answers the exact count, the counts of condition, treatment, outcome and year, and twenty
results with marked snippets; we also say by which names a query was understood, count kinds and side effects, and read
every result from the database once more.
"""

from __future__ import annotations

import argparse
import http.client
import os
import re
import resource
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from itertools import islice, pairwise
from pathlib import Path
from urllib.parse import urlencode

from benchmarks import corpus
from benchmarks.yardsticks import FTS5, Postgres, Tantivy, Wanted, Yardstick

EACH = 8
# Stories looked at to learn how common words are.
SAMPLE = 4_000
LONGEST_START = 120
BESIDE = "the other site"


def mix() -> dict[str, list[Wanted]]:
    """The queries, by kind."""
    from app.search.query import analysis

    texts = [row["text"].split() for row in islice(corpus.story_rows(SAMPLE), SAMPLE)]
    count = Counter(word for text in texts for word in set(text) if re.fullmatch("[a-z]{4,}", word))
    told = {word: number / SAMPLE for word, number in count.items() if not _is_idle(word)}

    def near(share: float) -> list[str]:
        return sorted(told, key=lambda word: (abs(told[word] - share), word))[:EACH]

    # Quotes mean words as they are typed. To the others, which know stems alone, that is the same for words that have
    # no other form.
    forms = Counter(map(analysis.token_of, corpus.Language().words))
    pairs = Counter(
        pair
        for text in texts
        for pair in pairwise(text)
        if all(told.get(word, 0) > 0.05 and forms[analysis.token_of(word)] == 1 for word in pair)
    )
    common, usual, rare = near(0.4), near(0.1), near(0.005)
    filed = [(number % 12 + 1, corpus.CONDITIONS + number % 12 + 1) for number in range(EACH)]
    return {
        "a word in 40 %": [Wanted((word,)) for word in common],
        "a word in 10 %": [Wanted((word,)) for word in usual],
        "a word in 0.5 %": [Wanted((word,)) for word in rare],
        "two words": [Wanted(pair) for pair in zip(common, reversed(usual), strict=True)],
        "three words": [Wanted(three) for three in zip(common, usual, reversed(common), strict=True)],
        "a phrase": [Wanted(pair, is_phrase=True) for pair, _number in pairs.most_common(EACH)],
        "40 %, one condition": [Wanted((word,), condition=at[0]) for word, at in zip(common, filed, strict=True)],
        "40 %, one treatment": [Wanted((word,), treatment=at[1]) for word, at in zip(common, filed, strict=True)],
        "a condition alone": [Wanted((), condition=condition) for condition, _treatment in filed],
    }


def _is_idle(word: str) -> bool:
    """Is left out of a query by somebody, who would then have less to do."""
    from app.search.query.analysis import is_stop_word

    more = "again against because before below down during each few further here more most very only other over same"
    more += " such than those through under until just once both being above after between nor off don't were"
    return is_stop_word(word) or word in more.split()


# --- Ours -------------------------------------------------------------------------------------------------------


class Ours:
    """Our search, in this process, as a request asks for it: from the words to the items with their snippets."""

    name = "in process"

    def __init__(self, data: Path) -> None:
        os.environ.update(corpus.environment(data))
        from app.factory import create_app

        self._app = create_app()
        self._slugs = _slugs()
        # What was first found by each query, and how often something else was found later.
        self._first: dict[Wanted, list[str]] = {}
        self.unstable = 0
        with self._app.app_context():
            self._find(Wanted(("patience",)))

    def find(self, wanted: Wanted) -> int:
        """Do the work; answers how many were found."""
        with self._app.test_request_context():
            return self._find(wanted)

    def _find(self, wanted: Wanted) -> int:
        from app.search.index.engine import Facet
        from app.search.results import search

        values = {Facet(name): (slug,) for name, slug in _filters(wanted, self._slugs)}
        result = search.search(search.SearchRequest(_typed(wanted), values))
        keys = [item.key for item in result.items]
        if self._first.setdefault(wanted, keys) != keys:
            self.unstable += 1
        return result.total


class OverHTTP:
    """Our search over HTTP, one request after the other on one connection."""

    name = "over HTTP"

    def __init__(self, port: int) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        self._slugs = _slugs()

    def find(self, wanted: Wanted) -> int:
        """Do the work; answers how many were found."""
        return self._find(wanted)

    def find_comments(self, wanted: Wanted) -> int:
        """The same among the comments."""
        return self._find(wanted, ("kind", "comment"))

    def _find(self, wanted: Wanted, *more: tuple[str, str]) -> int:
        page = self.get(f"/search?{urlencode([('q', _typed(wanted)), *_filters(wanted, self._slugs), *more])}")
        found = re.search(r"([\d,]+) results?\.", page)
        return int(found[1].replace(",", "")) if found else 0

    def get(self, address: str) -> str:
        """The page at an address."""
        try:
            response = self._answer(address)
        except (http.client.RemoteDisconnected, ConnectionError):
            # While the others take their turn the server drops a connection that says nothing.
            self._connection.close()
            response = self._answer(address)
        page = response.read().decode()
        if response.status != 200:
            sys.exit(f"{address} answered {response.status}")
        return page

    def _answer(self, address: str) -> http.client.HTTPResponse:
        self._connection.request("GET", address)
        return self._connection.getresponse()


def _typed(wanted: Wanted) -> str:
    words = " ".join(wanted.words)
    return f'"{words}"' if wanted.is_phrase else words


def _slugs() -> dict[int, str]:
    from app.foundation.text.strings import slugify

    return {row["id"]: slugify(row["name"]) for row in corpus.topic_rows()}


def _filters(wanted: Wanted, slugs: dict[int, str]) -> list[tuple[str, str]]:
    filed = (("condition", wanted.condition), ("treatment", wanted.treatment))
    return [(name, slugs[topic]) for name, topic in filed if topic is not None]


@contextmanager
def served(data: Path) -> Iterator[tuple[int, int]]:
    """A site served as in production; gives its port, and the process that serves."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = {**corpus.environment(data), "SALVE_ENV": "production", "SALVE_HOSTS": "127.0.0.1", "PORT": str(port)}
    command = [sys.executable, "-m", "flask", "--app", "wsgi", "serve"]
    process = subprocess.Popen(command, cwd=corpus.ROOT, env=environment, stdout=subprocess.DEVNULL)
    try:
        deadline = time.monotonic() + LONGEST_START
        while True:
            try:
                OverHTTP(port).get("/healthz")
                break
            except OSError:
                if time.monotonic() > deadline or process.poll() is not None:
                    sys.exit("the site does not start")
                time.sleep(0.2)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


def memory_of_web(serving: int) -> float:
    """MB that the process which answers requests has in memory of its own."""
    most = 0.0
    for status in Path("/proc").glob("[0-9]*/status"):
        try:
            text, command = status.read_text(), (status.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if b"gunicorn" in command and _descends(int(status.parent.name), serving):
            most = max(most, int(re.search(r"RssAnon:\s+(\d+)", text)[1]) / 1024)  # type: ignore[index]
    return most


def _descends(process: int, ancestor: int) -> bool:
    while process > 1:
        if process == ancestor:
            return True
        stat = Path(f"/proc/{process}/stat").read_text()
        process = int(stat.rpartition(")")[2].split()[1])
    return False


# --- Measuring --------------------------------------------------------------------------------------------------


def yardstick(of: Yardstick) -> Callable[[Wanted], int]:
    """A yardstick with snippets cut and marked of what it found, as ours are."""
    from app.search.query import analysis
    from app.search.results.snippets import HighlightTerms, highlight_terms, snippet

    def find(wanted: Wanted) -> int:
        answer = of.find(wanted)
        each = [tuple(analysis.words(word)) for word in wanted.words]
        # A phrase is quoted, and then means the words as they are typed.
        quoted = tuple(analysis.form_of(word) for word in wanted.words)
        words = HighlightTerms(typed=[quoted]) if wanted.is_phrase else HighlightTerms(each)
        for title, text in answer.texts:
            highlight_terms(title, words)
            snippet(text, words)
        return answer.total

    return find


class Times:
    """Milliseconds of the queries of one kind: the first time round, and again; and how much each found."""

    def __init__(self) -> None:
        self.totals: list[int] = []
        self.first: list[float] = []
        self.again: list[float] = []

    def take(self, find: Callable[[Wanted], int], wanted: Wanted, *, is_first: bool) -> None:
        """Ask once."""
        start = time.perf_counter()
        total = find(wanted)
        taken = 1000 * (time.perf_counter() - start)
        (self.first if is_first else self.again).append(taken)
        if is_first:
            self.totals.append(total)

    def __str__(self) -> str:
        return f"{statistics.median(self.first):8.1f}{statistics.median(self.again):7.1f}"


def p95(times: Sequence[float]) -> float:
    """What 95 of 100 stay under."""
    return sorted(times)[min(len(times) - 1, int(0.95 * len(times)))]


def main() -> None:
    """Build, measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("step", nargs="?", choices=["build", "measure"])
    parser.add_argument("--stories", type=int, default=100_000)
    parser.add_argument("--beside", type=int, help="so many stories in a second site, asked over HTTP as well")
    parser.add_argument("--comments", type=int, default=0, help="on each story; searched by themselves")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "salve-bench-search")
    parser.add_argument("--without", nargs="*", default=[], choices=["postgres", "fts5", "tantivy", "http"])
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    if given.step != "measure":
        for stories in filter(None, (given.stories, given.beside)):
            build(given.folder, stories, given.comments)
        list(_kept_yardsticks(given))
    if given.step != "build":
        ask(given)


def ask(given: argparse.Namespace) -> None:
    """Ask everybody the same, and print what it took."""
    data = corpus.site(given.folder, given.stories, given.comments)
    queries = mix()
    finders: dict[str, Callable[[Wanted], int]] = {}
    with ExitStack() as stack:
        if "http" not in given.without:
            port, serving = stack.enter_context(served(data))
            finders["over HTTP"] = OverHTTP(port).find
            if given.beside:
                other, _serving = stack.enter_context(served(corpus.site(given.folder, given.beside, given.comments)))
                finders[BESIDE] = OverHTTP(other).find
        begin = time.perf_counter()
        ours = Ours(data)
        finders["in process"] = ours.find
        print(f"{given.stories:,} stories; opening the index takes {time.perf_counter() - begin:.1f} s")
        for of in _kept_yardsticks(given):
            finders[of.name] = yardstick(of)
        postgres = _postgres(given, stack)
        if postgres is not None:
            finders[postgres.name] = yardstick(postgres)
        measured = measure(finders, queries)
        if "http" not in given.without:
            suggest(port)
            print(f"memory of the web process: {memory_of_web(serving):.0f} MB of its own")
            if given.comments:
                among_comments(port, queries)
                print(f"memory after searches among comments: {memory_of_web(serving):.0f} MB of its own")
    report(measured, queries)
    print(f"the same results in the same order each time: {'NO' if ours.unstable else 'yes'}")
    print(f"load of the machine at the end: {os.getloadavg()[0]:.1f}")


def _kept_yardsticks(given: argparse.Namespace) -> Iterator[Yardstick]:
    """Those that are kept in the folder, filled unless they are there."""
    for name, of in (("fts5", FTS5), ("tantivy", Tantivy)):
        if name not in given.without:
            yield of(given.folder, given.stories)


def _postgres(given: argparse.Namespace, stack: ExitStack) -> Yardstick | None:
    from tests import servers

    if "postgres" in given.without:
        return None
    reason = servers.why_no_postgres()
    if reason:
        print(f"PostgreSQL left out: {reason}")
        return None
    return Postgres(stack.enter_context(servers.database()), given.stories)


def build(folder: Path, stories: int, comments: int) -> None:
    """Make a site, its index, and compare that with the database: how many stories a second, in how much memory."""
    data = corpus.site(folder, stories, comments)
    for step in ("rebuild", "verify"):
        command = [sys.executable, "-m", "flask", "--app", "wsgi", "search", step]
        begin = time.perf_counter()
        process = subprocess.Popen(
            command, cwd=corpus.ROOT, env=corpus.environment(data), stdout=subprocess.DEVNULL, start_new_session=True
        )
        _pid, status, used = os.wait4(process.pid, 0)
        if status:
            sys.exit(f"flask search {step} failed")
        taken, busy = time.perf_counter() - begin, used.ru_utime + used.ru_stime
        print(
            f"search {step} of {stories:,} stories: {stories / taken:,.0f} a second, {stories / busy:,.0f} a second of "
            f"processor time, {used.ru_maxrss / 1024:.0f} MB at most (load {os.getloadavg()[0]:.1f})",
            flush=True,
        )


def measure(
    finders: dict[str, Callable[[Wanted], int]], queries: dict[str, list[Wanted]]
) -> dict[str, dict[str, Times]]:
    """Ask everybody everything, three times. They take turns with every query: what else the machine does hits all."""
    measured = {name: {kind: Times() for kind in queries} for name in finders}
    for round_ in range(3):
        for kind, asked in queries.items():
            for wanted in asked:
                for name, find in finders.items():
                    measured[name][kind].take(find, wanted, is_first=round_ == 0)
    return measured


def suggest(port: int) -> None:
    """Suggestions over HTTP, for every beginning of some names."""
    ours = OverHTTP(port)
    names = [row["name"] for row in corpus.topic_rows()[:: corpus.CONDITIONS // 5]]
    times = []
    for name in names:
        for end in range(1, 9):
            start = time.perf_counter()
            ours.get(f"/search/suggest?{urlencode([('q', name[:end])])}")
            times.append(1000 * (time.perf_counter() - start))
    print(f"suggestions over HTTP: median {statistics.median(times):.1f} ms, p95 {p95(times):.1f} ms")


def among_comments(port: int, queries: dict[str, list[Wanted]]) -> None:
    """The same queries among the comments, over HTTP."""
    ours = OverHTTP(port)
    print("\namong comments over HTTP, medians in ms, first and again")
    for kind, asked in queries.items():
        times = Times()
        for round_ in range(3):
            for wanted in asked:
                times.take(ours.find_comments, wanted, is_first=round_ == 0)
        print(f"{kind:<40}{statistics.median(times.totals):>10,.0f}{times!s:>15}")


def report(measured: dict[str, dict[str, Times]], queries: dict[str, list[Wanted]]) -> None:
    """Print medians by kind, then for all together medians, p95 and ratios."""
    print("\nmedians in ms, first and again" + " " * 14 + "found  " + "".join(f"{name:>15}" for name in measured))
    for kind in queries:
        found = statistics.median(measured["in process"][kind].totals)
        print(f"{kind:<40}{found:>10,.0f}" + "".join(f"{measured[name][kind]!s:>15}" for name in measured))
    print(f"\n{'all queries':<14}{'median':>8}{'p95':>8}{'again':>8}{'p95':>8}{'to ours, first':>16}{'again':>8}")
    ours = [time for times in measured["in process"].values() for time in times.first]
    warm = [time for times in measured["in process"].values() for time in times.again]
    for name, kinds in measured.items():
        first = [time for times in kinds.values() for time in times.first]
        again = [time for times in kinds.values() for time in times.again]
        ratios = (
            statistics.median(first) / statistics.median(ours),
            statistics.median(again) / statistics.median(warm),
        )
        print(
            f"{name:<14}{statistics.median(first):8.1f}{p95(first):8.1f}{statistics.median(again):8.1f}{p95(again):8.1f}"
            f"{ratios[0]:16.2f}{ratios[1]:8.2f}"
        )
    print("\ncounts, beside ours:")
    for name, kinds in measured.items():
        if name == BESIDE:
            continue
        pairs = [
            (one, other)
            for kind in queries
            for one, other in zip(measured["in process"][kind].totals, kinds[kind].totals, strict=True)
        ]
        differing = sum(one != other for one, other in pairs)
        most = max((abs(one - other) / max(one, 1) for one, other in pairs), default=0)
        print(f"  {name:<14}{differing} of {len(pairs)} differ, by {100 * most:.1f} % at most")
    print(f"memory of this process at its most: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:.0f} MB")


if __name__ == "__main__":
    main()
