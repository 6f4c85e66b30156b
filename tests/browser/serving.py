"""The demonstration site, migrated, seeded and served by the real commands in a folder of its own.

    seed(folder)                        # once; a copy of the folder is another site
    with serve(folder) as site: ...     # stopped at the end, with all its processes

`docs/screenshots.py` uses it too.
"""

from __future__ import annotations

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
LONGEST_START = 120
LONGEST_END = 30


@dataclass(frozen=True)
class Account:
    """An account with its password, as printed by `flask seed`."""

    username: str
    password: str


@dataclass(frozen=True)
class Site:
    """A running site: its address, and its accounts by role."""

    url: str
    accounts: Mapping[str, Account]


def seed(folder: Path) -> None:
    """Create the demonstration site in this folder with `flask db upgrade` and `flask seed`."""
    folder.mkdir(parents=True)
    _flask(folder, "db", "upgrade")
    (folder / "seed.txt").write_text(_flask(folder, "seed"), encoding="utf-8")


@contextmanager
def serve(folder: Path, port: int | None = None, *, kill: bool = False) -> Iterator[Site]:
    """Context manager: serve the seeded site in this folder with `flask serve`. With `kill`, SIGKILL ends it at once.

    Raises AssertionError if it does not start, if it does not end with all its processes when told to, or if a
    traceback was written to its log.
    """
    port = port or free_port()
    url = f"http://127.0.0.1:{port}"
    log = folder / "server.log"
    with log.open("wb") as out:
        process = subprocess.Popen(
            [*_COMMAND, "serve"],
            cwd=ROOT,
            env=_environment(folder, port),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # so that web process and worker form one process group
        )
    try:
        _wait(process, log, lambda: _answer(f"{url}/readyz") is not None)
        _wait(process, log, lambda: "result__title" in (_answer(f"{url}/search?q=warts") or ""))
        yield Site(url, _accounts(folder))
    finally:
        if kill:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait(LONGEST_END)
        left = _end(process)
    if kill:
        return
    assert not left, f"SIGTERM left web or worker running:\n{_tail(log)}"
    assert process.returncode == 0, f"serve ended with {process.returncode}:\n{_tail(log)}"
    assert "Traceback" not in log.read_text(encoding="utf-8", errors="replace"), _tail(log)


@contextmanager
def serve_copy(seeded: Path, parent: Path) -> Iterator[Site]:
    """Context manager: serve a copy of a seeded site, made below this folder."""
    folder = parent / "site"
    shutil.copytree(seeded, folder)
    with serve(folder) as site:
        yield site


_COMMAND = (sys.executable, "-m", "flask", "--app", "wsgi")


def _environment(folder: Path, port: int = 0) -> dict[str, str]:
    """The environment for the commands, without settings of this shell for another site."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SALVE_", "FLASK_"))}
    return kept | {
        "SALVE_DATA": str(folder),
        "SALVE_WORKER_PAUSE_MS": "200",
        "HOST": "127.0.0.1",
        "PORT": str(port),
    }


def _flask(folder: Path, *arguments: str) -> str:
    result = subprocess.run(
        [*_COMMAND, *arguments], cwd=ROOT, env=_environment(folder), capture_output=True, text=True, check=False
    )
    assert result.returncode == 0, f"flask {' '.join(arguments)} failed:\n{result.stdout}{result.stderr}"
    return result.stdout


def _accounts(folder: Path) -> dict[str, Account]:
    printed = (folder / "seed.txt").read_text(encoding="utf-8")
    rows = re.findall(r"^  (member|moderator|editor|admin) +(\S+) +(\S+)$", printed, re.MULTILINE)
    assert len(rows) == 4, printed
    return {role: Account(username, password) for role, username, password in rows}


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


def _answer(address: str) -> str | None:
    """The text of a page, or None if it could not be loaded."""
    try:
        with urllib.request.urlopen(address, timeout=10) as response:
            return str(response.read().decode())
    except urllib.error.HTTPError as error:
        error.close()
        return None
    except OSError:
        return None


def _wait(process: subprocess.Popen[bytes], log: Path, ready: Callable[[], bool]) -> None:
    deadline = time.monotonic() + LONGEST_START
    while not ready():
        assert process.poll() is None, f"serve ended by itself:\n{_tail(log)}"
        assert time.monotonic() < deadline, f"not ready after {LONGEST_START} s:\n{_tail(log)}"
        time.sleep(0.1)


def _end(process: subprocess.Popen[bytes]) -> bool:
    """Send SIGTERM to the server; returns whether any process of its group was still running afterwards."""
    try:
        process.send_signal(signal.SIGTERM)
        process.wait(LONGEST_END)
        os.killpg(process.pid, 0)
    except ProcessLookupError:
        return False
    except subprocess.TimeoutExpired:
        pass
    os.killpg(process.pid, signal.SIGKILL)
    process.wait(LONGEST_END)
    return True


def _tail(log: Path) -> str:
    return log.read_text(encoding="utf-8", errors="replace")[-3000:]
