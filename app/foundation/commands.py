"""Commands that run the site: `flask worker`, and `flask serve` for the web process and the worker together."""

from __future__ import annotations

import logging
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Mapping
from types import FrameType
from typing import Any

import click
from flask import current_app
from flask.cli import with_appcontext

from app.foundation import events
from config import process_environment

log = logging.getLogger(__name__)

# Seconds between two runs of the periodic tasks.
PERIODIC_TASKS_EVERY = 5


@click.command("worker")
@with_appcontext
def worker() -> None:
    """Do the background work (search, periodic tasks) until stopped."""
    stop = threading.Event()

    def _stop(_signal: int, _frame: FrameType | None) -> None:
        stop.set()

    for signal_number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(signal_number, _stop)
    pause = current_app.config["WORKER_PAUSE_MS"] / 1000
    next_run = 0.0
    while not stop.is_set():
        if time.monotonic() >= next_run:
            _run_logging_errors(events.run_periodic_tasks)
            next_run = time.monotonic() + PERIODIC_TASKS_EVERY
        if not _run_logging_errors(events.drain):
            stop.wait(pause)


def _run_logging_errors(work: Callable[[], int | None]) -> int | None:
    """Return the result of `work`, or None if it raised; then the error is logged and a second is spent waiting."""
    try:
        return work()
    except Exception:
        # The database may be unavailable for a moment. Nothing is lost: the outbox rows are still there.
        log.exception("background work failed, trying again")
        time.sleep(1)
        return None


@click.command("serve")
@with_appcontext
def serve() -> None:
    """Serve the site and do its background work until stopped."""
    config = current_app.config
    _check_free(config["HOST"], config["PORT"])
    commands = {"web": _web_command(config), "worker": [sys.executable, "-m", "flask", "--app", "wsgi", "worker"]}
    environment = process_environment()
    running = {
        name: subprocess.Popen(command, env=environment)  # noqa: S603 - our own commands
        for name, command in commands.items()
    }
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    click.echo(f"{config['SITE_NAME']} is at http://{config['HOST']}:{config['PORT']} (Ctrl-C stops it)")
    try:
        while True:
            time.sleep(0.5)
            if running["web"].poll() is not None:
                sys.exit(running["web"].returncode or 1)
            if running["worker"].poll() is not None:
                click.echo("The background work stopped; starting it again.", err=True)
                time.sleep(1)
                running["worker"] = subprocess.Popen(commands["worker"], env=environment)  # noqa: S603
    except KeyboardInterrupt:
        pass
    finally:
        _stop_processes(list(running.values()))


def _web_command(config: Mapping[str, Any]) -> list[str]:
    return [
        *(sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"{config['HOST']}:{config['PORT']}"),
        *("--worker-class", "app.foundation.web.gunicorn_worker.Worker"),
        *("--threads", str(config["WEB_THREADS"]), "--workers", "1"),
        *("--graceful-timeout", "10", "--no-control-socket", "--log-level", "warning"),
        # SALVE_PROXIES alone says who is believed about the client.
        *("--forwarded-allow-ips", "", "--limit-request-line", "8190"),
    ]


def _check_free(host: str, port: int) -> None:
    """Raise ClickException with one clear line if the port is taken; gunicorn would keep on retrying instead."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as error:
            raise click.ClickException(
                f"Cannot listen on {host}:{port} ({error}). Choose another port with PORT=..."
            ) from None


def _stop_processes(processes: list[subprocess.Popen[bytes]]) -> None:
    for process in processes:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
    for process in processes:
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            os.kill(process.pid, signal.SIGKILL)
