"""Writing a new index: in parts, each of which is sorted in memory.

How one part is sorted says `whoosh_building`; who may write, and when, `whoosh_engine`.
"""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping
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

# How Whoosh writes. Postings beyond this memory are sorted on disk; what compound files cost says `whoosh_files`.
OPTIONS: Mapping[str, Any] = {"limitmb": 256, "compound": False, "codec": ArrayCodec()}
# Documents in each part of a new index. Larger ones would have to be sorted on disk, which takes half as long again;
# many small ones would make searching slower.
SEGMENT = 10_000
# Words in each part, where texts are long: they are sorted in memory, some 140 bytes each.
MOST_WORDS = 2_500_000


def build(folder: Path, documents: Iterable[Document]) -> None:
    """Make an index of these documents in a new folder."""
    folder.mkdir()
    index = create_index(folder)
    rest = iter(documents)
    with _without_garbage_collection():
        while _write_segment(index, islice(rest, SEGMENT)):
            # What the part left behind. After the last one there is no hurry.
            gc.collect()


def _write_segment(index: FileIndex, documents: Iterable[Document]) -> bool:
    """Answers whether the part is full, so that there may be more."""
    written = 0
    writer: Any = index.writer(**OPTIONS)
    with writer:
        writer.merge = False
        writer.pool = pool = BuildingPool()
        for document in documents:
            writer.add_document(**fields_of(document, pool.coded))
            written += 1
            if pool.size >= MOST_WORDS:
                return True
    return written == SEGMENT


@contextmanager
def _without_garbage_collection() -> Iterator[None]:
    """Millions of postings wait in memory, none of them in a cycle: looking through them again and again costs a fifth
    of the time.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
