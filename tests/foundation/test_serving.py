"""The web server itself: requests that it cannot read, and who it believes."""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def address(migrated_sqlite: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, int]]:
    """`flask serve` on a free port."""
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
        yield "127.0.0.1", port
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=60)


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
