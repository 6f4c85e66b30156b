"""The web server itself: requests that it cannot read, and who it believes."""

from __future__ import annotations

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]


class Serving(NamedTuple):
    """`flask serve` on a free port."""

    process: subprocess.Popen[bytes]
    port: int


@pytest.fixture(scope="module")
def serving(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    folder = tmp_path_factory.mktemp("served")
    shutil.copyfile(migrated_sqlite, folder / "salve.sqlite3")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "-m", "flask", "--app", "wsgi", "serve"],
        cwd=ROOT,
        env={**os.environ, "SALVE_DATA": str(folder), "SALVE_ENV": "testing", "HOST": "127.0.0.1", "PORT": str(port)},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield Serving(process, port)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


@pytest.fixture(scope="module")
def address(serving: Serving) -> tuple[str, int]:
    """Host and port."""
    return "127.0.0.1", serving.port


def answer_to(address: tuple[str, int], request: bytes) -> str:
    """Send bytes and return everything that comes back."""
    with socket.create_connection(address, timeout=30) as connection:
        connection.sendall(request)
        parts = []
        while part := connection.recv(65_536):
            parts.append(part)
    return b"".join(parts).decode()


@pytest.mark.parametrize(
    ("request_bytes", "status"),
    [
        (b"GET /search?q=" + b"a+" * 10_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n", 414),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nCookie: " + b"a" * 100_000 + b"\r\n\r\n", 431),
        (b"nonsense\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nHost: localhost\r\nBad Header\r\n\r\n", 400),
    ],
    ids=["a long address", "a long header", "no HTTP", "no header"],
)
def test_what_cannot_be_read_gets_a_page_with_the_headers_of_ours(
    address: tuple[str, int], request_bytes: bytes, status: int
) -> None:
    answer = answer_to(address, request_bytes)

    assert answer.startswith(f"HTTP/1.1 {status} ")
    assert "Content-Security-Policy: default-src 'none'" in answer
    assert "X-Content-Type-Options: nosniff" in answer
    assert "Cache-Control: no-store" in answer
    assert re.search(r"<h1>.+</h1>", answer)


def test_a_search_of_8_000_characters_is_answered_by_the_site(address: tuple[str, int]) -> None:
    query = b"+".join([b"itching"] * 1_000)

    answer = answer_to(
        address, b"GET /search?q=" + query + b" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
    )

    assert "<title>" in answer
    assert answer.startswith(("HTTP/1.1 200", "HTTP/1.1 503"))  # 503 while the worker builds the first index


def test_nobody_is_believed_about_tls_without_a_declared_proxy(address: tuple[str, int]) -> None:
    request = b"GET /about HTTP/1.1\r\nHost: localhost\r\nX-Forwarded-Proto: https\r\nConnection: close\r\n\r\n"

    answer = answer_to(address, request)

    assert answer.startswith("HTTP/1.1 200")
    assert "Strict-Transport-Security" not in answer


def test_the_end_of_a_process_does_not_search_for_garbage() -> None:
    # That takes half a second of processor time, and Ctrl-C waits for three processes.
    program = "import atexit, gc, wsgi; atexit._run_exitfuncs(); print(gc.get_freeze_count())"
    ended = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True)
    assert int(ended.stdout) > 100_000


# --- Memory ---

WARM_UP, HOSTILE = 2_000, 6_000
MOST_GROWTH_MB = 40


@pytest.mark.long
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="memory is read from /proc")
def test_memory_does_not_grow_with_hostile_requests(serving: Serving) -> None:
    chance = random.Random(20261121)
    for number in range(WARM_UP + HOSTILE):
        if number == WARM_UP:
            before = memory_of_web(serving)
        send_nonsense(chance, serving.port)
    grown = memory_of_web(serving) - before
    print(f"{before} MB, and {grown} MB more after {HOSTILE:,} hostile requests")
    assert grown <= MOST_GROWTH_MB


def send_nonsense(chance: random.Random, port: int) -> None:
    """A search for words that do not exist, parameters that mean nothing, or a large form from a stranger."""

    def word(length: int) -> str:
        return "".join(chance.choices("abcdefghijklmnopqrstuvwxyz", k=length))

    path, data = chance.choice(
        [
            ("/search?q=" + "+".join(word(chance.randint(3, 9)) for _ in range(chance.randint(1, 12))), None),
            ("/search?q=%22" + "+".join(word(5) for _ in range(3)) + f"%22&condition={word(8)}", None),
            (f"/stories?{word(4)}={word(8)}&page={chance.randint(1, 50)}", None),
            (f"/{word(12)}", None),
            ("/login", f"username={word(20)}&password={word(chance.randint(1_000, 100_000))}".encode()),
        ]
    )
    try:
        urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", data, timeout=60).read()
    except urllib.error.HTTPError as refused:
        refused.read()


def memory_of_web(serving: Serving) -> int:
    """The resident memory of the largest process that answers requests, in MB."""
    sizes = [0]
    for process in descendants(serving.process.pid):
        if b"gunicorn" in Path(f"/proc/{process}/cmdline").read_bytes():
            status = Path(f"/proc/{process}/status").read_text(encoding="ascii")
            sizes.append(int(re.findall(r"VmRSS:\s+(\d+)", status)[0]) // 1024)
    return max(sizes)


def descendants(process: int) -> Iterator[int]:
    for child in map(int, Path(f"/proc/{process}/task/{process}/children").read_text(encoding="ascii").split()):
        yield child
        yield from descendants(child)
