"""Access to Whoosh's files: mapped into memory, so that all processes that read an index share them.

Whoosh's own storage copies a segment into the memory of every process (compound files) or reads it byte by byte through
a file object.
"""

from __future__ import annotations

import io
import mmap
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO, cast

from whoosh.filedb.filestore import FileStorage
from whoosh.filedb.structfile import StructFile
from whoosh.index import FileIndex

from app.search.whoosh.schema import SCHEMA


class MappedStorage(FileStorage):
    """A folder whose files are mapped into memory for reading. They are written as in Whoosh's FileStorage."""

    def open_file(self, name: str, **options: Callable[[StructFile], None]) -> StructFile:
        """Open an existing file for reading. The only option is `onclose`, which is called when the file is closed."""
        with (Path(self.folder) / name).open("rb") as file:
            # An empty file cannot be mapped.
            size = file.seek(0, io.SEEK_END)
            content = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) if size else io.BytesIO()
        # Whoosh asks for a BinaryIO, but needs no more of it than what a mapped file has.
        return StructFile(cast("BinaryIO", content), name, **options)


def create_index(folder: Path) -> FileIndex:
    """Create an empty index in an existing folder."""
    index: FileIndex = FileIndex.create(MappedStorage(str(folder)), SCHEMA)
    return index


def open_index(folder: Path) -> FileIndex:
    """Open the index in a folder. Raises whatever Whoosh raises if there is none, or if it is damaged."""
    index: FileIndex = FileIndex(MappedStorage(str(folder)), SCHEMA)
    return index
