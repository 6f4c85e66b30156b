"""Rendering beside the writing: a second process turns texts into HTML while this one writes to the database.

Rendering and writing take about the same time and both are Python, so a long import is done in half the time on two
cores. A short one is rendered here, because a new process costs more than it saves.
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

# Below so many rows the second process is not worth its start.
ROWS_WORTH_IT = 3_000

# The body and the advice of each row.
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
    """Each batch with its texts rendered, in the same order; `rows` is how many there will be in all.

    Raises Refused if the second process ended before its work was done.
    """
    if rows < ROWS_WORTH_IT or (os.cpu_count() or 1) < 2:
        yield from ((batch, _render(batch.sources)) for batch in batches)
        return
    with _second_process() as connection:
        before: Batch | None = None
        for batch in batches:
            # The one before is taken back first: one batch at a time is in the pipe, so that both never wait to send.
            texts = _received(connection) if before is not None else []
            _send(connection, batch.sources)
            if before is not None:
                yield before, texts
            before = batch
        if before is not None:
            yield before, _received(connection)


def _render(sources: Sources) -> Texts:
    return [
        (render_text(body, Profile.STORY), render_text(advice, Profile.STORY) if advice else RenderedText.EMPTY)
        for body, advice in sources
    ]


def _send(connection: Connection, sources: Sources) -> None:
    # Who is gone is noticed when the answer is fetched.
    with contextlib.suppress(BrokenPipeError, ConnectionResetError):
        connection.send(sources)


def _received(connection: Connection) -> Texts:
    try:
        texts: Texts = connection.recv()
    except (EOFError, OSError):
        raise Refused("the process that renders the texts ended unexpectedly") from None
    return texts


@contextlib.contextmanager
def _second_process() -> Iterator[Connection]:
    # A program of its own and not a fork: a copy of this process would hold its database connections. In a session of
    # its own Ctrl-C does not reach it, and it ends when the pipe does, however this process went.
    here, there = Pipe()
    process = subprocess.Popen(  # noqa: S603 - our own command
        [sys.executable, "-m", __name__, str(there.fileno())],
        cwd=Path(__file__).resolve().parents[2],
        pass_fds=[there.fileno()],
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )
    there.close()
    try:
        yield here
    finally:
        here.close()
        process.wait()


def _serve(connection: Connection) -> None:
    # Who stops a service tells all its processes at once; the other one decides when this one is done.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            connection.send(_render(connection.recv()))


if __name__ == "__main__":
    _serve(Connection(int(sys.argv[1])))
