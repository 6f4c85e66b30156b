"""Writing a new index, segment by segment, each of which is sorted in memory by `building`.

`engine` decides who may write, and when.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from whoosh.index import FileIndex

from app.search.index.documents import Document
from app.search.whoosh.building import BuildingPool
from app.search.whoosh.codec import ArrayCodec
from app.search.whoosh.schema import fields_of
from app.search.whoosh.storage import create_index

Pack = Callable[[Document, Sequence[int]], bytes]

# Options of Whoosh's writers. Beyond `limitmb` Whoosh sorts postings on disk. `storage` says what compound files cost.
OPTIONS: Mapping[str, object] = {"limitmb": 256, "compound": False, "codec": ArrayCodec()}
# Documents in each segment of a new index. Larger segments would have to be sorted on disk, which takes half as long
# again; more of them make searching slower.
SEGMENT = 10_000
# Tokens in each segment, which ends earlier where texts are long: sorting takes some 140 bytes for each.
MAX_TOKENS = 2_500_000


def build(folder: Path, documents: Iterable[Document], pack: Pack) -> None:
    """Make an index of these documents in a new folder. `pack` makes their column values, see `columns.pack`."""
    folder.mkdir()
    index = create_index(folder)
    rest = iter(documents)
    with _without_garbage_collection():
        while _write_segment(index, islice(rest, SEGMENT), pack):
            # Whoosh's writer leaves reference cycles with a segment's postings in them.
            gc.collect()


def _write_segment(index: FileIndex, documents: Iterable[Document], pack: Pack) -> bool:
    """Write one segment. Returns whether it is full, so that there may be more documents."""
    written = 0
    # Any, because the pool is exchanged for one of another class.
    writer: Any = index.writer(**OPTIONS)
    with writer:
        writer.merge = False
        writer.pool = pool = BuildingPool()
        for document in documents:
            writer.add_document(**fields_of(document, pack, pool.token_numbers))
            written += 1
            if pool.size >= MAX_TOKENS:
                return True
    return written == SEGMENT


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Disable the garbage collector: traversing millions of waiting postings again and again costs a fifth of the time,
    and none of them is in a cycle.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
