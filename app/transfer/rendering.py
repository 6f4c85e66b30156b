"""Rendering in a second process: it turns texts into HTML while this process writes to the database.

Rendering and writing take about the same time, and both are Python, so two cores halve the time of a long import. A
short import is rendered in this process, because starting another one would cost more than it saves.
"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterable, Iterator
from multiprocessing.connection import Connection, Pipe
from pathlib import Path
from typing import Protocol, TypeVar

from app.foundation.errors import Refused
from app.foundation.text.markup import Profile
from app.foundation.text.rendered_text import RenderedText, render_text

# The smallest number of rows for which the second process is started.
ROWS_FOR_SECOND_PROCESS = 3_000

# The body and the advice of each row, as Markdown and as rendered.
Sources = list[tuple[str, str]]
Texts = list[tuple[RenderedText, RenderedText]]


class HasSources(Protocol):
    """A batch of rows, as far as rendering is concerned."""

    @property
    def sources(self) -> Sources:
        """The texts to render."""
        ...


Batch = TypeVar("Batch", bound=HasSources)


def rendered(batches: Iterable[Batch], rows: int) -> Iterator[tuple[Batch, Texts]]:
    """Each batch with its rendered texts, in the same order; `rows` is the number of rows in all batches together.

    Raises Refused if the second process ended before its work was done.
    """
    if rows < ROWS_FOR_SECOND_PROCESS or (os.cpu_count() or 1) < 2:
        yield from ((batch, _render(batch.sources)) for batch in batches)
        return
    with _second_process() as connection:
        previous: Batch | None = None
        for batch in batches:
            # Receive before sending: with one batch at a time in the pipe the two processes cannot block each other.
            texts = _receive(connection) if previous is not None else []
            _send(connection, batch.sources)
            if previous is not None:
                yield previous, texts
            previous = batch
        if previous is not None:
            yield previous, _receive(connection)


def _render(sources: Sources) -> Texts:
    return [
        (render_text(body, Profile.STORY), render_text(advice, Profile.STORY) if advice else RenderedText.EMPTY)
        for body, advice in sources
    ]


def _send(connection: Connection, sources: Sources) -> None:
    # A process that has ended is reported when its answer is received.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.send(sources)


def _receive(connection: Connection) -> Texts:
    try:
        texts: Texts = connection.recv()
    except (EOFError, OSError):
        raise Refused("the process that renders the texts ended unexpectedly") from None
    return texts


@contextlib.contextmanager
def _second_process() -> Iterator[Connection]:
    """A connection to a new process that renders what it is sent and ends when the connection is closed."""
    # Not a fork, which would inherit the database connections. In a session of its own the process does not receive
    # Ctrl-C, and it ends with the pipe even if this process is killed.
    ours, theirs = Pipe()
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", __name__, str(theirs.fileno())],
        cwd=Path(__file__).resolve().parents[2],
        pass_fds=[theirs.fileno()],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    theirs.close()
    try:
        yield ours
    finally:
        ours.close()
        process.wait()


def _serve(connection: Connection) -> None:
    # A service manager sends SIGTERM to all processes of a service; the importing process decides when this one ends.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            connection.send(_render(connection.recv()))


if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1])))
